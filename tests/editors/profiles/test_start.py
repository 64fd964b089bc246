"""What the server says it can, and what it asks for, to begin with."""

from __future__ import annotations

from editor import Editor
from lsprotocol import types

COMMANDS = {
    "fastest.run", "fastest.debug", "fastest.runFile", "fastest.rerunFailed", "fastest.runLast",
    "fastest.cancel", "fastest.showOutput", "fastest.copyCommand",
}


async def test_the_server_is_able_to_do_what_the_client_can_use(editor: Editor) -> None:
    """The answer to `initialize` as a whole."""
    able, can = editor.server, editor.can
    offered = editor.capable.get("general.positionEncodings") or ["utf-16"]
    best = next(e for e in ("utf-8", "utf-32", "utf-16") if e in offered)
    assert able.position_encoding == best
    sync = able.text_document_sync
    assert isinstance(sync, types.TextDocumentSyncOptions)
    assert (sync.open_close, sync.change) == (True, types.TextDocumentSyncKind.Incremental)
    assert able.execute_command_provider is not None
    assert set(able.execute_command_provider.commands) == COMMANDS
    assert able.code_lens_provider == types.CodeLensOptions(resolve_provider=True)
    asks = can("textDocument.diagnostic") and not can("textDocument.publishDiagnostics")
    assert bool(able.diagnostic_provider) is asks
    prepares = isinstance(able.rename_provider, types.RenameOptions)
    assert prepares is can("textDocument.rename.prepareSupport")
    kinds = isinstance(able.code_action_provider, types.CodeActionOptions)
    assert kinds is can("textDocument.codeAction.codeActionLiteralSupport")
    assert able.workspace is not None and able.workspace.workspace_folders is not None
    assert able.workspace.workspace_folders.supported


async def test_it_asks_for_what_the_client_has_declared(editor: Editor) -> None:
    """Registrations and settings: all that the client can, and nothing else."""
    wanted = {method for method in ("workspace/didChangeWatchedFiles",
                                    "workspace/didChangeConfiguration")
              if editor.can(method.replace("/", ".") + ".dynamicRegistration")}
    if wanted:
        await editor.traffic.until(lambda: editor.traffic.of_server("client/registerCapability"))
    if editor.can("workspace.configuration"):
        asked = await editor.traffic.until(
            lambda: editor.traffic.of_server("workspace/configuration"))
        scope = {"scopeUri": editor.folder.as_uri(), "section": "fastest"}
        assert asked == [{"items": [scope]}]
    # What comes before an answer has been said by then.
    await editor.lenses("test_cart.py")
    registered = editor.traffic.of_server("client/registerCapability")
    found = [one["method"] for params in registered for one in params["registrations"]]
    assert sorted(found) == sorted(wanted)
    asked = editor.traffic.of_server("workspace/configuration")
    assert bool(asked) is editor.can("workspace.configuration")
