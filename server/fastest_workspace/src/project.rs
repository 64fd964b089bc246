//! A project on disk, known statically: configuration, environment, files and their items.
//!
//! This is where the rooms below are put together for everybody above: the command line asks for
//! a [`Session`] once, the language server keeps the [`Index`] and feeds it edits.

mod affected;
mod answer;
mod broken;
mod declared;
mod ignored;
mod imports;
mod knowledge;
mod mismatch;
mod narrow;
mod nodes;
mod preload;
mod session;
mod strict;
mod update;
mod visits;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use compact_str::CompactString;
use fastest_index::collect::ignore::IgnoreLists;
use fastest_index::world::{File, Module};
use fastest_index::{Change, Delta, Index};
use fastest_model::Problem;
use fastest_syntax::outline::Outline;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::cache::Cache;
use crate::cache::load::{load_files, load_files_as};
use crate::config::{Config, Env, load};
use crate::environment::{Environment, Request, Variables};
use crate::modules::names::{ModuleName, ModuleNames};
use crate::modules::{Found, ModuleFinder, SearchRoots};
use crate::options::UsageError;
use crate::rootdir::paths::absolute;
use crate::walk::{FileEntry, FileKind, Trail, file_entry};
use declared::Declarations;
use visits::Visits;

pub use affected::ImportGraph;
pub use answer::Answer;
pub use preload::Preloadable;
pub use session::{Discovery, OpenPlace, has_errors, problems_of};

/// The version of pytest whose rules apply where none is installed: the newest that we know.
pub const NEWEST_PYTEST: (u16, u16) = (9, 2);

/// The version of Python that is assumed where no interpreter is found.
const DEFAULT_PYTHON: (u16, u16) = (3, 11);

/// How often modules that files want are looked for: each round is one more import in a chain.
const IMPORT_ROUNDS: usize = 64;

/// A project, its configuration read.
#[derive(Debug)]
pub struct Project {
    /// The merged configuration.
    pub config: Config,
    /// The interpreter and what it can import, or why there is none.
    pub environment: Result<Environment, Problem>,
    /// What is known of its files.
    pub index: Index,
    /// What could not be read or listed.
    pub problems: Vec<Problem>,
    /// Files that discovery is to take for there although they were never written: what they hold
    /// is put in afterwards ([`Project::put`]).
    pub unsaved: Vec<PathBuf>,
    /// Told how many bytes the test files have, before they are read.
    pub before_reading: Option<fn(u64)>,
    visits: Visits,
    ignores: IgnoreLists,
    cache: Cache,
    /// `$PYTHONPATH`, absolute.
    environment_path: Vec<PathBuf>,
    /// Folders that pytest puts on `sys.path` for the files of the last discovery.
    basedirs: Vec<PathBuf>,
    /// What discovery looked at.
    trail: Arc<Trail>,
    /// The hash of what the command line asks, once that is needed.
    question: OnceLock<Option<u64>>,
}

impl Project {
    /// Reads the configuration for a command line given in a folder. Reads no source.
    ///
    /// # Errors
    ///
    /// What makes pytest exit with code 4 before it collects.
    pub fn open(
        invocation_dir: &Path,
        argv: &[String],
        variables: &Variables,
        env: &Env,
    ) -> Result<Self, UsageError> {
        let mut config = load(invocation_dir, argv, env, NEWEST_PYTEST)?;
        let environment = Environment::find(Request {
            python: config.options.own.python.as_deref().map(Path::new),
            rootdir: &config.rootdir,
            cwd: invocation_dir,
            variables,
        });
        let pytest = pytest_version(&environment);
        if pytest != NEWEST_PYTEST {
            config = load(invocation_dir, argv, env, pytest)?;
        }
        let mut settings = config.settings(pytest, python_version(&environment), platform());
        if let Ok(environment) = &environment {
            settings.plugins.extend(installed_plugins(&config, environment));
        }
        let cache = if config.options.own.no_cache {
            Cache::none()
        } else {
            Cache::open(&config.cache_dir(), &config.rootdir)
        };
        let index = Index::new(settings);
        let problems = config.problems.clone();
        Ok(Self {
            config,
            environment,
            index,
            problems,
            unsaved: Vec::new(),
            before_reading: None,
            visits: Visits::default(),
            ignores: IgnoreLists::default(),
            cache,
            environment_path: python_path(invocation_dir, variables),
            basedirs: Vec::new(),
            trail: Arc::default(),
            question: OnceLock::new(),
        })
    }

