//! Methods of strings, containers and marks.

use compact_str::CompactString;

use super::calls::{Args, with_args};
use super::containers::{computed, get, index, known};
use super::evaluate::Evaluator;
use super::library::integer;
use super::numbers::{count, int};
use super::{Element, IterableKind, Known, Value, doubt};

impl Evaluator<'_, '_> {
    /// `value.method(args)`
    pub fn method(&self, value: &Value, method: &str, args: Args) -> Known<Value> {
        match (value, method) {
            (Value::Mark(mark), "with_args") => return Ok(with_args(mark, args, None)),
            _ if args.is_open => return Err(doubt("arguments that are known at run time only")),
            (Value::Str(text), "format") => {
                let formatted = self.str_format(text, &args.positional, &args.keywords)?;
                return Ok(Value::Str(formatted.into()));
            }
            (Value::Str(text), "split" | "rsplit" | "splitlines") => {
                return split(text, method, &args);
            }
            _ => {}
        }
        let args = args.plain()?;
        match value {
            Value::Str(text) => self.str_method(text, method, &args),
            Value::Bytes(bytes) => bytes_method(bytes, method, &args),
            Value::Dict(items) => dict_method(items, method, &args),
            Value::Tuple(elements) | Value::List(elements) => {
                sequence_method(elements, method, &args)
            }
            Value::Set(left) | Value::FrozenSet(left) => self.set_method(value, left, method, args),
            Value::Int(_) if method == "bit_length" && args.is_empty() => {
                Ok(int(128 - integer(value)?.unsigned_abs().leading_zeros()))
            }
            Value::Unknown(reason) => Err(reason.clone()),
            _ => Err(unknown_method(method)),
        }
    }

    fn str_method(&self, text: &str, method: &str, args: &[Value]) -> Known<Value> {
        self.spend(text.len() / 64)?;
        match (method, args) {
            ("join", [parts]) => self.join(text, parts.clone()),
            ("replace", [Value::Str(from), Value::Str(to)]) if !from.is_empty() => {
                self.spend(text.len() * to.len() / 64)?;
                Ok(string(text.replace(from.as_str(), to)))
            }
            ("encode", []) => Ok(Value::Bytes(text.as_bytes().to_vec())),
            ("encode", [Value::Str(encoding)]) => encode(text, encoding),
            ("count", [Value::Str(part)]) if !part.is_empty() => {
                Ok(count(text.matches(part.as_str()).count()))
            }
            ("zfill" | "ljust" | "rjust", [width]) => {
                pad(text, method, usize::try_from(integer(width)?).unwrap_or(0), self)
            }
            _ => predicate(text, method, args)
                .or_else(|| changed_case(text, method, args))
                .or_else(|| stripped(text, method, args))
                .ok_or_else(|| unknown_method(method)),
        }
    }

    fn join(&self, separator: &str, parts: Value) -> Known<Value> {
        let mut joined = String::new();
        for (at, element) in self.iterate(parts)?.iter().enumerate() {
            let Value::Str(part) = known(&element.value)? else {
                return Err(doubt("a join of something that is no string"));
            };
            self.spend((separator.len() + part.len()) / 64)?;
            if at > 0 {
                joined.push_str(separator);
            }
            joined.push_str(&part);
        }
        Ok(string(joined))
    }

    fn set_method(
        &self,
        left_value: &Value,
        left: &[Element],
        method: &str,
        args: Vec<Value>,
    ) -> Known<Value> {
        use fastest_syntax::expr::BinaryOp;
        let op = match method {
            "copy" if args.is_empty() => return Ok(left_value.clone()),
            "union" => BinaryOp::BitOr,
            "intersection" => BinaryOp::BitAnd,
            "difference" => BinaryOp::Sub,
            "symmetric_difference" => BinaryOp::BitXor,
            _ => return Err(unknown_method(method)),
        };
        self.spend(left.len())?;
        args.into_iter().try_fold(left_value.clone(), |left, right| {
            let right = match right {
                Value::Set(_) | Value::FrozenSet(_) => right,
                _ => Value::Set(super::containers::unique(self.iterate(right)?)?),
            };
            self.binary(left, op, right)
        })
    }
}

