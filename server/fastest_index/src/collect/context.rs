//! What surrounds the functions of one file: fixtures by level, hooks, marks.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};

use super::anchor::Anchor;
use super::conftests::{self, GenerateTests, Hooks};
use super::fixtures::{Fixture, FixtureTable};
use super::functions::{Candidate, Cases};
use super::plugins;
use super::registered::Definer;
use crate::names::{Binding, Query, Trace};
use crate::values::Mark;
use crate::world::{FileId, Settings};

/// The surroundings of the functions of one file. Classes are entered and left.
pub(super) struct FileContext<'q, 'w> {
    pub query: &'q Query<'w>,
    pub settings: &'w Settings,
    pub file: FileId,
    /// What the places of the present items count from.
    pub anchor: Anchor,
    /// The file's node id.
    pub node_id: String,
    /// Whose `pytest_make_parametrize_id` may name cases, if anybody's.
    pub make_parametrize_id: Option<CompactString>,
    /// What the conftests and plugins do that matters.
    pub hooks: Hooks,
    /// Modules named by `pytest_plugins`, and those that the settings name.
    plugins: OnceCell<(Vec<Arc<FixtureTable<'w>>>, Trace)>,
    plugin_modules: Vec<CompactString>,
    /// Fixtures of the conftests, the farthest first, then the module's, then the classes'.
    levels: RefCell<Vec<Arc<FixtureTable<'w>>>>,
    /// For each class that was entered, whether it defines `pytest_generate_tests`.
    class_hooks: RefCell<Vec<bool>>,
    /// How many of the levels are not classes.
    fixed_levels: usize,
    /// Names of autouse fixtures of the present levels, and whether a bare function is one item.
    autouse: RefCell<Rc<Vec<CompactString>>>,
    bare_is_one: RefCell<Option<(bool, Trace)>>,
}

impl<'q, 'w> FileContext<'q, 'w> {
    /// `own` are the file's fixtures, where somebody has looked for them.
    pub fn new(
        query: &'q Query<'w>,
        file: FileId,
        node_id: String,
        own: Option<Arc<FixtureTable<'w>>>,
    ) -> Self {
        let settings = &*query.world.settings;
        let conftests = conftests::visible(query.world, file);
        let mut hooks = Hooks::default();
        let mut plugin_modules = settings.plugins.clone();
        let mut levels = Vec::with_capacity(conftests.len() + 2);
        for &conftest in &conftests {
            let namespace = query.module_namespace(conftest);
            hooks.read(query, conftest, &namespace);
            plugin_modules.extend(conftests::named_plugins(query, conftest, &namespace));
            levels.push(query.fixtures(conftest));
        }
        for module in plugin_modules.iter().filter(|module| !plugins::is_harmless(module)) {
            if let Some(plugin) = conftests::source(query, module) {
                hooks.read(query, plugin, &query.module_namespace(plugin));
            }
        }
        let namespace = query.module_frame(file);
        ["pytest_plugins", "pytest_generate_tests"]
            .iter()
            .for_each(|name| query.note_name(file, name));
        plugin_modules.extend(conftests::named_plugins(query, file, &namespace));
        levels.push(own.unwrap_or_else(|| query.fixtures(file)));
        hooks.generate_tests.extend(GenerateTests::of(
            query,
            Definer::Module(&namespace),
            "the file".into(),
        ));
        let context = Self {
            query,
            settings,
            file,
            anchor: Anchor::new(file),
            node_id,
            make_parametrize_id: hooks.make_parametrize_id.clone(),
            hooks,
            plugins: OnceCell::new(),
            plugin_modules,
            class_hooks: RefCell::default(),
            fixed_levels: levels.len(),
            levels: RefCell::new(levels),
            autouse: RefCell::default(),
            bare_is_one: RefCell::default(),
        };
        context.levels_changed();
        context
    }

