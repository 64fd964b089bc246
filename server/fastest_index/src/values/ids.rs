//! pytest's `IdMaker`: the part of a node id that a row of parameters gets.
//!
//! Follows `_pytest/python.py` of pytest 7.4 to 9.2; where versions differ, the version is named.

use std::fmt::Write as _;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluate::Evaluator;
use super::strings::{escape_bytes, escape_str};
use super::{Element, IterableKind, Known, Value, doubt};
use crate::world::{LongStrIds, Settings};

/// Where ids that are not explicit come from.
pub enum Source<'v> {
    /// The values.
    Values,
    /// `ids=callable`
    Function(&'v Value),
    /// `ids=iterable`
    List(&'v [Element]),
    /// `ids=` something that is not known, and why.
    Unknown(CompactString),
}

/// The id of a row before ids are made unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RowId {
    /// A text.
    Text(String),
    /// `pytest.HIDDEN_PARAM`
    Hidden,
}

/// Why an id cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoId {
    /// It cannot be known; why, as a lowercase fragment for people.
    Unknown(CompactString),
    /// pytest refuses, with this message.
    Error(String),
}

impl From<CompactString> for NoId {
    fn from(reason: CompactString) -> Self {
        Self::Unknown(reason)
    }
}

/// `_ascii_escaped_by_config` of a `str`.
fn escaped(text: &str, settings: &Settings) -> String {
    if settings.disable_id_escaping { text.to_owned() } else { escape_str(text) }
}

/// An explicit id, of `pytest.param(id=…)`.
pub fn explicit(id: &Value, settings: &Settings) -> Result<RowId, NoId> {
    match id {
        Value::Unknown(reason) => Err(NoId::Unknown(reason.clone())),
        Value::HiddenParam => Ok(RowId::Hidden),
        // Before 8.4 `pytest.param` itself escaped, whatever the configuration says.
        Value::Str(text) if settings.pytest < (8, 4) => Ok(RowId::Text(escape_str(text))),
        Value::Str(text) => Ok(RowId::Text(escaped(text, settings))),
        _ => Err(NoId::Unknown(doubt("an `id` that is no string"))),
    }
}

/// An id of `ids=[…]`; `None` stands for the value's own.
pub fn listed(
    id: &Value,
    index: usize,
    prefix: &str,
    settings: &Settings,
) -> Result<Option<RowId>, NoId> {
    match id {
        Value::None => return Ok(None),
        Value::HiddenParam => return Ok(Some(RowId::Hidden)),
        _ => {}
    }
    match of_value(id, settings)? {
        Some(text) => Ok(Some(RowId::Text(text))),
        None => {
            let shown = super::repr::repr(id).unwrap_or_else(|_| "<object>".to_owned());
            Err(NoId::Error(format!(
                "{prefix}ids contains unsupported value {shown} at index {index}. Supported types \
                 are: str, bytes, int, float, complex, bool, enum, regex or anything with a \
                 __name__."
            )))
        }
    }
}

/// The id of one value of a row (`_idval`), and whether a `pytest_make_parametrize_id` hook would
/// have been asked.
pub fn of_argument(
    evaluator: &Evaluator<'_, '_>,
    value: &Value,
    argname: &str,
    index: usize,
    function: Option<&Value>,
    prefix: &str,
) -> Result<(String, bool), NoId> {
    let settings = &evaluator.query.world.settings;
    if let Some(function) = function {
        let value = super::containers::known(value)?;
        let args = super::calls::Args::of([value]);
        let id = evaluator.apply(function, args, None)?;
        if id != Value::None
            && let Some(text) = of_value(&id, settings)?
        {
            return Ok((text, false));
        }
    }
    if let Some(text) = implicit(value, argname, index, prefix, settings)? {
        return Ok((text, true));
    }
    Ok((format!("{argname}{index}"), true))
}

