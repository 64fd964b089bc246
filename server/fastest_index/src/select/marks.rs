//! What `-m` matches: pytest's `MarkMatcher`.

use super::expression::{Expression, Scalar, Term};
use crate::values::{Mark, Value};

/// Whether an expression holds of the marks in scope of an item; `None` when it depends on an
/// argument whose value is not known, or on further marks that there may be.
#[must_use]
pub fn matches(expression: &Expression, marks: &[&Mark], may_have_more: bool) -> Option<bool> {
    expression.evaluate(&mut |term| match holds(term, marks) {
        Some(false) if may_have_more => None,
        holds => holds,
    })
}

/// pytest's complaint about names in a `-m` expression that no ini line or plugin registers;
/// made under `strict_markers` only.
#[must_use]
pub fn unregistered_marks(expression: &Expression, registered: &[String]) -> Option<String> {
    let mut unknown: Vec<&str> = expression.terms().iter().map(|term| term.name.as_str()).collect();
    unknown.retain(|name| !registered.iter().any(|known| known == name));
    unknown.sort_unstable();
    unknown.dedup();
    (!unknown.is_empty()).then(|| {
        format!(
            "Unknown marker(s) in '-m' expression: {}. \
             Use 'pytest --markers' to see available markers.",
            unknown.join(", ")
        )
    })
}

/// A term holds when one mark of its name has all its arguments.
fn holds(term: &Term, marks: &[&Mark]) -> Option<bool> {
    let mut result = Some(false);
    for mark in marks.iter().filter(|mark| mark.name == term.name) {
        match has_arguments(mark, term.kwargs.as_deref().unwrap_or_default()) {
            Some(false) => {}
            Some(true) => return Some(true),
            None => result = None,
        }
    }
    result
}

fn has_arguments(mark: &Mark, wanted: &[(compact_str::CompactString, Scalar)]) -> Option<bool> {
    let mut result = Some(true);
    for (name, scalar) in wanted {
        let given = mark.kwargs.iter().find(|(given, _)| given == name);
        match given.map_or(Some(false), |(_, element)| equals(scalar, &element.value)) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

/// Python's `==` between a value that the grammar can write and one in the source. Objects may
/// define `==`, members of `IntEnum` and `StrEnum` do: unknown.
fn equals(scalar: &Scalar, value: &Value) -> Option<bool> {
    match value {
        Value::Unknown(_) | Value::EnumMember(_) | Value::Object => None,
        Value::None => Some(*scalar == Scalar::None),
        Value::Str(text) => Some(matches!(scalar, Scalar::Str(wanted) if wanted == text)),
        Value::Int(digits) => Some(integer(scalar) == Some(digits)),
        Value::Bool(flag) => Some(integer(scalar) == Some(if *flag { "1" } else { "0" })),
        Value::Float(number) => equals_float(scalar, *number),
        Value::Complex(real, 0.0) => equals_float(scalar, *real),
        _ => Some(false),
    }
}

/// The value as an integer; `True` is 1 and `False` is 0 in Python.
fn integer(scalar: &Scalar) -> Option<&str> {
    match scalar {
        Scalar::Int(digits) => Some(digits),
        Scalar::Bool(true) => Some("1"),
        Scalar::Bool(false) => Some("0"),
        Scalar::None | Scalar::Str(_) => None,
    }
}

/// Beyond 2^53 Python compares digits that printing a float does not show: unknown.
fn equals_float(scalar: &Scalar, number: f64) -> Option<bool> {
    let Some(digits) = integer(scalar) else { return Some(false) };
    if !number.is_finite() {
        return Some(false);
    }
    let exact = number.abs() < 9_007_199_254_740_992.0;
    exact.then(|| number.fract() == 0.0 && digits == format!("{}", number + 0.0))
}