fn unknown_method(method: &str) -> CompactString {
    compact_str::format_compact!("what `.{method}()` returns is known at run time only")
}

fn string(text: impl Into<CompactString>) -> Value {
    Value::Str(text.into())
}

fn strings<'t>(parts: impl Iterator<Item = &'t str>) -> Value {
    Value::List(parts.map(|part| computed(string(part))).collect())
}

/// `str.encode(encoding)` for encodings that every Python has.
pub fn encode(text: &str, encoding: &str) -> Known<Value> {
    let name = encoding.to_ascii_lowercase().replace('_', "-");
    let limit = match name.as_str() {
        "utf-8" | "utf8" => return Ok(Value::Bytes(text.as_bytes().to_vec())),
        "ascii" | "us-ascii" => 0x7f,
        "latin-1" | "latin1" | "iso-8859-1" => 0xff,
        _ => return Err(doubt("an encoding that is not known here")),
    };
    let byte = |char: char| u8::try_from(char).ok().filter(|&byte| byte <= limit);
    let bytes = text.chars().map(byte).collect::<Option<_>>();
    bytes.map(Value::Bytes).ok_or_else(|| doubt("an encoding that fails"))
}

fn split(text: &str, method: &str, args: &Args) -> Known<Value> {
    let args = args.plain()?;
    match (method, args.as_slice()) {
        // Python's white space has a few control characters more than Rust's.
        ("split" | "rsplit", [] | [Value::None]) if !has_separators(text) => {
            Ok(strings(text.split_whitespace()))
        }
        ("split" | "rsplit", [Value::Str(by)]) if !by.is_empty() => {
            Ok(strings(text.split(by.as_str())))
        }
        ("split", [Value::Str(by), limit]) if !by.is_empty() => {
            match usize::try_from(integer(limit)?) {
                Ok(limit) => Ok(strings(text.splitn(limit + 1, by.as_str()))),
                Err(_) => Ok(strings(text.split(by.as_str()))),
            }
        }
        ("splitlines", [])
            if text.chars().all(|char| char == '\n' || (' '..='~').contains(&char)) =>
        {
            Ok(strings(text.lines()))
        }
        _ => Err(unknown_method(method)),
    }
}

fn has_separators(text: &str) -> bool {
    text.contains(['\x1c', '\x1d', '\x1e', '\x1f'])
}

fn predicate(text: &str, method: &str, args: &[Value]) -> Option<Value> {
    let starts = |part: &Value| match part {
        Value::Str(part) if method == "startswith" => Some(text.starts_with(part.as_str())),
        Value::Str(part) => Some(text.ends_with(part.as_str())),
        _ => None,
    };
    let result = match (method, args) {
        ("startswith" | "endswith", [Value::Tuple(parts)]) => {
            let found: Option<Vec<bool>> = parts.iter().map(|part| starts(&part.value)).collect();
            found?.contains(&true)
        }
        ("startswith" | "endswith", [part]) => starts(part)?,
        _ if !args.is_empty() || !text.is_ascii() => return None,
        ("isdigit" | "isdecimal" | "isnumeric", _) => all(text, |char| char.is_ascii_digit()),
        ("isalpha", _) => all(text, |char| char.is_ascii_alphabetic()),
        ("isalnum", _) => all(text, |char| char.is_ascii_alphanumeric()),
        ("isidentifier", _) => {
            all(text, |char| char.is_ascii_alphanumeric() || char == '_')
                && !text.starts_with(|char: char| char.is_ascii_digit())
        }
        ("isupper", _) => {
            text.contains(|char: char| char.is_ascii_uppercase())
                && !text.contains(|char: char| char.is_ascii_lowercase())
        }
        ("islower", _) => {
            text.contains(|char: char| char.is_ascii_lowercase())
                && !text.contains(|char: char| char.is_ascii_uppercase())
        }
        _ => return None,
    };
    Some(Value::Bool(result))
}

fn all(text: &str, predicate: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(predicate)
}

