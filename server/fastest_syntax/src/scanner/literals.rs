//! Where string literals end: quotes, triple quotes, prefixes, and the fields of f-strings, in
//! which quotes may nest as they do from Python 3.12 on.

/// How deep f-strings may nest in one another; Python stops at 150.
const MAX_NESTING: u32 = 100;

/// What the letters before a quote say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// `r`: backslashes are text.
    pub raw: bool,
    /// `b`
    pub bytes: bool,
    /// `f`: fields in braces.
    pub format: bool,
    /// `t` (Python 3.14): fields in braces, and no string comes of it.
    pub template: bool,
}

/// A string literal that does not end where it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unterminated {
    /// Whether its quotes are triple.
    pub triple: bool,
}

impl Prefix {
    /// The prefix that a word right before a quote spells, if it is one.
    pub fn of(word: &[u8]) -> Option<Self> {
        let mut prefix = Self::default();
        for (at, letter) in word.iter().enumerate() {
            let flag = match letter.to_ascii_lowercase() {
                b'r' => &mut prefix.raw,
                b'b' => &mut prefix.bytes,
                b'f' => &mut prefix.format,
                b't' => &mut prefix.template,
                b'u' if at == 0 && word.len() == 1 => return Some(prefix),
                _ => return None,
            };
            if std::mem::replace(flag, true) {
                return None;
            }
        }
        let kinds = [prefix.bytes, prefix.format, prefix.template];
        (kinds.iter().filter(|&&kind| kind).count() <= 1).then_some(prefix)
    }

    /// The prefix of the string whose opening quote is at `quote`.
    pub fn before(bytes: &[u8], quote: usize) -> Self {
        let start = (quote.saturating_sub(3)..quote)
            .rev()
            .find(|&at| !is_word(bytes[at]))
            .map_or(quote.saturating_sub(3), |at| at + 1);
        if quote - start > 2 {
            Self::default()
        } else {
            Self::of(&bytes[start..quote]).unwrap_or_default()
        }
    }

    /// Whether braces within the string hold expressions.
    pub const fn has_fields(self) -> bool {
        self.format || self.template
    }
}

/// Whether a byte may stand within an identifier or a number.
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a byte ends a line.
pub(crate) const fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// How many quotes open the string at `quote`: one or three.
pub(crate) fn quote_width(bytes: &[u8], quote: usize) -> usize {
    let mark = bytes[quote];
    if bytes.get(quote + 1) == Some(&mark) && bytes.get(quote + 2) == Some(&mark) { 3 } else { 1 }
}

/// One past the closing quote of the string that opens at `quote`.
pub(crate) fn string_end(bytes: &[u8], quote: usize) -> Result<usize, Unterminated> {
    nested_string_end(bytes, quote, 0)
}

/// One past the `}` of the field of an f-string that starts at `at`, after its `{`; the string
/// opens at `quote`.
pub(crate) fn field_end(bytes: &[u8], quote: usize, at: usize) -> Option<usize> {
    let raw = Prefix::before(bytes, quote).raw;
    let (mark, width) = (bytes[quote], quote_width(bytes, quote));
    Fields { bytes, mark, width, raw, depth: 0 }.field_end(at, 0)
}

fn nested_string_end(bytes: &[u8], quote: usize, depth: u32) -> Result<usize, Unterminated> {
    let width = quote_width(bytes, quote);
    let prefix = Prefix::before(bytes, quote);
    let end = if prefix.has_fields() && depth < MAX_NESTING {
        Fields { bytes, mark: bytes[quote], width, raw: prefix.raw, depth }.text_end(quote + width)
    } else if width == 3 {
        triple_end(bytes, bytes[quote], quote + 3)
    } else {
        single_end(bytes, bytes[quote], quote + 1)
    };
    end.ok_or(Unterminated { triple: width == 3 })
}

