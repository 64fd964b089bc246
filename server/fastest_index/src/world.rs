//! Everything that collecting may look at: settings and the outlines of files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use compact_str::CompactString;
use fastest_syntax::outline::Outline;
use rustc_hash::FxHashMap;

/// A file of a [`World`]. Valid for that world only, and for as long as the world lives: the id
/// of a removed file is not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// What collection depends on besides the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// pytest's rootdir, absolute: what node ids count from.
    pub rootdir: PathBuf,
    /// The version of pytest in the project's environment, as (major, minor).
    pub pytest: (u16, u16),
    /// The version of Python in the project's environment, as (major, minor).
    pub python: (u16, u16),
    /// `sys.platform` there (`linux`, `darwin`, `win32`).
    pub platform: String,
    /// ini `python_files`.
    pub python_files: Vec<String>,
    /// ini `python_classes`.
    pub python_classes: Vec<String>,
    /// ini `python_functions`.
    pub python_functions: Vec<String>,
    /// ini `usefixtures`.
    pub usefixtures: Vec<String>,
    /// ini `collect_imported_tests`.
    pub collect_imported_tests: bool,
    /// ini `empty_parameter_set_mark`.
    pub empty_parameter_set_mark: EmptyParameterSet,
    /// ini `disable_test_id_escaping_and_forfeit_all_rights_to_community_support`.
    pub disable_id_escaping: bool,
    /// ini `strict_parametrization_ids`, or `strict` where that is not set.
    pub strict_parametrization_ids: bool,
    /// ini `parametrize_long_str_id_strategy` (pytest 9.2).
    pub long_str_ids: LongStrIds,
    /// ini `markers`, names only, with those that plugins register; `None` unless unknown marks
    /// are an error (`--strict-markers`).
    pub strict_markers: Option<Vec<String>>,
    /// Modules that are plugins for the whole run, in the order in which pytest registers them:
    /// `-p`, entry points, `PYTEST_PLUGINS`. pytest's own are not listed.
    pub plugins: Vec<CompactString>,
}

impl Settings {
    /// pytest's defaults for a rootdir.
    #[must_use]
    pub fn new(rootdir: impl Into<PathBuf>) -> Self {
        let text = |value: &str| vec![value.to_owned()];
        Self {
            rootdir: rootdir.into(),
            pytest: (9, 2),
            python: (3, 11),
            platform: "linux".to_owned(),
            python_files: vec!["test_*.py".to_owned(), "*_test.py".to_owned()],
            python_classes: text("Test"),
            python_functions: text("test"),
            usefixtures: Vec::new(),
            collect_imported_tests: true,
            empty_parameter_set_mark: EmptyParameterSet::Skip,
            disable_id_escaping: false,
            strict_parametrization_ids: false,
            long_str_ids: LongStrIds::Short,
            strict_markers: None,
            plugins: Vec::new(),
        }
    }
}

/// ini `empty_parameter_set_mark`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyParameterSet {
    /// The one case is skipped.
    Skip,
    /// The one case is xfailed without running.
    XFail,
    /// Collection fails.
    FailAtCollect,
}

/// ini `parametrize_long_str_id_strategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongStrIds {
    /// Values over 100 characters get `argname + index` (pytest 9.2's default).
    Short,
    /// They get their SHA-256.
    Sha256,
    /// They are kept whole (what pytest did before 9.2).
    Legacy,
    /// They are an error.
    Disallow,
}

/// A Python source file.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it is, absolute.
    pub path: Arc<Path>,
    /// The dotted name under which it is imported (`tests.unit.test_a`).
    pub module: CompactString,
    /// Whether it is an `__init__.py`.
    pub is_package: bool,
    /// What it defines.
    pub outline: Arc<Outline>,
}

/// What importing a dotted name would give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// A source file of this world.
    Source(FileId),
    /// A directory without `__init__.py`: a namespace package.
    Namespace,
    /// Something that has no source: built in, or a compiled extension.
    Binary,
    /// Nothing: importing it raises `ModuleNotFoundError`.
    Absent,
    /// More than one file could be meant; which one depends on the order of imports.
    Ambiguous,
}

/// Settings and files.
#[derive(Clone, Debug)]
pub struct World {
    /// What collection depends on besides the sources.
    pub settings: Arc<Settings>,
    files: Vec<Option<File>>,
    by_path: FxHashMap<Arc<Path>, FileId>,
    modules: FxHashMap<CompactString, Module>,
}

impl World {
    /// A world without files.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
            files: Vec::new(),
            by_path: FxHashMap::default(),
            modules: FxHashMap::default(),
        }
    }

    /// Puts a file in, in place of what was at its path, and says which file it is.
    ///
    /// Does not say what its dotted name denotes: see [`World::set_module`].
    pub fn set_file(&mut self, file: File) -> FileId {
        if let Some(&id) = self.by_path.get(&file.path) {
            self.files[id.0 as usize] = Some(file);
            return id;
        }
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.by_path.insert(Arc::clone(&file.path), id);
        self.files.push(Some(file));
        id
    }

    /// Takes a file out.
    pub fn remove_file(&mut self, path: &Path) -> Option<FileId> {
        let id = self.by_path.remove(path)?;
        self.files[id.0 as usize] = None;
        self.modules.retain(|_, module| *module != Module::Source(id));
        Some(id)
    }

    /// Says what importing a dotted name gives.
    pub fn set_module(&mut self, dotted: &str, module: Module) {
        self.modules.insert(CompactString::from(dotted), module);
    }

    /// What importing a dotted name gives; `None` when nobody has said yet.
    #[must_use]
    pub fn module(&self, dotted: &str) -> Option<Module> {
        self.modules.get(dotted).copied()
    }

    /// The file at an absolute path.
    #[must_use]
    pub fn file_at(&self, path: &Path) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// A file; `None` after it was removed.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)?.as_ref()
    }

    /// All files, in the order in which they were first put in.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0u32..).zip(&self.files).filter_map(|(id, file)| Some((FileId(id), file.as_ref()?)))
    }
}
