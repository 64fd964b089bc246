//! How tests ended the last time, for lenses and diagnostics.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::protocol::runs::{Outcome, TestMessage};

/// How one test ended.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// The worst of its phases.
    pub outcome: Outcome,
    /// All phases.
    pub duration_ms: f64,
    /// What went wrong.
    pub failures: Vec<Failure>,
    /// Of the definition that ran.
    pub body_hash: Option<String>,
    /// The run.
    pub run_id: String,
}

/// One thing that went wrong, where it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// As the client was told.
    pub message: TestMessage,
    /// The failing line's file.
    pub path: Option<PathBuf>,
    /// The failing line from 0, which edits move.
    pub line: u32,
}

/// How tests ended, by node id.
#[derive(Debug, Default)]
pub struct Results {
    tests: BTreeMap<String, TestResult>,
    failed: BTreeSet<String>,
}

impl Results {
    /// Takes a result in.
    pub fn set(&mut self, node_id: String, result: TestResult) {
        if result.outcome >= Outcome::Error {
            self.failed.insert(node_id.clone());
        } else {
            self.failed.remove(&node_id);
        }
        self.tests.insert(node_id, result);
    }

    /// How a test ended.
    pub fn get(&self, node_id: &str) -> Option<&TestResult> {
        self.tests.get(node_id)
    }

    /// Tests that failed the last time, in the order of their node ids.
    pub const fn failed(&self) -> &BTreeSet<String> {
        &self.failed
    }

    /// The failures whose line is in a file.
    pub fn failures_in<'r>(
        &'r self,
        path: &'r Path,
    ) -> impl Iterator<Item = (&'r str, &'r TestResult, &'r Failure)> {
        let results = self.failed.iter().filter_map(|id| Some((&**id, self.tests.get(id)?)));
        results.flat_map(move |(node_id, result)| {
            let here = result.failures.iter().filter(|f| f.path.as_deref() == Some(path));
            here.map(move |failure| (node_id, result, failure))
        })
    }

    /// Forgets a result; the files that it spoke of.
    pub fn forget(&mut self, node_id: &str) -> Vec<PathBuf> {
        self.failed.remove(node_id);
        let gone = self.tests.remove(node_id).into_iter();
        gone.flat_map(|result| result.failures).filter_map(|failure| failure.path).collect()
    }

    /// How many of the tests below a node ended well, and how many badly.
    pub fn below(&self, prefix: &str) -> (usize, usize) {
        let below = |node_id: &&String| {
            let rest = &node_id[prefix.len()..];
            prefix.is_empty() || rest.starts_with(['[', ':', '/'])
        };
        let results = self.tests.range(prefix.to_owned()..);
        let results = results.take_while(|(node_id, _)| node_id.starts_with(prefix));
        let results = results.filter(|(node_id, _)| below(node_id));
        results.fold((0, 0), |(good, bad), (_, result)| {
            if result.outcome >= Outcome::Error { (good, bad + 1) } else { (good + 1, bad) }
        })
    }

    /// Moves the failing lines of a file.
    pub fn shift(&mut self, path: &Path, edit: LineEdit) {
        for node_id in &self.failed {
            let failures = self.tests.get_mut(node_id).map(|result| &mut result.failures);
            for failure in failures.into_iter().flatten() {
                if failure.path.as_deref() == Some(path) {
                    failure.line = edit.moved(failure.line);
                }
            }
        }
    }
}

/// An edit, in lines: from within line `first` on, `removed` line breaks became `added`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineEdit {
    /// The line in which it begins.
    pub first: u32,
    /// Whether it begins before the line's first character.
    pub at_start: bool,
    /// Line breaks that went.
    pub removed: u32,
    /// Line breaks that came.
    pub added: u32,
}

impl LineEdit {
    /// Where a line is afterwards.
    pub fn moved(self, line: u32) -> u32 {
        let Self { first, at_start, removed, added } = self;
        let pushed = line == first && at_start && removed == 0;
        if line < first || (line == first && !pushed) {
            line
        } else if line >= first + removed {
            line - removed + added
        } else {
            // It is part of what was replaced.
            line.min(first + added)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineEdit;

    #[test]
    fn lines_move_with_edits() {
        let moved =
            |first, at_start, removed, added| LineEdit { first, at_start, removed, added }.moved(5);
        assert_eq!(moved(9, false, 0, 3), 5);
        assert_eq!(moved(5, false, 0, 3), 5);
        assert_eq!(moved(5, true, 0, 3), 8);
        assert_eq!(moved(2, false, 0, 3), 8);
        assert_eq!(moved(2, false, 2, 0), 3);
        assert_eq!(moved(3, false, 4, 1), 4);
    }
}
