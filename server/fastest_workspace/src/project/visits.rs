//! The files that a command line's arguments lead to, in pytest's order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastest_index::select::NodeSelector;
use fastest_model::Problem;
use rustc_hash::FxHashSet;

use crate::config::Config;
use crate::config::arguments::CollectionArgument;
use crate::modules::names::ModuleNames;
use crate::rootdir::paths::absolute;
use crate::walk::{
    Directory, Entry, FileEntry, FileKind, Trail, WalkOptions, conftests_above, file_entry, walk,
};

/// What each argument leads to, and the conftests above.
#[derive(Debug, Default)]
pub(super) struct Visits {
    roots: Vec<Root>,
    conftests: Vec<FileEntry>,
    /// Whether conftests are loaded at all.
    noconftest: bool,
    doctest_modules: bool,
}

#[derive(Debug)]
struct Root {
    argument: CollectionArgument,
    found: Found,
}

#[derive(Debug)]
enum Found {
    Directory(Directory),
    File(FileEntry),
    Nothing,
}

/// A file to collect, and the argument that led there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit<'v> {
    /// The file.
    pub entry: &'v FileEntry,
    /// The argument's path: neither it nor what is above it is ever ignored.
    pub root: &'v Path,
    argument: &'v CollectionArgument,
}

impl Visit<'_> {
    /// The node id that was asked for; `None` for the whole file.
    pub fn asked(&self) -> Option<NodeSelector> {
        (!self.argument.names.is_empty()).then(|| NodeSelector {
            path: self.argument.path.clone(),
            names: self.argument.names.clone(),
            case: self.argument.params.clone(),
        })
    }
}

impl Visits {
    /// Walks every argument.
    pub fn new(
        config: &Config,
        arguments: Vec<CollectionArgument>,
        unsaved: &[PathBuf],
        trail: &Arc<Trail>,
    ) -> Self {
        let unsaved = unsaved.to_vec();
        let options = WalkOptions { unsaved, ..walk_options(config, &arguments, trail) };
        let noconftest = config.options.collecting.noconftest;
        let mut conftests = Vec::new();
        let mut seen = FxHashSet::default();
        let roots = arguments
            .into_iter()
            .map(|argument| {
                let found = find(&argument, &options);
                let folder = match found {
                    Found::Directory(_) => Some(argument.path.as_path()),
                    _ => argument.path.parent(),
                };
                for above in folder.filter(|_| !noconftest).into_iter().flat_map(Path::ancestors) {
                    trail.look(&above.join("conftest.py"));
                }
                let above = folder.filter(|_| !noconftest).into_iter();
                for conftest in above.flat_map(|f| conftests_above(f, Some(&config.confcutdir))) {
                    if seen.insert(conftest.path.clone()) {
                        conftests.push(conftest);
                    }
                }
                Root { argument, found }
            })
            .collect();
        let doctest_modules = config.options.collecting.doctest_modules;
        Self { roots, conftests, noconftest, doctest_modules }
    }

    /// What could not be listed.
    pub fn problems(&self) -> Vec<Problem> {
        let directories = self.roots.iter().filter_map(|root| match &root.found {
            Found::Directory(directory) => Some(directory),
            _ => None,
        });
        directories.flat_map(|directory| directory.problems().into_iter().cloned()).collect()
    }

    /// Tells which folders are packages.
    pub fn teach(&self, names: &ModuleNames) {
        for root in &self.roots {
            if let Found::Directory(directory) = &root.found {
                names.learn(directory);
            }
        }
    }

    /// Every Python file to read, each once: conftests and test files.
    pub fn python_files(&self) -> Vec<&FileEntry> {
        let mut seen = FxHashSet::default();
        let mut files: Vec<&FileEntry> = Vec::new();
        let mut add = |entry| {
            let entry: &FileEntry = entry;
            if seen.insert(entry.path.as_os_str()) {
                files.push(entry);
            }
        };
        for root in &self.roots {
            match &root.found {
                Found::Directory(directory) => {
                    tests_of(directory).into_iter().for_each(&mut add);
                    if !self.noconftest {
                        conftests_of(directory).into_iter().for_each(&mut add);
                    }
                }
                Found::File(entry) if entry.kind == FileKind::Module => add(entry),
                Found::File(_) | Found::Nothing => {}
            }
        }
        self.conftests.iter().for_each(&mut add);
        files
    }

