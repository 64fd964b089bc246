//! One root's run events in the protocol's words; what the loop is to keep of them.

use fastest_model::run::{PhaseReport, RunEvent};
use rustc_hash::{FxHashMap, FxHashSet};

use super::messages::{Places, failure, outcome, phase};
use crate::items::found::{FoundItem, items_of, subtest_id};
use crate::items::results::{Failure, TestResult};
use crate::protocol::items::{Certainty, ItemKind, TestItem};
use crate::protocol::runs::{Counts, Event, Outcome, Phase, TestMessage};
use crate::roots::{file_of, item_id};
use crate::state::news::RunNews;

/// What an event comes to.
#[derive(Debug, Default)]
pub struct Told {
    /// For the client.
    pub events: Vec<Event>,
    /// For the loop.
    pub news: Vec<RunNews>,
}

/// The tests of one root in one run.
#[derive(Debug)]
pub struct Translator {
    /// The root's id.
    pub root: String,
    /// The run's id.
    pub run_id: String,
    /// Where files are.
    pub places: Places,
    /// Tests and what holds them that the client knows.
    pub known: FxHashSet<String>,
    /// Hashes of the definitions that run, by the function's node id.
    pub hashes: FxHashMap<String, String>,
    /// Tests by outcome.
    pub counts: Counts,
    /// Tests without an outcome.
    pub lost: Vec<String>,
    /// Why pytest broke.
    pub broken: Option<String>,
    open: FxHashMap<String, Test>,
}

/// A test that has begun.
#[derive(Debug)]
struct Test {
    outcome: Outcome,
    phase: Phase,
    duration_ms: f64,
    failures: Vec<Failure>,
    reason: Option<String>,
    /// Whether it is tried again.
    again: bool,
}

impl Default for Test {
    fn default() -> Self {
        let (outcome, phase) = (Outcome::Passed, Phase::Call);
        Self { outcome, phase, duration_ms: 0.0, failures: Vec::new(), reason: None, again: false }
    }
}

impl Translator {
    /// Nothing has happened yet.
    pub fn new(root: String, run_id: String, places: Places) -> Self {
        Self {
            root,
            run_id,
            places,
            known: FxHashSet::default(),
            hashes: FxHashMap::default(),
            counts: Counts::default(),
            lost: Vec::new(),
            broken: None,
            open: FxHashMap::default(),
        }
    }

    /// What an event comes to.
    pub fn on(&mut self, event: &RunEvent) -> Told {
        let mut told = Told::default();
        match event {
            RunEvent::Collected { node_ids } => {
                node_ids.iter().for_each(|node_id| self.meet(node_id, &mut told));
                let (root, node_ids) = (self.root.clone(), node_ids.clone());
                told.news.push(RunNews::Collected { root, node_ids });
            }
            RunEvent::TestStarted { node_id, worker, .. } => {
                self.meet(node_id, &mut told);
                // A test that is tried again starts from nothing.
                let started = Event::Started { item_id: self.id(node_id), worker: *worker };
                self.open.insert(node_id.clone(), Test::default());
                told.events.push(started);
            }
            RunEvent::PhaseEnded { report, .. } => self.phase_ended(report, &mut told),
            RunEvent::CollectError { node_id, text, summary, location, .. } => {
                let mut report = collect_report(node_id, text, summary);
                report.location = location.clone().or_else(|| last_location(text));
                self.collect_error(&report, &mut told);
            }
            RunEvent::CollectSkipped { node_id, reason, .. } => {
                let test = Test {
                    outcome: Outcome::Skipped,
                    phase: Phase::Collect,
                    reason: Some(reason.clone()),
                    ..Test::default()
                };
                self.finish(file_of(node_id), test, &mut told);
            }
            RunEvent::Warning { text, node_id, location } => {
                let item_id = node_id.as_ref().filter(|id| !id.is_empty()).map(|id| self.id(id));
                let location = location.as_ref().and_then(|(path, line)| {
                    let path = self.places.file(path)?;
                    let range = self.places.line(&path, *line);
                    Some(crate::protocol::Location { uri: self.places.uri(&path), range })
                });
                told.events.push(Event::Warning { text: text.clone(), item_id, location });
            }
            RunEvent::InternalError { text } => {
                self.broken.get_or_insert_with(|| last_line(text));
                told.events.push(output(text, "stderr", None, None));
            }
            RunEvent::Output { stderr, text, .. } => {
                let stream = if *stderr { "stderr" } else { "stdout" };
                told.events.push(output(text, stream, None, None));
            }
            RunEvent::Lost { node_ids } => {
                let root = &self.root;
                self.lost.extend(node_ids.iter().map(|node_id| item_id(root, node_id)));
            }
            _ => {}
        }
        told
    }

