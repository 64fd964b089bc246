//! `--cov` and its relatives: what is measured, and what is said of it in the end.

use fastest_model::{ExitCode, RunEvent};
use fastest_runner::coverage::{self, Contexts, Coverage, CoverageReport, Place};
use fastest_runner::{RunError, RunRequest, RunSummary};
use fastest_schedule::Ending;
use fastest_workspace::config::Config;
use fastest_workspace::options::UsageError;
use serde_json::Number;

use super::listeners::Listeners;

/// Kinds of `--cov-report` that go to the terminal, and those that go to files.
const TERMINAL: [&str; 2] = ["term", "term-missing"];
const FILES: [&str; 7] = ["annotate", "html", "xml", "json", "markdown", "markdown-append", "lcov"];

/// Whether coverage is measured.
pub(super) fn is_measured(config: &Config) -> bool {
    let covering = &config.options.covering;
    !covering.sources.is_empty() && !covering.off
}

/// What is measured, if anything is.
///
/// # Errors
/// In pytest-cov's words, for values that its options do not take.
pub(super) fn measured(config: &Config) -> Result<Option<Coverage>, UsageError> {
    let given = &config.options.covering;
    if !is_measured(config) {
        return Ok(None);
    }
    if given.context.as_ref().is_some_and(|context| context != "test") {
        let problem = "argument --cov-context: The only supported value is \"test\".";
        return Err(UsageError::new(problem.to_owned()));
    }
    Ok(Some(Coverage {
        // One `--cov` without a value measures everything, whatever the others say.
        source: given.sources.iter().cloned().collect(),
        branch: given.branch,
        config_file: given.config_file.clone().unwrap_or_else(|| ".coveragerc".to_owned()),
        append: given.append,
        contexts: given.context.as_ref().map(|_| Contexts::Phase),
        reports: reports(&given.reports)?,
        fail_under: given.fail_under.as_deref().map(fail_under).transpose()?,
        precision: given.precision.and_then(|digits| u32::try_from(digits).ok()),
        quiet_on_failure: given.quiet_on_failure,
        ..Coverage::default()
    }))
}

/// What is to be done with what was measured, when all workers are gone.
pub(super) struct After {
    asked: Coverage,
    place: Place,
    columns: usize,
    color: bool,
}

impl After {
    /// Of a run, if it measures coverage.
    pub(super) fn of(request: &RunRequest) -> Option<Self> {
        let asked = request.coverage.clone()?;
        let (columns, color) = (request.columns, request.markup);
        Some(Self { asked, place: Place::of(request), columns, color })
    }

    /// Reports to whoever listens; what the process is to exit with. A run that broke off has no
    /// report.
    ///
    /// # Errors
    /// If the interpreter does not answer.
    pub(super) async fn report(
        &self,
        summary: &RunSummary,
        listeners: &mut Listeners,
    ) -> Result<i32, RunError> {
        let exit = summary.exit;
        let ordinary = [ExitCode::Ok, ExitCode::TestsFailed, ExitCode::NoTestsCollected];
        // An exception that ends a worker before it lists has the exit code of failed tests.
        let broke_off = matches!(summary.ending, Ending::StoppedByWorker | Ending::NeverStarted);
        if broke_off || !ordinary.map(|code| i32::from(code.code())).contains(&exit) {
            return Ok(exit);
        }
        let failed = exit == i32::from(ExitCode::TestsFailed.code());
        let report = coverage::report(&self.place, &self.asked, failed).await?;
        let text = self.text(&report, summary.lost_coverage());
        if !text.is_empty() {
            listeners.on(RunEvent::SummaryText { pieces: vec![(true, text)] });
        }
        let short = report.failure.is_some();
        Ok(if short { ExitCode::TestsFailed.code().into() } else { exit })
    }

