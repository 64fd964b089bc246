//! `textDocument/foldingRange`

use fastest_ide::folding::{FoldKind, folding};
use tower_lsp::lsp_types::{FoldingRange, FoldingRangeKind};

use super::super::State;
use super::places::Places;

impl State {
    /// `textDocument/foldingRange`
    pub(super) fn folding(&mut self, uri: &str) -> Option<Vec<FoldingRange>> {
        let path = crate::uris::to_path(uri)?;
        let folds = folding(self.documents.get_mut(&path)?.document.tree());
        let mut places = Places::new(self);
        let folds = folds.into_iter().map(|fold| {
            let range = places.range(&path, fold.span);
            FoldingRange {
                start_line: range.start.line,
                end_line: range.end.line,
                kind: match fold.kind {
                    FoldKind::Region => None,
                    FoldKind::Imports => Some(FoldingRangeKind::Imports),
                    FoldKind::Comment => Some(FoldingRangeKind::Comment),
                },
                ..FoldingRange::default()
            }
        });
        Some(folds.collect())
    }
}
