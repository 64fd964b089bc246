//! One test function to its cases: fixtures, parametrizations, ids.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};

use super::anchor::Anchor;
use super::closure::{Closure, closure};
use super::context::FileContext;
use super::decorators::argument_names;
use super::fixtures::{Fixture, FixtureParams, FixtureScope, Params};
use super::{Case, ParamKey};
use crate::names::{FunctionRef, Key};
use crate::values::parametrize::{self, Parametrization, Subject, Trouble};
use crate::values::{self, IterableKind, Mark, Value};

/// The most cases that one function may have before they are left to run time.
const CASE_LIMIT: usize = 200_000;

/// The cases of a function, or why they cannot be known.
pub(super) enum Cases {
    /// It is not parametrized.
    One,
    /// Its cases.
    Many(Vec<Case>),
    /// They cannot be known; why, as a lowercase fragment.
    Unknown(CompactString),
    /// pytest refuses the parametrization: the file is a collection error.
    Error(String),
}

/// A function that is about to be collected.
pub(super) struct Candidate<'a, 'w> {
    /// The function.
    pub function: FunctionRef<'w>,
    /// The name under which it is found.
    pub name: &'a str,
    /// Its node id without parameters.
    pub node_id: &'a dyn Fn() -> String,
    /// Its own marks, then those of what holds it, nearest first.
    pub marks: Vec<&'a Mark>,
    /// How many of the marks are its own.
    pub own: usize,
    /// Whether its signature is the one that is written.
    pub is_plain: bool,
    /// Whether it is found in a class.
    pub is_method: bool,
}

/// The cases of a function (`PyCollector._genfunctions`).
pub(super) fn cases<'w>(context: &FileContext<'_, 'w>, candidate: &Candidate<'_, 'w>) -> Cases {
    if let Some(place) = context.widened(&candidate.marks) {
        return Cases::Unknown(format_compact!(
            "`pytest_generate_tests` of {place} may parametrize it"
        ));
    }
    let arguments = argument_names(context.query, candidate.function, candidate.is_method);
    let parametrize: Vec<&Mark> =
        candidate.marks.iter().copied().filter(|mark| mark.name == "parametrize").collect();
    let usefixtures = match used_fixtures(context, candidate) {
        Ok(names) => names,
        Err(reason) => return Cases::Unknown(reason),
    };
    if parametrize.is_empty() && usefixtures.is_empty() && arguments.is_empty() {
        return context
            .bare_cases(|| call_all(context, candidate, &initial_names(context, &[], &[]), &[]));
    }
    call_all(context, candidate, &initial_names(context, &usefixtures, &arguments), &parametrize)
}

/// Autouse fixtures, `usefixtures`, arguments: each name once, in this order.
fn initial_names(
    context: &FileContext<'_, '_>,
    usefixtures: &[CompactString],
    arguments: &[CompactString],
) -> Vec<CompactString> {
    let mut names: Vec<CompactString> = Vec::new();
    for name in context.autouse_names().iter().chain(usefixtures).chain(arguments) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// The arguments of `usefixtures` marks, nearest first.
fn used_fixtures(
    context: &FileContext<'_, '_>,
    candidate: &Candidate<'_, '_>,
) -> Result<Vec<CompactString>, CompactString> {
    let mut names = Vec::new();
    for mark in candidate.marks.iter().filter(|mark| mark.name == "usefixtures") {
        for element in &mark.args {
            match &element.value {
                Value::Str(name) => names.push(name.clone()),
                Value::Unknown(reason) => return Err(reason.clone()),
                _ => {}
            }
        }
    }
    if context.anyio_applies(candidate) {
        names.push("anyio_backend".into());
    }
    Ok(names)
}

/// Runs every call of `metafunc.parametrize` that pytest would: fixtures first, then marks.
fn call_all<'w>(
    context: &FileContext<'_, 'w>,
    candidate: &Candidate<'_, 'w>,
    initial: &[CompactString],
    parametrize: &[&Mark],
) -> Cases {
    if initial.is_empty() && parametrize.is_empty() {
        return Cases::One;
    }
    match Calls::new(context, candidate).run(initial, parametrize) {
        Ok(calls) => calls,
        Err(Trouble::Unknown(reason)) => Cases::Unknown(reason),
        Err(Trouble::Error(message)) => Cases::Error(message),
    }
}

