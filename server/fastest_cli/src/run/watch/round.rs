//! One run of a project that is watched: which of its tests, and how that is said to pytest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fastest_index::select::Selection;
use fastest_workspace::config::Config;
use fastest_workspace::config::files::names;
use fastest_workspace::options::UsageError;
use fastest_workspace::project::{ImportGraph, NEWEST_PYTEST, Project};
use rustc_hash::FxHashSet;

use crate::invocation::{Invocation, read_with};

/// What of the command line's tests runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Scope {
    /// All.
    #[default]
    All,
    /// Those that failed last.
    Failed,
    /// Those of these files.
    Files(Vec<PathBuf>),
}

/// What the user narrows further runs down to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filters {
    /// A text that a file's path must hold; empty for any.
    pub(super) path: String,
    /// An expression as `-k` takes it; empty for any.
    pub(super) keyword: String,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) scope: Scope,
    pub(super) filters: Filters,
}

impl Filters {
    /// What is filtered, for people; empty if nothing is.
    pub(super) fn shown(&self) -> String {
        let parts = [("path", &self.path), ("-k", &self.keyword)];
        let set = parts.iter().filter(|(_, text)| !text.is_empty());
        set.map(|(name, text)| format!("{name} `{text}`")).collect::<Vec<_>>().join(", ")
    }
}

/// What is wrong with an expression for `-k`, if anything.
pub(super) fn fault_of(keyword: &str) -> Option<String> {
    Selection::parse(keyword, "", Vec::new()).err()
}

/// What the sources tell of a project: who imports whom, and which files hold tests that the
/// command line means.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) graph: ImportGraph,
    /// In pytest's order.
    tests: Vec<PathBuf>,
    /// The folders that hold all that was read.
    pub(super) folders: Vec<PathBuf>,
    /// What could configure pytest: paths, and what is in them if they are there.
    settings: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Survey {
    /// Reads the sources; `None` where they make no sense, which a run will tell.
    pub(super) fn read() -> Option<Self> {
        let mut project = read_with(&[]).ok()?.project;
        project.discover().ok()?;
        let discovery = project.session().ok()?;
        let world = project.index.world();
        let files = discovery.session.files.iter();
        let files = files.filter_map(|file| world.file(file.collected.file));
        let mut seen = FxHashSet::default();
        let tests = files
            .map(|file| file.path.to_path_buf())
            .chain(discovery.open.iter().map(|place| place.path.clone()))
            .filter(|path| seen.insert(path.clone()))
            .collect();
        let graph = project.import_graph();
        let folders = folders(&project, &graph);
        Some(Self { graph, tests, folders, settings: settings(&project.config) })
    }

    /// The test files that changed files affect, by what imports what now or did so before; in
    /// pytest's order.
    pub(super) fn affected(&self, changed: &[PathBuf], before: &Self) -> Vec<PathBuf> {
        let graphs = [&before.graph, &self.graph];
        let by_import = changed.iter().flat_map(|path| graphs.map(|graph| graph.affected(path)));
        let mut affected: FxHashSet<PathBuf> = by_import.flatten().collect();
        // Text files with doctests import nothing and are imported by nobody.
        affected.extend(changed.iter().cloned());
        self.tests.iter().filter(|test| affected.contains(*test)).cloned().collect()
    }

    /// Whether a file may configure pytest.
    pub(super) fn configures(&self, path: &Path) -> bool {
        self.settings.contains_key(path)
    }

    /// Whether a file was read and holds what it held then.
    pub(super) fn is_unchanged(&self, path: &Path) -> bool {
        match self.settings.get(path) {
            Some(before) => std::fs::read(path).ok() == *before,
            None => self.graph.is_unchanged(path),
        }
    }

    /// Whether a file holds tests.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.tests.iter().any(|test| test == path)
    }

    /// Whether these are all test files.
    pub(super) fn is_all(&self, files: &[PathBuf]) -> bool {
        files.len() == self.tests.len()
    }

    /// The files whose path, from a folder, holds a text.
    fn matching(&self, text: &str, folder: &Path) -> Vec<PathBuf> {
        let text = text.to_lowercase();
        let shown = |path: &Path| {
            path.strip_prefix(folder).unwrap_or(path).to_string_lossy().to_lowercase()
        };
        self.tests.iter().filter(|path| shown(path).contains(&text)).cloned().collect()
    }
}

/// Every file in which pytest may find its configuration.
fn settings(config: &Config) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let folders = BTreeSet::from([&config.rootdir, &config.invocation_dir]).into_iter();
    let paths = folders.flat_map(|folder| names(NEWEST_PYTEST).iter().map(|n| folder.join(n)));
    let paths = paths.chain(config.inipath.clone());
    paths.map(|path| (path.clone(), std::fs::read(path).ok())).collect()
}

/// What must be watched to see every change of a project's own files: no folder below another.
fn folders(project: &Project, graph: &ImportGraph) -> Vec<PathBuf> {
    let config = &project.config;
    let outside = graph.files().filter_map(Path::parent).map(Path::to_owned);
    let mut all: Vec<PathBuf> = outside.collect();
    all.extend([config.rootdir.clone(), config.invocation_dir.clone()]);
    all.sort();
    let mut outermost: Vec<PathBuf> = Vec::new();
    for folder in all {
        if !outermost.last().is_some_and(|last| folder.starts_with(last)) {
            outermost.push(folder);
        }
    }
    outermost
}

impl Round {
    /// What the process would have been called with for this run; `None` where no file is left.
    ///
    /// `keyword` is the expression that the command line itself has; `failed` says that some test
    /// failed before, which is to run first.
    ///
    /// # Errors
    /// The configuration has come to be wrong.
    pub(super) fn invocation(
        &self,
        survey: &Survey,
        keyword: &str,
        failed: bool,
    ) -> Result<Option<Invocation>, UsageError> {
        let mut options = Vec::new();
        match self.scope {
            Scope::Failed => options.extend(["--lf".to_owned(), "--lfnf=none".to_owned()]),
            _ if failed => options.push("--ff".to_owned()),
            _ => {}
        }
        if !self.filters.keyword.is_empty() {
            options.extend(["-k".to_owned(), both(keyword, &self.filters.keyword)]);
        }
        let mut invocation = read_with(&options)?;
        // What was cleared before the first run has been filled by that.
        invocation.project.config.options.running.cache_clear = false;
        match self.files(survey, &invocation.project.config.rootdir) {
            None => Ok(Some(invocation)),
            Some(files) if files.is_empty() => Ok(None),
            Some(files) => {
                invocation.project.narrow(&files)?;
                Ok(Some(invocation))
            }
        }
    }

    /// The files that run; `None` for all.
    fn files(&self, survey: &Survey, folder: &Path) -> Option<Vec<PathBuf>> {
        let matching =
            (!self.filters.path.is_empty()).then(|| survey.matching(&self.filters.path, folder));
        match (&self.scope, matching) {
            (Scope::Files(files), None) => Some(files.clone()),
            (Scope::Files(files), Some(matching)) => {
                Some(matching.into_iter().filter(|path| files.contains(path)).collect())
            }
            (_, matching) => matching,
        }
    }
}

/// An expression that holds where both do.
fn both(one: &str, other: &str) -> String {
    if one.is_empty() { other.to_owned() } else { format!("({one}) and ({other})") }
}
