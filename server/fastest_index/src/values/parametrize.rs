//! pytest's `Metafunc.parametrize`, as far as ids and cases go.

use compact_str::CompactString;
use fastest_model::Span;

use super::{Element, Mark, Value};
use crate::names::Query;
use crate::world::{FileId, Settings};

mod cases;

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
    /// Why there may be further marks, as a lowercase fragment for people.
    pub marks_doubt: Option<CompactString>,
    /// Where the row is written: the file and the place in it, in bytes from the file's start.
    pub origin: Option<(FileId, Span)>,
}

/// What a `parametrize` mark does to a function.
///
/// Whether the function takes the arguments is not looked at.
///
/// # Errors
///
/// When not even the argument names are known, or pytest refuses the arguments.
pub fn parametrization(
    query: &Query<'_>,
    mark: &Mark,
    subject: Subject<'_>,
) -> Result<Parametrization, Trouble> {
    let call = Arguments::of(mark, &query.world.settings)?;
    let (argnames, is_single) = argnames(call.argnames, &query.world.settings)?;
    let subject = Wording { subject, settings: &query.world.settings };
    if argnames.iter().any(|name| name == "request") {
        return Err(Trouble::Error(subject.reserved()));
    }
    let scope = scope(call.scope, subject)?;
    let indirect = indirect(call.indirect, &argnames, subject)?;
    let used_up = matches!(&call.argvalues, Value::Iterable(kind, _) if kind.is_iterator());
    let cases =
        cases::cases(query, &argnames, is_single, call.argvalues, call.ids.as_ref(), subject);
    Ok(Parametrization { argnames, indirect, scope, cases: settle(cases)?, used_up })
}

/// What the `params` of a fixture do to a function that uses it: `argname` is the fixture's name.
/// `None` where `params` is `None`. The scope is the fixture's, which the caller knows.
///
/// # Errors
///
/// When pytest refuses the arguments, or whether the fixture is parametrized is not known.
pub fn fixture_params(
    query: &Query<'_>,
    params: &Value,
    ids: Option<&Value>,
    argname: &str,
    subject: Subject<'_>,
) -> Result<Option<Parametrization>, Trouble> {
    if *params == Value::None {
        return Ok(None);
    }
    let argnames = vec![CompactString::from(argname)];
    let subject = Wording { subject, settings: &query.world.settings };
    let cases = cases::cases(query, &argnames, true, params, ids, subject);
    let indirect = argnames.clone();
    let cases = settle(cases)?;
    Ok(Some(Parametrization { argnames, indirect, scope: None, cases, used_up: false }))
}

fn settle(cases: Result<Vec<Case>, cases::NoCases>) -> Result<Result<Vec<Case>, Doubt>, Trouble> {
    match cases {
        Ok(cases) => Ok(Ok(cases)),
        Err(cases::NoCases::Doubt(doubt)) => Ok(Err(doubt)),
        Err(cases::NoCases::Error(message)) => Err(Trouble::Error(message)),
    }
}

/// The arguments of a `parametrize` mark.
struct Arguments<'m> {
    argnames: &'m Value,
    argvalues: &'m Value,
    indirect: Option<&'m Value>,
    ids: Option<Value>,
    scope: Option<&'m Value>,
}

impl<'m> Arguments<'m> {
    fn of(mark: &'m Mark, settings: &Settings) -> Result<Self, Trouble> {
        if let Some((_, element)) = mark.kwargs.iter().find(|(name, _)| name == "**")
            && let Value::Unknown(reason) = &element.value
        {
            return Err(Trouble::Unknown(reason.clone()));
        }
        let known = ["argnames", "argvalues", "indirect", "ids", "scope"];
        if let Some((name, _)) = mark.kwargs.iter().find(|(name, _)| !known.contains(&&**name)) {
            return Err(Trouble::Error(format!(
                "Metafunc.parametrize() got an unexpected keyword argument '{name}'"
            )));
        }
        // Everything after the values became keyword-only in 9.2.
        let limit = if settings.pytest >= (9, 2) { 2 } else { 5 };
        if mark.args.len() > limit {
            return Err(Trouble::Error(format!(
                "Metafunc.parametrize() takes {} positional arguments but {} were given",
                limit + 1,
                mark.args.len() + 1
            )));
        }
        let argument = |index: usize| match mark.args.get(index) {
            Some(element) => Some(&element.value),
            None => mark
                .kwargs
                .iter()
                .find(|(name, _)| name == known[index])
                .map(|(_, element)| &element.value),
        };
        let required = |index: usize| {
            argument(index).ok_or_else(|| {
                Trouble::Error(format!(
                    "Metafunc.parametrize() missing 1 required positional argument: '{}'",
                    known[index]
                ))
            })
        };
        Ok(Self {
            argnames: required(0)?,
            argvalues: required(1)?,
            indirect: argument(2),
            ids: argument(3).cloned(),
            scope: argument(4),
        })
    }
}