/// Only for ASCII: what else has cases differs between versions of Unicode.
fn changed_case(text: &str, method: &str, args: &[Value]) -> Option<Value> {
    if !args.is_empty() || !text.is_ascii() {
        return None;
    }
    let capitalized = |text: &str| {
        let (first, rest) = text.split_at(text.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    };
    let changed = match method {
        "upper" => text.to_ascii_uppercase(),
        "lower" | "casefold" => text.to_ascii_lowercase(),
        "capitalize" => capitalized(text),
        "title" => {
            let words = text.split_inclusive(|char: char| !char.is_ascii_alphabetic());
            words.map(capitalized).collect()
        }
        "swapcase" => {
            let swap = |char: char| match char {
                'a'..='z' => char.to_ascii_uppercase(),
                _ => char.to_ascii_lowercase(),
            };
            text.chars().map(swap).collect()
        }
        _ => return None,
    };
    Some(string(changed))
}

fn stripped(text: &str, method: &str, args: &[Value]) -> Option<Value> {
    let stripped = match (method, args) {
        ("removeprefix", [Value::Str(prefix)]) => {
            text.strip_prefix(prefix.as_str()).unwrap_or(text)
        }
        ("removesuffix", [Value::Str(suffix)]) => {
            text.strip_suffix(suffix.as_str()).unwrap_or(text)
        }
        ("strip" | "lstrip" | "rstrip", [] | [Value::None]) if !has_separators(text) => {
            sides(text, method, char::is_whitespace)
        }
        ("strip" | "lstrip" | "rstrip", [Value::Str(set)]) => {
            sides(text, method, |char| set.contains(char))
        }
        _ => return None,
    };
    Some(string(stripped))
}

fn sides<'t>(text: &'t str, method: &str, matches: impl Fn(char) -> bool + Copy) -> &'t str {
    let text = if method == "rstrip" { text } else { text.trim_start_matches(matches) };
    if method == "lstrip" { text } else { text.trim_end_matches(matches) }
}

fn pad(text: &str, method: &str, width: usize, evaluator: &Evaluator<'_, '_>) -> Known<Value> {
    let missing = width.saturating_sub(text.chars().count());
    evaluator.spend(missing / 64)?;
    let filled = match method {
        "zfill" => {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
            format!("{sign}{}{digits}", "0".repeat(missing))
        }
        "ljust" => format!("{text}{}", " ".repeat(missing)),
        _ => format!("{}{text}", " ".repeat(missing)),
    };
    Ok(string(filled))
}

fn bytes_method(bytes: &[u8], method: &str, args: &[Value]) -> Known<Value> {
    match (method, args) {
        ("decode", []) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(string(text)),
            Err(_) => Err(doubt("bytes that are not UTF-8")),
        },
        ("hex", []) => {
            Ok(string(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
        }
        _ => Err(unknown_method(method)),
    }
}

fn dict_method(items: &[(Element, Element)], method: &str, args: &[Value]) -> Known<Value> {
    let pair = |(key, value): &(Element, Element)| {
        computed(Value::Tuple(vec![key.clone(), value.clone()]))
    };
    match (method, args) {
        ("items", []) => Ok(Value::Iterable(IterableKind::Items, items.iter().map(pair).collect())),
        ("keys", []) => {
            let keys = items.iter().map(|(key, _)| key.clone());
            Ok(Value::Iterable(IterableKind::Keys, keys.collect()))
        }
        ("values", []) => {
            let values = items.iter().map(|(_, value)| value.clone());
            Ok(Value::Iterable(IterableKind::Values, values.collect()))
        }
        ("copy", []) => Ok(Value::Dict(items.to_vec())),
        ("get", [key]) => get(items, key)?.map_or(Ok(Value::None), known),
        ("get", [key, default]) => get(items, key)?.map_or_else(|| Ok(default.clone()), known),
        _ => Err(unknown_method(method)),
    }
}

fn sequence_method(elements: &[Element], method: &str, args: &[Value]) -> Known<Value> {
    match (method, args) {
        ("copy", []) => Ok(Value::List(elements.to_vec())),
        ("count", [wanted]) => {
            let mut found = 0;
            for element in elements {
                found += usize::from(super::compare::equals(&element.value, wanted)?);
            }
            Ok(count(found))
        }
        ("__getitem__", [at]) => index(&Value::List(elements.to_vec()), at),
        _ => Err(unknown_method(method)),
    }
}
