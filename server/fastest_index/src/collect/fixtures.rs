//! Which fixtures there are, who sees them, and which ones a function needs.

mod again;
mod listing;

use std::sync::Arc;

use compact_str::CompactString;
use fastest_syntax::expr::{Call, Expr, ExprKind};
use rustc_hash::FxHashMap;

use super::decorators::argument_names;
use crate::names::{Binding, Definition, FunctionRef, Keep, Kept, Key, Query, Scope};
use crate::values::parametrize::{Parametrization, Trouble};
use crate::values::{self, Value};
use crate::world::FileId;

/// A fixture's scope, narrowest first (`_pytest.scope.Scope`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixtureScope {
    /// Each test.
    Function,
    /// Each class.
    Class,
    /// Each file.
    Module,
    /// Each package.
    Package,
    /// The whole run.
    Session,
}

impl FixtureScope {
    /// The scope of a name as users write it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "function" => Self::Function,
            "class" => Self::Class,
            "module" => Self::Module,
            "package" => Self::Package,
            "session" => Self::Session,
            _ => return None,
        })
    }
}

/// A fixture where it is defined: pytest's `FixtureDef`.
#[derive(Clone, Debug)]
pub struct Fixture<'w> {
    /// The name by which it is requested.
    pub name: CompactString,
    /// Its function; `None` where only its name is known.
    pub function: Option<FunctionRef<'w>>,
    /// Its scope; `None` when it is computed.
    pub scope: Option<FixtureScope>,
    /// Whether and how it is parametrized.
    pub params: Params<'w>,
    /// Whether every test that sees it uses it.
    pub autouse: bool,
    /// The fixtures that it requests.
    pub arguments: Vec<CompactString>,
    /// Why it may not be there, as a lowercase fragment.
    pub doubt: Option<CompactString>,
}

/// A fixture's `params=` and `ids=`.
#[derive(Clone, Debug)]
pub enum Params<'w> {
    /// None are given.
    None,
    /// They are written here.
    Written {
        /// Where their names are looked up.
        scope: Scope<'w>,
        /// The origin of their spans.
        base: u32,
        /// `params=`
        params: &'w Expr,
        /// `ids=`
        ids: Option<&'w Expr>,
    },
    /// They may be given; why that cannot be known.
    Unknown(CompactString),
}

/// The fixtures that one module or class defines.
#[derive(Debug, Default)]
pub struct FixtureTable<'w> {
    /// Fixtures by the name by which they are requested, farthest first.
    by_name: FxHashMap<CompactString, Vec<Arc<Fixture<'w>>>>,
    /// Names of autouse fixtures in the order in which pytest registers them.
    pub autouse: Vec<CompactString>,
    /// Imported names, not looked into until somebody requests them.
    imported: FxHashMap<CompactString, Binding<'w>>,
    /// The module whose table this is; `None` for a class's.
    module: Option<FileId>,
}

/// What the parameters of a fixture do to a function that requests it.
pub(crate) type FixtureParams = Arc<Result<Option<Parametrization>, Trouble>>;

impl<'w> Query<'w> {
    /// The fixtures that a module defines.
    #[must_use]
    pub fn fixtures(&self, module: FileId) -> Arc<FixtureTable<'w>> {
        self.remember(Key::Fixtures(module), || {
            let names = &self.module_namespace(module).names;
            Arc::new(FixtureTable { module: Some(module), ..FixtureTable::new(self, names) })
        })
    }
}

