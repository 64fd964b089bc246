//! What the folders above a test file say: fixtures, hooks, plugins, ignored files.

use std::collections::BTreeSet;
use std::path::Path;

use compact_str::{CompactString, format_compact};

use super::context::FileContext;
use super::registered::{self, Definer, hook_of};
use crate::names::{Binding, Definition, Halt, Namespace, Query};
use crate::values::{self, Mark, Value};
use crate::world::{FileId, Module, World};

/// The `conftest.py` files that a file sees, the farthest first.
///
/// The shell pushes only those that pytest would load (`--confcutdir`, `--noconftest`).
#[must_use]
pub fn visible(world: &World, file: FileId) -> Vec<FileId> {
    world.file(file).map_or_else(Vec::new, |file| world.conftests_above(&file.path))
}

/// A `pytest_generate_tests` hook.
#[derive(Clone, Debug)]
pub struct GenerateTests {
    /// Where it is defined.
    pub place: CompactString,
    /// The arguments that it parametrizes; `None` when its text does not show all of them.
    pub names: Option<Vec<CompactString>>,
    /// The marks of tests that it may add arguments to, none for any test; `None` where it adds
    /// none.
    pub widens: Option<Vec<CompactString>>,
}

impl GenerateTests {
    /// The hook that a module or a plugin defines, if it does.
    pub fn of<'w>(
        query: &Query<'w>,
        definer: Definer<'_, 'w>,
        place: CompactString,
    ) -> Option<Self> {
        let definition = definer.get(query, "pytest_generate_tests")?;
        let hook = hook_of(&definition);
        let names = hook.and_then(|hook| hook.parametrizes.clone());
        let widens = hook.and_then(|hook| hook.widens.clone());
        Some(Self { place, names, widens })
    }

    /// Whether it may parametrize a test of these marks by an argument that it adds.
    #[must_use]
    pub fn may_widen(&self, marks: &[&Mark]) -> bool {
        self.widens.as_ref().is_some_and(|names| {
            names.is_empty() || marks.iter().any(|mark| names.contains(&mark.name))
        })
    }

    /// Whether it may parametrize an argument of a test.
    #[must_use]
    pub fn may_parametrize(&self, argument: &CompactString) -> bool {
        match &self.names {
            Some(names) => names.contains(argument),
            None => !super::fixtures::is_builtin(argument),
        }
    }
}

/// Hooks of conftests that change what is collected below them.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    /// The `pytest_generate_tests` hooks that see a function.
    pub generate_tests: Vec<GenerateTests>,
    /// Whose `pytest_make_parametrize_id` may name cases.
    pub make_parametrize_id: Option<CompactString>,
    /// Whether a conftest changes `sys.path` or `sys.modules`.
    pub changes_imports: bool,
    /// Why a conftest does not run to its end: pytest then skips its folder, or fails.
    pub halts: Option<Halt>,
    /// Why nothing below is certain: a hook that makes items of its own.
    pub doubt: Option<CompactString>,
}

impl Hooks {
    /// Adds the hooks that a conftest or plugin defines, and those of what it registers.
    pub fn read<'w>(&mut self, query: &Query<'w>, file: FileId, namespace: &Namespace<'w>) {
        self.changes_imports |= namespace.changes_imports;
        if let Some(halt) = &namespace.halts {
            self.halts.get_or_insert_with(|| halt.clone());
        }
        let place = place(query.world, file);
        let asked = registered::is_asked(query, namespace);
        for definer in registered::definers(query, namespace) {
            self.add(query, &definer, &place, asked);
        }
    }

    /// Adds the hooks of a module or of a registered object. Where a plugin is `asked` for by an
    /// option of its own, the marks that its hook looks for are not all that it acts on.
    fn add<'w>(
        &mut self,
        query: &Query<'w>,
        definer: &Definer<'_, 'w>,
        place: &CompactString,
        asked: bool,
    ) {
        let defines = |hook: &str| definer.get(query, hook).is_some();
        let generates = GenerateTests::of(query, *definer, place.clone());
        self.generate_tests.extend(generates.map(|mut hook| {
            hook.widens = hook.widens.map(|marks| if asked { Vec::new() } else { marks });
            hook
        }));
        if defines("pytest_make_parametrize_id") {
            self.make_parametrize_id.get_or_insert_with(|| place.clone());
        }
        if changes_items(query, *definer) {
            let hook = "pytest_collection_modifyitems";
            self.doubt.get_or_insert_with(|| FileContext::hook_reason(hook, place));
        }
        let deciding = [
            "pytest_pycollect_makeitem",
            "pytest_pycollect_makemodule",
            "pytest_ignore_collect",
            "pytest_make_collect_report",
        ];
        if let Some(hook) = deciding.into_iter().find(|hook| defines(hook)) {
            self.doubt.get_or_insert_with(|| FileContext::hook_reason(hook, place));
        }
    }
}

