//! Fixtures among document and workspace symbols.

use std::path::Path;

use fastest_ide::symbols::{self, SymbolKind as Kind};
use tower_lsp::lsp_types::{DocumentSymbol, SymbolInformation, SymbolKind};

use super::super::State;
use super::places::Places;

impl State {
    /// All definitions of a document that is no test file, fixtures with their scopes.
    pub(in crate::state) fn definitions(&mut self, path: &Path) -> Option<Vec<DocumentSymbol>> {
        let found = self.ask(path, |model, file, _| symbols::document_symbols(model, file))?;
        let mut places = Places::new(self);
        Some(found.iter().map(|symbol| nested(&mut places, path, symbol)).collect())
    }

    /// The fixtures of a test file.
    pub(in crate::state) fn fixture_symbols(&mut self, path: &Path) -> Vec<DocumentSymbol> {
        let found = self.ask(path, |model, file, _| symbols::document_symbols(model, file));
        let mut places = Places::new(self);
        let found = found.unwrap_or_default();
        let fixtures = found.iter().filter(|symbol| symbol.kind == Kind::Fixture);
        fixtures.map(|symbol| nested(&mut places, path, symbol)).collect()
    }

    /// The fixtures of a root whose names hold the letters of a query.
    pub(in crate::state) fn fixtures_named(
        &mut self,
        root: usize,
        query: &str,
        most: usize,
    ) -> Vec<SymbolInformation> {
        let found = self
            .ask_root(root, None, |model, _, _| symbols::workspace_fixtures(model, query, most))
            .unwrap_or_default();
        let mut places = Places::new(self);
        let symbols = found.into_iter().filter_map(|symbol| {
            #[expect(deprecated, reason = "the type has the field, whatever it is worth")]
            Some(SymbolInformation {
                location: places.location(&symbol.target)?,
                name: symbol.name,
                kind: SymbolKind::FUNCTION,
                tags: None,
                deprecated: None,
                container_name: Some("fixture".to_owned()),
            })
        });
        symbols.collect()
    }
}

fn nested(places: &mut Places<'_>, path: &Path, of: &symbols::DocumentSymbol) -> DocumentSymbol {
    let children: Vec<_> = of.children.iter().map(|child| nested(places, path, child)).collect();
    #[expect(deprecated, reason = "the type has the field, whatever it is worth")]
    DocumentSymbol {
        name: of.name.clone(),
        detail: Some(of.detail.clone()).filter(|detail| !detail.is_empty()),
        kind: match of.kind {
            Kind::Class => SymbolKind::CLASS,
            _ => SymbolKind::FUNCTION,
        },
        tags: None,
        deprecated: None,
        range: places.range(path, of.span),
        selection_range: places.range(path, of.name_span),
        children: (!children.is_empty()).then_some(children),
    }
}
