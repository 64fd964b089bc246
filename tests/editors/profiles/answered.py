"""Rules for results: one function for each request that has any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from capable import Capable
from recording import Json
from said import diagnostic_fields

Rule = Callable[[Capable, Any, Any], Iterator[str]]

#: Kinds that a client knows which does not say what it knows: those of LSP 2.
OLD_COMPLETION_KINDS = range(1, 19)
OLD_SYMBOL_KINDS = range(1, 19)


def initialize(client: Capable, _: Any, result: Json) -> Iterator[str]:
    """`initialize`"""
    able = result["capabilities"]
    offered = client.values("general.positionEncodings", ["utf-16"]) | {"utf-16"}
    if able.get("positionEncoding", "utf-16") not in offered:
        yield f"positions in {able['positionEncoding']}, where the client offers {offered}"
    if "diagnosticProvider" in able and client.lacks("textDocument.diagnostic"):
        yield "diagnostics to be asked for, which the client has not declared"
    literals = "textDocument.codeAction.codeActionLiteralSupport"
    if isinstance(able.get("codeActionProvider"), dict) and client.lacks(literals):
        yield f"options of code actions without {literals}"
    prepares = "textDocument.rename.prepareSupport"
    if isinstance(able.get("renameProvider"), dict) and client.lacks(prepares):
        yield f"options of renaming without {prepares}"


def hover(client: Capable, _: Any, result: Json | None) -> Iterator[str]:
    """`textDocument/hover`"""
    if result:
        yield from _markup(client, "textDocument.hover.contentFormat", result["contents"])


def _markup(
    client: Capable, formats: str, content: Any, undeclared: Sequence[str] = ("plaintext",)
) -> Iterator[str]:
    kind = content.get("kind") if isinstance(content, dict) else None
    known = client.values(formats, undeclared)
    if kind and kind not in known:
        yield f"{kind}, where {formats} is {known}"


def completion(client: Capable, _: Any, result: Any) -> Iterator[str]:
    """`textDocument/completion`"""
    known = client.values("textDocument.completion.completionList.itemDefaults")
    items = result or []
    if isinstance(items, dict):
        if not set(items.get("itemDefaults") or {}) <= known:
            yield f"defaults of which the client knows {known}"
        items = items["items"]
    for item in items:
        yield from _completion_item(client, item)


def _completion_item(client: Capable, item: Json) -> Iterator[str]:
    section = "textDocument.completion.completionItem"
    fields = {
        "commitCharacters": "commitCharactersSupport",
        "deprecated": "deprecatedSupport",
        "insertTextMode": "insertTextModeSupport",
        "labelDetails": "labelDetailsSupport",
        "preselect": "preselectSupport",
        "tags": "tagSupport",
    }
    for name, capability in fields.items():
        if name in item and client.lacks(f"{section}.{capability}"):
            yield f"`{name}` without {section}.{capability}"
    if item.get("insertTextFormat") == 2 and client.lacks(f"{section}.snippetSupport"):
        yield f"a snippet without {section}.snippetSupport"
    if "insert" in (item.get("textEdit") or {}) and client.lacks(f"{section}.insertReplaceSupport"):
        yield f"an edit in two ways without {section}.insertReplaceSupport"
    kinds = client.values("textDocument.completion.completionItemKind.valueSet",
                          OLD_COMPLETION_KINDS)
    if item.get("kind", 1) not in kinds:
        yield f"a completion of kind {item['kind']}, which the client does not know"
    yield from _markup(client, f"{section}.documentationFormat", item.get("documentation"), [])


def resolve_completion(client: Capable, params: Json, result: Json) -> Iterator[str]:
    """`completionItem/resolve`"""
    yield from _completion_item(client, result)
    lazy = {"documentation", "detail"} | client.values(
        "textDocument.completion.completionItem.resolveSupport.properties")
    late = {name for name in result if result[name] != params.get(name)}
    if not late <= lazy:
        yield f"{late - lazy} resolved, where the client expects {lazy}"


def _links(method: str) -> Rule:
    def rule(client: Capable, _: Any, result: Any) -> Iterator[str]:
        places = result if isinstance(result, list) else []
        flag = f"textDocument.{method}.linkSupport"
        if any("targetUri" in place for place in places) and client.lacks(flag):
            yield f"links without {flag}"
    return rule


def document_symbols(client: Capable, _: Any, result: Any) -> Iterator[str]:
    """`textDocument/documentSymbol`"""
    section = "textDocument.documentSymbol"
    for symbol in result or []:
        nested = f"{section}.hierarchicalDocumentSymbolSupport"
        if "location" not in symbol and client.lacks(nested):
            yield f"nested symbols without {nested}"
        yield from _symbol(client, section, symbol)


def workspace_symbols(client: Capable, _: Any, result: Any) -> Iterator[str]:
    """`workspace/symbol`"""
    for symbol in result or []:
        if "range" not in symbol["location"] and client.lacks("workspace.symbol.resolveSupport"):
            yield "symbols without ranges, which the client does not ask for"
        yield from _symbol(client, "workspace.symbol", symbol)


def _symbol(client: Capable, section: str, symbol: Json) -> Iterator[str]:
    if symbol["kind"] not in client.values(f"{section}.symbolKind.valueSet", OLD_SYMBOL_KINDS):
        yield f"`{symbol['name']}` of kind {symbol['kind']}, which the client does not know"
    if "tags" in symbol and client.lacks(f"{section}.tagSupport"):
        yield f"tags without {section}.tagSupport"
    for child in symbol.get("children") or []:
        yield from _symbol(client, section, child)


def code_actions(client: Capable, _: Any, result: Any) -> Iterator[str]:
    """`textDocument/codeAction`"""
    section = "textDocument.codeAction"
    fields = {"isPreferred": "isPreferredSupport", "disabled": "disabledSupport",
              "data": "dataSupport"}
    for action in result or []:
        if isinstance(action.get("command"), str):
            continue
        if client.lacks(f"{section}.codeActionLiteralSupport"):
            yield f"an action that is no command without {section}.codeActionLiteralSupport"
        for name, capability in fields.items():
            if name in action and client.lacks(f"{section}.{capability}"):
                yield f"`{name}` without {section}.{capability}"
        yield from workspace_edit(client, None, action.get("edit"))
        for diagnostic in action.get("diagnostics") or []:
            yield from diagnostic_fields(client, diagnostic)


def workspace_edit(client: Capable, _: Any, edit: Json | None) -> Iterator[str]:
    """`textDocument/rename`, and edits elsewhere"""
    section = "workspace.workspaceEdit"
    if edit and "documentChanges" in edit:
        if client.lacks(f"{section}.documentChanges"):
            yield f"versioned edits without {section}.documentChanges"
        operations = {change["kind"] for change in edit["documentChanges"] if "kind" in change}
        if not operations <= client.values(f"{section}.resourceOperations"):
            yield f"{operations} of files, which the client has not declared"
    if edit and "changeAnnotations" in edit and client.lacks(f"{section}.changeAnnotationSupport"):
        yield f"annotations without {section}.changeAnnotationSupport"


def prepare_rename(client: Capable, _: Any, result: Any) -> Iterator[str]:
    """`textDocument/prepareRename`"""
    flag = "textDocument.rename.prepareSupportDefaultBehavior"
    if result and "defaultBehavior" in result and client.lacks(flag):
        yield f"the client's own idea of a name without {flag}"


def folding(client: Capable, _: Any, result: Any) -> Iterator[str]:
    """`textDocument/foldingRange`"""
    section = "textDocument.foldingRange"
    for fold in result or []:
        if "collapsedText" in fold and client.lacks(f"{section}.foldingRange.collapsedText"):
            yield f"a text without {section}.foldingRange.collapsedText"
    limit = client.get(f"{section}.rangeLimit")
    if limit is not None and len(result or []) > limit:
        yield f"{len(result)} ranges, where the client wants {limit}"


def diagnostics(client: Capable, _: Any, result: Json) -> Iterator[str]:
    """`textDocument/diagnostic`"""
    if client.lacks("textDocument.diagnostic"):
        yield "the client does not ask for diagnostics"
    if "relatedDocuments" in result and client.lacks(
            "textDocument.diagnostic.relatedDocumentSupport"):
        yield "diagnostics of other documents, which the client does not know"
    for diagnostic in result.get("items", []):
        yield from diagnostic_fields(client, diagnostic)


RULES: dict[str, Rule] = {
    "initialize": initialize,
    "completionItem/resolve": resolve_completion,
    "textDocument/codeAction": code_actions,
    "textDocument/completion": completion,
    "textDocument/declaration": _links("declaration"),
    "textDocument/definition": _links("definition"),
    "textDocument/diagnostic": diagnostics,
    "textDocument/documentSymbol": document_symbols,
    "textDocument/foldingRange": folding,
    "textDocument/hover": hover,
    "textDocument/implementation": _links("implementation"),
    "textDocument/prepareRename": prepare_rename,
    "textDocument/rename": workspace_edit,
    "textDocument/typeDefinition": _links("typeDefinition"),
    "workspace/symbol": workspace_symbols,
}
