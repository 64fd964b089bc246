//! Whether importing a file stops at something that it imports.

use compact_str::format_compact;
use rustc_hash::FxHashSet;

use super::imports::Failure;
use super::{Halt, HaltKind, Query};
use crate::world::{FileId, Module};

impl Query<'_> {
    /// Why importing a file stops before it has run, other than by its own statements: a package
    /// that it lies in stops, or an import at its top level fails.
    ///
    /// Only modules in the file's own directory are asked whether their imports fail in turn, and
    /// those in directories above whether they stop by themselves: helpers of tests skip whole
    /// modules, what is tested rarely does.
    #[must_use]
    pub fn missing_import(&self, file: FileId) -> Option<Halt> {
        let name = self.world.file(file)?.module.as_str();
        let packages =
            name.match_indices('.').filter_map(|(dot, _)| match self.module(&name[..dot]) {
                Some(Module::Source(package)) if package != file => Some(package),
                _ => None,
            });
        let mut seen = FxHashSet::default();
        let stops: Vec<Halt> = packages.filter_map(|it| self.stop_of(it, &mut seen)).collect();
        likeliest(stops.into_iter().chain(self.failing_import(file, &mut seen)))
    }

    /// Why importing a file stops.
    fn stop_of(&self, file: FileId, seen: &mut FxHashSet<FileId>) -> Option<Halt> {
        let _level = self.enter()?;
        if !seen.insert(file) {
            return None;
        }
        let own = self.module_namespace(file).halts.clone();
        likeliest(self.failing_import(file, seen).into_iter().chain(own))
    }

    /// Why one of the imports at the top level of a file fails.
    fn failing_import(&self, file: FileId, seen: &mut FxHashSet<FileId>) -> Option<Halt> {
        let namespace = self.module_namespace(file);
        let stops = namespace.imports.iter().filter_map(|module| {
            if self.import_failure_of_module(module, false) == Failure::NoModule {
                let reason = format_compact!("there is no module `{module}`");
                return Some(Halt { certain: true, kind: HaltKind::Error, reason });
            }
            match self.world.module(module) {
                Some(Module::Source(other)) => match self.directories_apart(file, other)? {
                    0 => self.stop_of(other, seen),
                    _ => self.module_namespace(other).halts.clone(),
                },
                _ => None,
            }
        });
        likeliest(stops)
    }

    /// How many directories above a file another one lies; `None` when it lies elsewhere.
    fn directories_apart(&self, file: FileId, other: FileId) -> Option<usize> {
        let directory = |file: FileId| self.world.file(file).and_then(|file| file.path.parent());
        let below = directory(file)?.strip_prefix(directory(other)?).ok()?;
        Some(below.components().count())
    }
}

/// The first certain stop, or else the first that may be.
fn likeliest(stops: impl Iterator<Item = Halt>) -> Option<Halt> {
    let mut doubtful = None;
    for stop in stops {
        if stop.certain {
            return Some(stop);
        }
        doubtful.get_or_insert(stop);
    }
    doubtful
}
