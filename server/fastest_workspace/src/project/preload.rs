//! Which installed modules the tests will import, so that they can be imported before the
//! workers are forked.
//!
//! The sources of conftests and tests are followed through the project's own modules to what is
//! installed. An import counts only where nothing before it in its file may have an effect on it:
//! after a line such as `os.environ["BACKEND"] = "agg"` or `sys.path.insert(0, …)` nothing of
//! that file is taken.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use fastest_index::names::stdlib::is_stdlib;
use fastest_index::world::File;
use fastest_syntax::expr::{Call, Expr, ExprKind};
use fastest_syntax::outline::{Assign, Outline, Statement};
use rustc_hash::FxHashSet;

use super::{Project, imports};
use crate::cache::load::load_files;
use crate::environment::Environment;
use crate::modules::names::ModuleNames;
use crate::modules::{Found, ModuleFinder};
use crate::walk::{FileEntry, file_entry};

/// What can be imported before anything of the project is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preloadable {
    /// Dotted names of installed modules, in the order in which the sources import them.
    pub modules: Vec<String>,
    /// Those of them that are of the standard library.
    pub standard: Vec<String>,
    /// The folders that installed modules are in.
    pub roots: Vec<PathBuf>,
    /// Dotted names of modules whose assertions pytest is told to rewrite.
    pub rewritten: Vec<String>,
}

/// How many of the project's own modules are followed: reading them takes a few milliseconds,
/// which pass while the interpreter imports pytest.
const MOST_FILES: usize = 2_000;

/// Libraries that change other modules when they are imported or told to, which must come first.
const MONKEYS: [&str; 3] = ["gevent", "eventlet", "greenlet"];

/// Plugins that set environment variables, which modules may read when they are imported.
const SETTERS: [&str; 3] = ["pytest_env", "pytest_dotenv", "pytest_django"];

/// What in a conftest may change what importing another module does.
const HAZARDS: [&str; 10] = [
    "environ[",
    "environ.",
    "environ |",
    "putenv",
    "setenv",
    "dotenv",
    "sys.modules",
    "monkey_patch",
    "patch_all",
    "meta_path",
];

/// Looking at a variable changes nothing.
const HARMLESS: [&str; 2] = ["environ.get(", "environ.copy("];

impl Project {
    /// What the tests will import of what is installed. Empty without an interpreter.
    ///
    /// `measured` says that coverage is measured: then nothing third-party is imported early,
    /// for that may be what is measured.
    #[must_use]
    pub fn preloadable(&self, measured: bool) -> Preloadable {
        let Ok(environment) = &self.environment else { return Preloadable::default() };
        let mut follower = Follower::new(self, environment);
        follower.follow(self.visits.conftests().chain(self.tests()));
        let Follower { modules, rewritten, .. } = follower;
        if modules.iter().any(|module| MONKEYS.contains(&top_of(&module.name))) {
            return Preloadable::default();
        }
        let only_stdlib = measured || self.has_setters(environment) || self.has_hazards();
        let standard = modules.iter().filter(|module| module.is_stdlib);
        let standard = standard.map(|module| module.name.to_string()).collect();
        let taken = modules.into_iter().filter(|module| module.is_stdlib || !only_stdlib);
        Preloadable {
            modules: taken.map(|module| module.name.into()).collect(),
            standard,
            roots: [&environment.stdlib[..], &environment.site_packages[..]].concat(),
            rewritten,
        }
    }

    fn tests(&self) -> impl Iterator<Item = &Path> {
        self.visits.tests().map(|visit| &*visit.entry.path)
    }

    fn has_setters(&self, environment: &Environment) -> bool {
        let plugins = environment.all_plugins();
        plugins.iter().any(|plugin| SETTERS.contains(&top_of(&plugin.module)))
    }

