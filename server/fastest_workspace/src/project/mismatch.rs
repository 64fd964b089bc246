//! Two test files under one module name: the second cannot be imported.

use std::path::Path;

use compact_str::CompactString;
use fastest_index::collect::Collected;
use fastest_model::{Problem, Severity};
use rustc_hash::{FxBuildHasher, FxHashMap};

/// Which file each module name was imported from so far, in the order of the session.
#[derive(Debug)]
pub(super) struct Imported<'p> {
    files: FxHashMap<&'p CompactString, &'p Path>,
}

impl<'p> Imported<'p> {
    /// None so far, with room for so many.
    pub fn with_capacity(files: usize) -> Self {
        Self { files: FxHashMap::with_capacity_and_hasher(files, FxBuildHasher) }
    }

    /// Imports a test file; pytest's `ImportPathMismatchError` where its name is taken.
    pub fn import(
        &mut self,
        module: &'p CompactString,
        path: &'p Path,
        collected: &Collected,
    ) -> Option<Problem> {
        match self.files.get(module) {
            Some(first) if is_same(first, path) => None,
            Some(first) => Some(mismatch(module, first, path)),
            None => {
                // What raises while it is imported does not stay in `sys.modules`.
                if !collected.fails() && collected.skipped.is_none() {
                    self.files.insert(module, path);
                }
                None
            }
        }
    }
}

/// `os.path.samefile`; the disk is asked only where the texts differ.
fn is_same(first: &Path, second: &Path) -> bool {
    first == second
        || std::fs::canonicalize(first)
            .is_ok_and(|first| std::fs::canonicalize(second).is_ok_and(|second| first == second))
}

fn mismatch(module: &str, first: &Path, second: &Path) -> Problem {
    let message = format!(
        "import file mismatch:\n\
         imported module '{module}' has this __file__ attribute:\n  {}\n\
         which is not the same as the test file we want to collect:\n  {}",
        first.display(),
        second.display()
    );
    Problem::new(Severity::CollectError, message)
        .in_file(second)
        .hint("use a unique basename for your test file modules, or `--import-mode=importlib`")
}