    /// Finishes tests of which nothing more can come.
    pub fn end(&mut self) -> Told {
        let mut told = Told::default();
        let left: Vec<(String, Test)> = self.open.drain().collect();
        for (node_id, test) in left {
            // One that was interrupted before anything came of it has no outcome.
            if !test.failures.is_empty() {
                self.finish(&node_id, test, &mut told);
            }
        }
        told
    }

    fn id(&self, node_id: &str) -> String {
        item_id(&self.root, node_id)
    }

    /// Tells of a test that the client does not know, and of what holds it.
    fn meet(&mut self, node_id: &str, told: &mut Told) {
        if self.known.contains(node_id) {
            return;
        }
        for found in items_of(node_id) {
            self.add(found, told);
        }
    }

    fn add(&mut self, found: FoundItem, told: &mut Told) {
        if !self.known.insert(found.node_id.clone()) {
            return;
        }
        let parent = Some(self.id(&found.parent));
        let mut item =
            TestItem::new(self.id(&found.node_id), parent, found.kind, found.label.clone());
        item.node_id.clone_from(&found.node_id);
        item.certainty = Certainty::Runtime;
        item.can_resolve_children = matches!(found.kind, ItemKind::Class);
        // Behind all that the sources tell of, in the order in which they are found.
        item.sort_text = format!("ffff{:06x}", self.known.len());
        let path = self.places.rootdir.join(file_of(&found.node_id));
        item.uri = Some(self.places.uri(&path));
        told.events.push(Event::ItemAdded { item: Box::new(item) });
        told.news.push(RunNews::Found { root: self.root.clone(), item: found });
    }

    fn phase_ended(&mut self, report: &PhaseReport, told: &mut Told) {
        let node_id = &report.node_id;
        self.meet(node_id, told);
        self.tell_output(report, told);
        let (came, when) = (outcome(report.outcome), phase(report.phase));
        let failures = matches!(came, Outcome::Failed | Outcome::Error)
            .then(|| failure(report, &mut self.places));
        if let Some(description) = &report.subtest {
            self.subtest(report, description, failures.clone(), told);
        } else {
            let duration_ms = report.duration.as_secs_f64() * 1e3;
            let item_id = self.id(node_id);
            told.events.push(Event::Phase { item_id, phase: when, outcome: came, duration_ms });
        }
        let test = self.open.entry(node_id.clone()).or_default();
        if report.subtest.is_none() {
            test.duration_ms += report.duration.as_secs_f64() * 1e3;
        }
        // A subtest decides about its test only where it fails.
        let decides = report.subtest.is_none() || failures.is_some();
        if decides && came > test.outcome {
            (test.outcome, test.phase) = (came, when);
        }
        if matches!(came, Outcome::Skipped | Outcome::XFailed | Outcome::XPassed) {
            test.reason.get_or_insert_with(|| report.summary.clone());
        }
        if report.subtest.is_none() {
            test.failures.extend(failures);
        }
        test.again |= came == Outcome::Rerun;
        // The last phase of every test, also of one that died.
        if when == Phase::Teardown && report.subtest.is_none() {
            let test = self.open.remove(node_id).unwrap_or_default();
            if !test.again {
                self.finish(node_id, test, told);
            }
        }
    }

    fn subtest(
        &mut self,
        report: &PhaseReport,
        description: &str,
        failure: Option<Failure>,
        told: &mut Told,
    ) {
        let node_id = subtest_id(&report.node_id, description);
        let parent = report.node_id.clone();
        let label = description.to_owned();
        let kind = ItemKind::Subtest;
        self.add(FoundItem { node_id: node_id.clone(), parent, kind, label }, told);
        let test = Test {
            outcome: outcome(report.outcome),
            phase: phase(report.phase),
            duration_ms: report.duration.as_secs_f64() * 1e3,
            failures: failure.into_iter().collect(),
            ..Test::default()
        };
        self.tell_finished(&node_id, test, told);
    }

