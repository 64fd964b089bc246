//! Places in a text: lines and columns as editors count them, bytes as everything else does.
//!
//! Lines end with `\n`, `\r\n` or a lone `\r`, as in the Language Server Protocol; no other
//! character ends one. A byte order mark is an ordinary character here.

use ropey::Rope;

/// A place in a text as editors name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Lines before this one.
    pub line: u32,
    /// Units of a [`PositionEncoding`] before this place on its line.
    pub column: u32,
}

impl Position {
    /// The place `column` units into line `line`, both counted from zero.
    #[must_use]
    pub const fn new(line: u32, column: u32) -> Self {
        Self { line, column }
    }
}

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PositionEncoding {
    /// Bytes of UTF-8.
    Utf8,
    /// UTF-16 code units, which is what an editor means that has negotiated nothing.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// The byte at which `position` stands.
///
/// A line past the end is the end of the text, a column past the end of its line is that end
/// (before the line break), and a column inside a character is the start of that character.
pub(super) fn offset_at(text: &Rope, position: Position, encoding: PositionEncoding) -> usize {
    let line = position.line as usize;
    if line >= text.len_lines() {
        return text.len_bytes();
    }
    let start = text.line_to_char(line);
    let end = line_end(text, line);
    let column = position.column as usize;
    let char_index = match encoding {
        PositionEncoding::Utf8 => {
            text.byte_to_char(text.len_bytes().min(text.char_to_byte(start) + column))
        }
        PositionEncoding::Utf16 => {
            let units = text.char_to_utf16_cu(start) + column;
            text.utf16_cu_to_char(units.min(text.len_utf16_cu()))
        }
        PositionEncoding::Utf32 => start + column,
    };
    text.char_to_byte(char_index.min(end))
}

/// The position of the byte `offset`.
///
/// An offset past the end is the end, one inside a character or between the two characters of
/// `\r\n` is the place before it.
pub(super) fn position_at(text: &Rope, offset: usize, encoding: PositionEncoding) -> Position {
    let char_index = text.byte_to_char(offset.min(text.len_bytes()));
    let line = text.char_to_line(char_index);
    let start = text.line_to_char(line);
    let char_index = char_index.min(line_end(text, line));
    let column = match encoding {
        PositionEncoding::Utf8 => text.char_to_byte(char_index) - text.char_to_byte(start),
        PositionEncoding::Utf16 => text.char_to_utf16_cu(char_index) - text.char_to_utf16_cu(start),
        PositionEncoding::Utf32 => char_index - start,
    };
    Position::new(saturate(line), saturate(column))
}

/// The character after the last one of `line` that is not part of its line break.
fn line_end(text: &Rope, line: usize) -> usize {
    let start = text.line_to_char(line);
    let mut end = text.line_to_char(line + 1);
    if end > start && text.char(end - 1) == '\n' {
        end -= 1;
    }
    if end > start && text.char(end - 1) == '\r' {
        end -= 1;
    }
    end
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
