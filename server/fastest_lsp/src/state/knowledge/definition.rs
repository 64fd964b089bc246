//! `textDocument/definition` and `textDocument/implementation`.

use std::path::Path;

use fastest_ide::definition;
use fastest_ide::view::Target;
use fastest_model::Span;
use tower_lsp::lsp_types::{GotoDefinitionResponse, LocationLink, TextDocumentPositionParams};

use super::super::State;
use super::places::Places;

impl State {
    /// `textDocument/definition`
    pub(super) fn definition(
        &mut self,
        at: &TextDocumentPositionParams,
    ) -> Option<GotoDefinitionResponse> {
        let (path, offset) = self.offset(at)?;
        let found =
            self.ask(&path, |model, file, _| definition::definition(model, file, offset))??;
        self.links(&path, found, self.profile.links.0)
    }

    /// `textDocument/implementation`: where a fixture yields.
    pub(super) fn implementation(
        &mut self,
        at: &TextDocumentPositionParams,
    ) -> Option<GotoDefinitionResponse> {
        let (path, offset) = self.offset(at)?;
        let found =
            self.ask(&path, |model, file, _| definition::implementation(model, file, offset))??;
        self.links(&path, found, self.profile.links.1)
    }

    fn links(
        &self,
        path: &Path,
        found: (Span, Vec<Target>),
        as_links: bool,
    ) -> Option<GotoDefinitionResponse> {
        let (origin, targets) = found;
        let mut places = Places::new(self);
        if !as_links {
            let locations = targets.iter().filter_map(|target| places.location(target));
            return Some(GotoDefinitionResponse::Array(locations.collect()));
        }
        let origin = places.range(path, origin);
        let links = targets.iter().filter_map(|target| {
            Some(LocationLink {
                origin_selection_range: Some(origin),
                target_uri: places.uri(&target.path)?,
                target_range: places.range(&target.path, target.span),
                target_selection_range: places.range(&target.path, target.focus),
            })
        });
        Some(GotoDefinitionResponse::Link(links.collect()))
    }
}