    /// Whether a conftest may change what importing another module does.
    fn has_hazards(&self) -> bool {
        let world = self.index.world();
        self.visits.conftests().any(|path| {
            let text = std::fs::read(path).unwrap_or_default();
            let outline = world.file_at(path).and_then(|id| world.file(id)).map(|f| &*f.outline);
            let early = without_fixtures(&text, outline);
            let early = HARMLESS.iter().fold(early, |text, word| text.replace(word, ""));
            HAZARDS.iter().any(|word| early.contains(word))
        })
    }
}

/// A conftest's text but for its fixtures, which run when everything is imported.
fn without_fixtures(text: &[u8], outline: Option<&Outline>) -> String {
    let mut early = text.to_vec();
    for placed in outline.into_iter().flat_map(|outline| &outline.statements) {
        let Statement::Function(function) = &*placed.statement else { continue };
        let (start, end) = (placed.start as usize, (placed.start + function.span.end) as usize);
        if function.decorators.iter().any(is_fixture)
            && let Some(body) = early.get_mut(start..end)
        {
            body.fill(b' ');
        }
    }
    String::from_utf8_lossy(&early).into_owned()
}

/// Whether a decorator is `pytest.fixture`, called or not.
fn is_fixture(decorator: &Expr) -> bool {
    match &decorator.kind {
        ExprKind::Call(call) => is_fixture(&call.func),
        ExprKind::Attribute(_, name) | ExprKind::Name(name) => name == "fixture",
        _ => false,
    }
}

/// An installed module.
struct Installed {
    name: CompactString,
    is_stdlib: bool,
}

/// Follows imports from file to file.
struct Follower<'p> {
    project: &'p Project,
    finder: ModuleFinder,
    stdlib: &'p [PathBuf],
    site_packages: &'p [PathBuf],
    seen: FxHashSet<CompactString>,
    modules: Vec<Installed>,
    rewritten: Vec<String>,
}

impl<'p> Follower<'p> {
    fn new(project: &'p Project, environment: &'p Environment) -> Self {
        let mode = project.config.options.collecting.import_mode;
        let names = ModuleNames::new(mode, &project.config.rootdir, project.config.version);
        project.visits.teach(&names);
        let files = project.visits.python_files();
        let mut basedirs: Vec<PathBuf> =
            files.iter().map(|entry| names.of(&entry.path).basedir.to_path_buf()).collect();
        basedirs.dedup();
        let mut rewritten = project.config.plugins.clone();
        rewritten.retain(|plugin| !plugin.starts_with("no:"));
        Self {
            project,
            finder: project.finder(basedirs),
            stdlib: &environment.stdlib,
            site_packages: &environment.site_packages,
            seen: FxHashSet::default(),
            modules: Vec::new(),
            rewritten,
        }
    }

    /// Reads what these files import, and what that imports, level by level.
    fn follow(&mut self, paths: impl Iterator<Item = &'p Path>) {
        let world = self.project.index.world();
        let mut level: Vec<File> =
            paths.filter_map(|path| world.file(world.file_at(path)?)).cloned().collect();
        let mut followed = level.len();
        while !level.is_empty() && followed <= MOST_FILES {
            let next: Vec<(CompactString, FileEntry)> =
                level.iter().flat_map(|file| self.read(file)).collect();
            followed += next.len();
            level = self.load(next);
        }
    }

    fn load(&self, found: Vec<(CompactString, FileEntry)>) -> Vec<File> {
        let entries: Vec<&FileEntry> = found.iter().map(|(_, entry)| entry).collect();
        let loaded = load_files(&entries, &self.project.cache);
        let file = |((module, _), (path, outline)): (&(CompactString, _), (Arc<Path>, _))| File {
            is_package: path.ends_with("__init__.py"),
            module: module.clone(),
            path,
            outline,
        };
        found.iter().zip(loaded).map(file).collect()
    }

