"""What pytest's JUnit fixtures find in a worker, for pytest 7.4 to 9.x.

The runner writes the report.  `record_property` needs nothing for that, but
`record_xml_attribute` and `record_testsuite_property` look for pytest's own writer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Final

from _pytest.junitxml import xml_key

if TYPE_CHECKING:
    import pytest

    from fastest_harness.channel import Message

Send = Callable[["Message"], None]


class Writer:
    """Stands in for pytest's ``LogXML``, and passes on what tests tell it."""

    def __init__(self, send: Send, family: str) -> None:
        self._send: Final = send
        self.family: Final = "xunit1" if family == "legacy" else family

    def node_reporter(self, node_id: object) -> Attributes:
        """What takes a test's attributes."""
        return Attributes(self._send, str(node_id))

    def add_global_property(self, name: str, value: object) -> None:
        """A property of the whole suite."""
        __tracebackhide__ = True
        if not isinstance(name, str):
            kind = type(name).__name__
            raise TypeError(f"name parameter needs to be a string, but {kind} given")
        self._send({"type": "suite_property", "name": name, "value": str(value)})


class Attributes:
    """Stands in for pytest's ``_NodeReporter``."""

    def __init__(self, send: Send, node_id: str) -> None:
        self._send: Final = send
        self._node_id: Final = node_id

    def add_attribute(self, name: str, value: object) -> None:
        """An attribute of the test's element."""
        told = {"node_id": self._node_id, "name": str(name), "value": str(value)}
        self._send({"type": "xml_attribute", **told})


def stand_in(config: pytest.Config, send: Send, family: str) -> None:
    """Let the fixtures find a writer."""
    writer: Any = Writer(send, family)
    config.stash[xml_key] = writer
    config.pluginmanager.register(writer)
