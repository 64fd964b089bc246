//! Texts of files, open or on disk: offsets to places, slices to hashes.

use std::hash::Hasher;
use std::path::Path;

use fastest_model::Span;
use fastest_syntax::document::{Document, PositionEncoding};
use xxhash_rust::xxh3::Xxh3;

use crate::protocol::{Position, Range};

/// A text that offsets count in.
#[derive(Debug)]
pub enum Text<'t> {
    /// Of an open document.
    Open(&'t Document),
    /// In one piece: of a file, or of a document that many places are asked of.
    Whole(WholeText),
}

/// A text in one piece and where its lines start.
#[derive(Debug, Default)]
pub struct WholeText {
    text: String,
    starts: Vec<u32>,
}

impl WholeText {
    /// Reads a file; one that cannot be read is empty.
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        let text = match fastest_syntax::decode::decode(&bytes) {
            Ok(text) => text.into_owned(),
            Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        Self::new(text)
    }

    /// A text.
    pub fn new(text: String) -> Self {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (at, &byte) in (1u32..).zip(bytes) {
            if byte == b'\n' || (byte == b'\r' && bytes.get(at as usize) != Some(&b'\n')) {
                starts.push(at);
            }
        }
        Self { text, starts }
    }

    fn line(&self, line: usize) -> &str {
        let Some(&start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).map_or(self.text.len(), |&end| end as usize);
        self.text[start as usize..end].trim_end_matches(['\n', '\r'])
    }

    fn position(&self, offset: u32, encoding: PositionEncoding) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset).max(1) - 1;
        let text = self.line(line);
        let within = (offset - self.starts[line].min(offset)) as usize;
        let mut end = within.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Position { line: count(line), character: units(&text[..end], encoding) }
    }
}

fn units(text: &str, encoding: PositionEncoding) -> u32 {
    count(match encoding {
        PositionEncoding::Utf8 => text.len(),
        PositionEncoding::Utf16 => text.encode_utf16().count(),
        PositionEncoding::Utf32 => text.chars().count(),
    })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Text<'_> {
    /// The same in one piece: made in the time of a hundred places of an open document, and
    /// each place of it takes a tenth.
    #[must_use]
    pub fn whole(self) -> Self {
        match self {
            Self::Open(document) => Self::Whole(WholeText::new(String::from(document.text()))),
            Self::Whole(text) => Self::Whole(text),
        }
    }

    /// The range of a span.
    pub fn range(&self, span: Span, encoding: PositionEncoding) -> Range {
        Range { start: self.position(span.start, encoding), end: self.position(span.end, encoding) }
    }

    fn position(&self, offset: u32, encoding: PositionEncoding) -> Position {
        match self {
            Self::Open(document) => {
                let place = document.position_at(offset, encoding);
                Position { line: place.line, character: place.column }
            }
            Self::Whole(text) => text.position(offset, encoding),
        }
    }

    /// A line, from 0, from its first to its last character that is no blank.
    pub fn line_range(&self, line: u32, encoding: PositionEncoding) -> Range {
        let text = self.line(line as usize);
        let start = text.len() - text.trim_start().len();
        let at = |end: usize| Position { line, character: units(&text[..end], encoding) };
        Range { start: at(start), end: at(text.trim_end().len().max(start)) }
    }

    fn line(&self, line: usize) -> String {
        match self {
            Self::Open(document) => {
                let text = document.text();
                if line >= text.len_lines() {
                    return String::new();
                }
                String::from(text.line(line)).trim_end_matches(['\n', '\r']).to_owned()
            }
            Self::Whole(text) => text.line(line).to_owned(),
        }
    }

    /// A hash of what stands in a span.
    pub fn hash(&self, span: Span) -> u64 {
        let mut hasher = Xxh3::new();
        match self {
            Self::Open(document) => {
                let text = document.text();
                let end = (span.end as usize).min(text.len_bytes());
                let start = (span.start as usize).min(end);
                match text.get_byte_slice(start..end) {
                    Some(slice) => slice.chunks().for_each(|chunk| hasher.write(chunk.as_bytes())),
                    // It does not begin or end between characters.
                    None => text.bytes_at(start).take(end - start).for_each(|b| hasher.write(&[b])),
                }
            }
            Self::Whole(text) => {
                let end = (span.end as usize).min(text.text.len());
                let start = (span.start as usize).min(end);
                hasher.write(&text.text.as_bytes()[start..end]);
            }
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use fastest_model::Span;
    use fastest_syntax::document::{Document, PositionEncoding};

    use super::{Text, WholeText};

    const SOURCE: &str = "a = 'ß𝒳'\r\n\tb = 1  \nlast";

    #[test]
    fn open_and_closed_texts_agree() {
        let document = Document::new(SOURCE);
        let (open, disk) = (Text::Open(&document), Text::Whole(WholeText::new(SOURCE.to_owned())));
        for encoding in [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32] {
            for start in 0..=u32::try_from(SOURCE.len()).unwrap() {
                let span = Span::new(start, u32::try_from(SOURCE.len()).unwrap());
                assert_eq!(open.range(span, encoding), disk.range(span, encoding), "{start}");
                assert_eq!(open.hash(span), disk.hash(span));
            }
            for line in 0..4 {
                assert_eq!(open.line_range(line, encoding), disk.line_range(line, encoding));
            }
        }
        let range = disk.line_range(1, PositionEncoding::Utf16);
        assert_eq!((range.start.character, range.end.character), (1, 6));
    }
}
