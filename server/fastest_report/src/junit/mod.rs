//! `--junit-xml`: the report that continuous integration reads, structured as pytest's own.
//!
//! Reading order: [`Junit`], `case` (one `<testcase>`), `text` (what XML cannot hold).

mod case;
#[cfg(test)]
mod tests;
mod text;

use std::{collections::HashMap, io, time::Duration};

use fastest_model::run::{Outcome, Phase, PhaseReport, Place, RunEvent};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use case::Case;

/// Which captured output the report holds (`junit_logging`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Logging {
    /// None.
    #[default]
    No,
    /// Log records, as standard output.
    Log,
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// Both.
    OutErr,
    /// Everything.
    All,
}

/// What the report is to be like: the `junit_*` options of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JunitStyle {
    /// `--junit-prefix`.
    pub prefix: Option<String>,
    /// `junit_suite_name`.
    pub suite_name: String,
    /// `junit_logging`.
    pub logging: Logging,
    /// `junit_log_passing_tests`.
    pub log_passing_tests: bool,
    /// `junit_duration_report = call`: set-up and teardown do not count.
    pub call_only: bool,
    /// `junit_family = xunit1` (or `legacy`): files, lines and custom attributes are told.
    pub xunit1: bool,
    /// When the run started, as ISO 8601.
    pub timestamp: String,
    /// The machine's name.
    pub hostname: String,
}

/// Gathers the report of a run.
#[derive(Debug)]
pub struct Junit {
    style: JunitStyle,
    cases: Vec<Case>,
    /// The cases that are not complete, by node id.
    open: HashMap<String, usize>,
    places: HashMap<String, Place>,
    /// Tests whose call failed, until their teardown.
    failed: Vec<String>,
    properties: Vec<(String, String)>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    /// Tests that have both an outcome and an error in teardown.
    twice: usize,
}

