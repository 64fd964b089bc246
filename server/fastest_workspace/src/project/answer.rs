//! The whole answer of the run before.

use std::fmt::Write;

use xxhash_rust::xxh3::xxh3_64;

use super::Project;
pub use crate::cache::answer::Answer;
use crate::walk::mtime_ns;

impl Project {
    /// What the same command line was answered before, if nothing has changed since: every file
    /// and folder that the answer rests on is looked at, and none is read.
    #[must_use]
    pub fn recall(&self) -> Option<Answer> {
        self.cache.recall(self.question()?)
    }

    /// Keeps the answer for the next run.
    pub fn keep_answer(&self, answer: &Answer) {
        // What could not be read may be once its permissions are others, which no time tells.
        let is_complete = self.problems == self.config.problems;
        if let Some(question) = self.question().filter(|_| is_complete) {
            self.cache.keep(question, answer, &self.trail);
        }
    }

    /// All that decides what is looked at and how: this very program, the command line, the
    /// configuration, the interpreter and what is installed for it.
    fn question(&self) -> Option<u64> {
        *self.question.get_or_init(|| self.ask())
    }

    fn ask(&self) -> Option<u64> {
        let program = std::env::current_exe().ok()?;
        let metadata = std::fs::metadata(&program).ok()?;
        let mut text = format!("{program:?} {} {}", metadata.len(), mtime_ns(&metadata));
        let settings = &self.index.world().settings;
        write!(text, "{:?}{:?}{settings:?}", self.config, self.environment).ok()?;
        write!(text, "{:?}{:?}", self.environment_path, self.problems).ok()?;
        Some(xxh3_64(text.as_bytes()))
    }
}
