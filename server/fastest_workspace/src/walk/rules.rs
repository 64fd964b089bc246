//! Which entries of a directory pytest collects: `pytest_ignore_collect` of `_pytest/main.py`,
//! `pytest_collect_file` of `_pytest/python.py` and `_pytest/doctest.py`, with all patterns
//! compiled once.

use std::ffi::OsStr;
use std::path::Path;

use rustc_hash::FxHashSet;

use crate::walk::glob::{Glob, PathPattern};
use crate::walk::{FileKind, WalkOptions, is_python};

/// The compiled form of [`WalkOptions`].
pub(super) struct Rules<'o> {
    norecursedirs: Vec<PathPattern>,
    python_files: Vec<PathPattern>,
    doctest_glob: Vec<PathPattern>,
    ignore: FxHashSet<&'o Path>,
    ignore_glob: Vec<Glob>,
    doctest_modules: bool,
    initial: FxHashSet<&'o Path>,
    initial_with_parents: FxHashSet<&'o Path>,
}

impl<'o> Rules<'o> {
    pub(super) fn new(options: &'o WalkOptions) -> Self {
        let patterns = |texts: &[String]| texts.iter().map(|text| PathPattern::new(text)).collect();
        Self {
            norecursedirs: patterns(&options.norecursedirs),
            python_files: patterns(&options.python_files),
            doctest_glob: patterns(&options.doctest_glob),
            ignore: options.ignore.iter().map(AsRef::as_ref).collect(),
            ignore_glob: options.ignore_glob.iter().map(|text| Glob::new(text)).collect(),
            doctest_modules: options.doctest_modules,
            initial: options.initial_paths.iter().map(AsRef::as_ref).collect(),
            initial_with_parents: options
                .initial_paths
                .iter()
                .flat_map(|p| p.ancestors())
                .collect(),
        }
    }

    /// What pytest makes of a file, by name alone; `None` if it does not collect it.
    pub(super) fn file(&self, directory: &Path, name: &str) -> Option<FileKind> {
        let kind = self.kind(directory, name)?;
        if self.is_ignored(directory, name) && !self.is_initial(directory, name) {
            return None;
        }
        Some(kind)
    }

    fn kind(&self, directory: &Path, name: &str) -> Option<FileKind> {
        let any = |patterns: &[PathPattern]| matches_any(patterns, directory, name);
        if !is_python(name) {
            return any(&self.doctest_glob).then_some(FileKind::Text);
        }
        if any(&self.python_files) || self.is_initial(directory, name) {
            return Some(FileKind::Module);
        }
        self.doctest_modules.then_some(FileKind::PlainModule)
    }

    /// Whether pytest goes into a directory, as far as its path tells.
    pub(super) fn enters(&self, directory: &Path, name: &str) -> bool {
        let ignored =
            self.is_ignored(directory, name) || matches_any(&self.norecursedirs, directory, name);
        !ignored || self.leads_to_initial(&directory.join(name))
    }

    /// Whether a directory is, or is above, a path of the command line.
    pub(super) fn leads_to_initial(&self, path: &Path) -> bool {
        self.initial_with_parents.contains(path)
    }

    fn is_initial(&self, directory: &Path, name: &str) -> bool {
        // The set is small and mostly holds directories: compare names before joining paths.
        self.initial.iter().any(|path| {
            path.file_name() == Some(OsStr::new(name)) && path.parent() == Some(directory)
        })
    }

    fn is_ignored(&self, directory: &Path, name: &str) -> bool {
        if name == "__pycache__" {
            return true;
        }
        if self.ignore.is_empty() && self.ignore_glob.is_empty() {
            return false;
        }
        let path = directory.join(name);
        self.ignore.contains(path.as_path())
            || self.ignore_glob.iter().any(|glob| glob.matches(&path.to_string_lossy()))
    }
}

fn matches_any(patterns: &[PathPattern], directory: &Path, name: &str) -> bool {
    let path = || directory.join(name).to_string_lossy().into_owned();
    patterns.iter().any(|pattern| pattern.matches(name, path))
}
