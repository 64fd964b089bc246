//! Collection errors and failures as diagnostics.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fastest_model::Severity;
use tower_lsp::lsp_types::request::WorkspaceDiagnosticRefresh;
use tower_lsp::lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
    PublishDiagnosticsParams,
};

use super::lenses::REFRESH;
use super::{State, Timer};
use crate::items::results::{Failure, TestResult};
use crate::protocol::Range;
use crate::roots::Root;
use crate::text::{Text, WholeText};

/// Shorter than a glance from the keys to the screen, longer than between two keys of a word.
const PAUSE: Duration = Duration::from_millis(100);

impl State {
    /// Sends the diagnostics of files where they may have changed.
    pub(super) fn tell_diagnostics(&mut self) {
        if !self.profile.pushes {
            return self.have_diagnostics_asked_for();
        }
        let events = self.events.clone();
        let reads_versions = self.profile.diagnostics.version;
        for path in std::mem::take(&mut self.undiagnosed) {
            self.look_again(&path);
            let Some(diagnostics) = self.all_diagnostics(&path, &|| events.edit_waits()) else {
                // The edit comes first; then there is a pause again.
                self.diagnose_later([path]);
                continue;
            };
            let shown = !diagnostics.is_empty();
            let was_shown = if shown {
                !self.diagnosed.insert(path.clone())
            } else {
                self.diagnosed.remove(&path)
            };
            if !(shown || was_shown) {
                continue;
            }
            let open = self.documents.get(&path);
            let uri = self.documents.uri(&path);
            let Ok(uri) = uri.parse() else { continue };
            let params = PublishDiagnosticsParams {
                uri,
                diagnostics,
                version: open.map(|open| open.version).filter(|_| reads_versions),
            };
            self.out.notify("textDocument/publishDiagnostics", &params);
        }
    }

    /// A client that asks does so after an edit; what else changes them it is told of, soon.
    fn have_diagnostics_asked_for(&mut self) {
        let changed = !std::mem::take(&mut self.undiagnosed).is_empty();
        if changed && self.profile.diagnostic_refresh {
            self.set_timer(REFRESH, Timer::Pull);
        }
    }

    /// Asks the client to ask for diagnostics again.
    pub(super) fn refresh_diagnostics(&self) {
        if self.documents.iter().next().is_some() {
            self.out.ask::<WorkspaceDiagnosticRefresh>((), |_| {});
        }
    }

    /// `textDocument/diagnostic`
    pub(super) fn pulled_diagnostics(&mut self, uri: &str) -> Vec<Diagnostic> {
        let Some(path) = crate::uris::to_path(uri) else { return Vec::new() };
        self.look_again(&path);
        self.all_diagnostics(&path, &|| false).unwrap_or_default()
    }

    /// `None` as soon as `is_late` says so.
    fn all_diagnostics(
        &mut self,
        path: &Path,
        is_late: &dyn Fn() -> bool,
    ) -> Option<Vec<Diagnostic>> {
        let of_rules = self.rule_diagnostics(path, is_late)?;
        let mut diagnostics = self.diagnose(path);
        diagnostics.extend(of_rules);
        diagnostics.iter_mut().for_each(|one| self.profile.diagnostics.fit(one));
        Some(diagnostics)
    }

    /// Notes what the tests of an open document now are, where failures of it are shown.
    fn look_again(&mut self, path: &Path) {
        if self.documents.get(path).is_none() {
            return;
        }
        for at in 0..self.roots.len() {
            let root = &self.roots[at];
            let place = root.loaded.as_ref().and_then(|loaded| loaded.at_path(path));
            if let Some(place) = place
                && root.results.failures_in(path).next().is_some()
                && !root.shows(place)
            {
                drop(self.items_of(at, place));
            }
        }
    }

    /// Takes away what a root that is gone has shown.
    pub(super) fn drop_diagnostics(&mut self, root: &Root) {
        let of_root: BTreeSet<PathBuf> =
            self.diagnosed.iter().filter(|path| root.holds(path)).cloned().collect();
        self.undiagnosed.extend(of_root);
    }

    /// Looks at documents again once nothing was typed for a while: no keystroke waits for the
    /// diagnostics of the one before it.
    pub(super) fn diagnose_later(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        self.late.extend(paths);
        self.set_timer(PAUSE, Timer::Diagnose);
    }

    /// The pause is over.
    pub(super) fn diagnose_late(&mut self) {
        if !self.profile.pushes {
            return self.late.clear();
        }
        self.undiagnosed.append(&mut self.late);
        self.tell_diagnostics();
    }

    /// Looks at all open documents again.
    pub(super) fn diagnose_open(&mut self) {
        self.undiagnosed.extend(self.documents.iter().map(|(path, _)| path.clone()));
    }

