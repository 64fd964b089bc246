//! Escape sequences of string and bytes literals.

use compact_str::CompactString;

/// Appends what a string literal's text stands for. `None` where that is not known: named
/// characters (`\N{…}`), lone surrogates, broken escapes.
pub(super) fn unescape(text: &str, raw: bool, into: &mut CompactString) -> Option<()> {
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\\', b'\r', rest.as_bytes()) {
        into.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('\r') {
            into.push('\n');
            after_line_break(rest)
        } else if raw {
            into.push('\\');
            &rest[1..]
        } else {
            escape(&rest[1..], into)?
        };
    }
    into.push_str(rest);
    Some(())
}

/// A line break within a literal is `\n`, however the file ends its lines.
fn after_line_break(rest: &str) -> &str {
    rest.strip_prefix("\r\n").unwrap_or(&rest[1..])
}

/// Appends what the escape whose backslash stands before `rest` means; returns what follows it.
fn escape<'s>(rest: &'s str, into: &mut CompactString) -> Option<&'s str> {
    let Some(letter) = rest.bytes().next() else {
        into.push('\\');
        return Some(rest);
    };
    let after = rest.get(1..);
    let (value, len) = match letter {
        b'\n' => return after,
        b'\r' => return Some(after_line_break(rest)),
        b'x' => (hex(rest, 2)?, 3),
        b'u' => (hex(rest, 4)?, 5),
        b'U' => (hex(rest, 8)?, 9),
        b'N' => return None,
        b'0'..=b'7' => octal(rest),
        _ => match simple(letter) {
            Some(byte) => (u32::from(byte), 1),
            None => {
                into.push('\\');
                return Some(rest);
            }
        },
    };
    into.push(char::from_u32(value)?);
    rest.get(len..)
}

/// Appends what a bytes literal's text stands for.
pub(super) fn unescape_bytes(text: &str, raw: bool, into: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        rest = match first {
            b'\r' => {
                into.push(b'\n');
                after_line_break(rest)
            }
            b'\\' if !raw => escape_byte(&rest[1..], into)?,
            _ if first.is_ascii() => {
                into.push(first);
                &rest[1..]
            }
            _ => return None,
        };
    }
    Some(())
}

fn escape_byte<'s>(rest: &'s str, into: &mut Vec<u8>) -> Option<&'s str> {
    let letter = rest.bytes().next()?;
    let (value, len) = match letter {
        b'\n' => return rest.get(1..),
        b'\r' => return Some(after_line_break(rest)),
        b'x' => (hex(rest, 2)?, 3),
        b'0'..=b'7' => octal(rest),
        _ => match simple(letter) {
            Some(byte) => (u32::from(byte), 1),
            None => {
                into.push(b'\\');
                return Some(rest);
            }
        },
    };
    into.push((value & 0xff) as u8);
    rest.get(len..)
}

const fn simple(letter: u8) -> Option<u8> {
    Some(match letter {
        b'\\' | b'\'' | b'"' => letter,
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        _ => return None,
    })
}

/// The value of the hexadecimal digits after an escape's letter.
fn hex(rest: &str, digits: usize) -> Option<u32> {
    let digits = rest.get(1..=digits)?;
    if digits.starts_with('+') { None } else { u32::from_str_radix(digits, 16).ok() }
}

/// The value and the length of an octal escape: one to three digits.
fn octal(rest: &str) -> (u32, usize) {
    let digits = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
    digits.fold((0, 0), |(value, len), digit| (value * 8 + u32::from(digit - b'0'), len + 1))
}