impl<'w> FixtureTable<'w> {
    /// The fixtures among the names of a module or class body
    /// (`FixtureManager.parsefactories`: attributes in the order of `dir()`).
    #[must_use]
    pub fn new(query: &Query<'w>, names: &[(CompactString, Binding<'w>)]) -> Self {
        let mut table = Self::default();
        let may_be = |(_, binding): &&(CompactString, Binding<'w>)| may_be_fixture(binding);
        let mut names: Vec<&(CompactString, Binding<'w>)> = names.iter().filter(may_be).collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, binding) in names {
            if !table.put_by(name, binding)
                && let Some(fixture) = fixture_of(query, name, binding)
            {
                table.add(fixture);
            }
        }
        table
    }

    /// Puts an imported name by until somebody requests it, unless it is to be looked into.
    fn put_by(&mut self, name: &CompactString, binding: &Binding<'w>) -> bool {
        let waits = matches!(&binding.definition,
            Definition::Imported { module, .. } if !may_define_fixtures(module));
        if waits {
            self.imported.insert(name.clone(), binding.clone());
        }
        waits
    }

    fn add(&mut self, fixture: Fixture<'w>) {
        if fixture.autouse {
            self.autouse.push(fixture.name.clone());
        }
        self.by_name.entry(fixture.name.clone()).or_default().push(Arc::new(fixture));
    }

    /// Whether any of them has parameters.
    #[must_use]
    pub fn has_params(&self) -> bool {
        let mut all = self.by_name.values().flatten();
        all.any(|fixture| !matches!(fixture.params, Params::None))
    }

    /// The fixtures of a name, the overridden before the overriding.
    #[must_use]
    pub fn find(&self, query: &Query<'w>, name: &str) -> Vec<Arc<Fixture<'w>>> {
        if let Some(module) = self.module {
            query.note_name(module, name);
        }
        let mut found = self.by_name.get(name).cloned().unwrap_or_default();
        if let Some(binding) = self.imported.get(name) {
            let look = || fixture_of(query, name, binding).map(Arc::new);
            let fixture = match self.module {
                Some(module) => query.remember(Key::Imported(module, name.into()), look),
                None => look(),
            };
            // Under another `name=` it is not what was asked for.
            found.extend(fixture.filter(|fixture| fixture.name == name));
        }
        found
    }
}

/// Whether a name is bound to something that may be a fixture.
fn may_be_fixture(binding: &Binding<'_>) -> bool {
    match &binding.definition {
        Definition::Function(function) => !function.function.decorators.is_empty(),
        Definition::Value(_) | Definition::Imported { .. } => true,
        _ => false,
    }
}

/// Whether a module's imported names are looked into although nobody requests them, for the sake
/// of `autouse` and `name=`: modules that are about tests.
fn may_define_fixtures(module: &str) -> bool {
    ["test", "conftest", "fixture"].iter().any(|word| module.contains(word))
        && module != "unittest"
        && !module.starts_with("unittest.")
        && !module.starts_with("_pytest")
        && module != "pytest"
}

/// The fixture that a name is bound to, if it is one.
#[must_use]
pub fn fixture_of<'w>(query: &Query<'w>, name: &str, binding: &Binding<'w>) -> Option<Fixture<'w>> {
    let mut fixture = match query.follow(&binding.definition) {
        Definition::Function(function) => decorated_fixture(query, name, function)?,
        Definition::Value(value) if value.unpack.is_none() => {
            called_fixture(query, name, value.scope, value.base, value.expr)?
        }
        _ => return None,
    };
    fixture.doubt.clone_from(&binding.doubt);
    Some(fixture)
}

/// A function under `@pytest.fixture`.
fn decorated_fixture<'w>(
    query: &Query<'w>,
    name: &str,
    function: FunctionRef<'w>,
) -> Option<Fixture<'w>> {
    let scope = function.scope();
    function.function.decorators.iter().find_map(|decorator| {
        let factory = factory(query, scope, function.base, decorator)?;
        Some(factory.fixture(query, name, Some(function)))
    })
}

/// `fx = pytest.fixture(…)(function)` or `fx = pytest.fixture(function, …)`.
fn called_fixture<'w>(
    query: &Query<'w>,
    name: &str,
    scope: Scope<'w>,
    base: u32,
    expr: &'w Expr,
) -> Option<Fixture<'w>> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let wrapped = call.args.first()?;
    let factory = match factory(query, scope, base, &call.func) {
        Some(bare) if bare.call.is_none() => Factory { call: Some(call), ..bare },
        Some(called) => called,
        None => return None,
    };
    let function = match query.resolve(scope, wrapped) {
        Definition::Function(function) => Some(function),
        _ => None,
    };
    let mut fixture = factory.fixture(query, name, function);
    if function.is_none() {
        fixture.doubt.get_or_insert_with(|| "its function is computed".into());
    }
    Some(fixture)
}

/// `pytest.fixture`, bare or called with arguments.
struct Factory<'w> {
    scope: Scope<'w>,
    base: u32,
    call: Option<&'w Call>,
}