    /// Every file that was listed, whatever it is.
    pub fn files(&self) -> Vec<&FileEntry> {
        let mut files: Vec<&FileEntry> = self.conftests.iter().collect();
        for root in &self.roots {
            match &root.found {
                Found::Directory(directory) => {
                    files.extend(files_of(directory));
                    files.extend(conftests_of(directory));
                }
                Found::File(entry) => files.push(entry),
                Found::Nothing => {}
            }
        }
        files
    }

    /// The test files in pytest's order.
    pub fn tests(&self) -> impl Iterator<Item = Visit<'_>> {
        self.roots.iter().flat_map(|root| {
            let entries = match &root.found {
                Found::Directory(directory) => tests_of(directory),
                Found::File(entry) if entry.kind == FileKind::Module => vec![entry],
                Found::File(_) | Found::Nothing => Vec::new(),
            };
            let visit =
                |entry| Visit { entry, root: &root.argument.path, argument: &root.argument };
            entries.into_iter().map(visit).collect::<Vec<_>>()
        })
    }

    /// Files whose doctests are items: text files, and every module under `--doctest-modules`.
    pub fn doctests(&self) -> impl Iterator<Item = Visit<'_>> {
        let is_doctest =
            |visit: &Visit<'_>| visit.entry.kind == FileKind::Text || self.doctest_modules;
        let all = self.roots.iter().flat_map(|root| {
            let entries = match &root.found {
                Found::Directory(directory) => files_of(directory),
                Found::File(entry) => vec![entry],
                Found::Nothing => Vec::new(),
            };
            let visit =
                |entry| Visit { entry, root: &root.argument.path, argument: &root.argument };
            entries.into_iter().map(visit).collect::<Vec<_>>()
        });
        all.filter(is_doctest)
    }

    /// Every conftest that pytest meets, those of the arguments' folders and above first.
    pub fn conftests(&self) -> impl Iterator<Item = &Path> {
        let below = self.roots.iter().flat_map(|root| match &root.found {
            Found::Directory(directory) if !self.noconftest => conftests_of(directory),
            _ => Vec::new(),
        });
        let all = self.conftests.iter().chain(below);
        let mut seen = FxHashSet::default();
        all.map(|entry| &*entry.path).filter(move |path| seen.insert(path.as_os_str()))
    }

    /// The paths that the arguments name.
    pub fn given(&self) -> Vec<PathBuf> {
        self.roots.iter().map(|root| root.argument.path.clone()).collect()
    }
}

fn find(argument: &CollectionArgument, options: &WalkOptions) -> Found {
    if argument.path.is_dir() {
        return Found::Directory(walk(&argument.path, options));
    }
    file_entry(&argument.path).map_or(Found::Nothing, Found::File)
}

fn walk_options(
    config: &Config,
    arguments: &[CollectionArgument],
    trail: &Arc<Trail>,
) -> WalkOptions {
    let collecting = &config.options.collecting;
    let here = |path: &String| absolute(&config.invocation_dir, path);
    WalkOptions {
        norecursedirs: config.values.norecursedirs.clone(),
        ignore: collecting.ignore.iter().map(here).collect(),
        ignore_glob: collecting
            .ignore_glob
            .iter()
            .map(|glob| here(glob).to_string_lossy().into_owned())
            .collect(),
        python_files: config.values.python_files.clone(),
        doctest_glob: config.values.doctest_globs.clone(),
        doctest_modules: collecting.doctest_modules,
        collect_in_virtualenv: collecting.in_virtualenv,
        initial_paths: arguments.iter().map(|argument| argument.path.clone()).collect(),
        pytest: config.version,
        unsaved: Vec::new(),
        trail: Arc::clone(trail),
    }
}

/// All files below a folder, in the order of visits.
fn files_of(directory: &Directory) -> Vec<&FileEntry> {
    let mut files = Vec::new();
    add_files(directory, &mut files);
    files
}

fn add_files<'d>(directory: &'d Directory, files: &mut Vec<&'d FileEntry>) {
    for entry in &directory.entries {
        match entry {
            Entry::File(file) => files.push(file),
            Entry::Directory(directory) => add_files(directory, files),
        }
    }
}

fn tests_of(directory: &Directory) -> Vec<&FileEntry> {
    let mut files = files_of(directory);
    files.retain(|file| file.kind == FileKind::Module);
    files
}

fn conftests_of(directory: &Directory) -> Vec<&FileEntry> {
    let mut found: Vec<&FileEntry> = directory.conftest.iter().collect();
    for entry in &directory.entries {
        if let Entry::Directory(below) = entry {
            found.extend(conftests_of(below));
        }
    }
    found
}
