//! What bodies do: assertions on tuples, fixtures that are called, tests that return.

use fastest_index::names::Definition;
use fastest_model::Span;

use super::fixes::add_parameter;
use super::memo::Bodies;
use super::subject::{Kind, Subject};
use super::{Check, Fix, Rule};
use crate::body::{Body, NameCall, TupleAssert};
use crate::sites::Site;

/// Plugins that run `async def` tests, by the first part of their module's name.
const ASYNC_PLUGINS: [&str; 9] = [
    "aiohttp",
    "anyio",
    "pytest_aiohttp",
    "pytest_asyncio",
    "pytest_tornasync",
    "pytest_tornado",
    "pytest_trio",
    "pytest_twisted",
    "trio",
];

impl<'w> Check<'_, 'w> {
    /// What is wrong in the body of a function.
    pub(super) fn bodies(&mut self, subject: &Subject<'w>, bodies: &mut Bodies) {
        self.not_run(subject);
        let body = bodies.read(self.file, &self.text, subject.site.span());
        let base = subject.site.span().start;
        for assert in &body.tuple_asserts {
            self.tuple(assert, base);
        }
        for call in &body.calls {
            self.call(subject, &body, call, bodies);
        }
        let is_async = subject.site.function.is_async;
        if let (Kind::Test(_), false) = (&subject.kind, is_async || !body.yields.is_empty()) {
            for value in &body.returns {
                let message = format!(
                    "`{}` returns a value, which pytest ignores; did you mean to assert it?",
                    subject.name()
                );
                self.say(Rule::TestReturnsValue, value.shifted(base), message);
            }
        }
    }

    /// An `async def` that no plugin runs.
    fn not_run(&mut self, subject: &Subject<'w>) {
        let Kind::Test(_) = &subject.kind else { return };
        if !subject.site.function.is_async || !self.rules.has(Rule::AsyncTestNotRun) {
            return;
        }
        if self.may_run_async() {
            return;
        }
        let settings = &self.model.view.world.settings;
        let does = if settings.pytest >= (8, 4) { "fails" } else { "skips" };
        let message = format!(
            "pytest {does} `async def` tests without a plugin that runs them, such as \
             pytest-asyncio or anyio"
        );
        self.say(Rule::AsyncTestNotRun, subject.site.name_span(), message);
    }

    /// Whether a plugin or a conftest may run coroutines.
    fn may_run_async(&self) -> bool {
        let settings = &self.model.view.world.settings;
        let around = self.model.surroundings(self.file);
        let is_async = |module: &str| {
            let first = module.split('.').next().unwrap_or_default();
            ASYNC_PLUGINS.contains(&first) || first.contains("async") || first.contains("aio")
        };
        let plugins = settings.plugins.iter().any(|module| is_async(module))
            || around.levels.iter().any(|(holder, _)| {
                let file = holder.file().and_then(|file| self.model.view.world.file(file));
                file.is_some_and(|file| is_async(&file.module))
            });
        let hooks = [
            "pytest_pyfunc_call",
            "pytest_runtest_call",
            "pytest_runtest_protocol",
            "pytest_pycollect_makeitem",
            "pytest_collection_modifyitems",
            "pytest_itemcollected",
        ];
        plugins
            || self.certainty.doubt().is_some()
            || hooks.into_iter().any(|hook| self.certainty.has_hook(hook))
    }

    /// `assert (condition, message)`
    fn tuple(&mut self, assert: &TupleAssert, base: u32) {
        let span = assert.span.shifted(base);
        let message = "an assertion on a tuple is always true".to_owned();
        let inside = match assert.elements.as_slice() {
            [first, .., last] if assert.elements.len() == 2 => {
                self.text.get(Span::new(first.start + base, last.end + base).range())
            }
            _ => None,
        };
        // Without its parentheses it must stand on one line.
        let inside = inside.filter(|text| !text.contains('\n')).map(str::to_owned);
        let fix = inside.and_then(|text| {
            let edits = vec![self.edit(span, text)?];
            Some(Fix { title: "Remove the parentheses".to_owned(), edits })
        });
        if let Some(diagnostic) = self.say(Rule::AssertTuple, span, message) {
            diagnostic.fixes.extend(fix);
        }
    }

    /// A plain name that is a fixture of the module, called.
    fn call(&mut self, subject: &Subject<'w>, body: &Body, call: &NameCall, bodies: &mut Bodies) {
        let site = &subject.site;
        let name = &call.name;
        let is_local = body.binds.contains(name)
            || site.function.params.iter().any(|param| param.name.text == *name);
        if is_local || !self.rules.has(Rule::FixtureCalledDirectly) {
            return;
        }
        if !self.is_fixture(name) {
            return;
        }
        let base = site.span().start;
        let message = format!(
            "the fixture `{name}` is called directly, which pytest refuses: request it as a \
             parameter"
        );
        let fix = match &subject.kind {
            Kind::Test(_) | Kind::Fixture(_) => self.request_instead(site, call, base, bodies),
            Kind::Other => None,
        };
        let span = call.span.shifted(base);
        if let Some(diagnostic) = self.say(Rule::FixtureCalledDirectly, span, message) {
            diagnostic.fixes.extend(fix);
        }
    }

    /// Whether a function of the module is certainly a fixture, and nothing that can be called.
    ///
    /// Imported names are not followed: bodies are full of calls of them, and hardly one is a
    /// fixture.
    fn is_fixture(&self, name: &str) -> bool {
        let namespace = self.model.query.module_namespace(self.file);
        let Some(binding) = namespace.get(name) else { return false };
        let Definition::Function(function) = &binding.definition else { return false };
        let site = Site { base: function.base, function: function.function, classes: Vec::new() };
        binding.doubt.is_none()
            && function.function.decorators.len() == 1
            && self.model.fixture(function.file, &site).is_some()
    }

    fn request_instead(
        &self,
        site: &Site<'w>,
        call: &NameCall,
        base: u32,
        bodies: &mut Bodies,
    ) -> Option<Fix> {
        let mut fix = add_parameter(self, site, &call.name, bodies)?;
        fix.edits.push(self.edit(call.whole.shifted(base), call.name.as_str())?);
        fix.title = format!("Request `{}` as a parameter", call.name);
        Some(fix)
    }
}
