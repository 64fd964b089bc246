//! pytest's `Metafunc.parametrize`, as far as ids and cases go.

use compact_str::CompactString;
use fastest_model::Span;

use super::{Element, Mark, Value};
use crate::names::Query;
use crate::world::FileId;

/// What is parametrized, for the wording of problems.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// The function's node id, without parameters.
    pub node_id: &'s str,
    /// The function's `__name__`.
    pub function: &'s str,
    /// The 1-based line on which its definition starts, for the empty-set error.
    pub line: u32,
}

/// Why there is no [`Parametrization`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be known; why, as a lowercase fragment for people.
    Unknown(CompactString),
    /// pytest reports a collection error with this message.
    Error(String),
}

/// One call of `metafunc.parametrize`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parametrization {
    /// The argument names.
    pub argnames: Vec<CompactString>,
    /// The argument names that are passed to fixtures (`indirect`).
    pub indirect: Vec<CompactString>,
    /// `scope=`, one of pytest's scope names.
    pub scope: Option<CompactString>,
    /// The cases in order; never empty.
    ///
    /// An error where a case's id cannot be known.
    pub cases: Result<Vec<Case>, Doubt>,
    /// Whether the values come from an iterator, which is used up by the first function that is
    /// collected with this mark: every further one gets an empty set.
    pub used_up: bool,
}

/// Why the cases of a parametrization cannot be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Why, as a lowercase fragment for people.
    pub reason: CompactString,
    /// How many cases there are, if at least that is known.
    pub count: Option<usize>,
}

/// One parameter set of a parametrization.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its part of the node id, made unique among the cases; `None` for a hidden one
    /// (`pytest.HIDDEN_PARAM`).
    pub id: Option<String>,
    /// Whether a value's own id is part of it, so that a `pytest_make_parametrize_id` hook would
    /// be asked: if a conftest or plugin has one, the id is not certain.
    pub hookable: bool,
    /// One value for each argument name. Empty for an empty parameter set.
    pub values: Vec<Element>,
    /// Marks of `pytest.param(marks=…)`, and the skip or xfail of an empty parameter set.
    pub marks: Vec<Mark>,
    /// Where the row is written: the file and the place in it, in bytes from the file's start.
    pub origin: Option<(FileId, Span)>,
}

/// What a `parametrize` mark does to a function.
///
/// # Errors
///
/// When not even the argument names are known, or pytest refuses the arguments.
pub fn parametrization(
    query: &Query<'_>,
    mark: &Mark,
    subject: Subject<'_>,
) -> Result<Parametrization, Trouble> {
    let _ = (query, mark, subject);
    Err(Trouble::Unknown("not evaluated".into()))
}

/// What the `params` of a fixture do to a function that uses it: `argname` is the fixture's name.
/// `None` where `params` is `None`. The scope is the fixture's, which the caller knows.
///
/// # Errors
///
/// When pytest refuses the arguments.
pub fn fixture_params(
    query: &Query<'_>,
    params: &Value,
    ids: Option<&Value>,
    argname: &str,
    subject: Subject<'_>,
) -> Result<Option<Parametrization>, Trouble> {
    let _ = (query, params, ids, argname, subject);
    Err(Trouble::Unknown("not evaluated".into()))
}