/// The fixture factory that a decorator is, if it is one.
fn factory<'w>(
    query: &Query<'w>,
    scope: Scope<'w>,
    base: u32,
    decorator: &'w Expr,
) -> Option<Factory<'w>> {
    match &decorator.kind {
        ExprKind::Call(call) => {
            if is_fixture_function(&query.resolve(scope, &call.func)) {
                return Some(Factory { scope, base, call: Some(call) });
            }
            None
        }
        ExprKind::Name(_) | ExprKind::Attribute(..) => match query.resolve(scope, decorator) {
            definition if is_fixture_function(&definition) => {
                Some(Factory { scope, base, call: None })
            }
            // `session_fixture = pytest.fixture(scope="session")`, used as a decorator.
            Definition::Value(value) if value.unpack.is_none() => {
                let ExprKind::Call(call) = &value.expr.kind else { return None };
                let func = query.resolve(value.scope, &call.func);
                is_fixture_function(&func).then_some(Factory {
                    scope: value.scope,
                    base: value.base,
                    call: Some(call),
                })
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a definition is `pytest.fixture` or one of its relatives.
fn is_fixture_function(definition: &Definition<'_>) -> bool {
    match definition {
        Definition::External(path) => matches!(
            path.as_str(),
            "pytest.fixture" | "pytest.yield_fixture" | "_pytest.fixtures.fixture"
        ),
        // pytest-asyncio's own decorator; its source is on disk.
        Definition::Function(function) => {
            function.function.name.text == "fixture"
                && function.function.params.iter().any(|p| p.name.text == "fixture_function")
        }
        _ => false,
    }
}

impl<'w> Factory<'w> {
    fn fixture(
        &self,
        query: &Query<'w>,
        attribute: &str,
        function: Option<FunctionRef<'w>>,
    ) -> Fixture<'w> {
        let name = match self.value(query, "name") {
            Some(Value::Str(name)) => name,
            _ => attribute.into(),
        };
        Fixture {
            name,
            function,
            scope: self.fixture_scope(query),
            params: self.params(query),
            autouse: matches!(self.value(query, "autouse"), Some(Value::Bool(true))),
            arguments: function
                .map(|f| argument_names(query, f, f.owner.is_some()))
                .unwrap_or_default(),
            doubt: None,
        }
    }

    fn keyword(&self, name: &str) -> Option<&'w Expr> {
        let call = self.call?;
        call.keywords.iter().find(|k| k.name.as_deref() == Some(name)).map(|k| &k.value)
    }

    fn value(&self, query: &Query<'w>, name: &str) -> Option<Value> {
        Some(values::evaluate(query, self.scope, self.base, self.keyword(name)?))
    }

    fn fixture_scope(&self, query: &Query<'w>) -> Option<FixtureScope> {
        match self.value(query, "scope") {
            None => Some(FixtureScope::Function),
            Some(Value::Str(name)) => FixtureScope::from_name(&name),
            Some(_) => None,
        }
    }

    fn params(&self, query: &Query<'w>) -> Params<'w> {
        let Some(call) = self.call else { return Params::None };
        if call.keywords.iter().any(|k| k.name.is_none()) {
            return Params::Unknown("its arguments are computed".into());
        }
        match self.keyword("params") {
            None => Params::None,
            Some(params) if matches!(params.kind, ExprKind::None) => Params::None,
            Some(params) => match values::evaluate(query, self.scope, self.base, params) {
                Value::None => Params::None,
                _ => Params::Written {
                    scope: self.scope,
                    base: self.base,
                    params,
                    ids: self.keyword("ids"),
                },
            },
        }
    }
}

impl<'w> Keep<'w> for Arc<FixtureTable<'w>> {
    fn keep(&self) -> Kept<'w> {
        Kept::Fixtures(Self::clone(self))
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Fixtures(table) = kept { Some(Self::clone(table)) } else { None }
    }
}

impl<'w> Keep<'w> for Option<Arc<Fixture<'w>>> {
    fn keep(&self) -> Kept<'w> {
        Kept::Imported(self.clone())
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Imported(fixture) = kept { Some(fixture.clone()) } else { None }
    }
}

impl<'w> Keep<'w> for FixtureParams {
    fn keep(&self) -> Kept<'w> {
        Kept::Params(Self::clone(self))
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Params(params) = kept { Some(Self::clone(params)) } else { None }
    }
}

/// The fixtures that pytest itself defines. None of them has parameters.
#[must_use]
pub fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "request"
            | "cache"
            | "capsys"
            | "capfd"
            | "capsysbinary"
            | "capfdbinary"
            | "capteesys"
            | "caplog"
            | "doctest_namespace"
            | "monkeypatch"
            | "pytestconfig"
            | "record_property"
            | "record_testsuite_property"
            | "record_xml_attribute"
            | "recwarn"
            | "subtests"
            | "tmp_path"
            | "tmp_path_factory"
            | "tmpdir"
            | "tmpdir_factory"
            | "pytester"
            | "testdir"
            | "linecomp"
            | "LineMatcher"
    )
}