    /// Lists and reads the files that the arguments name, and what these import as far as it
    /// matters; fills the index.
    ///
    /// # Errors
    ///
    /// An argument that names nothing.
    pub fn discover(&mut self) -> Result<(), UsageError> {
        self.trail = Arc::default();
        let by_name = |dotted: &str| self.find_argument(dotted);
        let arguments = self.config.collection_arguments(&by_name)?;
        self.visits = Visits::new(&self.config, arguments, &self.unsaved, &self.trail);
        self.problems.extend(self.visits.problems());
        let names = ModuleNames::new(
            self.config.options.collecting.import_mode,
            &self.config.rootdir,
            self.config.version,
        );
        self.visits.teach(&names);
        let entries = self.visits.python_files();
        self.trail.files(&self.visits.files());
        if let Some(tell) = self.before_reading {
            tell(entries.iter().map(|entry| entry.size).sum());
        }
        let loaded = load_files_as(&entries, &self.cache, |entry, outline| {
            let imports = imports::places(&outline);
            let ModuleName { name, basedir } = names.of(&entry.path);
            Loaded { file: source(Arc::clone(&entry.path), name, outline), basedir, imports }
        });
        let basedirs = basedirs_of(&loaded);
        self.basedirs.clone_from(&basedirs);
        for folder in names.asked() {
            self.trail.look(&folder.join("__init__.py"));
        }
        let finder = self.finder(basedirs);
        let imported = self.imports_of(&loaded, &finder);
        let mut changes = Vec::with_capacity(loaded.len() * 2 + imported.len());
        for (entry, Loaded { file, .. }) in entries.iter().zip(loaded) {
            let is_test = entry.kind == FileKind::Module;
            let test = is_test.then(|| Change::Test(entry.path.to_path_buf(), true));
            changes.push(Change::File(file));
            changes.extend(test);
        }
        changes.extend(imported);
        let delta = self.index.apply(changes);
        self.import(delta, &finder);
        self.read_ignores(&finder);
        Ok(())
    }

    /// What the files that were listed import.
    fn imports_of(&self, loaded: &[Loaded], finder: &ModuleFinder) -> Vec<Change> {
        let mut names = BTreeSet::new();
        for Loaded { file, imports, .. } in loaded {
            imports::add(file, imports, &mut names);
        }
        if names.is_empty() {
            return Vec::new();
        }
        let read: FxHashMap<&OsStr, &File> =
            loaded.iter().map(|loaded| (loaded.file.path.as_os_str(), &loaded.file)).collect();
        let (mut known, mut unread) = (Vec::new(), BTreeSet::new());
        for dotted in names {
            match finder.find(&dotted) {
                Found::Source { path, .. } if read.contains_key(path.as_os_str()) => {
                    known.push(Change::Import(dotted, read[path.as_os_str()].clone()));
                }
                _ => {
                    unread.insert(dotted);
                }
            }
        }
        known.extend(self.answers(&unread, finder));
        known
    }

    /// Finds the modules that files want until none is wanted any more.
    fn import(&mut self, mut delta: Delta, finder: &ModuleFinder) {
        for _ in 0..IMPORT_ROUNDS {
            if delta.wanted.is_empty() {
                return;
            }
            let changes = self.answers(&delta.wanted, finder);
            delta = self.index.apply(changes);
        }
    }

    /// Reads what conftests ignore, and the modules on which that depends.
    fn read_ignores(&mut self, finder: &ModuleFinder) {
        for _ in 0..IMPORT_ROUNDS {
            let (ignores, record) = self.index.ignore_lists();
            self.ignores = ignores;
            if record.wanted.is_empty() {
                return;
            }
            let changes = self.answers(&record.wanted, finder);
            let delta = self.index.apply(changes);
            self.import(delta, finder);
        }
    }

    fn answers(&self, wanted: &BTreeSet<CompactString>, finder: &ModuleFinder) -> Vec<Change> {
        let mut changes = Vec::with_capacity(wanted.len());
        let mut pending: Vec<(&CompactString, FileEntry)> = Vec::new();
        for dotted in wanted {
            match self.known(finder.find(dotted)) {
                Ok(module) => changes.push(Change::Module(dotted.clone(), module)),
                Err(entry) => pending.push((dotted, entry)),
            }
        }
        let entries: Vec<&FileEntry> = pending.iter().map(|(_, entry)| entry).collect();
        self.trail.files(&entries);
        for ((dotted, _), (path, outline)) in pending.iter().zip(load_files(&entries, &self.cache))
        {
            let is_package = path.ends_with("__init__.py");
            let file = File { path, module: (*dotted).clone(), is_package, outline };
            changes.push(Change::Import((*dotted).clone(), file));
        }
        changes
    }

