//! Runs that go on: what an edit or a save affects.

use std::path::Path;

use super::State;
use crate::protocol::items::TestItem;

impl State {
    /// A document was edited.
    pub(super) fn edited(&mut self, _path: &Path) {}

    /// A document was saved.
    pub(super) fn saved_file(&mut self, _path: &Path) {}

    /// The settings for continuous runs may be others.
    pub(super) fn continuous_changed(&mut self) {}

    /// The test files that a file can affect.
    pub(super) fn affected_files(&mut self, _path: &Path) -> Vec<TestItem> {
        Vec::new()
    }

    /// Shows a text in the editor.
    pub(super) fn show_text(&self, _text: &str) {}
}
