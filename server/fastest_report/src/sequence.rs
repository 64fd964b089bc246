//! The order in which progress is written.
//!
//! Workers run several files at once, but a file's letters belong on one line. One file owns
//! the line and is written as it comes; the letters of others wait until the owner is complete.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use fastest_model::run::{Outcome, Phase, PhaseReport};

use crate::{paint::Ink, paths, verdict::Verdict};

/// What progress needs of a phase.
#[derive(Clone, Debug)]
pub struct Told {
    pub node_id: String,
    pub phase: Phase,
    pub duration: Duration,
    pub subtest: bool,
    pub letter: String,
    pub word: String,
    pub inks: Vec<Ink>,
    /// Why, for what is skipped, xfailed or xpassed.
    pub reason: Option<String>,
}

impl Told {
    /// Of a report.
    pub fn of(report: &PhaseReport, verdict: &Verdict) -> Self {
        let explains =
            matches!(report.outcome, Outcome::Skipped | Outcome::XFailed | Outcome::XPassed);
        Self {
            node_id: report.node_id.clone(),
            phase: report.phase,
            duration: report.duration,
            subtest: report.subtest.is_some(),
            letter: verdict.letter.clone(),
            word: verdict.word.clone(),
            inks: verdict.inks.clone(),
            reason: explains.then(|| raw_reason(report)),
        }
    }

    /// Whether nothing is written of it.
    pub fn is_silent(&self) -> bool {
        self.letter.is_empty() && self.word.is_empty()
    }
}

/// pytest's `_get_raw_skip_reason`.
fn raw_reason(report: &PhaseReport) -> String {
    let summary = &*report.summary;
    match report.outcome {
        Outcome::Skipped if summary == "Skipped" => String::new(),
        Outcome::Skipped => summary.to_owned(),
        _ => summary.strip_prefix("reason: ").unwrap_or(summary).to_owned(),
    }
}

/// Something to write.
#[derive(Clone, Debug)]
pub enum Op {
    /// A test starts.
    Started(String),
    /// A phase of one ended.
    Told(Told),
}

/// A file whose tests run.
#[derive(Debug, Default)]
struct File {
    waiting: Vec<Op>,
    /// Tests that have not ended.
    open: usize,
}

/// Files that have something to say, and whose turn it is.
#[derive(Debug, Default)]
pub struct Sequence {
    files: BTreeMap<String, File>,
    order: VecDeque<String>,
    owner: Option<String>,
}

impl Sequence {
    /// These tests will run.
    pub fn expect(&mut self, node_ids: &[String]) {
        for node_id in node_ids {
            self.files.entry(paths::file(node_id).to_owned()).or_default().open += 1;
        }
    }

    /// Take something in; what is to be written now.
    pub fn push(&mut self, op: Op) -> Vec<Op> {
        let (Op::Started(node_id) | Op::Told(Told { node_id, .. })) = &op;
        let file = paths::file(node_id).to_owned();
        if self.owner.as_ref() != Some(&file) && !self.order.contains(&file) {
            self.order.push_back(file.clone());
        }
        self.files.entry(file).or_default().waiting.push(op);
        self.take()
    }

    /// A test has ended; what is to be written now.
    pub fn ended(&mut self, node_id: &str) -> Vec<Op> {
        if let Some(file) = self.files.get_mut(paths::file(node_id)) {
            file.open = file.open.saturating_sub(1);
        }
        self.take()
    }

    /// The rest, when nothing more will come.
    pub fn close(&mut self) -> Vec<Op> {
        self.files.values_mut().for_each(|file| file.open = 0);
        self.take()
    }

    fn take(&mut self) -> Vec<Op> {
        let mut ops = Vec::new();
        loop {
            if self.owner.is_none() {
                self.owner = self.order.pop_front();
            }
            let Some(file) = self.owner.as_ref().and_then(|owner| self.files.get_mut(owner)) else {
                return ops;
            };
            ops.append(&mut file.waiting);
            if file.open > 0 {
                return ops;
            }
            self.owner = None;
        }
    }
}
