//! Whether importing a file stops at something that it imports.

use compact_str::format_compact;
use rustc_hash::FxHashSet;

use super::imports::Failure;
use super::{Halt, HaltKind, Query};
use crate::world::{FileId, Module};

/// How far imports are followed: a test's helper, and what that helper imports. Each level more
/// would read a good part of the project for every file that is collected.
const DEPTH: usize = 2;

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
        // A package that holds the tests beside the code runs the whole library when it is run.
        let of_tests = name.match_indices('.').map(|(dot, _)| &name[..dot]);
        let packages = of_tests.filter(|package| package.contains("test")).filter_map(|package| {
            match self.module(package) {
                Some(Module::Source(package)) if package != file => Some(package),
                _ => None,
            }
        });
        let stops = packages.filter_map(|package| self.module_frame(package).halts.clone());
        let stops: Vec<Halt> = stops.collect();
        let mut seen = FxHashSet::default();
        likeliest(stops.into_iter().chain(self.failing_import(file, &mut seen, DEPTH)))
    }

    /// Why one of the imports at the top level of a file fails.
    fn failing_import(
        &self,
        file: FileId,
        seen: &mut FxHashSet<FileId>,
        depth: usize,
    ) -> Option<Halt> {
        if depth == 0 || !seen.insert(file) {
            return None;
        }
        let namespace = self.module_frame(file);
        let stops = namespace.imports.iter().filter_map(|module| {
            if self.import_failure_of_module(module, false) == Failure::NoModule {
                let reason = format_compact!("there is no module `{module}`");
                return Some(Halt { certain: true, kind: HaltKind::Error, reason });
            }
            let Some(Module::Source(other)) = self.world.module(module) else { return None };
            let is_beside = self.directories_apart(file, other)? == 0;
            let below = if is_beside { self.failing_import(other, seen, depth - 1) } else { None };
            // That the library itself may refuse to be imported is no reason for doubt: its tests
            // are run where it can be.
            let counts = |halt: &Halt| halt.certain || is_beside || module.contains("test");
            let own = self.module_frame(other).halts.clone().filter(counts);
            likeliest(below.into_iter().chain(own))
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
