"""pytest-lsp's client, which writes down every message as it was on the wire."""

from __future__ import annotations

import asyncio
import copy
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, LanguageClientProtocol
from pytest_lsp.client import register_lsp_features

#: Longer than anything takes on a busy machine; who waits so long has failed.
PATIENCE = 60.0

#: Requests of servers that pytest-lsp's client has no answer for, answered with null.
ANSWERED_WITH_NULL = (
    types.CLIENT_REGISTER_CAPABILITY,
    types.CLIENT_UNREGISTER_CAPABILITY,
    types.WORKSPACE_CODE_LENS_REFRESH,
)

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """A message, and which of the two has sent it."""

    sender: Literal["client", "server"]
    body: Json

    @property
    def method(self) -> str | None:
        """Of requests and notifications."""
        method: str | None = self.body.get("method")
        return method

    @property
    def is_request(self) -> bool:
        """Whether it is to be answered."""
        return "method" in self.body and "id" in self.body


@dataclass
class Traffic:
    """All messages of a session, in the order in which the client has seen or sent them."""

    messages: list[Message] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, message: Message) -> None:
        """Keep a message."""
        self.messages.append(message)
        self.news.set()

    def of_server(self, method: str) -> list[Any]:
        """The parameters of what the server has said or asked of one kind."""
        wanted = (m for m in self.messages if m.sender == "server" and m.method == method)
        return [message.body.get("params") for message in wanted]

    async def until(self, look: Callable[[], T]) -> T:
        """Wait until what is looked for is there: anything true."""
        while not (found := look()):
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), PATIENCE)
        return found

    def __iter__(self) -> Iterator[Message]:
        """All messages."""
        return iter(self.messages)


async def eventually(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again and again, until the answer is anything true: for what nobody tells of."""
    deadline = time.monotonic() + PATIENCE
    while not (found := await ask()):
        assert time.monotonic() < deadline, f"the answer stays {found!r}"
        await asyncio.sleep(0.01)
    return found


class RecordingProtocol(LanguageClientProtocol):
    """Writes messages down before they are understood, and after they are written."""

    traffic: Traffic

    def structure_message(self, data: Json) -> Any:
        """Note what the server has sent.  Called with every object within a message, too."""
        if "jsonrpc" in data:
            self.traffic.add(Message("server", copy.deepcopy(data)))
        return super().structure_message(data)

    def _send_data(self, data: Any) -> None:
        body = json.loads(json.dumps(data, default=self._serialize_message))
        self.traffic.add(Message("client", body))
        super()._send_data(data)


def recording_client() -> LanguageClient:
    """pytest-lsp's client with its answers, whose messages are kept in `protocol.traffic`."""
    client = LanguageClient(protocol_cls=RecordingProtocol, converter_factory=default_converter)
    client.protocol.traffic = Traffic()  # type: ignore[attr-defined]
    register_lsp_features(client)
    for method in ANSWERED_WITH_NULL:
        client.feature(method)(lambda params: None)
    return client
