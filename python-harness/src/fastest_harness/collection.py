"""What pytest would collect, found without importing more than this worker will run.

``perform_collect`` runs as pytest wrote it, with the user's own arguments, but where pytest
would turn a file into items the file is kept as a *unit* instead.  The scheduler hands units
out, and a unit is expanded, by pytest's own ``genitems``, in the one worker that gets it.

That is exact as long as the hooks that see all items treat each for itself (`hooks`).  Where
a plugin or conftest has such a hook and is not known to do so, every unit is expanded at once and
the hook sees the whole session, as it does in pytest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from fastest_harness import compat, compat_narrow, compat_template, fresh
from fastest_harness.channel import clean
from fastest_harness.hooks import whole_session_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE: Final = "*"
"""The id of the only unit of a worker that runs alone."""


class Unit:
    """A file: the nodes that stand for it, and its items once they are known."""

    def __init__(self, unit_id: str) -> None:
        self.id: Final = unit_id
        self.nodes: Final[list[pytest.Item | pytest.Collector]] = []
        self.items: list[pytest.Item] | None = None
        self.reports: list[pytest.CollectReport] = []
        self.deselected: list[str] = []


class Collection:
    """The units of one session."""

    def __init__(self, session: pytest.Session, plugin: object, *, alone: bool) -> None:
        self._session: Final = session
        self._plugin: Final = plugin
        self._alone: Final = alone
        self._whole = alone
        self._walked = False
        self._expanding: Unit | None = None
        self._defined: list[pytest.Item] = []
        self.units: Final[dict[str, Unit]] = {}
        self.reports: Final[list[pytest.CollectReport]] = []
        self.deselected: Final[list[str]] = []
        self.whole_reasons: Final[list[str]] = []
        """Why this worker collects what others run; known once it has walked."""

    def walk(self) -> None:
        """List the units; raises what ``perform_collect`` raises."""
        compat.replace_genitems(self._session, self._list)
        try:
            with compat_narrow.named_files_only(self._session):
                compat.perform_collect(self._session)
        finally:
            compat.restore_genitems(self._session)
        self._walked = True
        if self._whole:
            self._share_out()
        else:
            self._session.items = []

    def expand_all(self, items: list[pytest.Item]) -> None:
        """Called before anyone sees the items: fill them in, if all must be seen together."""
        if self._walked:
            return
        compat.restore_genitems(self._session)
        if not self._alone:
            self.whole_reasons.extend(whole_session_reasons(self._session.config))
        self._whole = self._whole or bool(self.whole_reasons)
        if not self._whole:
            return
        for unit in self.units.values():
            items.extend(self._expand(unit))
        self._defined = list(items)

    def collect(self, unit_id: str) -> Unit:
        """The unit with its items, collected now unless that is done.

        A unit that only another worker's walk found is one without items.
        """
        unit = self.units.setdefault(unit_id, Unit(unit_id))
        if unit.items is None:
            self._collect(unit)
        return unit

    def ids(self) -> list[str]:
        """The node ids of all items that were collected, in order."""
        units = self.units.values()
        return [clean(item.nodeid) for unit in units for item in unit.items or ()]

    def has_failed(self) -> bool:
        """Whether a collector did anything but succeed."""
        return bool(self.reports) or any(unit.reports for unit in self.units.values())

    def narrow(self, within: str) -> None:
        """Keep of a whole session, which is one file's, what is named within the file.

        The items are those, in the order, that pytest has where only these are asked for.
        """
        chosen = [item for item in self._session.items if is_within(item.nodeid, within)]
        if len(chosen) > 1:
            kept = set(chosen)
            chosen = compat_template.reordered([each for each in self._defined if each in kept])
        self._session.items = chosen
        self._session.testscollected = len(chosen)
        self.units[WHOLE].items = chosen
        for unit in self.units.values():
            unit.deselected = [each for each in unit.deselected if is_within(each, within)]

    def note_report(self, report: pytest.CollectReport) -> None:
        """Keep a collect report that says more than success."""
        if report.outcome != "passed":
            (self._expanding.reports if self._expanding else self.reports).append(report)

    def note_deselected(self, items: list[pytest.Item]) -> None:
        """Keep what a plugin took out: items, or anything in their place, as pytest counts them."""
        for item in items:
            unit = self.units.get(self._id(item)) if isinstance(item, pytest.Item) else None
            node_id = clean(str(getattr(item, "nodeid", item)))
            (unit.deselected if unit else self.deselected).append(node_id)

    def _list(self, node: pytest.Item | pytest.Collector) -> Iterator[pytest.Item]:
        yield from self._defer(node)
        # Listing loads conftests, and a wrapper in one must not see the list before it is filled.
        compat.put_around_all(self._session.config, "pytest_collection_modifyitems", self._plugin)

    def _defer(self, node: pytest.Item | pytest.Collector) -> Iterator[pytest.Item]:
        if isinstance(node, pytest.Collector) and compat.is_directory(node):
            report, duplicate = compat.collect_one(self._session, node)
            for child in report.result if report.passed else ():
                yield from self._defer(child)
            if not duplicate:
                node.ihook.pytest_collectreport(report=report)
            return
        unit_id = self._id(node)
        self.units.setdefault(unit_id, Unit(unit_id)).nodes.append(node)

    def _id(self, node: pytest.Item | pytest.Collector) -> str:
        if self._alone:
            return WHOLE
        files = [n for n in node.listchain() if isinstance(n, pytest.File) and n.nodeid]
        return clean((files[-1] if files else node).nodeid)

    def _expand(self, unit: Unit) -> list[pytest.Item]:
        self._expanding = unit
        try:
            with fresh.little_garbage():
                return [item for node in unit.nodes for item in compat.expand(self._session, node)]
        finally:
            self._expanding = None

    def _collect(self, unit: Unit) -> None:
        session, hook = self._session, self._session.config.hook
        session.items = self._expand(unit)
        hook.pytest_collection_modifyitems(
            session=session, config=session.config, items=session.items
        )
        hook.pytest_collection_finish(session=session)
        unit.items = list(session.items)
        session.testscollected += len(unit.items)

    def _share_out(self) -> None:
        for unit in self.units.values():
            unit.items = []
        for item in self._session.items:
            unit = self.units.setdefault(self._id(item), Unit(self._id(item)))
            unit.items = [*(unit.items or ()), item]


def is_within(node_id: str, name: str) -> bool:
    """Whether an item is what is named within its file, a case of it or below it."""
    own = node_id.partition("::")[2]
    rest = own[len(name) :]
    return not name or (own.startswith(name) and rest[:1] in ("", "[", ":"))
