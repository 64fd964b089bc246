//! Everything that collecting may look at: settings and the outlines of files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use compact_str::CompactString;
use fastest_syntax::outline::{Outline, Placed};
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
    /// ini `anyio_mode = auto` of the anyio plugin: it takes every coroutine function.
    pub anyio_auto: bool,
    /// Modules that are plugins for the whole run, in the order in which pytest registers them:
    /// `-p`, entry points, `PYTEST_PLUGINS`. pytest's own are not listed.
    pub plugins: Vec<CompactString>,
    /// Options (`--name`) and configuration settings that are given; of those that pytest itself
    /// knows, some.
    pub foreign: Vec<CompactString>,
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
            anyio_auto: false,
            plugins: Vec::new(),
            foreign: Vec::new(),
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

/// A dotted name of a [`World`] of which something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub u32);

/// Settings and files. Cheap to clone: what is not changed is shared with the clone.
#[derive(Clone, Debug)]
pub struct World {
    /// What collection depends on besides the sources.
    pub settings: Arc<Settings>,
    files: Vec<Option<Arc<File>>>,
    by_path: Arc<FxHashMap<Arc<Path>, FileId>>,
    /// The `conftest.py` of each folder that has one.
    conftests: Arc<FxHashMap<PathBuf, FileId>>,
    /// A name of which nothing is known any more keeps its number.
    modules: Arc<FxHashMap<CompactString, (NameId, Option<Module>)>>,
}

impl World {
    /// A world without files.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
            files: Vec::new(),
            by_path: Arc::default(),
            conftests: Arc::default(),
            modules: Arc::default(),
        }
    }

    /// How many bytes it takes beside an older version of it, about; `None` if both are the same.
    pub(crate) fn size_beside(&self, older: &Self) -> Option<usize> {
        let changed = |(new, old): &(&Option<Arc<File>>, &Option<Arc<File>>)| match (new, old) {
            (Some(new), Some(old)) => !Arc::ptr_eq(new, old),
            (new, old) => new.is_some() != old.is_some(),
        };
        let changed = self.files.iter().zip(&older.files).filter(changed);
        let changed: Vec<_> = changed.map(|(new, _)| new).collect();
        let is_same = changed.is_empty()
            && self.files.len() == older.files.len()
            && Arc::ptr_eq(&self.settings, &older.settings)
            && Arc::ptr_eq(&self.by_path, &older.by_path)
            && Arc::ptr_eq(&self.conftests, &older.conftests)
            && Arc::ptr_eq(&self.modules, &older.modules);
        let outlines = changed.into_iter().flatten().map(|file| &file.outline);
        let statements: usize = outlines.map(|outline| outline.statements.capacity()).sum();
        let size = statements * size_of::<Placed>() + self.files.len() * size_of::<Arc<File>>();
        (!is_same).then_some(size)
    }

    /// Puts a file in, in place of what was at its path, and says which file it is.
    ///
    /// Does not say what its dotted name denotes: see [`World::set_module`].
    pub fn set_file(&mut self, file: File) -> FileId {
        match self.file_at(&file.path) {
            Some(id) => self.replace_file(id, file),
            None => self.add_file(file),
        }
    }

    /// The same for a file of which it is known that one is at its path, and which.
    pub(crate) fn replace_file(&mut self, id: FileId, file: File) -> FileId {
        self.files[id.0 as usize] = Some(Arc::new(file));
        id
    }

    /// The same for a file at a path where none is.
    pub(crate) fn add_file(&mut self, file: File) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        Arc::make_mut(&mut self.by_path).insert(Arc::clone(&file.path), id);
        if let Some(folder) = conftest_folder(&file.path) {
            Arc::make_mut(&mut self.conftests).insert(folder.to_owned(), id);
        }
        self.files.push(Some(Arc::new(file)));
        id
    }

    /// Makes room for so many more files.
    pub fn reserve(&mut self, files: usize) {
        self.files.reserve(files);
        Arc::make_mut(&mut self.by_path).reserve(files);
    }

    /// Takes a file out. Of the dotted names that denoted it, which are given, nothing is known
    /// then.
    pub fn remove_file(&mut self, path: &Path) -> Option<(FileId, Vec<NameId>)> {
        let id = Arc::make_mut(&mut self.by_path).remove(path)?;
        self.files[id.0 as usize] = None;
        if let Some(folder) = conftest_folder(path) {
            Arc::make_mut(&mut self.conftests).remove(folder);
        }
        let mut names = Vec::new();
        for (name, module) in Arc::make_mut(&mut self.modules).values_mut() {
            if *module == Some(Module::Source(id)) {
                *module = None;
                names.push(*name);
            }
        }
        Some((id, names))
    }

    /// Says what importing a dotted name gives.
    pub fn set_module(&mut self, dotted: &str, module: Module) -> NameId {
        let modules = Arc::make_mut(&mut self.modules);
        let next = NameId(u32::try_from(modules.len()).unwrap_or(u32::MAX));
        let entry = modules.entry(CompactString::from(dotted)).or_insert((next, None));
        entry.1 = Some(module);
        entry.0
    }

    /// What importing a dotted name gives; `None` when nobody has said yet.
    #[must_use]
    pub fn module(&self, dotted: &str) -> Option<Module> {
        self.modules.get(dotted)?.1
    }

    /// The number of a dotted name of which something was said, and what importing it gives now.
    pub(crate) fn named(&self, dotted: &str) -> Option<(NameId, Option<Module>)> {
        self.modules.get(dotted).copied()
    }

    /// The file at an absolute path.
    #[must_use]
    pub fn file_at(&self, path: &Path) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// The same for a path that is likely to be that of the file that was put in last.
    pub(crate) fn last_file_at(&self, path: &Path) -> Option<FileId> {
        let is_last = |file: &Arc<File>| file.path.as_os_str() == path.as_os_str();
        let last = self.files.last()?.as_ref().filter(|file| is_last(file));
        match last {
            Some(_) => u32::try_from(self.files.len() - 1).ok().map(FileId),
            None => self.file_at(path),
        }
    }

    /// The `conftest.py` files of the folders around a path, the farthest first.
    #[must_use]
    pub fn conftests_above(&self, path: &Path) -> Vec<FileId> {
        if self.conftests.is_empty() {
            return Vec::new();
        }
        let folders = path.ancestors().skip(1);
        let mut found: Vec<FileId> =
            folders.filter_map(|folder| self.conftests.get(folder).copied()).collect();
        found.reverse();
        found
    }

    /// A file; `None` after it was removed.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)?.as_deref()
    }

    /// All files, in the order in which they were first put in.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0u32..).zip(&self.files).filter_map(|(id, file)| Some((FileId(id), file.as_deref()?)))
    }
}

/// The folder of which a file is the `conftest.py`.
fn conftest_folder(path: &Path) -> Option<&Path> {
    path.file_name().is_some_and(|name| name == "conftest.py").then(|| path.parent()).flatten()
}