/// The calls of `metafunc.parametrize` for one function, and what came of them so far.
struct Calls<'a, 'q, 'w> {
    context: &'a FileContext<'q, 'w>,
    candidate: &'a Candidate<'a, 'w>,
    node_id: String,
    line: u32,
    cases: Option<Vec<Case>>,
    /// The arguments that are parametrized so far: each may be but once.
    parametrized: Vec<CompactString>,
}

impl<'a, 'q, 'w> Calls<'a, 'q, 'w> {
    fn new(context: &'a FileContext<'q, 'w>, candidate: &'a Candidate<'a, 'w>) -> Self {
        Self {
            context,
            candidate,
            node_id: (candidate.node_id)(),
            line: 1,
            cases: None,
            parametrized: Vec::new(),
        }
    }

    fn run(mut self, initial: &[CompactString], parametrize: &[&Mark]) -> Result<Cases, Trouble> {
        let query = self.context.query;
        let mut by_mark = Vec::with_capacity(parametrize.len());
        for mark in parametrize {
            by_mark.push(parametrize::parametrization(query, mark, self.subject())?);
        }
        let direct: Vec<CompactString> = by_mark
            .iter()
            .flat_map(|p| p.argnames.iter().filter(|name| !p.indirect.contains(name)))
            .cloned()
            .collect();
        let closure = closure(initial.to_vec(), &direct, self.context.settings.pytest, &|name| {
            self.context.find_fixtures(name)
        });
        self.check_hooks(&closure, &direct)?;
        self.call_fixtures(&closure, &by_mark)?;
        let own_marks = self.candidate.marks.iter().take(self.candidate.own);
        let own = own_marks.filter(|mark| mark.name == "parametrize").count();
        for (at, mut parametrization) in by_mark.into_iter().enumerate() {
            self.check_names(&closure, &parametrization)?;
            // An iterator of a function's own mark is used by this function only.
            parametrization.used_up &= at >= own || self.candidate.is_method;
            let scope = self.mark_scope(&closure, &parametrization)?;
            self.multiply(&parametrization, scope)?;
        }
        Ok(self.cases.map_or(Cases::One, Cases::Many))
    }

