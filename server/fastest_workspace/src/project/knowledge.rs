//! What an editor wants to know besides tests: sources of plugins, texts of installed modules,
//! marks that are registered.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use compact_str::CompactString;

use super::Project;
use crate::modules::Found;

impl Project {
    /// Finds and reads modules that somebody asks about, and what they import in turn.
    /// Returns whether anything is known now that was not.
    pub fn learn(&mut self, wanted: &BTreeSet<CompactString>) -> bool {
        if wanted.is_empty() {
            return false;
        }
        let finder = self.finder(vec![self.config.rootdir.clone()]);
        let changes = self.answers(wanted, &finder);
        let delta = self.index.apply(changes);
        self.import(delta, &finder);
        true
    }

    /// The source of a module by its dotted name, whether or not anybody imports it.
    #[must_use]
    pub fn source_of(&self, dotted: &str) -> Option<(PathBuf, Arc<str>)> {
        let finder = self.finder(vec![self.config.rootdir.clone()]);
        let Found::Source { path, .. } = finder.find(dotted) else { return None };
        let text = String::from_utf8(std::fs::read(&path).ok()?).ok()?;
        Some((path.to_path_buf(), text.into()))
    }

    /// Names of the marks that may be used; `None` unless others are an error, or where a plugin
    /// or conftest registers some that its text does not show.
    #[must_use]
    pub fn registered_marks(&self) -> Option<Vec<String>> {
        self.registered().map(|registered| registered.names().to_vec())
    }

    /// The lines of ini `markers` (`slow: takes long`), and the names that plugins and conftests
    /// register.
    #[must_use]
    pub fn marker_lines(&self) -> Vec<String> {
        let mut lines = self.config.values.markers.clone();
        lines.extend(self.declarations().marks().unwrap_or_default());
        lines
    }
}
