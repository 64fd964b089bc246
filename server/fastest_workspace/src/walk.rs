//! Listing the files that pytest would visit, without opening them.
//!
//! One `readdir` for each directory, in parallel; entry types come with the listing, and only
//! files that matter are asked for size and time. `.gitignore` plays no part: pytest knows none.
//!
//! What is *not* known here: `collect_ignore` and `collect_ignore_glob` of conftests (they are
//! values of Python modules, the index applies them), and what plugins' hooks would add.

pub mod glob;
mod list;
mod rules;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use compact_str::CompactString;
use fastest_model::problem::Problem;

pub use crate::trail::Trail;
use crate::walk::list::Walker;

/// What decides which files are visited: ini values and options, by pytest's names.
#[derive(Clone, Debug)]
pub struct WalkOptions {
    /// ini `norecursedirs`.
    pub norecursedirs: Vec<String>,
    /// `--ignore`, absolute and without `..`.
    pub ignore: Vec<PathBuf>,
    /// `--ignore-glob`, absolute and without `..`.
    pub ignore_glob: Vec<String>,
    /// ini `python_files`.
    pub python_files: Vec<String>,
    /// `--doctest-glob`. Text files that match are collected in any case, by pytest's doctest
    /// plugin.
    pub doctest_glob: Vec<String>,
    /// `--doctest-modules`: list every `.py` file.
    pub doctest_modules: bool,
    /// `--collect-in-virtualenv`.
    pub collect_in_virtualenv: bool,
    /// The paths given on the command line, absolute: neither they nor the directories above
    /// them are ignored, and a `.py` file among them is a test module whatever its name.
    pub initial_paths: Vec<PathBuf>,
    /// The version of pytest, as (major, minor): before 8, files came before directories.
    pub pytest: (u16, u16),
    /// Files that an editor has open and has not written yet: they are listed where they will be.
    pub unsaved: Vec<PathBuf>,
    /// Where is noted what was listed.
    pub trail: Arc<Trail>,
}

/// pytest's default of ini `norecursedirs`.
pub(crate) const NORECURSEDIRS: &[&str] =
    &["*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}"];

impl Default for WalkOptions {
    /// pytest's defaults.
    fn default() -> Self {
        let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Self {
            norecursedirs: texts(NORECURSEDIRS),
            ignore: Vec::new(),
            ignore_glob: Vec::new(),
            python_files: texts(&["test_*.py", "*_test.py"]),
            doctest_glob: texts(&["test*.txt"]),
            doctest_modules: false,
            collect_in_virtualenv: false,
            initial_paths: Vec::new(),
            pytest: (9, 2),
            unsaved: Vec::new(),
            trail: Arc::default(),
        }
    }
}

/// A directory with what pytest would visit in it.
///
/// Directories in which there is nothing at all to visit are left out of their parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Where it is, as it was reached: symbolic links are not resolved.
    pub path: Arc<Path>,
    /// Its last component.
    pub name: CompactString,
    /// Whether it has an `__init__.py`, listed or not.
    pub package: bool,
    /// Its `conftest.py`, which pytest loads whether or not it is ignored.
    pub conftest: Option<FileEntry>,
    /// What is in it, in the order in which pytest visits it.
    pub entries: Vec<Entry>,
    /// Why it could not be listed.
    pub problem: Option<Problem>,
}

/// What a directory holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file to collect.
    File(FileEntry),
    /// A directory to go into.
    Directory(Directory),
}

/// A file, as far as a listing tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Where it is, as it was reached: symbolic links are not resolved.
    pub path: Arc<Path>,
    /// Its last component.
    pub name: CompactString,
    /// What pytest makes of it.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last modified, in nanoseconds since 1970; 0 where that is unknown.
    pub mtime_ns: u64,
}

/// What pytest makes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A test module: it matches `python_files`, or was named on the command line.
    Module,
    /// Another Python file: collected for its doctests only (`--doctest-modules`), or a conftest.
    PlainModule,
    /// A text file with doctests.
    Text,
}

/// Lists a directory and all below it, as pytest visits it when it is given as an argument.
///
/// A directory that cannot be listed has a [`Directory::problem`]; one that does not exist is
/// empty.
#[must_use]
pub fn walk(directory: &Path, options: &WalkOptions) -> Directory {
    Walker::new(options).root(directory)
}

/// The entry of a file named on the command line; `None` if there is no such file.
///
/// pytest collects nothing from a [`FileKind::PlainModule`] unless doctests are asked for.
#[must_use]
pub fn file_entry(path: &Path) -> Option<FileEntry> {
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let name = CompactString::from(path.file_name()?.to_string_lossy());
    let kind = if is_python(&name) { FileKind::Module } else { FileKind::Text };
    Some(FileEntry::new(path.into(), name, kind, &metadata))
}

/// The `conftest.py` files of a directory and those above it, outermost first, as far up as
/// `confcutdir` allows (pytest's `_loadconftestmodules`).
#[must_use]
pub fn conftests_above(directory: &Path, confcutdir: Option<&Path>) -> Vec<FileEntry> {
    // Literally pytest's rule: only directories *above* the limit are out of bounds.
    let allowed = |path: &Path| confcutdir.is_none_or(|cut| path == cut || !cut.starts_with(path));
    let mut found: Vec<FileEntry> = directory
        .ancestors()
        .filter(|path| allowed(path))
        .filter_map(|path| file_entry(&path.join("conftest.py")))
        .map(|entry| FileEntry { kind: FileKind::PlainModule, ..entry })
        .collect();
    found.reverse();
    found
}

impl FileEntry {
    pub(crate) fn new(
        path: Arc<Path>,
        name: CompactString,
        kind: FileKind,
        metadata: &std::fs::Metadata,
    ) -> Self {
        Self { path, name, kind, size: metadata.len(), mtime_ns: mtime_ns(metadata) }
    }
}

impl Directory {
    /// All Python files of the tree in the order of visits, each directory's conftest before its
    /// entries. A conftest that is a test module as well comes once.
    #[must_use]
    pub fn python_files(&self) -> Vec<&FileEntry> {
        let mut files = Vec::new();
        self.add_python_files(&mut files);
        files
    }

    fn add_python_files<'a>(&'a self, files: &mut Vec<&'a FileEntry>) {
        files.extend(&self.conftest);
        for entry in &self.entries {
            match entry {
                Entry::File(file) if file.kind == FileKind::Text => {}
                Entry::File(file) if self.conftest.is_some() && file.name == "conftest.py" => {}
                Entry::File(file) => files.push(file),
                Entry::Directory(directory) => directory.add_python_files(files),
            }
        }
    }

    /// Everything that could not be listed, in the order of visits.
    #[must_use]
    pub fn problems(&self) -> Vec<&Problem> {
        let below = self.entries.iter().flat_map(|entry| match entry {
            Entry::Directory(directory) => directory.problems(),
            Entry::File(_) => Vec::new(),
        });
        self.problem.iter().chain(below).collect()
    }
}

/// Whether Python's `PurePath.suffix` is `.py`: a file named `.py` has none.
pub(crate) fn is_python(name: &str) -> bool {
    name.len() > 3 && name.ends_with(".py")
}

pub(crate) fn mtime_ns(metadata: &std::fs::Metadata) -> u64 {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|age| u64::try_from(age.as_nanos()).ok()).unwrap_or(0)
}