    /// Settings of a root are others.
    pub(super) fn settings_changed(&mut self, at: usize) {
        let root = &self.roots[at];
        self.undiagnosed.extend(self.diagnosed.iter().filter(|path| root.holds(path)).cloned());
        let open = self.documents.iter().map(|(path, _)| path);
        self.undiagnosed.extend(open.filter(|path| root.holds(path)).cloned());
        let failing = root.results.failed().iter().filter_map(|id| root.results.get(id));
        let paths = failing.flat_map(|result| &result.failures).filter_map(|f| f.path.clone());
        self.undiagnosed.extend(paths);
        self.lenses_changed(1);
        self.continuous_changed();
    }

    fn diagnose(&self, path: &Path) -> Vec<Diagnostic> {
        let text = || match self.documents.get(path) {
            Some(open) => Text::Open(&open.document),
            None => Text::Whole(WholeText::read(path)),
        };
        let mut diagnostics = Vec::new();
        for root in &self.roots {
            if root.settings.collection {
                diagnostics.extend(self.collection_errors(root, path, &text));
            }
            if root.settings.failures {
                let failures = root.results.failures_in(path);
                diagnostics.extend(failures.map(|(node_id, result, failure)| {
                    let range = text().line_range(failure.line, self.profile.encoding);
                    self.failure(root, node_id, result, failure, range)
                }));
            }
        }
        diagnostics
    }

    fn collection_errors<'t>(
        &self,
        root: &Root,
        path: &Path,
        text: &dyn Fn() -> Text<'t>,
    ) -> Vec<Diagnostic> {
        let Some(loaded) = &root.loaded else { return Vec::new() };
        let of_file = loaded.at_path(path).map(|at| &loaded.files[at].collected.problems);
        let others = loaded.problems.iter().filter(|p| p.path.as_deref() == Some(path));
        let all = of_file.into_iter().flatten().chain(others);
        let errors = all.filter(|problem| problem.severity >= Severity::CollectError);
        let diagnostic = |problem: &fastest_model::Problem| {
            let encoding = self.profile.encoding;
            let range = match problem.span {
                Some(span) => text().range(span, encoding),
                None => text().line_range(0, encoding),
            };
            Diagnostic {
                range: range.into(),
                severity: Some(DiagnosticSeverity::ERROR),
                code: Some(NumberOrString::String("collection-error".to_owned())),
                source: Some("fastest".to_owned()),
                message: match &problem.hint {
                    Some(hint) => format!("{}\nhint: {hint}", problem.message),
                    None => problem.message.clone(),
                },
                ..Diagnostic::default()
            }
        };
        errors.map(diagnostic).collect()
    }

    fn failure(
        &self,
        root: &Root,
        node_id: &str,
        result: &TestResult,
        failure: &Failure,
        range: Range,
    ) -> Diagnostic {
        let stale = self.is_stale(root, node_id, result);
        let mut message = readable(&failure.message.text, &failure.message.message);
        if stale {
            message.push_str("\n(stale)");
        }
        let related = failure.message.frames.iter().filter_map(|frame| {
            let uri = frame.uri.as_ref()?.parse().ok()?;
            let location = Location { uri, range: frame.range?.into() };
            Some(DiagnosticRelatedInformation { location, message: frame.label.clone() })
        });
        Diagnostic {
            range: range.into(),
            severity: Some(if stale {
                DiagnosticSeverity::WARNING
            } else {
                DiagnosticSeverity::ERROR
            }),
            code: Some(NumberOrString::String(node_id.to_owned())),
            source: Some("fastest".to_owned()),
            message,
            related_information: Some(related.collect()),
            data: Some(
                serde_json::json!({"itemId": root.item_id(node_id), "runId": result.run_id}),
            ),
            ..Diagnostic::default()
        }
    }

    /// Whether a test's definition is another than the one that ran.
    fn is_stale(&self, root: &Root, node_id: &str, result: &TestResult) -> bool {
        let function = node_id.split('[').next().unwrap_or(node_id);
        let good = root.good_items(crate::roots::file_of(node_id));
        let now = good.into_iter().flatten().find(|item| item.node_id == function);
        let now = now.and_then(|item| item.body_hash.as_ref());
        result.body_hash.as_ref().zip(now).is_some_and(|(ran, now)| ran != now)
    }
}

/// The lines of a failure that say what is wrong: pytest marks them with `E`.
fn readable(text: &str, message: &str) -> String {
    let marked: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("E").filter(|rest| rest.is_empty() || rest.starts_with(' '))
        })
        .map(|line| line.strip_prefix("       ").unwrap_or_else(|| line.trim_start()))
        .collect();
    if marked.is_empty() { message.to_owned() } else { marked.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn the_marked_lines_are_what_went_wrong() {
        let text = ">       assert 1 == 2\nE       assert 1 == 2\nE         +1\n\na.py:2: E";
        assert_eq!(readable(text, "m"), "assert 1 == 2\n  +1");
        assert_eq!(readable("no", "m"), "m");
    }
}
