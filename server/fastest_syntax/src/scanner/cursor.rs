//! Walking the text: lines and their indentation, brackets, strings, comments, continued lines.

use fastest_model::Span;

use super::classes::{
    BACKSLASH, CLASS, CLOSE, HASH, MARK, NEWLINE, OPEN, QUOTE, STRUCTURE, find_class, word_len,
};
use super::flaws::{About, Flaw};
use super::literals::{Prefix, is_newline, is_word, string_end};

/// The deepest nesting of brackets that Python reads.
const MAX_BRACKETS: usize = 200;

/// A line of code: where its first byte that is not blank stands, and how far it is indented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub start: usize,
    pub column: usize,
}

/// A place in the text, outside of strings.
pub(super) struct Cursor<'s> {
    pub source: &'s str,
    pub bytes: &'s [u8],
    /// The next byte to read.
    pub pos: usize,
    /// Everything before this was looked at.
    pub looked: usize,
    pub flaws: Vec<Flaw>,
    /// How far the logical line at hand is indented: where unclosed brackets may end.
    pub column: usize,
    /// The brackets that are open, innermost last.
    open: Vec<usize>,
    /// The line that `line()` found from a place, so that nested suites do not look again.
    peeked: Option<(usize, Option<Line>)>,
}

impl<'s> Cursor<'s> {
    pub fn new(source: &'s str) -> Self {
        Self {
            source,
            bytes: source.as_bytes(),
            pos: 0,
            looked: 0,
            flaws: Vec::new(),
            column: 0,
            open: Vec::new(),
            peeked: None,
        }
    }

    /// The next byte; 0 at the end of the text.
    pub fn byte(&self) -> u8 {
        self.byte_at(self.pos)
    }

