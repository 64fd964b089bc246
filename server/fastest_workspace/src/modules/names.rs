//! The dotted name under which pytest imports a test file, and the basedir it puts on
//! `sys.path` for it (`import_path` of `_pytest/pathlib.py`).

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use crate::modules::{Found, ImportMode, ModuleFinder};
use crate::walk::{Directory, Entry};

/// What pytest makes of a file's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleName {
    /// The dotted name under which it is imported.
    pub name: CompactString,
    /// The directory that its top-level package is in: what goes on `sys.path` in the import
    /// modes `prepend` and `append`.
    pub basedir: Arc<Path>,
}

/// Names test files. Remembers which directories are packages.
#[derive(Debug)]
pub struct ModuleNames {
    import_mode: ImportMode,
    rootdir: PathBuf,
    pytest: (u16, u16),
    packages: Mutex<FxHashMap<PathBuf, Package>>,
}

/// A directory, by its place in a package.
#[derive(Clone, Debug)]
struct Package {
    /// The dotted name of the package; empty for a directory that is none.
    name: CompactString,
    /// What holds the topmost package; the directory itself if it is none.
    basedir: Arc<Path>,
}

impl ModuleNames {
    /// For one run: the import mode, pytest's rootdir and version.
    #[must_use]
    pub fn new(import_mode: ImportMode, rootdir: &Path, pytest: (u16, u16)) -> Self {
        Self { import_mode, rootdir: rootdir.to_owned(), pytest, packages: Mutex::default() }
    }

    /// Takes over from a walk which directories are packages, which saves asking the disk.
    pub fn learn(&self, directory: &Directory) {
        let above = directory.path.parent().filter(|_| directory.package);
        let above = above.map(|parent| self.package(parent));
        let mut packages = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        learn(directory, above.as_ref(), &mut packages);
    }

    /// The dotted name and basedir of a Python file, by its absolute path.
    ///
    /// ini `consider_namespace_packages` is not applied: see [`ModuleNames::in_namespace`].
    #[must_use]
    pub fn of(&self, path: &Path) -> ModuleName {
        let package = self.package(path.parent().unwrap_or(path));
        let basedir = Arc::clone(&package.basedir);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if self.import_mode == ImportMode::Importlib
            && (package.name.is_empty() || self.pytest < (8, 1))
        {
            return ModuleName { name: self.name_from_path(path), basedir };
        }
        let name = match (package.name.as_str(), &*stem) {
            ("", stem) => CompactString::from(stem),
            (package, "__init__") => CompactString::from(package),
            (package, stem) => compact_str::format_compact!("{package}.{stem}"),
        };
        ModuleName { name, basedir }
    }

    /// As [`ModuleNames::of`], with ini `consider_namespace_packages = true`: the nearest
    /// directory upward from which the file can be imported already is its basedir.
    #[must_use]
    pub fn in_namespace(&self, path: &Path, finder: &ModuleFinder) -> ModuleName {
        let plain = self.of(path);
        plain
            .basedir
            .ancestors()
            .find_map(|basedir| {
                let name = relative_name(basedir, path)?;
                let is_it = matches!(finder.find(&name), Found::Source { path: found, .. } if *found == *path);
                is_it.then(|| ModuleName { name, basedir: Arc::from(basedir) })
            })
            .unwrap_or(plain)
    }

    /// The folders of which it was asked whether they are packages.
    pub(crate) fn asked(&self) -> Vec<PathBuf> {
        let packages = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        packages.keys().cloned().collect()
    }

    /// pytest's `resolve_package_path` for a directory.
    fn package(&self, directory: &Path) -> Package {
        let mut packages = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        package_of(directory, &mut packages)
    }

    /// pytest's `module_name_from_path`: relative to the rootdir, dots replaced.
    fn name_from_path(&self, path: &Path) -> CompactString {
        let path = path.with_extension("");
        let relative = path.strip_prefix(&self.rootdir).unwrap_or(&path);
        let mut parts: Vec<String> = relative
            .components()
            .filter_map(|component| match component {
                Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        let since_init = self.pytest >= (7, 4) && parts.len() >= 2;
        if since_init && parts.last().is_some_and(|part| part == "__init__") {
            parts.pop();
        }
        if self.pytest >= (8, 1) {
            parts.iter_mut().for_each(|part| *part = part.replace('.', "_"));
        }
        CompactString::from(parts.join("."))
    }
}

impl Package {
    fn none(directory: &Path) -> Self {
        Self { name: CompactString::default(), basedir: Arc::from(directory) }
    }

    /// A subdirectory with `__init__.py`. Above a name that is no identifier there is no package.
    fn below(above: &Self, directory: &Path) -> Self {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        if !is_identifier(&name) {
            return Self::none(directory);
        }
        if above.name.is_empty() {
            let basedir = Arc::from(directory.parent().unwrap_or(directory));
            return Self { name: CompactString::from(name), basedir };
        }
        let name = compact_str::format_compact!("{}.{name}", above.name);
        Self { name, basedir: Arc::clone(&above.basedir) }
    }
}

fn package_of(directory: &Path, packages: &mut FxHashMap<PathBuf, Package>) -> Package {
    if let Some(package) = packages.get(directory) {
        return package.clone();
    }
    let package = match directory.parent() {
        Some(parent) if directory.join("__init__.py").is_file() => {
            Package::below(&package_of(parent, packages), directory)
        }
        _ => Package::none(directory),
    };
    packages.insert(directory.to_owned(), package.clone());
    package
}

fn learn(
    directory: &Directory,
    above: Option<&Package>,
    packages: &mut FxHashMap<PathBuf, Package>,
) {
    let package = match above {
        Some(above) if directory.package => Package::below(above, &directory.path),
        _ => Package::none(&directory.path),
    };
    for entry in &directory.entries {
        if let Entry::Directory(below) = entry {
            learn(below, Some(&package), packages);
        }
    }
    packages.insert(directory.path.to_path_buf(), package);
}

/// pytest's `compute_module_name`.
fn relative_name(basedir: &Path, path: &Path) -> Option<CompactString> {
    let path = path.with_extension("");
    let relative = path.strip_prefix(basedir).ok()?;
    let mut names: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    if names.last().is_some_and(|name| name == "__init__") {
        names.pop();
    }
    (!names.is_empty()).then(|| CompactString::from(names.join(".")))
}

/// Python's `str.isidentifier`; close enough where letters are not ASCII.
fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
    starts && chars.all(|c| c == '_' || c.is_alphanumeric())
}
