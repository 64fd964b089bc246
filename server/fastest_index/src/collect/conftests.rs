//! What the folders above a test file say: fixtures, hooks, plugins, ignored files.

use std::path::Path;

use compact_str::{CompactString, format_compact};

use super::context::FileContext;
use crate::names::{Binding, Definition, Halt, Namespace, Query};
use crate::values::{self, Value};
use crate::world::{FileId, World};

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
}

impl GenerateTests {
    /// The hook that a module's or class's names define, if they do.
    pub fn of<'w>(
        query: &Query<'w>,
        namespace: &Namespace<'w>,
        place: CompactString,
    ) -> Option<Self> {
        let binding = namespace.get("pytest_generate_tests")?;
        let names = match query.follow(&binding.definition) {
            Definition::Function(function) => function.function.parametrizes.clone(),
            _ => None,
        };
        Some(Self { place, names })
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
    /// Adds the hooks that a conftest or plugin defines.
    pub fn read<'w>(&mut self, query: &Query<'w>, file: FileId, namespace: &Namespace<'w>) {
        self.changes_imports |= namespace.changes_imports;
        if let Some(halt) = &namespace.halts {
            self.halts.get_or_insert_with(|| halt.clone());
        }
        let place = place(query.world, file);
        let defines = |hook: &str| namespace.get(hook).is_some();
        self.generate_tests.extend(GenerateTests::of(query, namespace, place.clone()));
        if defines("pytest_make_parametrize_id") {
            self.make_parametrize_id.get_or_insert_with(|| place.clone());
        }
        if changes_items(query, namespace) {
            let hook = "pytest_collection_modifyitems";
            self.doubt.get_or_insert_with(|| FileContext::hook_reason(hook, &place));
        }
        let deciding = [
            "pytest_pycollect_makeitem",
            "pytest_pycollect_makemodule",
            "pytest_ignore_collect",
            "pytest_make_collect_report",
        ];
        if let Some(hook) = deciding.into_iter().find(|hook| defines(hook)) {
            self.doubt.get_or_insert_with(|| FileContext::hook_reason(hook, &place));
        }
    }
}

/// Whether a module has a `pytest_collection_modifyitems` that visibly changes the list: most only
/// add marks.
fn changes_items<'w>(query: &Query<'w>, namespace: &Namespace<'w>) -> bool {
    let Some(binding) = namespace.get("pytest_collection_modifyitems") else { return false };
    match query.follow(&binding.definition) {
        Definition::Function(function) => function.function.changes_items,
        _ => true,
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