    /// The byte at a place; 0 at the end of the text.
    pub fn byte_at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The text between two places.
    pub fn text(&self, start: usize, end: usize) -> &'s str {
        self.source.get(start..end).unwrap_or("")
    }

    /// Reports what is wrong with the text between two places, often whole lines: that they end
    /// there is known from the byte behind.
    pub fn flaw(&mut self, start: usize, end: usize, message: &'static str) {
        self.saw(end + 1);
        self.flaws.push(Flaw::new(span(start, end), message));
    }

    /// Reports what is wrong, naming the line of some place.
    pub fn flaw_about(&mut self, start: usize, end: usize, message: String, about: About) {
        self.saw(end + 1);
        self.flaws.push(Flaw { about, ..Flaw::new(span(start, end), message) });
    }

    /// The next line of code from the line start at `pos`, which does not move.
    pub fn line(&mut self) -> Option<Line> {
        let known = self.peeked.filter(|(from, _)| *from == self.pos);
        let line = known.map_or_else(|| find_line(self.bytes, self.pos), |(_, line)| line);
        // A step depends on a line that the step before it found, too.
        let seen = line.map_or(self.bytes.len() + 1, |line| line.start + "finally".len() + 1);
        self.saw(seen);
        self.peeked = Some((self.pos, line));
        line
    }

    /// Notes that what was read depends on all bytes before `end`.
    pub fn saw(&mut self, end: usize) {
        self.looked = self.looked.max(end);
    }

    /// Passes blanks and continued line ends.
    pub fn skip_blanks(&mut self) {
        loop {
            match self.byte() {
                b' ' | b'\t' | 0x0c => self.pos += 1,
                b'\\' if is_newline(self.byte_at(self.pos + 1)) => {
                    self.pos = after_newline(self.bytes, self.pos + 1);
                }
                _ => return,
            }
        }
    }

    /// The word that starts at `pos`, which does not move.
    pub fn word(&self) -> &'s str {
        let rest = &self.bytes[self.pos.min(self.bytes.len())..];
        self.text(self.pos, self.pos + word_len(rest))
    }

    /// Walks to the end of the logical line: its newline, its comment, or the end of the text.
    pub fn walk_line(&mut self) {
        while self.walk(STRUCTURE).is_some() {}
    }

    /// Walks to the next `;`, `:` or `=` outside of brackets; `None` at the end of the line.
    pub fn walk_to_mark(&mut self) -> Option<u8> {
        self.walk(STRUCTURE | MARK)
    }

    fn walk(&mut self, stops: u8) -> Option<u8> {
        loop {
            let rest = self.bytes.get(self.pos..)?;
            let Some(next) = find_class(rest, stops) else {
                self.pos = self.bytes.len();
                return None;
            };
            self.pos += next;
            match CLASS[rest[next] as usize] {
                NEWLINE | HASH => return None,
                MARK => return Some(rest[next]),
                QUOTE => self.string(),
                OPEN => self.brackets(),
                CLOSE => self.unmatched(),
                _ => self.backslash(),
            }
        }
    }

    /// Passes what is left of a line (blanks, a comment) and its newline.
    pub fn finish_line(&mut self) {
        if self.byte() != b'\n' {
            self.walk_line();
            self.pos = line_end(self.bytes, self.pos);
        }
        let ends_text = self.pos == self.bytes.len();
        let lone_return = self.byte() == b'\r' && self.byte_at(self.pos + 1) != b'\n';
        self.pos = after_newline(self.bytes, self.pos);
        self.saw(self.pos + usize::from(ends_text || lone_return));
    }

    /// Passes the string whose quote is at `pos`. One that does not end is taken to end with its
    /// first line, so that it hides nothing else.
    pub fn string(&mut self) {
        let start = self.pos;
        match string_end(self.bytes, start) {
            Ok(end) => {
                self.pos = end;
                self.saw(end);
            }
            Err(unterminated) => {
                self.pos = line_end(self.bytes, start);
                let (message, detected) = if unterminated.triple {
                    ("unterminated triple-quoted string literal", self.bytes.len())
                } else {
                    ("unterminated string literal", start)
                };
                // A backslash continues the string on the next line, and the fields of an f-string
                // may go on over lines and hold triple quotes.
                let continues = self.bytes[..self.pos].last() == Some(&b'\\');
                let has_fields = Prefix::before(self.bytes, start).has_fields();
                let far = unterminated.triple || continues || has_fields;
                self.saw(if far { self.bytes.len() + 1 } else { self.pos + 1 });
                let about = About::DetectedAt(detected as u32);
                self.flaw_about(start, self.pos, message.to_owned(), about);
            }
        }
    }

    fn unmatched(&mut self) {
        let message = match self.byte() {
            b')' => "unmatched ')'",
            b']' => "unmatched ']'",
            _ => "unmatched '}'",
        };
        self.flaw(self.pos, self.pos + 1, message);
        self.pos += 1;
    }

    fn backslash(&mut self) {
        let next = self.pos + 1;
        if is_newline(self.byte_at(next)) {
            self.pos = after_newline(self.bytes, next);
            self.saw(self.pos + 1);
            return;
        }
        let message = if next >= self.bytes.len() {
            "unexpected EOF while parsing"
        } else {
            "unexpected character after line continuation character"
        };
        self.flaw(self.pos, next, message);
        self.pos = next;
    }

    /// Passes the brackets that open at `pos`, and all within them.
    ///
    /// Brackets that never close are known by what follows: the end of the text, or a line that
    /// cannot stand within brackets. They are then taken to end before the first line within them
    /// that could be a statement of its own.
    pub fn brackets(&mut self) {
        debug_assert!(self.open.is_empty(), "brackets are passed as a whole");
        let mut candidate = None;
        let known = self.flaws.len();
        loop {
            let rest = self.bytes.get(self.pos..).unwrap_or_default();
            let stop = rest.iter().position(|&byte| CLASS[byte as usize] & STRUCTURE != 0);
            let Some(next) = stop else {
                self.saw(self.bytes.len() + 1);
                return self.never_closed(self.bytes.len(), candidate, known);
            };
            self.pos += next;
            match CLASS[rest[next] as usize] {
                OPEN if self.open.len() == MAX_BRACKETS => {
                    return self.never_closed(self.pos, candidate, known);
                }
                OPEN => {
                    self.open.push(self.pos);
                    self.pos += 1;
                }
                CLOSE => {
                    self.close();
                    if self.open.is_empty() {
                        // Whoever cannot read what is within goes back there.
                        return self.saw(self.pos);
                    }
                }
                QUOTE => self.string(),
                BACKSLASH => self.backslash(),
                HASH => self.pos = line_end(self.bytes, self.pos),
                _ => {
                    let newline = self.pos;
                    match self.line_in_brackets() {
                        InBrackets::Inside => {}
                        InBrackets::Candidate if candidate.is_some() => {}
                        InBrackets::Candidate => candidate = Some((newline, self.flaws.len())),
                        InBrackets::Outside => return self.never_closed(newline, candidate, known),
                    }
                }
            }
        }
    }

    /// Passes a newline within brackets and says what the line after it may be.
    fn line_in_brackets(&mut self) -> InBrackets {
        self.pos = after_newline(self.bytes, self.pos);
        let (start, column) = indentation(self.bytes, self.pos);
        if column > self.column {
            return InBrackets::Inside;
        }
        match self.byte_at(start) {
            b'@' => InBrackets::Candidate,
            byte if is_word(byte) && !byte.is_ascii_digit() => {
                self.saw(start + "async def ".len());
                let outside = starts_statement(&self.bytes[start..]);
                if outside { InBrackets::Outside } else { InBrackets::Candidate }
            }
            _ => InBrackets::Inside,
        }
    }

    fn close(&mut self) {
        let closing = self.byte();
        let matches = |&open: &usize| closing_of(self.bytes[open]) == closing;
        if let Some(&open) = self.open.last()
            && !matches(&open)
        {
            let opening = char::from(self.bytes[open]);
            let closing = char::from(closing);
            let message = format!(
                "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'"
            );
            let same_line = line_end(self.bytes, open) >= self.pos;
            let about = if same_line { About::Nothing } else { About::OnLine(open as u32) };
            self.flaw_about(self.pos, self.pos + 1, message, about);
        }
        if let Some(depth) = self.open.iter().rposition(matches) {
            self.open.truncate(depth);
        }
        self.pos += 1;
    }

    fn never_closed(&mut self, at: usize, candidate: Option<(usize, usize)>, known: usize) {
        self.saw(at.max(self.pos));
        let (end, flaws) = candidate.unwrap_or((at, self.flaws.len()));
        // What was read beyond the end is read again, as statements of their own.
        self.flaws.truncate(flaws.max(known));
        let open = self.open.iter().rev().copied().find(|&open| open < end).unwrap_or(at);
        let message = match self.byte_at(open) {
            b'(' => "'(' was never closed",
            b'[' => "'[' was never closed",
            _ => "'{' was never closed",
        };
        self.flaw(open, open + 1, message);
        self.open.clear();
        self.pos = end;
    }
}

