//! Whether a function's body yields at its own level.

use super::cursor::Cursor;
use super::literals::{is_word, string_end};

/// Whether a `yield` stands in `start..end`, the text after a function's header, outside of
/// nested functions, classes and lambdas.
pub(super) fn yields(source: &str, start: usize, end: usize) -> bool {
    let mut cursor = Cursor::new(&source[..end]);
    cursor.pos = start;
    cursor.skip_blanks();
    let mut column = 0;
    let mut nested: Option<usize> = None;
    loop {
        let line_start = cursor.pos;
        if nested.is_none_or(|outer| column <= outer) {
            nested = starts_definition(&mut cursor).then_some(column);
            cursor.pos = line_start;
            if nested.is_none() && line_yields(&mut cursor) {
                return true;
            }
        }
        cursor.column = column;
        cursor.finish_line();
        let Some(line) = cursor.line() else { return false };
        (cursor.pos, column) = (line.start, line.column);
    }
}

fn starts_definition(cursor: &mut Cursor<'_>) -> bool {
    if cursor.word() == "async" {
        cursor.pos += "async".len();
        cursor.skip_blanks();
    }
    matches!(cursor.word(), "def" | "class")
}

/// Whether the logical line at `pos`, which does not move, yields.
fn line_yields(cursor: &mut Cursor<'_>) -> bool {
    let start = cursor.pos;
    cursor.walk_line();
    let end = std::mem::replace(&mut cursor.pos, start);
    let line = &cursor.bytes[..end];
    memchr::memmem::find(&line[start..], b"yield").is_some() && code_yields(line, start)
}

/// Whether code yields outside of lambdas. A lambda's own `yield` stands in parentheses, deeper
/// than the lambda itself.
fn code_yields(code: &[u8], mut at: usize) -> bool {
    let mut depth = 0_i32;
    let mut lambda: Option<i32> = None;
    let mut in_params = false;
    while at < code.len() {
        let byte = code[at];
        let next = at + 1;
        at = match byte {
            b'\'' | b'"' => string_end(code, at).unwrap_or(code.len()),
            b'#' => {
                next + memchr::memchr2(b'\n', b'\r', &code[next..]).unwrap_or(code.len() - next)
            }
            _ if is_word(byte) => {
                let len = code[at..].iter().position(|&byte| !is_word(byte));
                let end = len.map_or(code.len(), |len| at + len);
                match &code[at..end] {
                    b"yield" if lambda.is_none_or(|outer| depth <= outer) => return true,
                    b"lambda" if lambda.is_none() => (lambda, in_params) = (Some(depth), true),
                    _ => {}
                }
                end
            }
            _ => {
                depth += i32::from(matches!(byte, b'(' | b'[' | b'{'));
                depth -= i32::from(matches!(byte, b')' | b']' | b'}'));
                in_params &= !(byte == b':' && lambda == Some(depth));
                let ends = byte == b',' && !in_params;
                lambda = lambda.filter(|&outer| depth > outer || depth == outer && !ends);
                next
            }
        };
    }
    false
}