    /// What a file imports; its project's modules are given back, to be read in turn.
    fn read(&mut self, file: &File) -> Vec<(CompactString, FileEntry)> {
        let mut next = Vec::new();
        for placed in &file.outline.statements {
            match &*placed.statement {
                Statement::Import(aliases) => {
                    for alias in aliases {
                        next.extend(self.meet(&alias.module));
                    }
                }
                Statement::ImportFrom(import) => {
                    let Some(module) = imports::absolute(file, import) else { continue };
                    next.extend(self.meet(&module));
                    for name in &import.names {
                        next.extend(self.meet(&format_compact!("{module}.{}", name.name.text)));
                    }
                }
                Statement::Expression(Expr { kind: ExprKind::Call(call), .. })
                    if self.is_harmless(call) => {}
                Statement::Raise(_) => return next,
                statement if may_have_effects(statement) => return next,
                Statement::Assign(assign) => self.note_plugins(assign),
                _ => {}
            }
        }
        next
    }

    /// Takes a module if it is installed; the file to read if it is the project's own.
    fn meet(&mut self, dotted: &str) -> Option<(CompactString, FileEntry)> {
        let top = top_of(dotted);
        if matches!(top, "pytest" | "_pytest" | "fastest" | "__future__")
            || !self.seen.insert(dotted.into())
        {
            return None;
        }
        match self.finder.find(dotted) {
            Found::Source { path, .. } if is_in(&path, self.site_packages) => {
                self.take(dotted, false);
            }
            Found::Source { path, .. } if is_in(&path, self.stdlib) => self.take(dotted, true),
            Found::Source { path, .. } => return Some((dotted.into(), file_entry(&path)?)),
            Found::Binary if is_stdlib(top) => self.take(dotted, true),
            Found::Binary | Found::Namespace | Found::Absent | Found::Ambiguous => {}
        }
        None
    }

    fn take(&mut self, dotted: &str, is_stdlib: bool) {
        self.modules.push(Installed { name: dotted.into(), is_stdlib });
    }

    /// Whether a call at the top of a file leaves other imports as they are.
    fn is_harmless(&mut self, call: &Call) -> bool {
        let name = match &call.func.kind {
            ExprKind::Attribute(_, name) | ExprKind::Name(name) => name.as_str(),
            _ => return false,
        };
        if name == "register_assert_rewrite" {
            self.rewritten.extend(call.args.iter().filter_map(string));
        }
        matches!(name, "register_assert_rewrite" | "importorskip")
    }

    /// pytest rewrites what `pytest_plugins` names.
    fn note_plugins(&mut self, assign: &Assign) {
        let is_plugins = |target: &Expr| matches!(&target.kind, ExprKind::Name(name) if name == "pytest_plugins");
        if !assign.targets.iter().any(is_plugins) {
            return;
        }
        match assign.value.as_ref().map(|value| &value.kind) {
            Some(ExprKind::Str(name)) => self.rewritten.push(name.to_string()),
            Some(ExprKind::List(names) | ExprKind::Tuple(names)) => {
                self.rewritten.extend(names.iter().filter_map(string));
            }
            _ => {}
        }
    }
}

fn string(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::Str(text) => Some(text.to_string()),
        _ => None,
    }
}

/// Whether a statement may do more than bind names of its own module.
fn may_have_effects(statement: &Statement) -> bool {
    match statement {
        Statement::Assign(assign) => assign.targets.iter().any(|target| !is_name(target)),
        Statement::Block(block) => {
            block.arms.iter().flat_map(|arm| &arm.body).any(may_have_effects)
        }
        Statement::Expression(_) | Statement::Other(_) => true,
        // What raises in a block is mostly a complaint about what is not installed.
        Statement::Raise(_)
        | Statement::Function(_)
        | Statement::Class(_)
        | Statement::Import(_)
        | Statement::ImportFrom(_)
        | Statement::Delete(_) => false,
    }
}

fn is_name(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Name(_) => true,
        ExprKind::Tuple(parts) | ExprKind::List(parts) => parts.iter().all(is_name),
        _ => false,
    }
}

fn is_in(path: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn top_of(dotted: &str) -> &str {
    dotted.split('.').next().unwrap_or(dotted)
}