/// Where a word first stands outside of brackets and strings within `start..end`.
pub(super) fn find_word(bytes: &[u8], start: usize, end: usize, word: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = start;
    while at < end {
        let byte = bytes[at];
        at = match CLASS[byte as usize] {
            QUOTE => string_end(bytes, at).unwrap_or(end),
            HASH => line_end(bytes, at),
            OPEN => {
                depth += 1;
                at + 1
            }
            CLOSE => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            _ if is_word(byte) => {
                let len = bytes[at..end].iter().position(|&byte| !is_word(byte));
                let word_end = len.map_or(end, |len| at + len);
                if depth == 0 && &bytes[at..word_end] == word.as_bytes() {
                    return Some(at);
                }
                word_end
            }
            _ => at + 1,
        };
    }
    None
}

/// The pieces of `start..end` between commas outside of brackets and strings.
pub(super) fn split_commas(bytes: &[u8], start: usize, end: usize) -> Vec<(usize, usize)> {
    let (mut pieces, mut from, mut at, mut depth) = (Vec::new(), start, start, 0_u32);
    while at < end {
        at = match CLASS[bytes[at] as usize] {
            QUOTE => string_end(bytes, at).unwrap_or(end),
            HASH => line_end(bytes, at),
            class => {
                depth += u32::from(class == OPEN);
                depth = depth.saturating_sub(u32::from(class == CLOSE));
                if bytes[at] == b',' && depth == 0 {
                    pieces.push((from, at));
                    from = at + 1;
                }
                at + 1
            }
        };
    }
    if !bytes[from..end].trim_ascii().is_empty() {
        pieces.push((from, end));
    }
    pieces
}

/// What a line that starts within brackets may be.
enum InBrackets {
    /// Part of what the brackets hold.
    Inside,
    /// A statement, if the brackets turn out not to close.
    Candidate,
    /// A statement: nothing within brackets starts so.
    Outside,
}

/// The range between two places.
pub(super) const fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}

/// The start of the line after the newline at `at`; `at` itself at the end of the text.
pub(super) fn after_newline(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => at + 2,
        Some(_) => at + 1,
        None => at,
    }
}

/// Where the physical line around `at` ends, its newline not included.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// The end of code within `start..end` once trailing blanks and continued line ends are gone.
pub(super) fn trim_end(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start {
        let last = bytes[end - 1];
        let continues =
            is_newline(last) || last == b'\\' && bytes.get(end).is_some_and(|&b| is_newline(b));
        if !(matches!(last, b' ' | b'\t' | 0x0c) || continues) {
            break;
        }
        end -= 1;
    }
    end
}

fn find_line(bytes: &[u8], mut pos: usize) -> Option<Line> {
    loop {
        let (start, column) = indentation(bytes, pos);
        match bytes.get(start)? {
            b'#' => pos = after_newline(bytes, line_end(bytes, start)),
            b'\n' | b'\r' => pos = after_newline(bytes, start),
            b'\\' if bytes.get(start + 1).is_some_and(|&byte| is_newline(byte)) => {
                let next = after_newline(bytes, start + 1);
                return Some(Line { start: indentation(bytes, next).0, column });
            }
            _ => return Some(Line { start, column }),
        }
    }
}

/// The first byte from `pos` that is no blank, and its column as Python counts: tabs reach to
/// multiples of eight, a form feed starts anew.
fn indentation(bytes: &[u8], pos: usize) -> (usize, usize) {
    let mut column = 0;
    let mut at = pos;
    loop {
        match bytes.get(at) {
            Some(b' ') => column += 1,
            Some(b'\t') => column = (column / 8 + 1) * 8,
            Some(0x0c) => column = 0,
            _ => return (at, column),
        }
        at += 1;
    }
}

const fn closing_of(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

/// Whether a line starts with a keyword that nothing within brackets starts with.
fn starts_statement(line: &[u8]) -> bool {
    let word_len = line.iter().position(|&byte| !is_word(byte)).unwrap_or(line.len());
    let (word, rest) = line.split_at(word_len);
    match word {
        b"def" | b"class" | b"import" | b"return" | b"raise" | b"assert" | b"del" | b"with"
        | b"while" | b"global" | b"nonlocal" => matches!(rest.first(), Some(b' ' | b'\t')),
        b"async" => rest.starts_with(b" def"),
        b"try" | b"finally" => rest.first() == Some(&b':'),
        _ => false,
    }
}