/// The argument names, and whether a row is the one argument's value itself.
fn argnames(value: &Value, settings: &Settings) -> Result<(Vec<CompactString>, bool), Trouble> {
    let name = |element: &Element| match &element.value {
        Value::Str(name) => Ok(name.clone()),
        Value::Unknown(reason) => Err(Trouble::Unknown(reason.clone())),
        _ => Err(Trouble::Unknown("an argument name that is no string".into())),
    };
    match value {
        Value::Str(text) => {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            let names: Vec<CompactString> = names.map(CompactString::from).collect();
            // A comma at the end makes rows of one value, since 9.1.
            let is_tuple = settings.pytest >= (9, 1) && text.trim_end().ends_with(',');
            let is_single = names.len() == 1 && !is_tuple;
            Ok((names, is_single))
        }
        Value::Tuple(elements) | Value::List(elements) => {
            Ok((elements.iter().map(name).collect::<Result<_, _>>()?, false))
        }
        Value::Unknown(reason) => Err(Trouble::Unknown(reason.clone())),
        _ => Err(Trouble::Unknown("argument names that are no sequence".into())),
    }
}

fn scope(value: Option<&Value>, wording: Wording<'_>) -> Result<Option<CompactString>, Trouble> {
    match value {
        None | Some(Value::None) => Ok(None),
        Some(Value::Str(scope))
            if matches!(&**scope, "session" | "package" | "module" | "class" | "function") =>
        {
            Ok(Some(scope.clone()))
        }
        Some(Value::Str(scope)) => Err(Trouble::Error(format!(
            "parametrize() call in {} got an unexpected scope value '{scope}'",
            wording.subject.function
        ))),
        Some(Value::Unknown(reason)) => Err(Trouble::Unknown(reason.clone())),
        Some(_) => Err(Trouble::Unknown("a `scope` that is no string".into())),
    }
}

/// `_resolve_args_directness`
fn indirect(
    value: Option<&Value>,
    argnames: &[CompactString],
    wording: Wording<'_>,
) -> Result<Vec<CompactString>, Trouble> {
    let elements = match value {
        None | Some(Value::Bool(false)) => return Ok(Vec::new()),
        Some(Value::Bool(true)) => return Ok(argnames.to_vec()),
        Some(Value::Tuple(elements) | Value::List(elements)) => elements,
        Some(Value::Unknown(reason)) => return Err(Trouble::Unknown(reason.clone())),
        Some(Value::Str(_)) => {
            return Err(Trouble::Unknown("`indirect` is a string".into()));
        }
        Some(_) => {
            return Err(Trouble::Error(format!(
                "{}expected Sequence or boolean for indirect",
                wording.prefix()
            )));
        }
    };
    let name = |element: &Element| match &element.value {
        Value::Str(name) if argnames.contains(name) => Ok(name.clone()),
        Value::Str(name) => Err(Trouble::Error(format!(
            "{}indirect fixture '{name}' doesn't exist",
            wording.prefix()
        ))),
        Value::Unknown(reason) => Err(Trouble::Unknown(reason.clone())),
        _ => Err(Trouble::Unknown("`indirect` holds something that is no string".into())),
    };
    elements.iter().map(name).collect()
}

/// How problems are worded.
#[derive(Clone, Copy)]
struct Wording<'s> {
    subject: Subject<'s>,
    settings: &'s Settings,
}

impl Wording<'_> {
    /// The beginning of most messages: since 9.1 with the node id, before with the name.
    fn prefix(&self) -> String {
        let is_new = self.settings.pytest >= (9, 1);
        let name = if is_new { self.subject.node_id } else { self.subject.function };
        format!("In {name}: ")
    }

    fn reserved(&self) -> String {
        let text = "'request' is a reserved name and cannot be used in @pytest.mark.parametrize";
        match self.settings.pytest >= (8, 4) {
            true => format!("{}: {text}", self.subject.node_id),
            false => text.to_owned(),
        }
    }
}
