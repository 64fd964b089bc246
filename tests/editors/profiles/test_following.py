"""Edits, files and folders that come and go."""

from __future__ import annotations

from pathlib import Path

from editor import Editor
from lsprotocol import types
from recording import eventually


async def functions(editor: Editor, query: str) -> set[str]:
    """The names of tests that hold the letters of a query."""
    found = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams(query))
    return {one.name for one in found or []}


async def test_edits_are_followed_behind_wide_characters(editor: Editor) -> None:
    """A test that is typed is there before it is saved, whatever positions count."""
    editor.open("test_cart.py")
    editor.replace("test_cart.py", '(1, "é😀"), (2, "b")', '(1, "é😀"), (2, "😀b"), (3, "c")')
    editor.replace("test_cart.py", "def test_typo(databse)", "def test_typed(database)")
    titles = await editor.lenses("test_cart.py")
    rows = {editor.cut("test_cart.py", lens.range) for lens in titles}
    assert '(2, "😀b")' in rows and '(3, "c")' in rows, rows
    assert await functions(editor, "typed") == {"test_typed"}
    editor.save("test_cart.py")
    editor.client.text_document_did_close(
        types.DidCloseTextDocumentParams(editor.document("test_cart.py")))
    assert await functions(editor, "typed") == {"test_typed"}


async def test_files_that_are_written_elsewhere_are_found(editor: Editor) -> None:
    """By the client, where it was asked to watch; by the server itself elsewhere."""
    watches = editor.can("workspace.didChangeWatchedFiles.dynamicRegistration")
    if watches:
        await editor.traffic.until(lambda: editor.traffic.of_server("client/registerCapability"))
    await functions(editor, "")
    (editor.folder / "test_new.py").write_text("def test_new(): pass\n", encoding="utf-8")
    if watches:
        event = types.FileEvent(editor.uri("test_new.py"), types.FileChangeType.Created)
        editor.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([event]))
    await eventually(lambda: functions(editor, "test_new"))


async def test_folders_come_and_go(editor: Editor, tmp_path: Path) -> None:
    """`workspace/didChangeWorkspaceFolders`"""
    second = tmp_path.resolve() / "second"
    second.mkdir()
    (second / "test_second.py").write_text("def test_second(): pass\n", encoding="utf-8")
    folder = types.WorkspaceFolder(second.as_uri(), "second")
    change = editor.client.workspace_did_change_workspace_folders
    change(types.DidChangeWorkspaceFoldersParams(
        types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])))
    await eventually(lambda: functions(editor, "test_second"))
    change(types.DidChangeWorkspaceFoldersParams(
        types.WorkspaceFoldersChangeEvent(added=[], removed=[folder])))
    assert "test_second" not in await functions(editor, "test_second")


async def test_a_setting_that_changes_is_taken(editor: Editor) -> None:
    """Asked for where it can be, else as it was said."""
    editor.open("test_cart.py")
    assert await editor.lenses("test_cart.py")
    settings = {"codeLens": {"enable": False}}
    editor.client.set_configuration(settings, section="fastest")
    editor.client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams({"fastest": settings}))

    async def are_gone() -> bool:
        return not await editor.lenses("test_cart.py")

    await eventually(are_gone)
