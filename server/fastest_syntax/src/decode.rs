//! Bytes of a source file to text, as Python decodes them (PEP 263).
//!
//! Nearly every file is UTF-8, and is validated where it lies. Others name their encoding in a
//! comment of their first two lines. A byte order mark stays in the text; scanning passes it.

use std::borrow::Cow;

use encoding_rs::Encoding;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a file cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeProblem {
    /// What Python says of it.
    pub message: String,
    /// The offending byte's offset from the file's start, if a byte is to blame.
    pub offset: Option<usize>,
}

/// Decodes a source file. Offsets into the result are offsets into the file if, and only if, the
/// file is UTF-8.
///
/// # Errors
///
/// A null byte, a byte that the file's encoding does not know, or an encoding that nobody knows;
/// worded as Python words it, positions counted from the file's start.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, DecodeProblem> {
    if let Some(offset) = memchr::memchr(0, bytes) {
        let message = "source code cannot contain null bytes".to_owned();
        return Err(DecodeProblem { message, offset: Some(offset) });
    }
    match cookie(bytes) {
        None => decode_utf8(bytes),
        Some(name) => decode_named(bytes, name),
    }
}

fn decode_named<'b>(bytes: &'b [u8], name: &str) -> Result<Cow<'b, str>, DecodeProblem> {
    let normal = normalized(name);
    if normal == "utf-8" {
        return decode_utf8(bytes);
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        let message = format!("encoding problem: {normal} with BOM");
        return Err(DecodeProblem { message, offset: None });
    }
    match &*normal {
        "iso-8859-1" => Ok(bytes.iter().map(|&byte| char::from(byte)).collect()),
        "ascii" | "us-ascii" => decode_ascii(bytes),
        _ => decode_other(bytes, name, &normal),
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<Cow<'_, str>, DecodeProblem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let starts = matches!(bytes[offset], 0xc2..=0xf4);
        let reason = if starts { "invalid continuation byte" } else { "invalid start byte" };
        undecodable("utf-8", bytes, offset, reason)
    })?;
    Ok(Cow::Borrowed(text))
}

fn decode_ascii(bytes: &[u8]) -> Result<Cow<'_, str>, DecodeProblem> {
    match bytes.iter().position(|byte| !byte.is_ascii()) {
        Some(offset) => Err(undecodable("ascii", bytes, offset, "ordinal not in range(128)")),
        None => decode_utf8(bytes),
    }
}

fn decode_other<'b>(
    bytes: &'b [u8],
    name: &str,
    normal: &str,
) -> Result<Cow<'b, str>, DecodeProblem> {
    let label = python_alias(normal);
    let Some(encoding) = Encoding::for_label_no_replacement(label.as_bytes()) else {
        return Err(DecodeProblem { message: format!("unknown encoding: {name}"), offset: None });
    };
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
        let message = format!("'{normal}' codec can't decode this file");
        DecodeProblem { message, offset: None }
    })
}

fn undecodable(codec: &str, bytes: &[u8], offset: usize, reason: &str) -> DecodeProblem {
    let byte = bytes[offset];
    let whose = if codec == "utf-8" { "(unicode error) " } else { "" };
    let message = format!(
        "{whose}'{codec}' codec can't decode byte 0x{byte:02x} in position {offset}: {reason}"
    );
    DecodeProblem { message, offset: Some(offset) }
}

/// The encoding that a comment of the first two lines names.
fn cookie(bytes: &[u8]) -> Option<&str> {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let (first, rest) = first_line(text);
    let comment = comment_of(first)?;
    if let Some(name) = named_in(comment) {
        return Some(name);
    }
    let (second, _) = first_line(rest);
    named_in(comment_of(second)?)
}

fn first_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let rest = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or(b"");
    (line, rest)
}

/// What follows the `#` of a line that is only a comment; empty for a blank line.
fn comment_of(line: &[u8]) -> Option<&[u8]> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | 0x0c);
    let start = line.iter().position(|byte| !blank(byte)).unwrap_or(line.len());
    match &line[start..] {
        [] => Some(&[]),
        [b'#', comment @ ..] => Some(comment),
        _ => None,
    }
}