fn single_end(bytes: &[u8], mark: u8, mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            b'\\' => at = after_escape(bytes, at),
            byte if byte == mark => return Some(at + 1),
            byte if is_newline(byte) => return None,
            _ => at += 1,
        }
    }
}

fn triple_end(bytes: &[u8], mark: u8, mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(mark, b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'\\' {
            at = after_escape(bytes, at);
        } else if closes(bytes, mark, 3, at) {
            return Some(at + 3);
        } else {
            at += 1;
        }
    }
}

/// Past a backslash and what it escapes; `\r\n` is escaped as a whole.
fn after_escape(bytes: &[u8], at: usize) -> usize {
    let is_crlf = bytes.get(at + 1) == Some(&b'\r') && bytes.get(at + 2) == Some(&b'\n');
    at + if is_crlf { 3 } else { 2 }
}

fn closes(bytes: &[u8], mark: u8, width: usize, at: usize) -> bool {
    bytes.get(at..at + width).is_some_and(|quotes| quotes.iter().all(|&byte| byte == mark))
}

/// The string with fields that is being walked.
#[derive(Clone, Copy)]
struct Fields<'s> {
    bytes: &'s [u8],
    mark: u8,
    width: usize,
    raw: bool,
    depth: u32,
}

impl Fields<'_> {
    /// One past the closing quotes, from `at` within the text.
    fn text_end(self, mut at: usize) -> Option<usize> {
        loop {
            let byte = *self.bytes.get(at)?;
            at = match byte {
                b'\\' => self.after_backslash(at),
                b'{' if self.bytes.get(at + 1) == Some(&b'{') => at + 2,
                b'{' => self.field_end(at + 1, self.depth)?,
                _ if closes(self.bytes, self.mark, self.width, at) => return Some(at + self.width),
                _ if is_newline(byte) && self.width == 1 => return None,
                _ => at + 1,
            };
        }
    }

    /// Past a backslash in the text. It does not keep a brace from opening a field, but the
    /// braces of `\N{DASH}` are no field.
    fn after_backslash(self, at: usize) -> usize {
        match self.bytes.get(at + 1) {
            Some(b'{' | b'}') => at + 1,
            Some(b'N') if !self.raw && self.bytes.get(at + 2) == Some(&b'{') => {
                let name = &self.bytes[at + 3..];
                let ends = |&byte: &u8| byte == b'}' || byte == self.mark || is_newline(byte);
                at + 3 + name.iter().position(ends).unwrap_or(name.len())
            }
            _ => after_escape(self.bytes, at),
        }
    }

    /// One past the `}` of a field, from `at` within it.
    fn field_end(self, mut at: usize, depth: u32) -> Option<usize> {
        let mut open = 0_u32;
        loop {
            let byte = *self.bytes.get(at)?;
            at = match byte {
                b'\'' | b'"' => nested_string_end(self.bytes, at, depth + 1).ok()?,
                b'(' | b'[' | b'{' => {
                    open += 1;
                    at + 1
                }
                b'}' if open == 0 => return Some(at + 1),
                b')' | b']' | b'}' => {
                    open = open.checked_sub(1)?;
                    at + 1
                }
                b'!' if open == 0 && self.bytes.get(at + 1) == Some(&b'=') => at + 2,
                b':' if open == 0 => return self.specification_end(at + 1, depth),
                b'#' => at + memchr::memchr2(b'\n', b'\r', &self.bytes[at..])?,
                _ => at + 1,
            };
        }
    }

    /// One past the `}` of a field, from `at` within its format specification.
    fn specification_end(self, mut at: usize, depth: u32) -> Option<usize> {
        loop {
            let byte = *self.bytes.get(at)?;
            at = match byte {
                b'}' => return Some(at + 1),
                b'{' if depth < MAX_NESTING => self.field_end(at + 1, depth + 1)?,
                b'\\' => self.after_backslash(at),
                _ if closes(self.bytes, self.mark, self.width, at) => return None,
                _ if is_newline(byte) && self.width == 1 => return None,
                _ => at + 1,
            };
        }
    }
}
