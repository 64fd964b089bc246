"""What a client has declared: capabilities as they are on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Capable:
    """A client's capabilities."""

    declared: Any

    def get(self, path: str) -> Any:
        """What is declared at `workspace.codeLens.refreshSupport`; None where nothing is."""
        value = self.declared
        for name in path.split("."):
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    def can(self, path: str) -> bool:
        """Whether a flag is true or a part is declared; an empty path needs nothing."""
        return not path or self.get(path) not in (None, False)

    def lacks(self, path: str) -> bool:
        """Whether it is not to be relied on."""
        return not self.can(path)

    def values(self, path: str, default: Iterable[Any] = ()) -> set[Any]:
        """A declared list, such as a `valueSet`."""
        found = self.get(path)
        return set(default if found is None else found)
