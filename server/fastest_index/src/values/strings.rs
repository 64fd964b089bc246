//! Text as Python writes it: `ascii()`-like escapes of pytest's ids, and `repr` of strings.

use std::fmt::Write as _;

/// pytest's `ascii_escaped` of a `str`: the `unicode_escape` codec, then what is not printable
/// ASCII as `\x..`.
#[must_use]
pub fn escape_str(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            ' '..='~' => escaped.push(char),
            _ => push_code(&mut escaped, char),
        }
    }
    escaped
}

/// pytest's `ascii_escaped` of a `bytes`: a backslash stays as it is.
#[must_use]
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut escaped = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\t' => escaped.push_str("\\t"),
            b'\n' => escaped.push_str("\\n"),
            b'\r' => escaped.push_str("\\r"),
            b' '..=b'~' => escaped.push(char::from(byte)),
            _ => push_hex(&mut escaped, byte),
        }
    }
    escaped
}

/// `repr` of a `str`; `None` where it depends on whether Python's version of Unicode holds a
/// character to be printable.
#[must_use]
pub fn repr_str(text: &str) -> Option<String> {
    let quote = quote_for(text.contains('\''), text.contains('"'));
    let mut written = String::with_capacity(text.len() + 2);
    written.push(quote);
    for char in text.chars() {
        match char {
            '\\' => written.push_str("\\\\"),
            '\t' => written.push_str("\\t"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            _ if char == quote => written.extend(['\\', quote]),
            ' '..='~' => written.push(char),
            '\0'..='\u{a0}' | '\u{ad}' => push_code(&mut written, char),
            _ if is_surely_printable(char) => written.push(char),
            _ => return None,
        }
    }
    written.push(quote);
    Some(written)
}

/// `repr` of a `bytes`.
#[must_use]
pub fn repr_bytes(bytes: &[u8]) -> String {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut written = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => written.push_str("\\\\"),
            b'\t' => written.push_str("\\t"),
            b'\n' => written.push_str("\\n"),
            b'\r' => written.push_str("\\r"),
            _ if char::from(byte) == quote => written.extend(['\\', quote]),
            b' '..=b'~' => written.push(char::from(byte)),
            _ => push_hex(&mut written, byte),
        }
    }
    written.push(quote);
    written
}

/// Python prefers single quotes unless the text has some and no double ones.
const fn quote_for(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

/// A character by its code: two, four or eight hexadecimal digits.
fn push_code(text: &mut String, char: char) {
    let code = u32::from(char);
    // Writing to a string cannot fail.
    let _ = match code {
        0..=0xff => write!(text, "\\x{code:02x}"),
        0x100..=0xffff => write!(text, "\\u{code:04x}"),
        _ => write!(text, "\\U{code:08x}"),
    };
}

fn push_hex(text: &mut String, byte: u8) {
    let _ = write!(text, "\\x{byte:02x}");
}

/// Whether a character above Latin-1's control characters is printable in every version of
/// Unicode that a supported Python has: blocks without gaps, and letters and digits of old ones.
fn is_surely_printable(char: char) -> bool {
    match char {
        '\u{a1}'..='\u{ff}' | '\u{100}'..='\u{24f}' => char != '\u{ad}',
        '\u{370}'..='\u{52f}' | '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{64a}' => {
            char.is_alphanumeric()
        }
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20bf}' => true,
        '\u{2190}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}' => true,
        '\u{3001}'..='\u{303f}' | '\u{3041}'..='\u{3096}' | '\u{30a0}'..='\u{30ff}' => true,
        '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}' => true,
        '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6c5}' => true,
        _ => false,
    }
}