/// The id that a value gives by itself, long strings apart since 9.2.
fn implicit(
    value: &Value,
    argname: &str,
    index: usize,
    prefix: &str,
    settings: &Settings,
) -> Result<Option<String>, NoId> {
    let length = match content(value) {
        Value::Str(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    };
    if length <= 100 || settings.pytest < (9, 2) {
        return Ok(of_value(value, settings)?);
    }
    match settings.long_str_ids {
        LongStrIds::Legacy => Ok(of_value(value, settings)?),
        LongStrIds::Short => Ok(None),
        LongStrIds::Sha256 => Err(NoId::Unknown(doubt("an id that is a SHA-256"))),
        LongStrIds::Disallow => Err(NoId::Error(format!(
            "{prefix}parametrize value for '{argname}' at index {index} is too long for an \
             auto-generated ID ({length} characters). Use pytest.param(..., id=...) or \
             parametrize(..., ids=...) to set an explicit ID, or change \
             parametrize_long_str_id_strategy."
        ))),
    }
}

/// A member of an enumeration of strings is a string first.
fn content(value: &Value) -> &Value {
    match value {
        Value::EnumMember(member) => match member.data.as_deref() {
            Some(data @ (Value::Str(_) | Value::Bytes(_))) => data,
            _ => value,
        },
        _ => value,
    }
}

/// `_idval_from_value`: `None` where the value gives no id.
fn of_value(value: &Value, settings: &Settings) -> Known<Option<String>> {
    match content(value) {
        Value::Str(text) => Ok(Some(escaped(text, settings))),
        Value::Bytes(_) if settings.disable_id_escaping => Err(doubt("an id that is not text")),
        Value::Bytes(bytes) => Ok(Some(escape_bytes(bytes))),
        Value::EnumMember(member) => match (&member.text, member.data.as_deref()) {
            (_, Some(Value::Unknown(reason))) => Err(reason.clone()),
            (Some(text), _) => Ok(Some(text.to_string())),
            (None, _) => Err(doubt("a member of an enumeration that writes itself")),
        },
        value @ (Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Complex(..)) => super::repr::repr(value).map(Some),
        Value::Pattern(pattern) => Ok(match &**pattern {
            Value::Str(text) => Some(escape_str(text)),
            Value::Bytes(bytes) => Some(escape_bytes(bytes)),
            _ => None,
        }),
        Value::HiddenParam => Ok(Some("_HiddenParam.token".to_owned())),
        Value::Named(named) => Ok(Some(named.name.to_string())),
        Value::Lambda(_) => Ok(Some("<lambda>".to_owned())),
        Value::Iterable(IterableKind::Generator, _) => Ok(Some("<genexpr>".to_owned())),
        Value::Unknown(reason) => Err(reason.clone()),
        _ => Ok(None),
    }
}

/// Makes ids unique as pytest does: since 8.0 with `_` after a digit, and never into an id that
/// another row has.
///
/// # Errors
///
/// The message where more than one row is hidden.
pub fn unique(ids: &[RowId], settings: &Settings, prefix: &str) -> Result<Vec<RowId>, String> {
    let mut counts: FxHashMap<&RowId, usize> = FxHashMap::default();
    for id in ids {
        *counts.entry(id).or_default() += 1;
    }
    if counts.len() == ids.len() {
        return Ok(ids.to_vec());
    }
    if counts.get(&RowId::Hidden).is_some_and(|&count| count > 1) {
        return Err(format!(
            "{prefix}multiple instances of HIDDEN_PARAM cannot be used in the same parametrize \
             call, because the tests names need to be unique."
        ));
    }
    let mut taken: FxHashMap<RowId, usize> = FxHashMap::default();
    for id in ids {
        *taken.entry(id.clone()).or_default() += 1;
    }
    let mut suffixes: FxHashMap<&str, usize> = FxHashMap::default();
    let mut unique = Vec::with_capacity(ids.len());
    for id in ids {
        let RowId::Text(text) = id else {
            unique.push(id.clone());
            continue;
        };
        if counts.get(id).is_none_or(|&count| count < 2) {
            unique.push(id.clone());
            continue;
        }
        let next = suffixes.entry(text).or_default();
        let new = RowId::Text(suffixed(text, next, &taken, settings));
        if let Some(count) = taken.get_mut(id) {
            *count -= 1;
            if *count == 0 {
                taken.remove(id);
            }
        }
        *taken.entry(new.clone()).or_default() += 1;
        unique.push(new);
    }
    Ok(unique)
}

fn suffixed(
    text: &str,
    next: &mut usize,
    taken: &FxHashMap<RowId, usize>,
    settings: &Settings,
) -> String {
    let is_old = settings.pytest < (8, 0);
    // Python's `isdigit` knows more digits than ASCII's, which only unescaped ids can hold.
    let ends_in_digit = text.ends_with(|char: char| char.is_ascii_digit());
    let separator = if ends_in_digit && !is_old { "_" } else { "" };
    let mut new = format!("{text}{separator}{next}");
    while !is_old && taken.contains_key(&RowId::Text(new.clone())) {
        *next += 1;
        new = format!("{text}{separator}{next}");
    }
    *next += 1;
    new
}

/// The error of `strict_parametrization_ids` (9.0) if ids are not unique.
pub fn duplicates(
    ids: &[RowId],
    node_id: &str,
    argnames: &[CompactString],
    rows: &[String],
) -> Option<String> {
    let shown = |id: &RowId| match id {
        RowId::Text(text) => text.clone(),
        RowId::Hidden => "<hidden>".to_owned(),
    };
    let mut seen = FxHashSet::default();
    let mut repeated: Vec<&RowId> = Vec::new();
    for id in ids {
        if !seen.insert(id) && !repeated.contains(&id) {
            repeated.push(id);
        }
    }
    if repeated.is_empty() {
        return None;
    }
    let all: Vec<String> = ids.iter().map(shown).collect();
    let repeated: Vec<String> = repeated.into_iter().map(shown).collect();
    let mut message = "Duplicate parametrization IDs detected, but strict_parametrization_ids is \
                       set.\n\n"
        .to_owned();
    // Writing to a string cannot fail.
    let _ = write!(
        message,
        "Test name:      {node_id}\nParameters:     {}\nParameter sets: {}\nIDs:            \
         {}\nDuplicates:     {}\n\nYou can fix this problem using `@pytest.mark.parametrize(..., \
         ids=...)` or `pytest.param(..., id=...)`.",
        argnames.join(", "),
        rows.join(", "),
        all.join(", "),
        repeated.join(", "),
    );
    Some(message)
}
