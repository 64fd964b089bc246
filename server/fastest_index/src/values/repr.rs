//! `repr` and `str` of values.

use super::numbers::{complex_repr, float_repr};
use super::strings::{repr_bytes, repr_str};
use super::{Element, IterableKind, Known, Value, doubt};

/// `str(value)`
pub fn text(value: &Value) -> Known<String> {
    match value {
        Value::Str(text) => Ok(text.to_string()),
        Value::EnumMember(member) => match &member.text {
            Some(text) => Ok(text.to_string()),
            None => Err(doubt("how an enumeration's member is written is known at run time only")),
        },
        _ => repr(value),
    }
}

/// `repr(value)`
pub fn repr(value: &Value) -> Known<String> {
    match value {
        Value::None => Ok("None".to_owned()),
        Value::Bool(true) => Ok("True".to_owned()),
        Value::Bool(false) => Ok("False".to_owned()),
        Value::Int(digits) => Ok(digits.to_string()),
        Value::Float(float) => Ok(float_repr(*float)),
        Value::Complex(real, imaginary) => Ok(complex_repr(*real, *imaginary)),
        Value::Str(text) => repr_str(text)
            .ok_or_else(|| doubt("whether a character is printable depends on Python's version")),
        Value::Bytes(bytes) => Ok(repr_bytes(bytes)),
        Value::Ellipsis => Ok("Ellipsis".to_owned()),
        Value::Tuple(elements) if elements.len() == 1 => {
            Ok(format!("({},)", repr(&elements[0].value)?))
        }
        Value::Tuple(elements) => Ok(format!("({})", joined(elements)?)),
        Value::List(elements) => Ok(format!("[{}]", joined(elements)?)),
        Value::Set(elements) => set(elements, "set()", "{", "}"),
        Value::FrozenSet(elements) => set(elements, "frozenset()", "frozenset({", "})"),
        Value::Dict(items) => dict(items),
        Value::Iterable(IterableKind::Keys, elements) => {
            Ok(format!("dict_keys([{}])", joined(elements)?))
        }
        Value::Iterable(IterableKind::Values, elements) => {
            Ok(format!("dict_values([{}])", joined(elements)?))
        }
        Value::Iterable(IterableKind::Items, elements) => {
            Ok(format!("dict_items([{}])", joined(elements)?))
        }
        Value::Named(named) => match named.path.strip_prefix("builtins.") {
            Some(name) if is_builtin_type(name) => Ok(format!("<class '{name}'>")),
            _ => Err(doubt("how an object is written is known at run time only")),
        },
        Value::Unknown(reason) => Err(reason.clone()),
        _ => Err(doubt("how an object is written is known at run time only")),
    }
}

fn joined(elements: &[Element]) -> Known<String> {
    let parts: Known<Vec<String>> = elements.iter().map(|element| repr(&element.value)).collect();
    Ok(parts?.join(", "))
}

fn set(elements: &[Element], empty: &str, open: &str, close: &str) -> Known<String> {
    match elements {
        [] => Ok(empty.to_owned()),
        [element] => Ok(format!("{open}{}{close}", repr(&element.value)?)),
        _ => Err(doubt("the order of a set is known at run time only")),
    }
}

fn dict(items: &[(Element, Element)]) -> Known<String> {
    let item = |(key, value): &(Element, Element)| {
        Ok(format!("{}: {}", repr(&key.value)?, repr(&value.value)?))
    };
    let parts: Known<Vec<String>> = items.iter().map(item).collect();
    Ok(format!("{{{}}}", parts?.join(", ")))
}

/// Whether a built-in name is a class whose `repr` names it.
pub fn is_builtin_type(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "bytearray"
            | "bytes"
            | "complex"
            | "dict"
            | "float"
            | "frozenset"
            | "int"
            | "list"
            | "memoryview"
            | "object"
            | "property"
            | "range"
            | "set"
            | "slice"
            | "str"
            | "tuple"
            | "type"
    )
}
