//! What the decorators of a test function do to its collection.

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::{Call, Expr, ExprKind};
use fastest_syntax::outline::ParamKind;

use super::helpers;
use crate::names::{Definition, FunctionRef, Query, Scope};
use crate::values::Mark;
use crate::values::marks::{self, Decorator};

/// What is known of a function from its decorators.
#[derive(Debug)]
pub struct Decoration {
    /// Its marks in the order in which they are stored: the lowest decorator first.
    pub marks: Vec<Mark>,
    /// Whether it is no test at all: a fixture, a property.
    pub not_a_test: bool,
    /// Why its items are not certain, as a lowercase fragment.
    pub doubt: Option<CompactString>,
    /// Whether nothing but marks decorates it, so that its signature is the one that is written.
    pub is_plain: bool,
    /// The same as `doubt` where a decorator of the project may change which fixtures it takes:
    /// that matters only where a fixture in sight is parametrized.
    pub wrapped: Option<CompactString>,
}

/// Packages whose decorators wrap a test without changing its name or parametrizing it.
///
/// They are looked for before anything is resolved, so that their sources need not be read.
const PLAIN_PACKAGES: [&str; 16] = [
    "aioresponses",
    "contextlib",
    "flaky",
    "freezegun",
    "functools",
    "httpretty",
    "hypothesis",
    "mock",
    "moto",
    "requests_mock",
    "responses",
    "respx",
    "time_machine",
    "unittest",
    "vcr",
    "warnings",
];

/// Reads the decorators of a function.
#[must_use]
pub fn read<'w>(query: &Query<'w>, function: FunctionRef<'w>) -> Decoration {
    let mut decoration = Decoration::default();
    let scope = function.scope();
    for expr in function.function.decorators.iter().rev() {
        if is_plain(query, function, expr) {
            decoration.is_plain = false;
            continue;
        }
        let one = std::slice::from_ref(expr);
        for decorator in marks::decorators(query, scope, function.base, one) {
            match decorator {
                Decorator::Mark(mark) => decoration.marks.push(mark),
                Decorator::Other(definition) => decoration.add_other(query, expr, &definition),
            }
        }
    }
    decoration
}

impl Default for Decoration {
    fn default() -> Self {
        Self { marks: Vec::new(), not_a_test: false, doubt: None, is_plain: true, wrapped: None }
    }
}

impl Decoration {
    fn add_other(&mut self, query: &Query<'_>, expr: &Expr, definition: &Definition<'_>) {
        self.is_plain = false;
        match definition {
            Definition::External(path) => match path.as_str() {
                "pytest.fixture"
                | "pytest.yield_fixture"
                | "builtins.property"
                | "functools.cached_property" => self.not_a_test = true,
                path if path.starts_with("pytest.") => self.doubt(expr, "which cannot be read"),
                _ => {}
            },
            Definition::Function(found) => {
                let function = found.function;
                if function.name.text == "fixture" {
                    self.not_a_test = true;
                } else if function.mentions_parametrize
                    || helpers::any(query, *found, |helper| helper.mentions_parametrize)
                {
                    self.doubt(expr, "which may parametrize it");
                } else {
                    let name = called(expr).dotted().unwrap_or_default();
                    self.wrapped = Some(format_compact!(
                        "decorated by `{name}`, which may change the fixtures that it takes"
                    ));
                }
            }
            Definition::Unknown(reason) => self.doubt(expr, reason),
            _ => self.doubt(expr, "which is not a plain function"),
        }
    }

    fn doubt(&mut self, expr: &Expr, why: &str) {
        let name = called(expr).dotted().unwrap_or_else(|| "an expression".to_owned());
        self.doubt.get_or_insert_with(|| format_compact!("decorated by `{name}`: {why}"));
    }
}

/// Whether a decorator's package is known not to matter.
fn is_plain<'w>(query: &Query<'w>, function: FunctionRef<'w>, expr: &Expr) -> bool {
    let is_property = called(expr).dotted().is_some_and(|name| name.ends_with("cached_property"));
    !is_property
        && package(query, function, expr)
            .is_some_and(|package| PLAIN_PACKAGES.contains(&package.as_str()))
}