    /// Enters a class whose names, inherited ones included, are these.
    pub fn enter_class(&self, names: &[(CompactString, Binding<'w>)]) {
        let generates = names.iter().any(|(name, _)| name == "pytest_generate_tests");
        self.class_hooks.borrow_mut().push(generates);
        let fixtures = FixtureTable::new(self.query, names);
        self.levels.borrow_mut().push(Arc::new(fixtures));
        self.levels_changed();
    }

    /// Where the `pytest_generate_tests` is that may give a test of these marks an argument which
    /// it does not request, and cases.
    pub fn widened(&self, marks: &[&Mark]) -> Option<CompactString> {
        let class_hook = self.class_hook();
        let mut hooks = self.hooks.generate_tests.iter().chain(&class_hook);
        hooks.find(|hook| hook.may_widen(marks)).map(|hook| hook.place.clone())
    }

    /// The `pytest_generate_tests` that the innermost class defines, if it does.
    pub fn class_hook(&self) -> Option<GenerateTests> {
        let generates = self.class_hooks.borrow().last().copied().unwrap_or(false);
        generates.then(|| GenerateTests { place: "the class".into(), names: None, widens: None })
    }

    /// Leaves the innermost class.
    pub fn leave_class(&self) {
        let mut levels = self.levels.borrow_mut();
        debug_assert!(levels.len() > self.fixed_levels, "no class was entered");
        levels.pop();
        drop(levels);
        self.class_hooks.borrow_mut().pop();
        self.levels_changed();
    }

    fn levels_changed(&self) {
        let mut names =
            self.settings.usefixtures.iter().map(CompactString::from).collect::<Vec<_>>();
        for level in self.levels.borrow().iter() {
            names.extend(level.autouse.iter().cloned());
        }
        *self.autouse.borrow_mut() = Rc::new(names);
        *self.bare_is_one.borrow_mut() = None;
    }

    /// The names of the autouse fixtures that a function here uses, in pytest's order.
    pub fn autouse_names(&self) -> Rc<Vec<CompactString>> {
        Rc::clone(&self.autouse.borrow())
    }

    /// What a function without arguments and marks becomes here; the same for all of them, so
    /// that the usual answer, one item, is computed once.
    pub fn bare_cases(&self, compute: impl FnOnce() -> Cases) -> Cases {
        if let Some((true, trace)) = &*self.bare_is_one.borrow() {
            self.query.take(trace);
            return Cases::One;
        }
        let (cases, trace) = self.query.traced(compute);
        *self.bare_is_one.borrow_mut() = Some((matches!(cases, Cases::One), trace));
        cases
    }

    /// The fixtures that a function here sees by a name, farthest first.
    pub fn find_fixtures(&self, name: &str) -> Vec<Arc<Fixture<'w>>> {
        let mut found: Vec<Arc<Fixture<'w>>> = Vec::new();
        for level in self.levels.borrow().iter() {
            found.extend(level.find(self.query, name));
        }
        let complete = found.first().is_some_and(|f| !f.arguments.iter().any(|a| a == name));
        if complete || (found.is_empty() && super::fixtures::is_builtin(name)) {
            return found;
        }
        let mut farthest = Vec::new();
        for table in self.plugin_tables() {
            farthest.extend(table.find(self.query, name));
        }
        farthest.extend(found);
        farthest
    }

    /// The fixtures of plugins. Their sources are read only when a name is found nowhere else.
    fn plugin_tables(&self) -> &[Arc<FixtureTable<'w>>] {
        let (tables, trace) = self.plugins.get_or_init(|| {
            let files = self
                .plugin_modules
                .iter()
                .filter_map(|module| conftests::source(self.query, module));
            self.query.traced(|| files.map(|file| self.query.fixtures(file)).collect())
        });
        self.query.take(trace);
        tables
    }

    /// Whether any fixture that conftests, the module or its classes define has parameters.
    pub fn has_parametrized_fixture(&self) -> bool {
        self.levels.borrow().iter().any(|level| level.has_params())
    }

    /// Whether the anyio plugin makes a function use `anyio_backend`
    /// (`anyio.pytest_plugin.pytest_pycollect_makeitem`).
    pub fn anyio_applies(&self, candidate: &Candidate<'_, '_>) -> bool {
        candidate.function.function.is_async
            && (self.settings.anyio_auto
                || candidate.marks.iter().any(|mark: &&Mark| mark.name == "anyio"))
            && self.plugin_modules.iter().any(|module| module == "anyio.pytest_plugin")
    }

    /// Why every function of the file is uncertain, if conftests or plugins make it so.
    pub fn doubt(&self) -> Option<CompactString> {
        self.hooks.doubt.clone()
    }

    /// The node id of something in the file.
    pub fn id_of(&self, path: &str) -> String {
        format!("{}::{path}", self.node_id)
    }

    /// A reason that names the file of a hook.
    pub fn hook_reason(hook: &str, place: &str) -> CompactString {
        format_compact!("`{hook}` of {place} may change what is collected")
    }
}