    fn tell_output(&self, report: &PhaseReport, told: &mut Told) {
        for (title, text) in &report.sections {
            let stream = match title {
                title if title.contains("stdout") => "stdout",
                title if title.contains("stderr") => "stderr",
                _ => "log",
            };
            // pytest repeats earlier phases' output in each later report.
            let of_phase = match phase(report.phase) {
                Phase::Setup => title.ends_with("setup"),
                Phase::Call => title.ends_with("call"),
                _ => !(title.ends_with("setup") || title.ends_with("call")),
            };
            if of_phase {
                let item_id = Some(self.id(&report.node_id));
                told.events.push(output(text, stream, item_id, Some(phase(report.phase))));
            }
        }
    }

    fn collect_error(&mut self, report: &PhaseReport, told: &mut Told) {
        let failures = vec![failure(report, &mut self.places)];
        let (outcome, phase) = (Outcome::Error, Phase::Collect);
        let test = Test { outcome, phase, failures, ..Test::default() };
        self.finish(file_of(&report.node_id), test, told);
    }

    /// Counts a test, tells of its end, and has the loop keep it.
    fn finish(&mut self, node_id: &str, test: Test, told: &mut Told) {
        let counts = &mut self.counts;
        let count = match test.outcome {
            Outcome::Passed => &mut counts.passed,
            Outcome::Failed => &mut counts.failed,
            Outcome::Error => &mut counts.error,
            Outcome::Skipped => &mut counts.skipped,
            Outcome::XFailed => &mut counts.xfailed,
            Outcome::XPassed => &mut counts.xpassed,
            Outcome::Rerun => return,
        };
        *count += 1;
        let result = TestResult {
            outcome: test.outcome,
            duration_ms: test.duration_ms,
            failures: test.failures.clone(),
            body_hash: self.hash_of(node_id),
            run_id: self.run_id.clone(),
        };
        let root = self.root.clone();
        let result = Box::new(result);
        told.news.push(RunNews::Result { root, node_id: node_id.to_owned(), result });
        self.tell_finished(node_id, test, told);
    }

    fn tell_finished(&self, node_id: &str, test: Test, told: &mut Told) {
        let messages: Vec<TestMessage> = test.failures.into_iter().map(|f| f.message).collect();
        told.events.push(Event::Finished {
            item_id: self.id(node_id),
            outcome: test.outcome,
            phase: test.phase,
            duration_ms: test.duration_ms,
            messages,
            reason: test.reason.filter(|reason| !reason.is_empty()),
        });
    }

    fn hash_of(&self, node_id: &str) -> Option<String> {
        let function = node_id.split('[').next().unwrap_or(node_id);
        self.hashes.get(node_id).or_else(|| self.hashes.get(function)).cloned()
    }
}

fn collect_report(node_id: &str, text: &str, summary: &str) -> PhaseReport {
    use fastest_model::run::{Outcome, Phase};
    let mut report = PhaseReport::new(node_id, Phase::Collect, Outcome::Error);
    text.clone_into(&mut report.text);
    summary.clone_into(&mut report.summary);
    report
}

fn output(
    text: &str,
    stream: &'static str,
    item_id: Option<String>,
    phase: Option<Phase>,
) -> Event {
    Event::Output { text: text.to_owned(), stream, item_id, phase }
}

fn last_line(text: &str) -> String {
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or_default().trim_start_matches("INTERNALERROR> ").to_owned()
}

/// The last `path:line:` of a collection error's text, as pytest prints tracebacks.
fn last_location(text: &str) -> Option<(String, u32)> {
    let location = |line: &str| {
        let mut parts = line.splitn(3, ':');
        let (path, number) = (parts.next()?, parts.next()?);
        let plain = path.ends_with(".py") && !path.starts_with(' ');
        Some((plain.then(|| path.to_owned())?, number.trim().parse().ok()?))
    };
    let python = |line: &str| {
        let rest = line.trim_start().trim_start_matches("E ").trim_start();
        let (path, rest) = rest.strip_prefix("File \"")?.split_once("\", line ")?;
        let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Some((path.to_owned(), number.parse().ok()?))
    };
    let found: Vec<_> =
        text.lines().filter_map(|line| location(line).or_else(|| python(line))).collect();
    found.into_iter().next_back()
}
