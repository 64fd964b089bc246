//! What an editor wants to know besides tests: sources of plugins, places of installed modules,
//! marks that are registered.

use std::collections::BTreeSet;
use std::path::PathBuf;

use compact_str::CompactString;

use super::Project;
use super::strict::Registered;
use crate::modules::Found;

impl Project {
    /// Finds and reads modules that somebody asks about, and what they import in turn.
    /// Returns whether anything is known now that was not.
    pub fn learn(&mut self, wanted: &BTreeSet<CompactString>) -> bool {
        if wanted.is_empty() {
            return false;
        }
        let finder = self.finder(self.basedirs.clone());
        let changes = self.answers(wanted, &finder);
        let delta = self.index.apply(changes);
        self.import(delta, &finder);
        true
    }

    /// Where the source of a module lies, by its dotted name, whether or not anybody imports it.
    #[must_use]
    pub fn path_of(&self, dotted: &str) -> Option<PathBuf> {
        let finder = self.finder(self.basedirs.clone());
        match finder.find(dotted) {
            Found::Source { path, .. } => Some(path.to_path_buf()),
            _ => None,
        }
    }

    /// Names of the marks that may be used; `None` unless others are an error, or where a plugin
    /// or conftest registers some that its text does not show.
    #[must_use]
    pub fn registered_marks(&self) -> Option<Vec<String>> {
        Registered::of(self)?.names()
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
