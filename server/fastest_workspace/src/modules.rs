//! Dotted names to files, as Python's import system would find them while pytest runs.
//!
//! Directories are listed once and remembered. Nothing is imported: a package that changes its
//! own `__path__` is read as if it did not, and archives on `sys.path` are not looked into.
//!
//! Reading order: [`ModuleFinder`] (dotted name to file), [`names`] (test file to dotted name and
//! basedir).

mod listing;
pub mod names;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use compact_str::CompactString;
use fastest_index::names::stdlib;
use rustc_hash::FxHashMap;

use crate::environment::Editable;
use crate::modules::listing::{Listings, Probe};
pub use crate::options::ImportMode;
use crate::walk::Trail;

/// Where modules are searched.
#[derive(Clone, Debug, Default)]
pub struct SearchRoots {
    /// What pytest does with `basedirs`.
    pub import_mode: ImportMode,
    /// pytest's rootdir: in the import mode `importlib`, modules are named from there.
    pub rootdir: PathBuf,
    /// The basedirs of all collected test files and conftests (see [`names`]).
    pub basedirs: Vec<PathBuf>,
    /// ini `pythonpath`, absolute.
    pub pythonpath: Vec<PathBuf>,
    /// The working directory for `python -m pytest`, then `$PYTHONPATH`, absolute.
    pub environment_path: Vec<PathBuf>,
    /// `sys.path` of the interpreter ([`crate::environment::Environment::search_path`]).
    pub interpreter: Vec<PathBuf>,
    /// Those of them that hold the standard library.
    pub stdlib: Vec<PathBuf>,
    /// What import hooks map ([`crate::environment::Environment::editables`]).
    pub editables: Vec<Editable>,
    /// The version of Python, as (major, minor): compiled modules of others do not count.
    pub python: (u16, u16),
    /// Where is noted what was looked at.
    pub trail: Arc<Trail>,
}

/// What importing a dotted name gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A source file.
    Source {
        /// Where it is, absolute.
        path: Arc<Path>,
        /// Whether it is an `__init__.py`.
        is_package: bool,
    },
    /// Directories without `__init__.py`.
    Namespace,
    /// A module without source.
    Binary,
    /// Nothing.
    Absent,
    /// More than one file could be meant: which one depends on the order of imports.
    Ambiguous,
}

/// A module and where its submodules are.
#[derive(Clone, Debug)]
struct Located {
    found: Found,
    /// Its `__path__`.
    locations: Vec<PathBuf>,
}

/// Finds modules by dotted name.
#[derive(Debug)]
pub struct ModuleFinder {
    /// Roots whose order depends on the order of imports.
    project: Vec<PathBuf>,
    import_mode: ImportMode,
    interpreter: Vec<PathBuf>,
    stdlib: Vec<PathBuf>,
    /// Whether Python is newer than what is known of it.
    is_newer: bool,
    editables: Vec<Editable>,
    listings: Listings,
    known: Mutex<FxHashMap<CompactString, Arc<Located>>>,
}

impl ModuleFinder {
    /// A finder for these roots; reads nothing yet.
    #[must_use]
    pub fn new(roots: SearchRoots) -> Self {
        let SearchRoots { import_mode, basedirs, pythonpath, environment_path, .. } = roots;
        let (mut project, mut interpreter) = (Vec::new(), Vec::new());
        match import_mode {
            ImportMode::Prepend => {
                project.extend(basedirs);
                project.extend(pythonpath);
                interpreter.extend(environment_path);
                interpreter.extend(roots.interpreter);
            }
            ImportMode::Append => {
                interpreter.extend(pythonpath);
                interpreter.extend(environment_path);
                interpreter.extend(roots.interpreter);
                project.extend(basedirs);
            }
            // Not on `sys.path`, but pytest imports the packages around a test file itself, by
            // their paths, and their submodules are found through them.
            ImportMode::Importlib => {
                interpreter.extend(pythonpath);
                interpreter.extend(environment_path);
                interpreter.extend(roots.interpreter);
                project.extend(basedirs);
                project.push(roots.rootdir);
            }
        }
        keep_first(&mut project);
        keep_first(&mut interpreter);
        Self {
            project,
            import_mode,
            interpreter,
            stdlib: roots.stdlib,
            is_newer: roots.python > (3, stdlib::NEWEST_MINOR),
            editables: roots.editables,
            listings: Listings::new(roots.python, roots.trail),
            known: Mutex::default(),
        }
    }

    /// What importing an absolute dotted name gives.
    #[must_use]
    pub fn find(&self, dotted: &str) -> Found {
        self.locate(dotted).found.clone()
    }

