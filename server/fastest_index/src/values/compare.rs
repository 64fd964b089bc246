//! Truth, equality, order and hash of values.

use std::cmp::Ordering;

use super::numbers::Number;
use super::{Element, Known, Value, doubt};

/// `bool(value)`
pub fn truth(value: &Value) -> Known<bool> {
    match value {
        Value::None => Ok(false),
        Value::Bool(bool) => Ok(*bool),
        Value::Int(digits) => Ok(digits != "0"),
        Value::Float(float) => Ok(*float != 0.0),
        Value::Complex(real, imaginary) => Ok(*real != 0.0 || *imaginary != 0.0),
        Value::Str(text) => Ok(!text.is_empty()),
        Value::Bytes(bytes) => Ok(!bytes.is_empty()),
        Value::Tuple(elements)
        | Value::List(elements)
        | Value::Set(elements)
        | Value::FrozenSet(elements) => Ok(!elements.is_empty()),
        Value::Dict(items) => Ok(!items.is_empty()),
        Value::Iterable(kind, _) if kind.is_iterator() => Ok(true),
        Value::Iterable(_, elements) => Ok(!elements.is_empty()),
        Value::Ellipsis | Value::Named(_) | Value::Lambda(_) | Value::Pattern(_) => Ok(true),
        Value::Unknown(reason) => Err(reason.clone()),
        _ => Err(doubt("whether an object is true is known at run time only")),
    }
}

/// `left == right`
pub fn equals(left: &Value, right: &Value) -> Known<bool> {
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return compare_numbers(left, right).map(|order| order == Some(Ordering::Equal));
    }
    match (left, right) {
        (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Err(reason.clone()),
        (Value::Tuple(left), Value::Tuple(right)) | (Value::List(left), Value::List(right)) => {
            sequences(left, right)
        }
        (Value::Dict(left), Value::Dict(right)) if left.is_empty() || right.is_empty() => {
            Ok(left.len() == right.len())
        }
        _ => Ok(key(left)? == key(right)?),
    }
}

fn sequences(left: &[Element], right: &[Element]) -> Known<bool> {
    if left.len() != right.len() {
        return Ok(false);
    }
    let mut unsure = None;
    for (left, right) in left.iter().zip(right) {
        match equals(&left.value, &right.value) {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(reason) => unsure = Some(reason),
        }
    }
    unsure.map_or(Ok(true), Err)
}

/// How two numbers compare; `None` for a NaN.
#[expect(clippy::cast_precision_loss, reason = "both sides of the comparison are checked")]
fn compare_numbers(left: Number, right: Number) -> Known<Option<Ordering>> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => Ok(Some(left.cmp(&right))),
        (Number::Float(left), Number::Float(right)) => Ok(left.partial_cmp(&right)),
        (Number::Int(int), Number::Float(float)) if int.unsigned_abs() <= 1 << 53 => {
            Ok((int as f64).partial_cmp(&float))
        }
        (Number::Float(float), Number::Int(int)) if int.unsigned_abs() <= 1 << 53 => {
            Ok(float.partial_cmp(&(int as f64)))
        }
        _ => Err(doubt("a comparison of a float with a large integer")),
    }
}

/// How two values compare where Python defines an order; `None` for a NaN.
pub fn order(left: &Value, right: &Value) -> Known<Option<Ordering>> {
    if let (Some(left), Some(right)) = (Number::of(left), Number::of(right)) {
        return compare_numbers(left, right);
    }
    match (left, right) {
        (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Err(reason.clone()),
        (Value::Str(left), Value::Str(right)) => Ok(Some(left.cmp(right))),
        (Value::Bytes(left), Value::Bytes(right)) => Ok(Some(left.cmp(right))),
        (Value::Tuple(left), Value::Tuple(right)) | (Value::List(left), Value::List(right)) => {
            order_sequences(left, right)
        }
        _ => Err(doubt("a comparison that run time decides")),
    }
}

/// The first pair that differs decides.
fn order_sequences(left: &[Element], right: &[Element]) -> Known<Option<Ordering>> {
    for (left, right) in left.iter().zip(right) {
        if !equals(&left.value, &right.value)? {
            return order(&left.value, &right.value);
        }
    }
    Ok(Some(left.len().cmp(&right.len())))
}

/// A text that is equal for equal values of any hashable kind (and for lists, though Python
/// cannot hash them): equality without comparing pairs.
pub fn key(value: &Value) -> Known<String> {
    match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => number_key(value),
        Value::EnumMember(member) => match &member.data {
            Some(data) => key(data),
            None => Ok(format!("enum {}.{}", member.path, member.name)),
        },
        Value::None => Ok("None".to_owned()),
        Value::Ellipsis => Ok("...".to_owned()),
        Value::Str(text) => Ok(format!("str {}:{text}", text.len())),
        Value::Bytes(bytes) => Ok(format!("bytes {bytes:?}")),
        Value::Tuple(elements) => Ok(format!("({})", keys(elements)?.join(","))),
        Value::List(elements) => Ok(format!("[{}]", keys(elements)?.join(","))),
        Value::Set(elements) | Value::FrozenSet(elements) => {
            let mut keys = keys(elements)?;
            keys.sort_unstable();
            Ok(format!("{{{}}}", keys.join(",")))
        }
        Value::Named(named) if is_canonical(&named.path) => Ok(format!("named {}", named.path)),
        Value::HiddenParam => Ok("HIDDEN_PARAM".to_owned()),
        Value::Unknown(reason) => Err(reason.clone()),
        _ => Err(doubt("whether two objects are equal is known at run time only")),
    }
}

/// Whether no other path leads to the same object: `os.path.join` is `posixpath.join`.
fn is_canonical(path: &str) -> bool {
    path.starts_with("builtins.") || path.contains('@')
}

fn number_key(value: &Value) -> Known<String> {
    match (Number::of(value), value) {
        (Some(Number::Int(int)), _) => Ok(format!("number {int}")),
        #[expect(clippy::cast_possible_truncation, reason = "the guard lets only integers pass")]
        (Some(Number::Float(float)), _) if float.fract() == 0.0 && float.abs() < 1e30 => {
            Ok(format!("number {}", float as i128))
        }
        (Some(Number::Float(float)), _) if !float.is_nan() => Ok(format!("number {float}")),
        (None, Value::Int(digits)) => Ok(format!("number {digits}")),
        _ => Err(doubt("a comparison with not-a-number")),
    }
}

fn keys(elements: &[Element]) -> Known<Vec<String>> {
    elements.iter().map(|element| key(&element.value)).collect()
}
