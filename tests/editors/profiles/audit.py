"""A session's traffic against what its client has declared, and against LSP's own types.

`broken` is given all messages of a session, from `initialize` to `exit`, and knows nothing of what
the session was about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import answered
import said
from capable import Capable
from recording import Json, Message
from schema import unknown_parts


def broken(messages: Iterable[Message]) -> list[str]:
    """Every rule that the server has broken, each as a sentence with the method in front."""
    audit = Audit()
    for message in messages:
        audit.take(message)
    audit.end()
    return audit.found


class Audit:
    """What is known of a session so far."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.found: list[str] = []
        self._client = Capable({})
        self._initialized = False
        self._asked: dict[object, Message] = {}
        self._asked_by_server: dict[object, Message] = {}
        self._commands: set[str] = set()
        self._registered: set[str] = set()
        self._progress: dict[object, str] = {}

    def take(self, message: Message) -> None:
        """Look at the next message."""
        if message.sender == "client":
            self._of_client(message)
        elif message.method is None:
            self._response(message.body)
        else:
            self._statement(message, message.method)

    def end(self) -> None:
        """Look at what is left over."""
        for message in self._asked.values():
            self._report(message.method, ["it was never answered"])
        for token, state in self._progress.items():
            if state == "begin":
                self._report("$/progress", [f"{token!r} has begun and not ended"])

    def _report(self, method: str | None, sentences: Iterable[str]) -> None:
        self.found += (f"{method}: {sentence}" for sentence in sentences)

    def _of_client(self, message: Message) -> None:
        body = message.body
        if message.is_request:
            self._asked[body["id"]] = message
            for name in ("workDoneToken", "partialResultToken"):
                if name in (body.get("params") or {}):
                    self._progress[body["params"][name]] = "made"
        elif message.method is None:
            self._answer_of_client(body)

    def _answer_of_client(self, body: Json) -> None:
        question = self._asked_by_server.pop(body["id"], None)
        if question and question.method == "window/workDoneProgress/create" and "result" in body:
            self._progress[question.body["params"]["token"]] = "made"

    def _response(self, body: Json) -> None:
        question = self._asked.pop(body["id"], None)
        if question is None or question.method is None:
            self._report(None, [f"an answer to a question that was not asked: {body}"])
            return
        method, params = question.method, question.body.get("params")
        if ("result" in body) == ("error" in body):
            self._report(method, ["an answer has a result or an error"])
        if method == "initialize":
            self._begin(params, body.get("result"))
        if body.get("error"):
            self._report(method, unknown_parts(method, body))
            return
        if not method.startswith("fastest/"):
            self._report(method, unknown_parts(method, body))
        if rule := answered.RULES.get(method):
            self._report(method, rule(self._client, params, body.get("result")))
        self._report(method, self._unknown_commands(body.get("result")))

    def _begin(self, params: Any, result: Any) -> None:
        self._initialized = True
        self._client = Capable(params["capabilities"])
        provider = (result or {}).get("capabilities", {}).get("executeCommandProvider")
        self._commands = set((provider or {}).get("commands", []))
        ours = self._client.get("experimental.fastest.clientCommands")
        self._commands |= set(ours or [])

    def _unknown_commands(self, value: Any) -> Iterator[str]:
        """Commands anywhere in a result that neither side carries out."""
        if isinstance(value, list):
            for part in value:
                yield from self._unknown_commands(part)
        elif isinstance(value, dict):
            command = value.get("command")
            if isinstance(command, str) and command not in self._commands:
                yield f"nobody has announced the command `{command}`"
            for part in value.values():
                yield from self._unknown_commands(part)

    def _statement(self, message: Message, method: str) -> None:
        body = message.body
        params: Any = body.get("params")
        if not self._initialized and method not in said.BEFORE_INITIALIZED:
            self._report(method, ["it comes before the answer to `initialize`"])
        if not method.startswith("fastest/"):
            self._report(method, unknown_parts(method, body))
        if message.is_request:
            if body["id"] in self._asked_by_server:
                self._report(method, [f"the id {body['id']!r} is taken"])
            self._asked_by_server[body["id"]] = message
            self._report(method, said.request(self._client, method, params))
            self._report(method, self._registrations(method, params))
        else:
            self._report(method, said.notification(self._client, method, params))
            if method == "$/progress":
                self._report(method, self._progressed(params))

    def _registrations(self, method: str, params: Any) -> Iterator[str]:
        if method == "client/registerCapability":
            for registration in params["registrations"]:
                if registration["id"] in self._registered:
                    yield f"the registration `{registration['id']}` is there already"
                self._registered.add(registration["id"])
        elif method == "client/unregisterCapability":
            gone = {registration["id"] for registration in params["unregisterations"]}
            if not gone <= self._registered:
                yield f"registrations that are not there: {gone - self._registered}"
            self._registered -= gone

    def _progressed(self, params: Json) -> Iterator[str]:
        token, kind = params["token"], params["value"].get("kind")
        state = self._progress.get(token)
        before = {"begin": "made", "report": "begin", "end": "begin"}
        if before.get(kind) != state:
            yield f"{kind} for {token!r}, which is {state or 'not made'}"
        if kind != "report":
            self._progress[token] = kind
