//! Built-in functions and types of one value: conversions, characters, types.

use compact_str::format_compact;

use super::library::unknown_call;
use super::numbers::{Number, int};
use super::{Known, Value, doubt, repr};

pub fn float(value: &Value) -> Known<Value> {
    if let Some(float) = Number::of(value).and_then(Number::float) {
        return Ok(Value::Float(float));
    }
    let Value::Str(text) = value else { return Err(unknown_call("float")) };
    let text = text.trim();
    let unsigned = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let is_plain = unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".e+-".contains(&byte));
    let is_named = matches!(unsigned.as_str(), "inf" | "infinity" | "nan");
    match text.parse::<f64>() {
        Ok(float) if is_plain || is_named => Ok(Value::Float(float)),
        _ => Err(unknown_call("float")),
    }
}

pub fn absolute(value: &Value) -> Known<Value> {
    match Number::of(value) {
        Some(Number::Int(number)) => {
            number.checked_abs().map(int).ok_or_else(|| unknown_call("abs"))
        }
        Some(Number::Float(float)) => Ok(Value::Float(float.abs())),
        None => Err(unknown_call("abs")),
    }
}

pub fn character(code: i128) -> Known<Value> {
    u32::try_from(code)
        .ok()
        .and_then(char::from_u32)
        .map(|char| Value::Str(char.to_string().into()))
        .ok_or_else(|| doubt("a character that UTF-8 cannot hold"))
}

pub fn ordinal(value: &Value) -> Known<Value> {
    match value {
        Value::Str(text) if text.chars().count() == 1 => {
            Ok(int(text.chars().next().map_or(0, u32::from)))
        }
        Value::Bytes(bytes) if bytes.len() == 1 => Ok(int(bytes[0])),
        _ => Err(unknown_call("ord")),
    }
}

pub fn based(name: &str, number: i128) -> Known<Value> {
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    Ok(Value::Str(match name {
        "hex" => format_compact!("{sign}{size:#x}"),
        "bin" => format_compact!("{sign}{size:#b}"),
        _ => format_compact!("{sign}{size:#o}"),
    }))
}

/// The exact type of a value that has a built-in one.
pub fn type_name(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::None => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Complex(..) => "complex",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::Tuple(_) => "tuple",
        Value::List(_) => "list",
        Value::Set(_) => "set",
        Value::FrozenSet(_) => "frozenset",
        Value::Dict(_) => "dict",
        _ => return None,
    })
}

pub fn type_of(value: &Value) -> Known<Value> {
    let name = type_name(value).ok_or_else(|| unknown_call("type"))?;
    let path = format_compact!("builtins.{name}");
    Ok(Value::Named(super::Named { name: name.into(), path, place: None }))
}

/// `isinstance(value, class)` for built-in types.
pub fn is_instance(value: &Value, class: &Value) -> Known<bool> {
    match class {
        Value::Tuple(classes) => {
            let mut found = false;
            for class in classes {
                found |= is_instance(value, &class.value)?;
            }
            Ok(found)
        }
        Value::Named(class) => {
            let class =
                class.path.strip_prefix("builtins.").filter(|name| repr::is_builtin_type(name));
            match (class, type_name(value)) {
                (Some("object"), _) => Ok(true),
                (Some("int"), Some("bool")) => Ok(true),
                (Some(class), Some(name)) => Ok(class == name),
                _ => Err(unknown_call("isinstance")),
            }
        }
        _ => Err(unknown_call("isinstance")),
    }
}
