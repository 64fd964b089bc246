//! `textDocument/completion` and `completionItem/resolve`.

use fastest_ide::completion::{self, CompletionKind};
use serde_json::{Value, json};
use tower_lsp::lsp_types::{
    CompletionItem, CompletionItemKind, CompletionResponse, CompletionTextEdit, Documentation,
    TextDocumentPositionParams, TextEdit,
};

use super::super::{State, profile};
use super::places::Places;

impl State {
    /// `textDocument/completion`
    pub(super) fn completion(
        &mut self,
        at: &TextDocumentPositionParams,
    ) -> Option<CompletionResponse> {
        let (path, offset) = self.offset(at)?;
        let found =
            self.ask(&path, |model, file, _| completion::completion(model, file, offset))??;
        let range = Places::new(self).range(&path, found.span);
        let uri = at.text_document.uri.as_str();
        let item = |(rank, item): (usize, completion::Completion)| CompletionItem {
            kind: Some(match item.kind {
                CompletionKind::Fixture => CompletionItemKind::FUNCTION,
                CompletionKind::Argument => CompletionItemKind::VARIABLE,
                CompletionKind::Mark => CompletionItemKind::PROPERTY,
            }),
            detail: Some(item.detail),
            sort_text: Some(format!("{rank:05}")),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                range,
                new_text: item.label.clone(),
            })),
            data: (item.kind == CompletionKind::Fixture)
                .then(|| json!({"uri": uri, "offset": offset})),
            label: item.label,
            ..CompletionItem::default()
        };
        let items = found.items.into_iter().enumerate().map(item).collect();
        Some(CompletionResponse::Array(items))
    }

    /// `completionItem/resolve`: what the fixture is.
    pub(super) fn resolve_completion(&mut self, mut item: CompletionItem) -> CompletionItem {
        let found = item.data.as_ref().and_then(place);
        let (_, markup) = self.profile.markup;
        let text = found.and_then(|(path, offset)| {
            self.ask(&path, |model, file, _| {
                completion::document(model, file, offset, &item.label, markup.unwrap_or_default())
            })?
        });
        item.documentation = text.map(|text| match markup {
            Some(markup) => Documentation::MarkupContent(profile::content(markup, text)),
            None => Documentation::String(text),
        });
        item
    }
}

/// The document and offset that an item was made for.
fn place(data: &Value) -> Option<(std::path::PathBuf, u32)> {
    let path = crate::uris::to_path(data["uri"].as_str()?)?;
    Some((path, u32::try_from(data["offset"].as_u64()?).ok()?))
}
