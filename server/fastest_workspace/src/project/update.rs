//! What changes after discovery: open documents that are edited, files that are written.

use std::path::Path;
use std::sync::Arc;

use fastest_index::world::File;
use fastest_index::{Change, Delta};
use fastest_syntax::outline::Outline;

use super::Project;
use crate::cache::load::load_files;
use crate::walk::file_entry;

impl Project {
    /// Takes in what some files now define, as an editor has them. Modules that they newly import
    /// are found and read. Files that discovery did not meet are left out.
    pub fn put<'o>(
        &mut self,
        outlines: impl IntoIterator<Item = (&'o Path, &'o Arc<Outline>)>,
    ) -> Delta {
        let changes: Vec<Change> = outlines
            .into_iter()
            .filter_map(|(path, outline)| self.known_file(path, Arc::clone(outline)))
            .map(Change::File)
            .collect();
        self.take(changes)
    }

    /// Reads files again that discovery met; those that are gone or new are left out: only
    /// discovering again tells what becomes of them.
    pub fn reread<'p>(&mut self, paths: impl IntoIterator<Item = &'p Path>) -> Delta {
        let entries: Vec<_> = paths.into_iter().filter_map(file_entry).collect();
        let entries: Vec<_> = entries.iter().collect();
        let changes: Vec<Change> = load_files(&entries, &self.cache)
            .into_iter()
            .filter_map(|(path, outline)| self.known_file(&path, outline))
            .map(Change::File)
            .collect();
        self.take(changes)
    }

    /// The whole effect of a batch of changes: what importing newly wanted modules changes counts.
    fn take(&mut self, changes: Vec<Change>) -> Delta {
        let mut delta = self.index.apply(changes);
        if delta.wanted.is_empty() {
            return delta;
        }
        let finder = self.finder(self.basedirs.clone());
        for _ in 0..super::IMPORT_ROUNDS {
            if delta.wanted.is_empty() {
                break;
            }
            let changes = self.answers(&delta.wanted, &finder);
            let next = self.index.apply(changes);
            delta.generation = next.generation;
            delta.changed.extend(next.changed);
            delta.removed.extend(next.removed);
            delta.wanted = next.wanted;
            delta.recomputed += next.recomputed;
        }
        delta
    }

    fn known_file(&self, path: &Path, outline: Arc<Outline>) -> Option<File> {
        let world = self.index.world();
        let before = world.file(world.file_at(path)?)?;
        Some(File { outline, ..before.clone() })
    }
}