    fn text(&self, report: &CoverageReport, lost: Option<String>) -> String {
        let mut text = String::new();
        for problem in report.problem.iter().chain(&lost) {
            text.push_str(&self.painted("31", &format!("WARNING: {problem}\n")));
        }
        if let Some(failure) = &report.failure {
            text.push_str(&self.painted("31", &format!("ERROR: {failure}\n")));
        }
        if !report.text.is_empty() || report.reached.is_some() {
            text.push_str(&heading(self.columns));
            text.push_str(&report.text);
        }
        if let Some(reached) = &report.reached {
            text.push_str(&self.painted(if report.short { "31" } else { "32" }, reached));
        }
        text
    }

    fn painted(&self, ink: &str, text: &str) -> String {
        let bold = if ink == "31" { "\x1b[1m" } else { "" };
        if self.color { format!("\x1b[{ink}m{bold}{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn heading(columns: usize) -> String {
    let title = " tests coverage ";
    format!("{title:=^columns$}\n")
}

/// pytest-cov's `validate_report`; nothing given is `term`, and `--cov-report=` alone is none.
fn reports(given: &[String]) -> Result<Vec<(String, Option<String>)>, UsageError> {
    let mut reports: Vec<(String, Option<String>)> = Vec::new();
    for report in given {
        let (kind, destination) = match report.split_once(':') {
            Some((kind, destination)) => (kind, Some(destination.to_owned())),
            None => (&**report, None),
        };
        let terminal = TERMINAL.contains(&kind);
        if !terminal && !FILES.contains(&kind) && !kind.is_empty() {
            let choices = [&TERMINAL[..], &FILES[..]].concat().join(", ");
            return Err(fault(&format!("invalid choice: \"{report}\" (choose from {choices})")));
        }
        if terminal && destination.as_ref().is_some_and(|to| to != "skip-covered") {
            let choices = FILES.join(", ");
            return Err(fault(&format!(
                "output specifier not supported for: \"{report}\" (choose from {choices})"
            )));
        }
        reports.retain(|(known, _)| known != kind);
        reports.push((kind.to_owned(), destination));
    }
    if given.is_empty() {
        return Ok(vec![("term".to_owned(), None)]);
    }
    if reports.len() == 1 && reports[0].0.is_empty() {
        reports.clear();
    }
    Ok(reports)
}

fn fault(what: &str) -> UsageError {
    UsageError::new(format!("argument --cov-report: {what}"))
}

/// pytest-cov's `validate_fail_under`.
fn fail_under(given: &str) -> Result<Number, UsageError> {
    let problem = |what: &str| UsageError::new(format!("argument --cov-fail-under: {what}"));
    let given = given.trim();
    let least = given.parse::<f64>().ok();
    let least = least.ok_or_else(|| problem("An integer or float value is required."))?;
    if least > 100.0 {
        return Err(problem("the maximum value is 100"));
    }
    let whole = given.parse::<i64>().ok().map(Number::from);
    whole
        .or_else(|| Number::from_f64(least))
        .ok_or_else(|| problem("An integer or float value is required."))
}

#[cfg(test)]
mod tests {
    use super::{fail_under, reports};

    fn check(given: &[&str], expected: &[(&str, Option<&str>)]) {
        let given: Vec<String> = given.iter().map(|report| (*report).to_owned()).collect();
        let found = reports(&given).unwrap();
        let found: Vec<_> = found.iter().map(|(kind, to)| (&**kind, to.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn limits_are_numbers_up_to_100() {
        let written = |given| fail_under(given).map(|least| least.to_string());
        assert_eq!(written("90"), Ok("90".to_owned()));
        assert_eq!(written("89.5"), Ok("89.5".to_owned()));
        assert!(
            fail_under("101").is_err() && fail_under("x").is_err() && fail_under("nan").is_err()
        );
    }

    #[test]
    fn reports_are_read_as_pytest_cov_does() {
        check(&[], &[("term", None)]);
        check(&[""], &[]);
        check(
            &["xml:out.xml", "term:skip-covered"],
            &[("xml", Some("out.xml")), ("term", Some("skip-covered"))],
        );
        check(&["html", "html:there"], &[("html", Some("there"))]);
        assert!(reports(&["pdf".to_owned()]).is_err());
        assert!(reports(&["term:file".to_owned()]).is_err());
    }
}