/// The hooks by which a conftest or plugin collects what is no test file.
const COLLECTORS: [&str; 2] = ["pytest_collect_file", "pytest_collect_directory"];

/// Which of these conftests, and of the plugins that they or the settings name, define a hook that
/// may collect files which are no test files, and which hook that is. What it collects is in its
/// body, which is not read.
#[must_use]
pub fn collectors(
    world: &World,
    conftests: impl Iterator<Item = FileId>,
) -> Vec<(FileId, &'static str)> {
    let query = Query::new(world);
    let hook = |file: FileId| {
        let namespace = query.module_namespace(file);
        let definers = registered::definers(&query, &namespace);
        let defines = |hook: &&str| definers.iter().any(|d| d.get(&query, hook).is_some());
        let hook = COLLECTORS.into_iter().find(defines)?;
        Some((file, hook))
    };
    hooking(&query, conftests).into_iter().filter_map(hook).collect()
}

/// Whether a hook of any of these conftests, or of the plugins that they or the settings name,
/// decides which files are collected or which items are left, as [`Hooks::doubt`] has it.
#[must_use]
pub fn hooks_decide(world: &World, conftests: impl Iterator<Item = FileId>) -> bool {
    let query = Query::new(world);
    let mut hooks = Hooks::default();
    for file in hooking(&query, conftests) {
        hooks.read(&query, file, &query.module_namespace(file));
    }
    hooks.doubt.is_some()
}

/// These conftests, and the plugins that they or the settings name and that may change what is
/// collected.
fn hooking(query: &Query<'_>, conftests: impl Iterator<Item = FileId>) -> BTreeSet<FileId> {
    let mut files: BTreeSet<FileId> = conftests.collect();
    let mut plugins = query.world.settings.plugins.clone();
    for &conftest in &files {
        plugins.extend(named_plugins(query, conftest, &query.module_namespace(conftest)));
    }
    plugins.retain(|plugin| !super::plugins::is_harmless(plugin));
    files.extend(plugins.iter().filter_map(|plugin| source(query, plugin)));
    files
}

/// The source file of a module, if it has one.
pub(super) fn source(query: &Query<'_>, dotted: &str) -> Option<FileId> {
    let Definition::Module(module) = query.import_module(dotted) else { return None };
    match query.world.module(&module) {
        Some(Module::Source(file)) => Some(file),
        _ => None,
    }
}

/// Whether there is a `pytest_collection_modifyitems` that visibly changes the list: most only add
/// marks.
fn changes_items<'w>(query: &Query<'w>, definer: Definer<'_, 'w>) -> bool {
    match definer.get(query, "pytest_collection_modifyitems") {
        Some(definition) => hook_of(&definition).is_none_or(|hook| hook.changes_items),
        None => false,
    }
}

/// A file as people know it: relative to the rootdir where it lies below.
#[must_use]
pub fn place(world: &World, file: FileId) -> CompactString {
    let Some(file) = world.file(file) else { return "a removed file".into() };
    let shown: &Path = file.path.strip_prefix(&world.settings.rootdir).unwrap_or(&file.path);
    format_compact!("`{}`", shown.display())
}

/// The modules that a conftest or test module names in `pytest_plugins`.
pub fn named_plugins<'w>(
    query: &Query<'w>,
    _file: FileId,
    namespace: &Namespace<'w>,
) -> Vec<CompactString> {
    let Some(Binding { definition: Definition::Value(value), .. }) =
        namespace.get("pytest_plugins")
    else {
        return Vec::new();
    };
    match values::evaluate(query, value.scope, value.base, value.expr) {
        Value::Str(names) => names.split(',').map(|name| name.trim().into()).collect(),
        Value::List(elements) | Value::Tuple(elements) => elements
            .into_iter()
            .filter_map(|element| match element.value {
                Value::Str(name) => Some(name),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
