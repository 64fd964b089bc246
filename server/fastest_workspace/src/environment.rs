//! Finding the project's Python and what is installed for it, without running anything.
//!
//! Everything is read from names and small text files: `pyvenv.cfg`, `lib/pythonX.Y`, `.pth`
//! files, `*.dist-info`. What only Python could tell (hooks of unknown kinds in `.pth` files) is
//! named in [`Environment::unknown_hooks`].
//!
//! The interpreter is looked for in this order, and the first one that exists is taken:
//! 1. `--python`;
//! 2. `$VIRTUAL_ENV`;
//! 3. `$UV_PROJECT_ENVIRONMENT`, `.venv` or `venv` (a directory, or a file that names one) beside
//!    the rootdir, then in each directory above it up to the root of the repository (where `.git`
//!    or `.hg` is). Without a repository nothing above the rootdir counts: a stray `~/.venv` is
//!    not the project's;
//! 4. `$CONDA_PREFIX`;
//! 5. other tools' places in the project, on the same levels: `.pdm-python`,
//!    `.pixi/envs/default`, `.hatch/*`;
//! 6. `python3`, then `python` on `$PATH`, pyenv's shims resolved as pyenv does.

mod distributions;
mod editable;
mod locate;
mod prefix;
mod pth;
mod pyenv;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use fastest_model::problem::Problem;
use rustc_hash::FxHashMap;

use crate::environment::distributions::Site;
pub use crate::environment::distributions::{Plugin, PytestVersion};
pub use crate::environment::editable::Editable;

/// Environment variables, so that tests need not change the process's own.
#[derive(Clone, Debug, Default)]
pub struct Variables(FxHashMap<OsString, OsString>);

impl Variables {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os().collect()
    }

    /// A variable's value; `None` if it is unset or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// A variable that holds a path.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.get(name).map(Path::new)
    }
}

impl FromIterator<(OsString, OsString)> for Variables {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// What decides which interpreter is the project's.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `--python`: an interpreter, the directory of an environment, or a command on `$PATH`.
    pub python: Option<&'a Path>,
    /// pytest's rootdir, absolute.
    pub rootdir: &'a Path,
    /// The working directory, absolute.
    pub cwd: &'a Path,
    /// Environment variables.
    pub variables: &'a Variables,
}

/// How an interpreter was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `--python`
    Option,
    /// This environment variable.
    Variable(&'static str),
    /// This place in the project.
    Project(PathBuf),
    /// `$PATH`
    Path,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => out.write_str("--python"),
            Self::Variable(name) => write!(out, "${name}"),
            Self::Project(place) => out.write_str(&place.to_string_lossy()),
            Self::Path => out.write_str("$PATH"),
        }
    }
}

/// An interpreter and what it can import.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The interpreter, absolute; not resolved, for a virtual environment's is mostly a link.
    pub python: PathBuf,
    /// How it was found.
    pub origin: Origin,
    /// Its version as (major, minor).
    pub version: (u16, u16),
    /// Its `sys.prefix`.
    pub prefix: PathBuf,
    /// Its `sys.base_prefix`.
    pub base_prefix: PathBuf,
    /// The standard library: its directory and that of its compiled modules.
    pub stdlib: Vec<PathBuf>,
    /// Directories of installed packages, in the order of `sys.path`.
    pub site_packages: Vec<PathBuf>,
    /// Directories that `.pth` files add to `sys.path`.
    pub path_entries: Vec<PathBuf>,
    /// `sys.path` as it is when pytest starts: standard library, site-packages, each followed by
    /// what its `.pth` files add. `$PYTHONPATH` is not in it.
    pub search_path: Vec<PathBuf>,
    /// Modules that import hooks of editable installs map to files.
    pub editables: Vec<Editable>,
    /// Files of import hooks in `.pth` files that we cannot read statically.
    pub unknown_hooks: Vec<PathBuf>,
    /// pytest's version, by the name of its `dist-info` directory; `None` if it is not installed.
    pub pytest: Option<PytestVersion>,
    sites: Vec<Site>,
}

impl Environment {
    /// Finds the project's interpreter (see the module's documentation for the order).
    ///
    /// # Errors
    /// A usage problem, worded for people, when there is no interpreter.
    pub fn find(request: Request<'_>) -> Result<Self, Problem> {
        let (python, origin) = locate::locate(&request)?;
        Ok(Self::of(&python, origin, request.variables))
    }

    /// Whether a package can be imported: it is installed, or there is a hook of unknown kind that
    /// may know it.
    #[must_use]
    pub fn may_have(&self, package: &str) -> bool {
        let is_there = |dir: &PathBuf| dir.join(package).join("__init__.py").is_file();
        self.search_path.iter().any(is_there)
            || self.editables.iter().any(|editable| editable.module == package)
            || !self.unknown_hooks.is_empty()
    }

    /// Describes the environment of a given interpreter.
    #[must_use]
    pub fn of(python: &Path, origin: Origin, variables: &Variables) -> Self {
        let python = pth::normalize(python);
        let layout = prefix::Layout::of(&python, variables);
        let mut environment = Self {
            python,
            origin,
            version: layout.version,
            prefix: layout.prefix,
            base_prefix: layout.base_prefix,
            search_path: layout.stdlib.clone(),
            stdlib: layout.stdlib,
            site_packages: Vec::new(),
            path_entries: Vec::new(),
            editables: Vec::new(),
            unknown_hooks: Vec::new(),
            pytest: None,
            sites: Vec::new(),
        };
        for directory in layout.site_packages {
            environment.add_site(directory);
        }
        environment.pytest = environment.sites.iter().find_map(Site::pytest);
        environment
    }

    /// What `site.addsitedir` does.
    fn add_site(&mut self, directory: PathBuf) {
        if self.search_path.contains(&directory) {
            return;
        }
        let site = Site::list(&directory);
        self.search_path.push(directory.clone());
        self.site_packages.push(directory);
        let added = pth::read(&site);
        for path in added.paths {
            if !self.search_path.contains(&path) {
                self.search_path.push(path.clone());
                self.path_entries.push(path);
            }
        }
        self.editables.extend(added.editables);
        self.unknown_hooks.extend(added.unknown_hooks);
        self.sites.push(site);
    }

    /// The installed pytest plugins (entry points of the group `pytest11`), in the order in which
    /// pytest finds them. Reads one small file for each installed distribution.
    ///
    /// An empty list where `$PYTEST_DISABLE_PLUGIN_AUTOLOAD` is set.
    #[must_use]
    pub fn plugins(&self, variables: &Variables) -> Vec<Plugin> {
        if variables.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD").is_some() {
            return Vec::new();
        }
        self.all_plugins()
    }

    /// The installed pytest plugins, loaded or not: `-p NAME` finds a plugin here, too.
    #[must_use]
    pub fn all_plugins(&self) -> Vec<Plugin> {
        let entries = self.path_entries.iter().map(|path| Site::list(path));
        let mut plugins: Vec<Plugin> =
            self.sites.iter().cloned().chain(entries).flat_map(|site| site.plugins()).collect();
        // The first of a name wins; pytest registers no second one.
        let mut seen = rustc_hash::FxHashSet::default();
        plugins.retain(|plugin| seen.insert(plugin.name.clone()));
        plugins
    }
}