/// The name in `coding: name` or `coding=name`.
fn named_in(comment: &[u8]) -> Option<&str> {
    memchr::memmem::find_iter(comment, b"coding").find_map(|at| {
        let rest = &comment[at + "coding".len()..];
        let rest = rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"="))?;
        let rest = rest.trim_ascii_start();
        let is_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let len = rest.iter().position(|byte| !is_name(byte)).unwrap_or(rest.len());
        std::str::from_utf8(&rest[..len]).ok().filter(|name| !name.is_empty())
    })
}

/// The name as Python compares it: `UTF_8` is `utf-8`, `latin-1-unix` is `iso-8859-1`.
fn normalized(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let is = |known: &str| {
        name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    if is("utf-8") || name == "utf8" || name == "u8" {
        "utf-8".to_owned()
    } else if ["latin-1", "iso-8859-1", "iso-latin-1"].into_iter().any(is)
        || matches!(&*name, "latin1" | "latin" | "l1" | "iso8859-1" | "8859")
    {
        "iso-8859-1".to_owned()
    } else {
        name
    }
}

/// The web's label of an encoding that Python calls by another name.
fn python_alias(name: &str) -> String {
    if let Some(number) = name.strip_prefix("cp125") {
        return format!("windows-125{number}");
    }
    match name {
        "cp932" | "ms932" | "sjis" | "shift-jis" | "shiftjis" => "shift_jis".to_owned(),
        "cp949" | "euckr" | "uhc" => "euc-kr".to_owned(),
        "eucjp" | "ujis" => "euc-jp".to_owned(),
        "cp936" => "gbk".to_owned(),
        "cp866" => "ibm866".to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        let decoded = decode(bytes).map_err(|problem| problem.message);
        assert_eq!(decoded.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn utf8_is_borrowed() {
        assert!(matches!(decode("é = 1".as_bytes()), Ok(Cow::Borrowed("é = 1"))));
        check(b"\xef\xbb\xbfx = 1", Ok("\u{feff}x = 1"));
        check(b"# -*- coding: UTF_8 -*-\n", Ok("# -*- coding: UTF_8 -*-\n"));
    }

    #[test]
    fn a_comment_of_the_first_two_lines_names_the_encoding() {
        check(b"# coding: latin-1\n'\xe9'", Ok("# coding: latin-1\n'é'"));
        check(
            b"#!python\n# vim: fileencoding=cp1252\n'\x80'",
            Ok("#!python\n# vim: fileencoding=cp1252\n'€'"),
        );
        check(b"#\r\n\x0c# coding=koi8-r\n'\xc1'", Ok("#\r\n\x0c# coding=koi8-r\n'а'"));
        let third = "(unicode error) 'utf-8' codec can't decode byte 0xe9 in position 22: invalid continuation byte";
        check(b"#\n#\n# coding: latin-1\n\xe9", Err(third));
        let after_code = "(unicode error) 'utf-8' codec can't decode byte 0xff in position 24: invalid start byte";
        check(b"x = 1\n# coding: latin-1\n\xff", Err(after_code));
    }

    #[test]
    fn problems_are_worded_as_python_words_them() {
        let position = "(unicode error) 'utf-8' codec can't decode byte 0xff in position 9: invalid start byte";
        check(b"a\r\nb\r\nx='\xff'", Err(position));
        let ascii =
            "'ascii' codec can't decode byte 0xe9 in position 19: ordinal not in range(128)";
        check(b"# coding: ascii\nx='\xe9'", Err(ascii));
        check(b"a\0b", Err("source code cannot contain null bytes"));
        check(b"# coding: foo\n", Err("unknown encoding: foo"));
        check(b"\xef\xbb\xbf# coding: koi8-r\n", Err("encoding problem: koi8-r with BOM"));
    }
}