/// The top-level package from which a decorator is imported, without looking into it.
fn package<'w>(query: &Query<'w>, function: FunctionRef<'w>, expr: &Expr) -> Option<CompactString> {
    let name = root(called(expr))?;
    let namespace = query.module_for(function.file, name);
    let module = match &namespace.get(name)?.definition {
        Definition::Imported { module, .. }
        | Definition::Module(module)
        | Definition::External(module) => module,
        _ => return None,
    };
    module.split('.').next().map(CompactString::from)
}

/// The leftmost name of a chain of attributes.
fn root(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute(value, _) => root(value),
        _ => None,
    }
}

/// What is called in a call, also in a call of a call; the expression itself otherwise.
#[must_use]
pub fn called(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Call(call) => called(&call.func),
        _ => expr,
    }
}

/// The names of the arguments that pytest fills with fixtures (`_pytest.compat.getfuncargnames`):
/// parameters without a default that can be passed by name, less `self`, less what
/// `unittest.mock.patch` passes.
#[must_use]
pub fn argument_names<'w>(
    query: &Query<'w>,
    function: FunctionRef<'w>,
    is_method: bool,
) -> Vec<CompactString> {
    if function.function.params.is_empty() {
        return Vec::new();
    }
    let by_name = |kind| matches!(kind, ParamKind::PositionalOrKeyword | ParamKind::KeywordOnly);
    let names = function.function.params.iter().filter(|p| by_name(p.kind) && !p.has_default);
    let names: Vec<CompactString> = names.map(|p| p.name.text.clone()).collect();
    if names.is_empty() {
        return names;
    }
    let positional_only =
        function.function.params.iter().any(|p| p.kind == ParamKind::PositionalOnly);
    let drops_self = is_method && !positional_only && !is_static(function);
    let dropped = usize::from(drops_self) + mock_arguments(query, function);
    let mut names: Vec<CompactString> = names.into_iter().skip(dropped).collect();
    for decorator in &function.function.decorators {
        drop_given(query, function, decorator, &mut names);
    }
    names
}

/// Takes away what `hypothesis.given` passes: keywords by name, positional strategies from the
/// right.
fn drop_given<'w>(
    query: &Query<'w>,
    function: FunctionRef<'w>,
    decorator: &Expr,
    names: &mut Vec<CompactString>,
) {
    let ExprKind::Call(call) = &decorator.kind else { return };
    let is_given = call.func.dotted().is_some_and(|name| name.ends_with("given"));
    if !is_given || package(query, function, decorator).as_deref() != Some("hypothesis") {
        return;
    }
    let passed = |name: &CompactString| call.keywords.iter().any(|k| k.name.as_ref() == Some(name));
    names.retain(|name| !passed(name));
    let infers_all = matches!(call.args.as_slice(), [only] if only.kind == ExprKind::Ellipsis);
    let from_right = if infers_all { names.len() } else { call.args.len() };
    names.truncate(names.len().saturating_sub(from_right));
}

fn is_static(function: FunctionRef<'_>) -> bool {
    function.function.decorators.iter().any(|d| d.dotted().as_deref() == Some("staticmethod"))
}

/// How many arguments `mock.patch` decorators pass (`num_mock_patch_args`).
fn mock_arguments<'w>(query: &Query<'w>, function: FunctionRef<'w>) -> usize {
    let scope = function.scope();
    function.function.decorators.iter().filter(|d| passes_a_mock(query, scope, d)).count()
}

fn passes_a_mock<'w>(query: &Query<'w>, scope: Scope<'w>, decorator: &Expr) -> bool {
    let ExprKind::Call(call) = &decorator.kind else { return false };
    let looks_like_patch = call.func.dotted().is_some_and(|name| name.contains("patch"));
    if !looks_like_patch || call.keywords.iter().any(|k| k.name.as_deref() == Some("new")) {
        return false;
    }
    match query.resolve(scope, &call.func) {
        Definition::External(path) => passes_by_position(&path, call),
        _ => false,
    }
}

fn passes_by_position(path: &str, call: &Call) -> bool {
    match path {
        "unittest.mock.patch" | "mock.patch" | "mock.mock.patch" => call.args.len() < 2,
        "unittest.mock.patch.object" | "mock.patch.object" | "mock.mock.patch.object" => {
            call.args.len() < 3
        }
        _ => false,
    }
}
