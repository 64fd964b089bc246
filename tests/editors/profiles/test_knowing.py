"""What the server knows of tests and fixtures, in the form that the client can show."""

from __future__ import annotations

from editor import Editor
from lsprotocol import types
from recording import eventually

OLD_SYMBOLS = range(1, 19)


def names(symbols: list[types.DocumentSymbol]) -> list[str]:
    """The names of symbols with those below them, `A/b`."""
    found = []
    for symbol in symbols:
        found.append(symbol.name)
        found += [f"{symbol.name}/{name}" for name in names(list(symbol.children or []))]
    return found


async def test_symbols_are_nested_or_flat(editor: Editor) -> None:
    """Tests and fixtures of a document, of the kinds that the client knows."""
    nests = editor.can("textDocument.documentSymbol.hierarchicalDocumentSymbolSupport")
    expected = {"test_cart.py": {"test_size", "TestCart", "test_empty", "test_typo"},
                "conftest.py": {"database"}}
    for name, wanted in expected.items():
        editor.open(name)
        found = await editor.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(editor.document(name)))
        assert found
        assert all(isinstance(one, types.DocumentSymbol) is nests for one in found)
        nested = names([one for one in found if isinstance(one, types.DocumentSymbol)])
        flat = [one.name for one in found if isinstance(one, types.SymbolInformation)]
        seen = {name.split("/")[-1] for name in (nested or flat)}
        assert wanted <= seen, seen
    everywhere = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("test_s"))
    assert everywhere and "test_size" in {one.name for one in everywhere}


async def test_hover_is_written_as_the_client_reads_it(editor: Editor) -> None:
    """Markdown where it is declared."""
    editor.open("test_cart.py")
    at = editor.place("test_cart.py", "def test_size(data", "base")
    hover = await editor.client.text_document_hover_async(types.HoverParams(**at))
    assert hover is not None and isinstance(hover.contents, types.MarkupContent)
    assert hover.range is not None and editor.cut("test_cart.py", hover.range) == "database"
    formats = editor.capable.get("textDocument.hover.contentFormat") or ["plaintext"]
    assert hover.contents.kind == formats[0]
    assert "def database(tmp_path_factory)" in hover.contents.value
    assert ("```" in hover.contents.value) is (hover.contents.kind == types.MarkupKind.Markdown)


async def test_completion_offers_fixtures(editor: Editor) -> None:
    """In a signature; documentation is resolved in a form that the client declares."""
    editor.open("test_cart.py")
    at = editor.place("test_cart.py", "def test_empty(self, tmp", "_path")
    found = await editor.client.text_document_completion_async(types.CompletionParams(**at))
    items = list(found.items if isinstance(found, types.CompletionList) else found or [])
    item = next(item for item in items if item.label == "database")
    assert item.detail and isinstance(item.text_edit, types.TextEdit)
    assert editor.cut("test_cart.py", item.text_edit.range) == "tmp_path"
    resolved = await editor.client.completion_item_resolve_async(item)
    written = resolved.documentation
    formats = editor.capable.get("textDocument.completion.completionItem.documentationFormat")
    if formats:
        assert isinstance(written, types.MarkupContent) and written.kind == formats[0]
        written = written.value
    assert isinstance(written, str) and "A database with *tables*." in written


async def test_definitions_are_links_or_places(editor: Editor) -> None:
    """Of a fixture, and of where it yields."""
    editor.open("test_cart.py")
    at = editor.place("test_cart.py", "def test_size(data", "base")
    client = editor.client
    definition = await client.text_document_definition_async(types.DefinitionParams(**at))
    implementation = await client.text_document_implementation_async(
        types.ImplementationParams(**at))
    for method, found, text in (("definition", definition, "database"),
                                ("implementation", implementation, "yield")):
        assert isinstance(found, list) and len(found) == 1
        place = found[0]
        linked = isinstance(place, types.LocationLink)
        assert linked is editor.can(f"textDocument.{method}.linkSupport")
        if isinstance(place, types.LocationLink):
            uri, where = place.target_uri, place.target_selection_range
        else:
            assert isinstance(place, types.Location)
            uri, where = place.uri, place.range
        assert uri == editor.uri("conftest.py")
        assert editor.cut("conftest.py", where).startswith(text)


async def test_references_and_renaming_reach_all_files(editor: Editor) -> None:
    """A fixture's uses, and the edit that gives it another name."""
    editor.open("test_cart.py")
    at = editor.place("test_cart.py", "def test_size(data", "base")
    client = editor.client
    found = await client.text_document_references_async(types.ReferenceParams(
        context=types.ReferenceContext(include_declaration=True), **at))
    places = [(editor.name_of(one.uri), editor.cut(editor.name_of(one.uri), one.range))
              for one in found or []]
    assert sorted(places) == [("conftest.py", "database"), ("test_cart.py", "database")]
    marked = await client.text_document_document_highlight_async(
        types.DocumentHighlightParams(**at))
    assert marked and len(marked) == 2
    if isinstance(editor.server.rename_provider, types.RenameOptions):
        where = await client.text_document_prepare_rename_async(types.PrepareRenameParams(**at))
        assert isinstance(where, types.Range)
        assert editor.cut("test_cart.py", where) == "database"
    edit = await client.text_document_rename_async(types.RenameParams(new_name="store", **at))
    assert edit is not None
    texts = editor.apply(edit)
    assert set(texts) == {"conftest.py", "test_cart.py"}
    assert "def test_size(store, size, name):" in texts["test_cart.py"]
    assert '"é😀") == (1, name) and store\n' in texts["test_cart.py"]
    assert "def store(tmp_path_factory)" in texts["conftest.py"]


async def test_fixes_are_offered_where_they_can_be_taken(editor: Editor) -> None:
    """A misspelt fixture is a diagnostic, and where actions can be literals there is a fix."""
    editor.open("test_cart.py")

    async def unknown() -> types.Diagnostic | None:
        shown = await editor.shown("test_cart.py")
        return next((d for d in shown if d.code == "unknown-fixture"), None)

    diagnostic = await eventually(unknown)
    assert diagnostic is not None
    assert editor.cut("test_cart.py", diagnostic.range) == "databse"
    found = await editor.client.text_document_code_action_async(types.CodeActionParams(
        editor.document("test_cart.py"), diagnostic.range,
        types.CodeActionContext([diagnostic], only=[types.CodeActionKind.QuickFix])))
    if editor.can("textDocument.codeAction.codeActionLiteralSupport"):
        edits = [action.edit for action in found or [] if isinstance(action, types.CodeAction)]
        assert edits and edits[0] is not None
        assert "def test_typo(database):" in editor.apply(edits[0])["test_cart.py"]
    else:
        assert not found


async def test_folding_and_calls(editor: Editor) -> None:
    """Folds of tests, and the hierarchy of fixtures."""
    editor.open("test_cart.py")
    client = editor.client
    folds = await client.text_document_folding_range_async(
        types.FoldingRangeParams(editor.document("test_cart.py")))
    line = editor.position("test_cart.py", "", "class TestCart").line
    assert line in {fold.start_line for fold in folds or []}
    at = editor.place("test_cart.py", "def test_size(data", "base")
    items = await client.text_document_prepare_call_hierarchy_async(
        types.CallHierarchyPrepareParams(**at))
    assert items and items[0].name == "database"
    calls = await client.call_hierarchy_incoming_calls_async(
        types.CallHierarchyIncomingCallsParams(items[0]))
    assert calls and [call.from_.name for call in calls] == ["test_size"]