    /// What a module is, or the file to read for it.
    fn known(&self, found: Found) -> Result<Module, FileEntry> {
        let path = match found {
            Found::Source { path, .. } => path,
            Found::Namespace => return Ok(Module::Namespace),
            Found::Binary => return Ok(Module::Binary),
            Found::Absent => return Ok(Module::Absent),
            Found::Ambiguous => return Ok(Module::Ambiguous),
        };
        match (self.index.world().file_at(&path), file_entry(&path)) {
            (Some(id), _) => Ok(Module::Source(id)),
            (None, Some(entry)) => Err(entry),
            // It has gone since its folder was listed.
            (None, None) => Ok(Module::Absent),
        }
    }

    fn finder(&self, basedirs: Vec<PathBuf>) -> ModuleFinder {
        let environment = self.environment.as_ref().ok();
        ModuleFinder::new(SearchRoots {
            import_mode: self.config.options.collecting.import_mode,
            rootdir: self.config.rootdir.clone(),
            basedirs,
            pythonpath: self.config.values.pythonpath.clone(),
            environment_path: self.environment_path.clone(),
            interpreter: environment.map(|e| e.search_path.clone()).unwrap_or_default(),
            stdlib: environment.map(|e| e.stdlib.clone()).unwrap_or_default(),
            editables: environment.map(|e| e.editables.clone()).unwrap_or_default(),
            python: python_version(&self.environment),
            trail: Arc::clone(&self.trail),
        })
    }

    /// Where the source of a dotted name lies, for `--pyargs`.
    fn find_argument(&self, dotted: &str) -> Option<PathBuf> {
        let finder = self.finder(vec![self.config.invocation_dir.clone()]);
        match finder.find(dotted) {
            Found::Source { path, is_package: true } => path.parent().map(Path::to_owned),
            Found::Source { path, is_package: false } => Some(path.to_path_buf()),
            _ => None,
        }
    }

    /// Writes the cache, if anything changed: call it once everything is discovered.
    pub fn save_cache(&self) {
        self.cache.save();
    }

    /// An option that neither we nor a plugin or conftest knows, as pytest's error.
    ///
    /// # Errors
    ///
    /// There is one.
    pub fn check_options(&self) -> Result<(), UsageError> {
        let options = &self.config.options;
        // Nothing is read where every option is known.
        let declared = OnceCell::new();
        options.unrecognized(self.config.version, |name| {
            declared.get_or_init(|| self.declarations()).option(name)
        })
    }

    /// What plugins and conftests declare.
    fn declarations(&self) -> Declarations {
        let folders = vec![self.config.rootdir.clone(), self.config.invocation_dir.clone()];
        Declarations::read(&self.index, &self.finder(folders), &self.trail)
    }
}

/// A file that was listed and read.
struct Loaded {
    file: File,
    basedir: Arc<Path>,
    /// Which of its statements are imports.
    imports: Vec<u32>,
}

/// The folders that files put on `sys.path`, in their order.
fn basedirs_of(loaded: &[Loaded]) -> Vec<PathBuf> {
    let mut seen: FxHashSet<&Path> = FxHashSet::default();
    let mut basedirs = Vec::new();
    let mut last: Option<&Arc<Path>> = None;
    for Loaded { basedir, .. } in loaded {
        // Files of one folder share the very path.
        let is_same = last.is_some_and(|last| Arc::ptr_eq(last, basedir));
        if !is_same && seen.insert(basedir) {
            basedirs.push(basedir.to_path_buf());
        }
        last = Some(basedir);
    }
    basedirs
}

fn source(path: Arc<Path>, module: CompactString, outline: Arc<Outline>) -> File {
    let is_package = path.ends_with("__init__.py");
    File { path, module, is_package, outline }
}

/// `$PYTHONPATH`; an empty entry is the working directory.
fn python_path(cwd: &Path, variables: &Variables) -> Vec<PathBuf> {
    let Some(text) = variables.get("PYTHONPATH") else { return Vec::new() };
    std::env::split_paths(text).map(|entry| absolute(cwd, entry)).collect()
}

fn pytest_version(environment: &Result<Environment, Problem>) -> (u16, u16) {
    let installed = environment.as_ref().ok().and_then(|e| e.pytest.as_ref());
    installed.map_or(NEWEST_PYTEST, |version| (version.major, version.minor))
}

fn python_version(environment: &Result<Environment, Problem>) -> (u16, u16) {
    environment.as_ref().map_or(DEFAULT_PYTHON, |environment| environment.version)
}

/// Modules of plugins that pytest loads by their entry points, and those that `-p` names by them.
fn installed_plugins(config: &Config, environment: &Environment) -> Vec<CompactString> {
    let plugins = environment.all_plugins().into_iter().filter(|plugin| {
        let named = config.plugins.contains(&plugin.name);
        let blocked = config.blocked_plugins.contains(&plugin.name);
        named || (config.autoload_plugins && !blocked)
    });
    plugins.map(|plugin| plugin.module.as_str().into()).collect()
}

/// `sys.platform` of the machine that we run on.
fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}
