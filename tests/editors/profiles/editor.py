"""An editor as far as a language server sees one: documents, cursors, what it shows."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from capable import Capable
from lsprotocol import types
from pytest_lsp import LanguageClient
from recording import Json, Traffic

#: What `textDocument/publishDiagnostics` and `textDocument/diagnostic` have of a failed test.
Shown = list[types.Diagnostic]


@dataclass
class Editor:
    """An editor with a folder open."""

    client: LanguageClient
    folder: Path
    declared: types.ClientCapabilities
    encoding: str = "utf-16"
    server: types.ServerCapabilities = field(default_factory=types.ServerCapabilities)
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def traffic(self) -> Traffic:
        """All messages of the session."""
        traffic: Traffic = self.client.protocol.traffic  # type: ignore[attr-defined]
        return traffic

    @property
    def capable(self) -> Capable:
        """What it has declared, as on the wire."""
        first = next(m for m in self.traffic if m.method == "initialize")
        return Capable(first.body["params"]["capabilities"])

    def can(self, path: str) -> bool:
        """Whether it has declared a capability."""
        return self.capable.can(path)

    async def start(self) -> None:
        """Shake hands, on its folder, with the tests' interpreter set as the editor can."""
        settings = {"interpreter": sys.executable}
        self.client.set_configuration(settings, section="fastest")
        result = await self.client.initialize_session(types.InitializeParams(
            capabilities=self.declared,
            root_uri=self.folder.as_uri(),
            workspace_folders=[types.WorkspaceFolder(self.folder.as_uri(), self.folder.name)],
            initialization_options=settings,
        ))
        self.server = result.capabilities
        self.encoding = str(self.server.position_encoding or "utf-16")

    def uri(self, name: str) -> str:
        """The URI of a file of the folder."""
        return (self.folder / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        """A file of the folder, as requests name it."""
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str) -> None:
        """Open a file."""
        self.texts[name] = (self.folder / name).read_text(encoding="utf-8")
        self.versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), "python", 1, self.texts[name])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def replace(self, name: str, old: str, new: str) -> None:
        """Type over what stands once in a document."""
        text = self.texts[name]
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        start = text.index(old)
        change = types.TextDocumentContentChangePartial(
            text=new, range=self._range(name, start, old))
        self.texts[name] = text.replace(old, new)
        self.versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(document, [change]))

    def save(self, name: str) -> None:
        """Write a document to its file."""
        (self.folder / name).write_text(self.texts[name], encoding="utf-8")
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.document(name)))

    def position(self, name: str, before: str, at: str = "") -> types.Position:
        """Where the cursor stands behind `before`, which is followed by `at`."""
        text = self.texts[name]
        return self._position(text, text.index(before + at) + len(before))

    def place(self, name: str, before: str, at: str = "") -> dict[str, Any]:
        """The parameters of a request about that place."""
        return {"text_document": self.document(name), "position": self.position(name, before, at)}

    def cut(self, name: str, where: types.Range) -> str:
        """What stands in a range of a document or file."""
        text = self.texts.get(name) or (self.folder / name).read_text(encoding="utf-8")
        start, end = (self._offset(text, place) for place in (where.start, where.end))
        return text[start:end]

    def name_of(self, uri: str) -> str:
        """The name of a file of the folder."""
        path = Path(types_path(uri))
        return path.relative_to(self.folder).as_posix()

    def apply(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """The texts of the files that an edit of the workspace changes, once it is made."""
        assert edit.changes is not None, "only plain changes are expected here"
        texts = {}
        for uri, edits in edit.changes.items():
            name = self.name_of(uri)
            text = self.texts.get(name) or (self.folder / name).read_text(encoding="utf-8")
            for one in sorted(edits, key=lambda e: self._offset(text, e.range.start), reverse=True):
                start, end = (self._offset(text, p) for p in (one.range.start, one.range.end))
                text = text[:start] + one.new_text + text[end:]
            texts[name] = text
        return texts

    async def run(self, command: str, argument: Json | None = None) -> Any:
        """Carry out a command of the server's; its result."""
        arguments = None if argument is None else [argument]
        result: Any = await self.client.workspace_execute_command_async(
            types.ExecuteCommandParams(command, arguments))
        return result._asdict() if hasattr(result, "_asdict") else result

    async def shown(self, name: str, source: str = "fastest") -> Shown:
        """The diagnostics of a document: asked for, or those that were sent last."""
        if self.server.diagnostic_provider:
            report = await self.client.text_document_diagnostic_async(
                types.DocumentDiagnosticParams(self.document(name)))
            assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
            found = report.items
        else:
            found = self.client.diagnostics.get(self.uri(name), [])
        return [diagnostic for diagnostic in found if diagnostic.source == source]

    async def lenses(self, name: str) -> list[types.CodeLens]:
        """The lenses of a document, each with its command."""
        found = await self.client.text_document_code_lens_async(
            types.CodeLensParams(self.document(name)))
        return [await self.client.code_lens_resolve_async(lens) for lens in found or []]

    async def titles(self, name: str, line: int) -> list[str]:
        """The titles of the lenses on a line."""
        lenses = [lens for lens in await self.lenses(name) if lens.range.start.line == line]
        return [lens.command.title for lens in lenses if lens.command]

    def _range(self, name: str, start: int, text: str) -> types.Range:
        whole = self.texts[name]
        return types.Range(self._position(whole, start), self._position(whole, start + len(text)))

    def _position(self, text: str, offset: int) -> types.Position:
        line = text.count("\n", 0, offset)
        start = text.rfind("\n", 0, offset) + 1
        return types.Position(line, self._units(text[start:offset]))

    def _offset(self, text: str, position: types.Position) -> int:
        lines = text.splitlines(keepends=True)
        start = sum(len(line) for line in lines[:position.line])
        rest = text[start:]
        for column in range(len(rest) + 1):
            if self._units(rest[:column]) >= position.character:
                return start + column
        raise AssertionError(f"{position} is behind the end")

    def _units(self, text: str) -> int:
        """A text's length as positions count it."""
        codec, size = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2),
                       "utf-32": ("utf-32-le", 4)}[self.encoding]
        return len(text.encode(codec)) // size


def types_path(uri: str) -> str:
    """The path of a `file:` URI of plain characters."""
    assert uri.startswith("file://"), uri
    return uri[len("file://"):]