    /// Forgets what was read of the disk, after files were made or removed.
    pub fn forget(&self) {
        self.listings.forget();
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn locate(&self, dotted: &str) -> Arc<Located> {
        let known =
            |key: &str| self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if let Some(located) = known(dotted) {
            return located;
        }
        let located = Arc::new(match dotted.rsplit_once('.') {
            Some((parent, name)) => self.submodule(&self.locate(parent), dotted, name),
            None => self.top_level(dotted),
        });
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(CompactString::from(dotted), Arc::clone(&located));
        located
    }

    fn submodule(&self, parent: &Located, dotted: &str, name: &str) -> Located {
        match parent.found {
            Found::Ambiguous => return Located::plain(Found::Ambiguous),
            // What a compiled package holds beside itself is found; what it makes up is not.
            Found::Binary if parent.locations.is_empty() => return Located::plain(Found::Binary),
            _ => {}
        }
        let located = self.on_path(&parent.locations, name);
        if located.found == Found::Absent { self.editable(dotted) } else { located }
    }

    fn top_level(&self, name: &str) -> Located {
        if listing::is_builtin(name) {
            return Located::plain(Found::Binary);
        }
        let located = if self.import_mode == ImportMode::Prepend {
            self.in_project(name)
        } else {
            let located = self.on_path(&self.interpreter, name);
            let nothing = matches!(located.found, Found::Absent | Found::Namespace);
            if nothing { merged(located, self.in_project(name)) } else { located }
        };
        if located.found == Found::Absent { self.editable(name) } else { located }
    }

    /// Looks at the roots whose order is open: what only one of them has is certain.
    fn in_project(&self, name: &str) -> Located {
        let mut regular: Option<Located> = None;
        for located in self.project_hits(name) {
            if regular.as_ref().is_some_and(|first| first.found != located.found) {
                return Located::plain(Found::Ambiguous);
            }
            regular = Some(located);
        }
        let first = self.import_mode == ImportMode::Prepend;
        match regular {
            // pytest itself has imported much of the standard library by the time test files are
            // imported, and what is imported already is not searched again.
            Some(_) if first && self.is_stdlib(name) => Located::plain(Found::Ambiguous),
            Some(located) => located,
            None if first => self.on_path(self.project.iter().chain(&self.interpreter), name),
            None => self.portions_only(&self.project, name),
        }
    }

    /// The regular modules of a name in the roots whose order is open.
    fn project_hits<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Located> + 'a {
        let packages_only = self.import_mode == ImportMode::Importlib;
        self.project
            .iter()
            .map(move |root| self.on_path([root], name))
            .filter(|located| !matches!(located.found, Found::Absent | Found::Namespace))
            .filter(move |located| !packages_only || !located.locations.is_empty())
    }

    /// The namespace package of a name in roots that have no regular module of that name, or none
    /// that counts.
    fn portions_only(&self, roots: &[PathBuf], name: &str) -> Located {
        let portions = roots.iter().map(|root| self.on_path([root], name));
        portions
            .filter(|located| located.found == Found::Namespace)
            .fold(Located::plain(Found::Absent), merged)
    }

    fn is_stdlib(&self, name: &str) -> bool {
        // What no version has, pytest has not imported: most names need no look at the disk. Nor
        // has it the tests of the standard library; projects' `test` packages are common.
        (stdlib::is_stdlib(name) || (self.is_newer && name != "test"))
            && !matches!(self.on_path(&self.stdlib, name).found, Found::Absent | Found::Namespace)
    }

    /// Python's `PathFinder`: the first directory with a regular module wins, otherwise all
    /// directories of the name make a namespace package.
    fn on_path<'p>(
        &self,
        directories: impl IntoIterator<Item = &'p PathBuf>,
        name: &str,
    ) -> Located {
        let mut portions = Vec::new();
        for directory in directories {
            match self.listings.probe(directory, name) {
                Probe::Module(found) => return Located::plain(found),
                Probe::Package(found, location) => {
                    return Located { found, locations: vec![location] };
                }
                Probe::Portion(location) => portions.push(location),
                Probe::Nothing => {}
            }
        }
        let found = if portions.is_empty() { Found::Absent } else { Found::Namespace };
        Located { found, locations: portions }
    }

    fn editable(&self, dotted: &str) -> Located {
        // As in setuptools' finder, later entries win.
        let mut matching = self.editables.iter().rev().filter_map(|editable| {
            let rest = dotted.strip_prefix(editable.module.as_str())?;
            let below = rest.strip_prefix('.').or_else(|| rest.is_empty().then_some(""))?;
            let path = below.split('.').filter(|part| !part.is_empty());
            Some(path.fold(editable.path.clone(), |path, part| path.join(part)))
        });
        matching
            .find_map(|path| {
                // Which of several places has it is not noted.
                self.listings.doubt();
                Located::at(&path)
            })
            .unwrap_or_else(|| Located::plain(Found::Absent))
    }
}

/// Namespace packages have portions on all of `sys.path`; a regular one anywhere wins.
fn merged(first: Located, second: Located) -> Located {
    match (&first.found, &second.found) {
        (_, Found::Absent) => first,
        (Found::Namespace, Found::Namespace) => {
            let locations = [first.locations, second.locations].concat();
            Located { found: Found::Namespace, locations }
        }
        _ => second,
    }
}

impl Located {
    fn plain(found: Found) -> Self {
        Self { found, locations: Vec::new() }
    }

    /// The module at a path with or without `.py`, or of a directory.
    fn at(path: &Path) -> Option<Self> {
        let init = path.join("__init__.py");
        if init.is_file() {
            let found = Found::Source { path: Arc::from(init), is_package: true };
            return Some(Self { found, locations: vec![path.to_owned()] });
        }
        let is_package = path.ends_with("__init__.py");
        let file =
            [path.to_owned(), path.with_extension("py")].into_iter().find(|p| p.is_file())?;
        let locations = file.parent().filter(|_| is_package).map(Path::to_owned);
        let found = Found::Source { path: Arc::from(file), is_package };
        Some(Self { found, locations: locations.into_iter().collect() })
    }
}

fn keep_first(paths: &mut Vec<PathBuf>) {
    let mut seen = rustc_hash::FxHashSet::default();
    paths.retain(|path| seen.insert(path.clone()));
}
