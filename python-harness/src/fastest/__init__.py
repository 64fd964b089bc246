"""pytest's public objects under this project's name.

Every name is pytest's own object, looked up when it is first asked for: ``fastest.mark is
pytest.mark``.  Importing this package imports nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest import *  # noqa: F403


def __getattr__(name: str) -> object:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import pytest

    try:
        value: object = getattr(pytest, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    import pytest

    return sorted({*globals(), *pytest.__all__})