    fn subject(&self) -> Subject<'_> {
        Subject { node_id: &self.node_id, function: self.candidate.name, line: self.line }
    }

    /// A `pytest_generate_tests` may parametrize what the function requests and nothing else.
    fn check_hooks(&self, closure: &Closure<'w>, direct: &[CompactString]) -> Result<(), Trouble> {
        let class_hook = self.context.class_hook();
        for hook in self.context.hooks.generate_tests.iter().chain(&class_hook) {
            let open = |name: &&CompactString| !direct.contains(name) && hook.may_parametrize(name);
            if let Some(name) = closure.names.iter().find(open) {
                return Err(Trouble::Unknown(format_compact!(
                    "`pytest_generate_tests` of {} may parametrize `{name}`",
                    hook.place
                )));
            }
        }
        Ok(())
    }

    /// `FixtureManager.pytest_generate_tests`.
    fn call_fixtures(
        &mut self,
        closure: &Closure<'w>,
        by_mark: &[Parametrization],
    ) -> Result<(), Trouble> {
        for name in &closure.names {
            let Some(fixtures) = closure.fixtures.get(name) else { continue };
            if by_mark.iter().any(|p| p.argnames.contains(name)) {
                continue;
            }
            for fixture in fixtures.iter().rev() {
                if self.call_fixture(fixture)? {
                    break;
                }
                if !fixture.arguments.contains(name) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Applies a fixture's `params`, if it has any.
    fn call_fixture(&mut self, fixture: &Fixture<'w>) -> Result<bool, Trouble> {
        match &fixture.params {
            Params::None => return Ok(false),
            Params::Unknown(reason) => return Err(in_fixture(&fixture.name, reason)),
            Params::Written { .. } => {}
        }
        if let Some(doubt) = &fixture.doubt {
            return Err(in_fixture(&fixture.name, doubt));
        }
        let called = self.fixture_params(fixture);
        let called = match &*called {
            Ok(called) => called.as_ref(),
            Err(Trouble::Unknown(reason)) => return Err(in_fixture(&fixture.name, reason)),
            Err(error @ Trouble::Error(_)) => return Err(error.clone()),
        };
        let Some(parametrization) = called else { return Ok(false) };
        let Some(scope) = fixture.scope else {
            return Err(in_fixture(&fixture.name, "its scope is computed"));
        };
        self.multiply(parametrization, scope)?;
        Ok(true)
    }

    /// The parameters of a fixture: the same for every function, but for the wording of errors.
    fn fixture_params(&self, fixture: &Fixture<'w>) -> FixtureParams {
        let Params::Written { scope, base, params, ids } = &fixture.params else {
            return Arc::new(Ok(None));
        };
        let query = self.context.query;
        let evaluate = || {
            let name = &fixture.name;
            let params = values::evaluate(query, *scope, *base, params);
            let ids = ids.map(|ids| values::evaluate(query, *scope, *base, ids));
            parametrize::fixture_params(query, &params, ids.as_ref(), name, self.subject())
        };
        let place = std::ptr::from_ref(*params).addr();
        let key = Key::Params(scope.file(), place, fixture.name.clone());
        let shared: FixtureParams = query.remember(key, || Arc::new(evaluate()));
        if matches!(&*shared, Err(Trouble::Error(_))) { Arc::new(evaluate()) } else { shared }
    }

    /// An argument that the function does not take is an error of pytest's, unless something that
    /// the sources do not show makes it take it.
    fn check_names(
        &self,
        closure: &Closure<'w>,
        parametrization: &Parametrization,
    ) -> Result<(), Trouble> {
        for name in &parametrization.argnames {
            if closure.names.contains(name) {
                continue;
            }
            if !self.candidate.is_plain {
                return Err(Trouble::Unknown(format_compact!(
                    "it is parametrized by `{name}`, which it does not visibly take"
                )));
            }
            let params = &self.candidate.function.function.params;
            let has_default = params.iter().any(|p| p.name.text == *name && p.has_default);
            let node_id = &self.node_id;
            return Err(Trouble::Error(if has_default {
                format!(
                    "In {node_id}: function already takes an argument '{name}' with a default value"
                )
            } else if parametrization.indirect.contains(name) {
                format!("In {node_id}: function uses no fixture '{name}'")
            } else {
                format!("In {node_id}: function uses no argument '{name}'")
            }));
        }
        Ok(())
    }

    /// `_infer_parametrize_scope`.
    fn mark_scope(
        &self,
        closure: &Closure<'w>,
        parametrization: &Parametrization,
    ) -> Result<FixtureScope, Trouble> {
        if let Some(scope) = &parametrization.scope {
            return Ok(FixtureScope::from_name(scope).unwrap_or(FixtureScope::Function));
        }
        if parametrization.indirect.len() != parametrization.argnames.len() {
            return Ok(FixtureScope::Function);
        }
        let mut narrowest: Option<FixtureScope> = None;
        for name in &parametrization.argnames {
            let Some(fixture) = closure.fixtures.get(name).and_then(|all| all.last()) else {
                continue;
            };
            let Some(scope) = fixture.scope else {
                return Err(in_fixture(name, "its scope is computed"));
            };
            narrowest = Some(narrowest.map_or(scope, |narrowest| narrowest.min(scope)));
        }
        Ok(narrowest.unwrap_or(FixtureScope::Function))
    }

    /// The product of the cases so far with one more parametrization (`CallSpec.setmulti`).
    fn multiply(
        &mut self,
        parametrization: &Parametrization,
        scope: FixtureScope,
    ) -> Result<(), Trouble> {
        for name in &parametrization.argnames {
            if self.parametrized.contains(name) {
                return Err(Trouble::Error(format!(
                    "{}: duplicate parametrization of '{name}'",
                    self.node_id
                )));
            }
            self.parametrized.push(name.clone());
        }
        if parametrization.used_up {
            return Err(Trouble::Unknown("its parameters come from an iterator".into()));
        }
        let rows = match &parametrization.cases {
            Ok(rows) => rows,
            Err(doubt) => return Err(Trouble::Unknown(doubt.reason.clone())),
        };
        if let Some(hook) = &self.context.make_parametrize_id
            && rows.iter().any(|row| row.hookable)
        {
            return Err(Trouble::Unknown(format_compact!(
                "`pytest_make_parametrize_id` of {hook} may name its cases"
            )));
        }
        let before = self.cases.take().unwrap_or_else(|| vec![Case::empty()]);
        if before.len().saturating_mul(rows.len()) > CASE_LIMIT {
            return Err(Trouble::Unknown(format_compact!("it has over {CASE_LIMIT} cases")));
        }
        let mut after = Vec::with_capacity(before.len() * rows.len());
        for case in &before {
            for (index, row) in rows.iter().enumerate() {
                let mut case = case.with(row, &self.context.anchor);
                case.keys.extend(keys(&parametrization.argnames, row, index, scope, self.context));
                after.push(case);
            }
        }
        self.cases = Some(after);
        Ok(())
    }
}

fn in_fixture(name: &str, reason: &str) -> Trouble {
    Trouble::Unknown(format_compact!("fixture `{name}`: {reason}"))
}

/// The reordering keys of one row (`get_param_argkeys`).
fn keys(
    argnames: &[CompactString],
    row: &parametrize::Case,
    index: usize,
    scope: FixtureScope,
    context: &FileContext<'_, '_>,
) -> Vec<ParamKey> {
    if scope == FixtureScope::Function {
        return Vec::new();
    }
    let value = |at: usize| {
        let by_value = row.values.get(at).filter(|_| context.settings.pytest >= (9, 1));
        let text = by_value.and_then(|element| key_text(&element.value));
        text.unwrap_or_else(|| format_compact!("#{index}"))
    };
    let keyed = argnames.iter().enumerate();
    keyed.map(|(at, name)| ParamKey { argument: name.clone(), scope, value: value(at) }).collect()
}

/// A text that is equal for equal hashable values (`ParamValueKey`), without where they are
/// written: equal values are often written twice, and an edit moves them. `None` for values that
/// are told apart by their index.
fn key_text(value: &Value) -> Option<CompactString> {
    let unplaced = |path: &CompactString| path.split('@').next().map(CompactString::from);
    Some(match value {
        Value::List(_)
        | Value::Dict(_)
        | Value::Set(_)
        | Value::Parameters(_)
        | Value::Mark(_)
        | Value::Unknown(_)
        | Value::Object => return None,
        Value::Iterable(kind, _) if *kind != IterableKind::Range => return None,
        Value::Tuple(elements) | Value::FrozenSet(elements) | Value::Iterable(_, elements) => {
            let texts: Option<Vec<_>> =
                elements.iter().map(|element| key_text(&element.value)).collect();
            let kind = if matches!(value, Value::Iterable(..)) { "range" } else { "" };
            format_compact!("{kind}({})", texts?.join(","))
        }
        Value::Named(named) => format_compact!("{:?}", unplaced(&named.path)),
        Value::EnumMember(member) => {
            format_compact!("{:?}.{}", unplaced(&member.path), member.name)
        }
        Value::Lambda(lambda) => format_compact!("{:?} {:?}", lambda.file, lambda.lambda),
        value => format_compact!("{value:?}"),
    })
}

impl Case {
    const fn empty() -> Self {
        Self { id: None, span: None, marks: Vec::new(), may_have_marks: false, keys: Vec::new() }
    }

    /// This case with one more row of parameters.
    fn with(&self, row: &parametrize::Case, anchor: &Anchor) -> Self {
        let id = match (&self.id, &row.id) {
            (Some(id), Some(more)) => Some(format_compact!("{id}-{more}")),
            (None, Some(id)) => Some(CompactString::from(id.as_str())),
            (id, None) => id.clone(),
        };
        let own = row.origin.and_then(|(file, span)| anchor.span(file, span));
        let mut marks = self.marks.clone();
        marks.extend(row.marks.iter().map(|mark| anchor.light(mark)));
        let may_have_marks = self.may_have_marks || row.marks_doubt.is_some();
        Self { id, span: own.or(self.span), marks, may_have_marks, keys: self.keys.clone() }
    }
}

/// Marks in the light form in which collected functions keep them.
pub(super) fn light_marks<'m>(
    marks: impl Iterator<Item = &'m Mark>,
    anchor: &Anchor,
) -> Arc<[Mark]> {
    marks.map(|mark| anchor.light(mark)).collect()
}
