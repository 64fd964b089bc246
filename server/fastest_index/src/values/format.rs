//! `%`, `str.format` and the fields of f-strings, without format specifications other than the
//! plainest.

use super::containers::get;
use super::evaluate::Evaluator;
use super::numbers::Number;
use super::repr::{repr, text};
use super::{Element, Known, Value, doubt};

/// `format(value, "")`, as an f-string's field does it.
pub fn plain(value: &Value) -> Known<String> {
    match value {
        // How members of enumerations with a data type are formatted changed with 3.12.
        Value::EnumMember(member) if member.data.is_some() => Err(unclear()),
        _ => text(value),
    }
}

fn unclear() -> compact_str::CompactString {
    doubt("a format specification whose effect is known at run time only")
}

/// One value with a presentation like `s`, `d`, `05d`, `.2f` or `x`.
fn present(value: &Value, spec: &str) -> Known<String> {
    if spec.is_empty() {
        return plain(value);
    }
    let kind = spec.chars().next_back().unwrap_or('s');
    let width = &spec[..spec.len() - kind.len_utf8()];
    match (kind, value, Number::of(value)) {
        ('s', Value::Str(text), _) if width.is_empty() => Ok(text.to_string()),
        ('d', Value::Int(digits), _) if width.is_empty() => Ok(digits.to_string()),
        ('d' | 'x' | 'X' | 'b' | 'o', Value::Int(_), Some(Number::Int(int))) if int >= 0 => {
            let digits = match kind {
                'd' => format!("{int}"),
                'x' => format!("{int:x}"),
                'X' => format!("{int:X}"),
                'b' => format!("{int:b}"),
                _ => format!("{int:o}"),
            };
            padded(&digits, width)
        }
        ('f', Value::Int(_) | Value::Float(_), Some(number)) => fixed(number, width),
        _ => Err(unclear()),
    }
}

/// Digits, filled up with zeros to a width like `05`.
fn padded(digits: &str, width: &str) -> Known<String> {
    match (width, width.strip_prefix('0').map(str::parse::<usize>)) {
        ("", _) => Ok(digits.to_owned()),
        (_, Some(Ok(width))) if width < 1000 => Ok(format!("{digits:0>width$}")),
        _ => Err(unclear()),
    }
}

/// A number with a precision like `.2`.
fn fixed(number: Number, precision: &str) -> Known<String> {
    let digits = match precision.strip_prefix('.').map(str::parse::<usize>) {
        Some(Ok(digits)) if digits < 100 => digits,
        None if precision.is_empty() => 6,
        _ => return Err(unclear()),
    };
    match number.float() {
        Some(float) if float.is_finite() => Ok(format!("{float:.digits$}")),
        _ => Err(unclear()),
    }
}

/// The next argument of a positional format.
fn take<'v>(values: &mut std::slice::Iter<'v, Element>) -> Known<&'v Value> {
    let next = values.next().ok_or_else(|| doubt("a format with too few arguments"))?;
    Ok(&next.value)
}

impl Evaluator<'_, '_> {
    /// `format % right`
    pub fn percent(&self, format: &str, right: Value) -> Known<String> {
        let mapping = match &right {
            Value::Dict(items) => items.clone(),
            _ => Vec::new(),
        };
        let values = match right {
            Value::Tuple(elements) => elements,
            other => vec![super::containers::computed(other)],
        };
        let mut values = values.iter();
        let mut formatted = String::new();
        let mut rest = format;
        let mut is_mapped = false;
        while let Some((before, after)) = rest.split_once('%') {
            formatted.push_str(before);
            let named = after.strip_prefix('(').and_then(|after| after.split_once(')'));
            let spec = named.map_or(after, |(_, spec)| spec);
            let end = spec.find(|char: char| !matches!(char, '0'..='9' | '.'));
            let end = end.ok_or_else(unclear)?;
            let kind = spec[end..].chars().next().unwrap_or('%');
            rest = &spec[end + kind.len_utf8()..];
            if kind == '%' && end == 0 && named.is_none() {
                formatted.push('%');
                continue;
            }
            let value = match named {
                Some((name, _)) => {
                    is_mapped = true;
                    get(&mapping, &Value::Str(name.into()))?.ok_or_else(unclear)?
                }
                None => take(&mut values)?,
            };
            formatted.push_str(&percent_field(value, &spec[..end], kind)?);
        }
        formatted.push_str(rest);
        self.spend(formatted.len() / 64)?;
        if !is_mapped && values.next().is_some() {
            return Err(doubt("a format with too many arguments"));
        }
        Ok(formatted)
    }

    /// `format.format(*args, **kwargs)`
    pub fn str_format(
        &self,
        format: &str,
        args: &[Element],
        kwargs: &[(compact_str::CompactString, Element)],
    ) -> Known<String> {
        let mut formatted = String::new();
        let mut chars = format.char_indices().peekable();
        let mut automatic = 0;
        while let Some((at, char)) = chars.next() {
            let is_doubled = chars.peek().is_some_and(|&(_, next)| next == char);
            match char {
                '{' | '}' if is_doubled => {
                    formatted.push(char);
                    chars.next();
                }
                '{' => {
                    let length = format[at..].find('}').ok_or_else(unclear)?;
                    let field = &format[at + 1..at + length];
                    formatted.push_str(&brace_field(field, args, kwargs, &mut automatic)?);
                    while chars.next_if(|&(next, _)| next <= at + length).is_some() {}
                }
                '}' => return Err(unclear()),
                _ => formatted.push(char),
            }
        }
        self.spend(formatted.len() / 64)?;
        Ok(formatted)
    }
}

fn percent_field(value: &Value, width: &str, kind: char) -> Known<String> {
    match kind {
        's' if width.is_empty() => text(value),
        'r' if width.is_empty() => repr(value),
        'd' | 'i' => present(value, &format!("{width}d")),
        'x' | 'X' | 'o' | 'f' => present(value, &format!("{width}{kind}")),
        _ => Err(unclear()),
    }
}

/// `{}`, `{0}`, `{name}`, with `!s`, `!r` or a plain `:spec`.
fn brace_field(
    field: &str,
    args: &[Element],
    kwargs: &[(compact_str::CompactString, Element)],
    automatic: &mut usize,
) -> Known<String> {
    let (target, spec) = field.split_once(':').unwrap_or((field, ""));
    let (name, conversion) = target.split_once('!').unwrap_or((target, ""));
    if spec.contains('{') || name.contains(['.', '[']) {
        return Err(unclear());
    }
    let element = if name.is_empty() {
        *automatic += 1;
        args.get(*automatic - 1)
    } else if let Ok(index) = name.parse::<usize>() {
        args.get(index)
    } else {
        kwargs.iter().find(|(keyword, _)| keyword == name).map(|(_, element)| element)
    };
    let value = &element.ok_or_else(unclear)?.value;
    match conversion {
        "" => present(value, spec),
        "r" if spec.is_empty() => repr(value),
        "s" if spec.is_empty() => text(value),
        _ => Err(unclear()),
    }
}
