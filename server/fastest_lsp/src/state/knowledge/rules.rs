//! What `fastest_ide`'s rules find, as diagnostics (`docs/diagnostics.md`).

use std::path::Path;

use fastest_ide::diagnostics::{self, Level, Request, Rules};
use tower_lsp::lsp_types::{
    self as lsp, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString,
};

use super::super::State;
use super::places::Places;

impl State {
    /// What the rules find in an open document; `None` as soon as `is_late` says so.
    pub(in crate::state) fn rule_diagnostics(
        &mut self,
        path: &Path,
        is_late: &dyn Fn() -> bool,
    ) -> Option<Vec<lsp::Diagnostic>> {
        let found = self.findings_unless(path, is_late)?;
        let mut places = Places::new(self);
        Some(found.iter().map(|finding| diagnostic(&mut places, path, finding)).collect())
    }

    /// The rules' own findings.
    pub(super) fn findings(&mut self, path: &Path) -> Vec<diagnostics::Diagnostic> {
        self.findings_unless(path, &|| false).unwrap_or_default()
    }

    fn findings_unless(
        &mut self,
        path: &Path,
        is_late: &dyn Fn() -> bool,
    ) -> Option<Vec<diagnostics::Diagnostic>> {
        if self.documents.get(path).is_none() {
            return Some(Vec::new());
        }
        let Some(root) = self.root_of(path) else { return Some(Vec::new()) };
        let settings = &self.roots[root].settings;
        if !settings.rules {
            return Some(Vec::new());
        }
        let rules = Rules::without(settings.rules_off.iter().copied());
        let found = self.ask(path, |model, file, asked| {
            if !model.view.is_own(file) {
                return Some(Vec::new());
            }
            let (collected, registered) = (asked.collected, asked.registered);
            let request = Request { model, file, collected, rules, registered };
            diagnostics::diagnose_unless(&request, &mut asked.bodies.borrow_mut(), is_late)
        });
        found.unwrap_or_else(|| Some(Vec::new()))
    }
}

fn diagnostic(
    places: &mut Places<'_>,
    path: &Path,
    finding: &diagnostics::Diagnostic,
) -> lsp::Diagnostic {
    let related = finding.related.iter().filter_map(|(target, message)| {
        let location = places.location(target)?;
        Some(DiagnosticRelatedInformation { location, message: message.clone() })
    });
    let related: Vec<_> = related.collect();
    lsp::Diagnostic {
        range: places.range(path, finding.span),
        severity: Some(match finding.rule.level() {
            Level::Error => DiagnosticSeverity::ERROR,
            Level::Warning => DiagnosticSeverity::WARNING,
            Level::Hint => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(finding.rule.code().to_owned())),
        source: Some("fastest".to_owned()),
        message: finding.message.clone(),
        related_information: (!related.is_empty()).then_some(related),
        tags: finding.rule.is_unnecessary().then(|| vec![DiagnosticTag::UNNECESSARY]),
        ..lsp::Diagnostic::default()
    }
}