impl Junit {
    /// An empty report.
    #[must_use]
    pub fn new(style: JunitStyle) -> Self {
        Self {
            style,
            cases: Vec::new(),
            open: HashMap::new(),
            places: HashMap::new(),
            failed: Vec::new(),
            properties: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Take in what happens.
    pub fn on(&mut self, event: &RunEvent) {
        match event {
            RunEvent::TestStarted { node_id, place, .. } => {
                self.places.insert(node_id.clone(), place.clone());
            }
            RunEvent::PhaseEnded { report, .. } => self.phase(report),
            RunEvent::CollectError { node_id, text, .. } => {
                self.counts.errors += 1;
                self.opened(node_id).add("error", "collection failure", text.trim());
            }
            RunEvent::CollectSkipped { node_id, reason, location } => {
                let (path, line) = location.clone().unwrap_or_default();
                let reason =
                    if reason == "Skipped" { reason.clone() } else { format!("Skipped: {reason}") };
                let tuple = format!("({}, {line}, {})", text::repr(&path), text::repr(&reason));
                self.counts.skipped += 1;
                self.opened(node_id).add("skipped", "collection skipped", &tuple);
            }
            RunEvent::XmlAttribute { node_id, name, value } => {
                let case = self.case(node_id);
                case.custom.push((name.clone(), value.clone()));
            }
            RunEvent::SuiteProperty { name, value } => {
                self.properties.push((name.clone(), value.clone()));
            }
            RunEvent::InternalError { text } => {
                self.counts.errors += 1;
                let case = self.case("internal");
                (case.classname, case.name) = ("pytest".to_owned(), "internal".to_owned());
                case.add("error", "internal error", text.trim());
            }
            _ => {}
        }
    }

    /// The whole report, once the run took so long.
    ///
    /// # Errors
    /// Those of writing XML into memory: none.
    pub fn finish(self, duration: Duration) -> io::Result<String> {
        let mut writer = Writer::new(Vec::new());
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let mut suites = writer.create_element("testsuites");
        suites = suites.with_attribute(("name", "pytest tests"));
        suites.write_inner_content(|writer| self.write_suite(writer, duration))?;
        String::from_utf8(writer.into_inner()).map_err(io::Error::other)
    }

    fn write_suite(&self, writer: &mut Writer<Vec<u8>>, duration: Duration) -> io::Result<()> {
        let Counts { passed, failures, errors, skipped, twice } = self.counts;
        let tests = (passed + failures + skipped + errors).saturating_sub(twice);
        let attributes = [
            ("name", self.style.suite_name.clone()),
            ("errors", errors.to_string()),
            ("failures", failures.to_string()),
            ("skipped", skipped.to_string()),
            ("tests", tests.to_string()),
            ("time", format!("{:.3}", duration.as_secs_f64())),
            ("timestamp", self.style.timestamp.clone()),
            ("hostname", self.style.hostname.clone()),
        ];
        let mut suite = writer.create_element("testsuite");
        for (name, value) in &attributes {
            suite = suite.with_attribute(text::attribute(name, value));
        }
        suite.write_inner_content(|writer| {
            write_properties(writer, &self.properties)?;
            self.cases.iter().try_for_each(|case| case.write(writer, self.style.xunit1))
        })?;
        Ok(())
    }

    /// pytest's `pytest_runtest_logreport`, step by step.
    fn phase(&mut self, report: &PhaseReport) {
        let node_id = &report.node_id;
        match report.outcome {
            Outcome::Passed | Outcome::XPassed => {
                if report.phase == Phase::Call {
                    self.counts.passed += 1;
                    self.opened(node_id);
                }
            }
            Outcome::Failed => self.failed(report),
            Outcome::Error => self.error(report),
            Outcome::Skipped | Outcome::XFailed => self.skipped(report),
            Outcome::Rerun => {}
        }
        let counts = !self.style.call_only || report.phase == Phase::Call;
        let case = self.case(node_id);
        if counts {
            case.duration += report.duration;
        }
        if report.phase == Phase::Teardown {
            self.opened(node_id);
            self.captured(report);
            self.close(node_id, &report.properties);
            self.failed.retain(|failed| failed != node_id);
            self.places.remove(node_id);
        }
    }

    fn failed(&mut self, report: &PhaseReport) {
        let (message, body) = (text::shortened(message(report)), report.text.trim());
        self.counts.failures += 1;
        self.opened(&report.node_id).add("failure", &message, body);
        self.failed.push(report.node_id.clone());
        if !self.style.log_passing_tests {
            self.captured(report);
        }
    }

    fn error(&mut self, report: &PhaseReport) {
        let node_id = &report.node_id;
        let teardown = report.phase == Phase::Teardown;
        if teardown && self.failed.contains(node_id) {
            // A failure and an error do not go into one element.
            self.close(node_id, &report.properties);
        } else if teardown && self.open.contains_key(node_id) {
            self.counts.twice += 1;
        }
        let phase = if teardown { "teardown" } else { "setup" };
        let message = format!("failed on {phase} with \"{}\"", message(report));
        self.counts.errors += 1;
        self.opened(node_id).add("error", &text::shortened(&message), report.text.trim());
    }

    fn skipped(&mut self, report: &PhaseReport) {
        self.counts.skipped += 1;
        let summary = &*report.summary;
        if report.outcome == Outcome::XFailed {
            let reason = summary.strip_prefix("reason: ").unwrap_or(summary);
            self.opened(&report.node_id).add_skipped("pytest.xfail", reason, None);
            return;
        }
        let (path, line) = report.location.clone().unwrap_or_default();
        let details = format!("{path}:{line}: {summary}");
        self.opened(&report.node_id).add_skipped("pytest.skip", summary, Some(&details));
        self.captured(report);
    }

    /// The test's case, with its names.
    fn opened(&mut self, node_id: &str) -> &mut Case {
        let prefix = self.style.prefix.clone();
        let place = self.places.get(node_id).cloned();
        let case = self.case(node_id);
        case.name_after(node_id, prefix.as_deref(), place.as_ref());
        case
    }

    fn case(&mut self, node_id: &str) -> &mut Case {
        let at = *self.open.entry(node_id.to_owned()).or_insert_with(|| {
            self.cases.push(Case::default());
            self.cases.len() - 1
        });
        &mut self.cases[at]
    }

    fn close(&mut self, node_id: &str, properties: &[(String, String)]) {
        if let Some(at) = self.open.remove(node_id) {
            self.cases[at].properties = properties.to_vec();
        }
    }

    fn captured(&mut self, report: &PhaseReport) {
        let passed = report.outcome == Outcome::Passed;
        if self.style.logging == Logging::No || passed && !self.style.log_passing_tests {
            return;
        }
        let logging = self.style.logging;
        self.case(&report.node_id).add_captured(&report.sections, logging);
    }
}

/// What pytest's `reprcrash` says, or the whole.
fn message(report: &PhaseReport) -> &str {
    if report.summary.is_empty() { report.text.trim() } else { &report.summary }
}

fn write_properties(
    writer: &mut Writer<Vec<u8>>,
    properties: &[(String, String)],
) -> io::Result<()> {
    if properties.is_empty() {
        return Ok(());
    }
    let element = writer.create_element("properties");
    element.write_inner_content(|writer| {
        for (name, value) in properties {
            let property = writer.create_element("property");
            let property = property.with_attribute(text::attribute("name", name));
            property.with_attribute(text::attribute("value", value)).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Text as XML holds it.
fn body(content: &str) -> BytesText<'static> {
    BytesText::new(&text::legal(content)).into_owned()
}
