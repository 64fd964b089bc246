//! Tests as document and workspace symbols; the tests that a document is related to.

use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    DocumentSymbol, DocumentSymbolResponse, Location, SymbolInformation, SymbolKind, Uri,
};

use super::State;
use super::profile::Profile;
use crate::protocol::Position;
use crate::protocol::items::{ItemKind, RelatedParams, TestItem};

/// More symbols than this help nobody find one.
const MOST_SYMBOLS: usize = 500;

impl State {
    /// `textDocument/documentSymbol`
    pub(super) fn document_symbols(&mut self, uri: &str) -> Option<DocumentSymbolResponse> {
        let path = crate::uris::to_path(uri)?;
        self.documents.get(&path)?;
        let items = self.document_items(&path);
        let symbols = match items.iter().find(|item| item.kind == ItemKind::File) {
            // A conftest, a module of fixtures.
            None => self.definitions(&path)?,
            Some(file) => {
                let mut symbols = nested(&items, &file.id, &self.profile);
                symbols.extend(self.fixture_symbols(&path));
                symbols.sort_by_key(|symbol| (symbol.range.start, symbol.selection_range.start));
                symbols
            }
        };
        if self.profile.nested_symbols {
            return Some(DocumentSymbolResponse::Nested(symbols));
        }
        let mut flat = Vec::new();
        flatten(symbols, &self.documents.uri(&path).parse().ok()?, None, &mut flat);
        Some(DocumentSymbolResponse::Flat(flat))
    }

    /// `workspace/symbol`: tests whose names hold the letters of the query in their order.
    pub(super) fn workspace_symbols(&mut self, query: &str) -> Vec<SymbolInformation> {
        let query = query.to_lowercase();
        let mut places = Vec::new();
        for (at, root) in self.roots.iter().enumerate() {
            let Some(loaded) = &root.loaded else { continue };
            for (place, slot) in loaded.files.iter().enumerate() {
                let names = slot.collected.functions.iter().map(|f| &f.name);
                let classes = slot.collected.classes.iter().map(|class| &class.path);
                if names.chain(classes).any(|name| matches(name, &query)) {
                    places.push((at, place));
                }
            }
        }
        let mut symbols = Vec::new();
        for (at, place) in places {
            if symbols.len() >= MOST_SYMBOLS {
                break;
            }
            let file = self.roots[at].loaded.as_ref().map(|l| l.files[place].node_id.clone());
            let items = self.items_of(at, place);
            let wanted = items.iter().filter(|item| {
                matches!(item.kind, ItemKind::Class | ItemKind::Function)
                    && matches(&item.label, &query)
            });
            symbols.extend(wanted.filter_map(|item| flat(item, file.clone())));
        }
        for at in 0..self.roots.len() {
            symbols.extend(self.fixtures_named(at, &query, MOST_SYMBOLS));
        }
        symbols.truncate(MOST_SYMBOLS);
        symbols
    }

    /// `fastest/relatedTests`
    pub(super) fn related(&mut self, params: &RelatedParams) -> Result<Vec<TestItem>> {
        let Some(path) = crate::uris::to_path(&params.text_document.uri) else {
            return Ok(Vec::new());
        };
        let items = self.document_items(&path);
        if !items.is_empty() {
            let position = params.position.unwrap_or_default();
            return Ok(innermost(items, position).into_iter().collect());
        }
        Ok(self.affected_files(&path))
    }

    /// The innermost test at a place of a document.
    pub(super) fn item_at(&mut self, uri: &str, position: Option<Position>) -> Option<TestItem> {
        let path = crate::uris::to_path(uri)?;
        let items = self.document_items(&path);
        innermost(items, position?)
    }
}

/// The item whose range is the smallest around a place; the file where none is.
fn innermost(items: Vec<TestItem>, position: Position) -> Option<TestItem> {
    let lines = |item: &TestItem| {
        item.range.map_or((u32::MAX, u32::MAX), |range| {
            let lines = range.end.line - range.start.line;
            (lines, if lines == 0 { range.end.character - range.start.character } else { 0 })
        })
    };
    let holding = items.into_iter().filter(|item| {
        item.kind == ItemKind::File || item.range.is_some_and(|range| around(range, position))
    });
    // Of equal ranges the inner item comes later.
    holding.reduce(|best, item| if lines(&item) <= lines(&best) { item } else { best })
}

/// A cursor before the first character of a row's or definition's first line is meant to be in it.
fn around(range: crate::protocol::Range, position: Position) -> bool {
    let mut range = range;
    range.start.character = 0;
    range.holds(position)
}

fn nested(items: &[TestItem], parent: &str, profile: &Profile) -> Vec<DocumentSymbol> {
    let children = items.iter().filter(|item| item.parent.as_deref() == Some(parent));
    let symbol = |item: &TestItem| {
        let range = item.range?;
        let below = nested(items, &item.id, profile);
        #[expect(deprecated, reason = "the type has the field, whatever it is worth")]
        Some(DocumentSymbol {
            name: if item.label.is_empty() { "[]".to_owned() } else { item.label.clone() },
            detail: None,
            kind: profile.symbol(kind(item.kind)),
            tags: None,
            deprecated: None,
            range: range.into(),
            selection_range: item.name_range.unwrap_or(range).into(),
            children: (!below.is_empty()).then_some(below),
        })
    };
    children.filter_map(symbol).collect()
}

fn flat(item: &TestItem, container: Option<String>) -> Option<SymbolInformation> {
    let range = item.name_range.or(item.range)?;
    let uri = item.uri.as_ref()?.parse().ok()?;
    #[expect(deprecated, reason = "the type has the field, whatever it is worth")]
    Some(SymbolInformation {
        name: item.label.clone(),
        kind: kind(item.kind),
        tags: None,
        deprecated: None,
        location: Location { uri, range: range.into() },
        container_name: container,
    })
}

/// Nested symbols as a list, each with the name of the one that holds it.
fn flatten(
    symbols: Vec<DocumentSymbol>,
    uri: &Uri,
    container: Option<&str>,
    into: &mut Vec<SymbolInformation>,
) {
    for symbol in symbols {
        #[expect(deprecated, reason = "the type has the field, whatever it is worth")]
        into.push(SymbolInformation {
            name: symbol.name.clone(),
            kind: symbol.kind,
            tags: None,
            deprecated: None,
            location: Location { uri: uri.clone(), range: symbol.selection_range },
            container_name: container.map(str::to_owned),
        });
        flatten(symbol.children.unwrap_or_default(), uri, Some(&symbol.name), into);
    }
}

const fn kind(kind: ItemKind) -> SymbolKind {
    match kind {
        ItemKind::Class => SymbolKind::CLASS,
        ItemKind::Function => SymbolKind::FUNCTION,
        ItemKind::Case | ItemKind::Subtest => SymbolKind::ENUM_MEMBER,
        _ => SymbolKind::FILE,
    }
}

/// Whether the letters of a query occur in a name in their order.
fn matches(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().all(|wanted| letters.any(|letter| letter == wanted))
}
