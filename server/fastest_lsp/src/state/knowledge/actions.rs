//! `textDocument/codeAction`: the fixes of what the rules find.

use tower_lsp::lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse,
    NumberOrString, Position,
};

use super::super::State;
use super::places::Places;

impl State {
    /// `textDocument/codeAction`
    pub(super) fn actions(&mut self, params: &CodeActionParams) -> Option<CodeActionResponse> {
        let path = crate::uris::to_path(params.text_document.uri.as_str())?;
        let wanted = params.context.only.as_ref();
        let (literals, prefers) = self.profile.actions;
        // There is no command that would do it.
        if !literals {
            return None;
        }
        if wanted.is_some_and(|only| !only.iter().any(includes_quick_fixes)) {
            return None;
        }
        let findings = self.findings(&path);
        let mut places = Places::new(self);
        let mut actions = Vec::new();
        for finding in &findings {
            let range = places.range(&path, finding.span);
            if !overlap((range.start, range.end), (params.range.start, params.range.end)) {
                continue;
            }
            let code = NumberOrString::String(finding.rule.code().to_owned());
            let shown = params.context.diagnostics.iter();
            let own = shown.filter(|one| one.range == range && one.code.as_ref() == Some(&code));
            let own: Vec<_> = own.cloned().collect();
            for (at, fix) in finding.fixes.iter().enumerate() {
                actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                    title: fix.title.clone(),
                    kind: Some(CodeActionKind::QUICKFIX),
                    diagnostics: (!own.is_empty()).then(|| own.clone()),
                    edit: Some(places.edits(&fix.edits)),
                    is_preferred: (at == 0 && prefers).then_some(true),
                    ..CodeAction::default()
                }));
            }
        }
        Some(actions)
    }
}

/// Whether a wanted kind is, or holds, the quick fixes.
fn includes_quick_fixes(kind: &CodeActionKind) -> bool {
    kind.as_str().is_empty() || *kind == CodeActionKind::QUICKFIX
}

fn overlap(one: (Position, Position), other: (Position, Position)) -> bool {
    one.0 <= other.1 && other.0 <= one.1
}
