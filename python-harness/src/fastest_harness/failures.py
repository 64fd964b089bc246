"""What a failure was, in parts: the exception, the frames, the two sides of a comparison.

pytest's reports hold text.  The parts are there only while the report is made, so they are
noted then and taken when the report is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastest_harness import compat_failures as compat

if TYPE_CHECKING:
    import pytest

    from fastest_harness.channel import Message

MOST_FRAMES: Final = 100
"""How many frames are told; of endless recursion the first and the last say enough."""

MOST_TEXT: Final = 100_000
"""How many characters of one side of a comparison are told: more than anyone reads."""


class Comparison(NamedTuple):
    """A comparison that an assertion found wrong."""

    place: compat.Asserting
    """Where the assertion stands."""

    op: str
    left: str
    right: str


class Failures:
    """The parts of failures whose reports have not been told yet."""

    def __init__(self) -> None:
        self._parts: Final[dict[tuple[str, str], Message]] = {}
        self._comparison: Comparison | None = None

    def note_comparison(self, op: str, left: object, right: object) -> None:
        """Keep both sides as text; the objects themselves are not kept alive."""
        sides = compat.texts_of(left, right)
        place = compat.asserting()
        self._comparison = Comparison(place, op, *(side[:MOST_TEXT] for side in sides))

    def note(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
        """Keep the parts of the exception that ended a phase."""
        excinfo, comparison = call.excinfo, self._comparison
        self._comparison = None
        if excinfo is None or compat.is_skip(excinfo):
            return
        parts: Message = {
            "exception": compat.name_of(excinfo),
            "message": compat.message_of(excinfo),
            "frames": _shortened(compat.frames_of(item, excinfo)),
        }
        if comparison is not None and compat.is_asserted_by(excinfo, comparison.place):
            parts["op"] = comparison.op
            parts["actual"], parts["expected"] = comparison.left, comparison.right
        self._parts[item.nodeid, call.when] = parts

    def take(self, report: pytest.TestReport) -> Message | None:
        """The parts of what is now told, if it is a failure."""
        return self._parts.pop((report.nodeid, report.when or ""), None)


def _shortened(frames: list[list[Any]]) -> list[list[Any]]:
    if len(frames) <= MOST_FRAMES:
        return frames
    half = MOST_FRAMES // 2
    return frames[:half] + frames[-half:]
