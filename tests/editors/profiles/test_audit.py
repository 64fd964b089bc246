"""The audit itself: what it must find in traffic that is made up."""

from __future__ import annotations

from typing import Any

import pytest
from audit import broken
from recording import Json, Message


def session(capabilities: Json, *further: Json) -> list[Message]:
    """A session that begins well; what has an odd `id`, or says so, is the client's."""
    able = {"capabilities": {"positionEncoding": "utf-16", "executeCommandProvider": {
        "commands": ["known"]}}}
    begin = [
        client({"id": 1, "method": "initialize", "params": {
            "processId": None, "rootUri": None, "capabilities": capabilities}}),
        server({"id": 1, "result": able}),
    ]
    return begin + [client(body) if body.pop("client", False) else server(body)
                    for body in further]


def client(body: Json) -> Message:
    """A message of the client's."""
    return Message("client", {"jsonrpc": "2.0", **body})


def server(body: Json) -> Message:
    """A message of the server's."""
    return Message("server", {"jsonrpc": "2.0", **body})


def said(method: str, params: Any) -> Json:
    """A notification."""
    return {"method": method, "params": params}


def asked(method: str, params: Any) -> Json:
    """A request of the server's."""
    return {"id": 0, "method": method, "params": params}


def answer(method: str, result: Any, **params: Any) -> list[Json]:
    """A request of the client's and what the server answers."""
    document = {"textDocument": {"uri": "file:///a.py"}, **params}
    return [{"client": True, "id": 3, "method": method, "params": document},
            {"id": 3, "result": result}]


PLACE = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
LINK = {"targetUri": "file:///a.py", "targetRange": PLACE, "targetSelectionRange": PLACE}
SYMBOL = {"name": "a", "kind": 12, "range": PLACE, "selectionRange": PLACE}
DIAGNOSTIC = {"range": PLACE, "message": "m"}
ADVANCED = {**DIAGNOSTIC, "relatedInformation": [], "data": 1, "tags": [1]}
BAR = {"window": {"workDoneProgress": True}}
MADE = [asked("window/workDoneProgress/create", {"token": "t"}),
        {"client": True, "id": 0, "result": None}]
BEGUN = said("$/progress", {"token": "t", "value": {"kind": "begin", "title": "t"}})
ENDED = said("$/progress", {"token": "t", "value": {"kind": "end"}})


@pytest.mark.parametrize(("method", "params"), [
    ("workspace/configuration", {"items": []}),
    ("workspace/codeLens/refresh", None),
    ("window/showDocument", {"uri": "file:///a.py"}),
    ("window/workDoneProgress/create", {"token": 1}),
    ("workspace/applyEdit", {"edit": {}}),
    ("client/registerCapability", {"registrations": [
        {"id": "a", "method": "workspace/didChangeWatchedFiles"}]}),
    ("textDocument/hover", {"textDocument": {"uri": "file:///a.py"},
                            "position": PLACE["start"]}),
])
def test_requests_that_were_not_declared(method: str, params: Any) -> None:
    """Each is found; the capability is named where one would do."""
    assert broken(session({}, asked(method, params)))


@pytest.mark.parametrize(("further", "part"), [
    ([said("fastest/testsChanged", {})], "experimental.fastest"),
    ([said("odd/thing", {})], "no client knows"),
    ([said("textDocument/publishDiagnostics", {"uri": "file:///a.py", "version": 1,
                                               "diagnostics": []})], "a version"),
    ([said("textDocument/publishDiagnostics", {"uri": "file:///a.py",
                                               "diagnostics": [ADVANCED]})], "`data`"),
    ([said("textDocument/publishDiagnostics", {"uri": "file:///a.py",
                                               "diagnostics": [ADVANCED]})], "tags"),
    ([said("window/showMessage", {"type": 3, "message": "m", "odd": 1})], "`params.odd`"),
    ([said("window/showMessage", {"type": 9, "message": "m"})], "cannot be read"),
    (answer("textDocument/definition", [LINK], position=PLACE["start"]), "links"),
    (answer("textDocument/implementation", [LINK], position=PLACE["start"]), "links"),
    (answer("textDocument/documentSymbol", [SYMBOL]), "nested"),
    (answer("textDocument/documentSymbol", [{**SYMBOL, "kind": 22}]), "kind 22"),
    (answer("textDocument/hover", {"contents": {"kind": "markdown", "value": ""}},
            position=PLACE["start"]), "markdown"),
    (answer("textDocument/completion", [{"label": "a", "insertTextFormat": 2}],
            position=PLACE["start"]), "snippet"),
    (answer("textDocument/codeLens", [{"range": PLACE, "command": {
        "title": "t", "command": "unknown"}}]), "nobody has announced"),
    (answer("textDocument/codeAction", [{"title": "t"}], range=PLACE,
            context={"diagnostics": []}), "no command"),
    (answer("textDocument/diagnostic", {"kind": "full", "items": []}), "does not ask"),
    (answer("textDocument/rename", {"documentChanges": []}, position=PLACE["start"],
            newName="a"), "versioned"),
    ([{"id": 77, "result": None}], "was not asked"),
    (answer("textDocument/codeLens", [])[:1], "never answered"),
])
def test_what_no_plain_client_may_be_sent(further: list[Json], part: str) -> None:
    """Each is found, and said in words that name it."""
    found = broken(session({}, *(dict(body) for body in further)))
    assert any(part in sentence for sentence in found), found


def test_progress_is_made_begun_and_ended() -> None:
    """In this order, and to the end."""
    def bar(*further: Json) -> list[str]:
        return broken(session(BAR, *(dict(body) for body in further)))

    assert bar(*MADE, BEGUN, ENDED) == []
    assert any("not ended" in sentence for sentence in bar(*MADE, BEGUN))
    assert any("not made" in sentence for sentence in bar(BEGUN, ENDED))
    assert any("which is end" in sentence for sentence in bar(*MADE, BEGUN, ENDED, ENDED))


def test_what_comes_before_the_answer_to_initialize() -> None:
    """Only words for the user may."""
    early = [client({"id": 1, "method": "initialize", "params": {
        "processId": None, "rootUri": None, "capabilities": {}}}),
        server(said("textDocument/publishDiagnostics", {"uri": "a", "diagnostics": []}))]
    assert any("before the answer" in sentence for sentence in broken(early))


def test_what_is_declared_may_be_sent() -> None:
    """The same messages, to a client that can."""
    able = {
        "textDocument": {
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
            "definition": {"linkSupport": True},
            "publishDiagnostics": {"relatedInformation": True, "dataSupport": True,
                                   "tagSupport": {"valueSet": [1]}, "versionSupport": True},
        },
        "workspace": {"codeLens": {"refreshSupport": True}},
    }
    shown = said("textDocument/publishDiagnostics", {
        "uri": "file:///a.py", "version": 1, "diagnostics": [ADVANCED]})
    further = [shown, asked("workspace/codeLens/refresh", None),
               *answer("textDocument/documentSymbol", [SYMBOL])]
    assert broken(session(able, *further)) == []
