"""Rules for what a server says and asks on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capable import Capable
from recording import Json

#: What a server may ask, and the capability that it needs.
REQUESTS = {
    "client/registerCapability": "",
    "client/unregisterCapability": "",
    "window/showDocument": "window.showDocument.support",
    "window/showMessageRequest": "",
    "window/workDoneProgress/create": "window.workDoneProgress",
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "workspace/configuration": "workspace.configuration",
    "workspace/diagnostic/refresh": "workspace.diagnostics.refreshSupport",
    "workspace/foldingRange/refresh": "workspace.foldingRange.refreshSupport",
    "workspace/inlayHint/refresh": "workspace.inlayHint.refreshSupport",
    "workspace/semanticTokens/refresh": "workspace.semanticTokens.refreshSupport",
    "workspace/workspaceFolders": "workspace.workspaceFolders",
}

#: What a server may tell any client.  `$/progress` has rules of its own.
NOTIFICATIONS = {
    "$/cancelRequest",
    "$/progress",
    "telemetry/event",
    "textDocument/publishDiagnostics",
    "window/logMessage",
    "window/showMessage",
}

#: What it may say before it has answered `initialize`.
BEFORE_INITIALIZED = {
    "telemetry/event",
    "window/logMessage",
    "window/showMessage",
    "window/showMessageRequest",
}

#: Where dynamic registration is declared, where the method's name does not say it.
REGISTRATIONS = {
    "textDocument/didChange": "textDocument.synchronization",
    "textDocument/didClose": "textDocument.synchronization",
    "textDocument/didOpen": "textDocument.synchronization",
    "textDocument/didSave": "textDocument.synchronization",
}


def request(client: Capable, method: str, params: Any) -> Iterator[str]:
    """What is wrong with a request of the server's."""
    if method not in REQUESTS:
        yield "no client knows this request"
    elif client.lacks(REQUESTS[method]):
        yield f"the client has not declared {REQUESTS[method]}"
    if method == "client/registerCapability":
        for registration in params["registrations"]:
            yield from _registration(client, registration)


def _registration(client: Capable, registration: Json) -> Iterator[str]:
    method = registration["method"]
    section = REGISTRATIONS.get(method, method.replace("/", "."))
    if client.lacks(f"{section}.dynamicRegistration"):
        yield f"the client has not declared {section}.dynamicRegistration"
    options = registration.get("registerOptions") or {}
    for watcher in options.get("watchers", []):
        relative = not isinstance(watcher["globPattern"], str)
        if relative and client.lacks("workspace.didChangeWatchedFiles.relativePatternSupport"):
            yield "a relative pattern, which the client does not know"


def notification(client: Capable, method: str, params: Any) -> Iterator[str]:
    """What is wrong with a notification of the server's."""
    if method.startswith("fastest/"):
        if client.lacks("experimental.fastest"):
            yield "the client has not declared experimental.fastest"
    elif method not in NOTIFICATIONS:
        yield "no client knows this notification"
    if method == "textDocument/publishDiagnostics":
        if client.lacks("textDocument.publishDiagnostics.versionSupport") and "version" in params:
            yield "a version, which the client does not know"
        for diagnostic in params["diagnostics"]:
            yield from diagnostic_fields(client, diagnostic)


def diagnostic_fields(client: Capable, diagnostic: Json) -> Iterator[str]:
    """Fields of a diagnostic that the client does not know.

    Up to LSP 3.17 clients that ask for diagnostics declare these where those that are sent them do.
    """

    def can(name: str) -> bool:
        return any(client.can(f"textDocument.{s}.{name}")
                   for s in ("publishDiagnostics", "diagnostic"))

    fields = {
        "relatedInformation": "relatedInformation",
        "codeDescription": "codeDescriptionSupport",
        "data": "dataSupport",
    }
    for name, capability in fields.items():
        if name in diagnostic and not can(capability):
            yield f"`{name}` of a diagnostic, which the client does not know"
    known = client.values("textDocument.publishDiagnostics.tagSupport.valueSet")
    known |= client.values("textDocument.diagnostic.tagSupport.valueSet")
    if not set(diagnostic.get("tags") or []) <= known:
        yield f"tags {diagnostic['tags']} of a diagnostic, of which the client knows {known}"
