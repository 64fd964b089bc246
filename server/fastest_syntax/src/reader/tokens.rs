//! The tokens of expressions.

use crate::scanner::literals::{Prefix, is_newline, is_word, string_end};

/// A token and where it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// What a token is. Operators and keywords bear Python's token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The fragment's end.
    End,
    /// No token, or a keyword that no expression holds.
    Bad,
    Name,
    Number,
    /// A string literal, prefix and quotes included.
    Text,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    Comma,
    Colon,
    Dot,
    Ellipsis,
    Equal,
    Walrus,
    Arrow,
    Star,
    DoubleStar,
    Plus,
    Minus,
    Slash,
    DoubleSlash,
    Percent,
    At,
    LeftShift,
    RightShift,
    Ampersand,
    Bar,
    Caret,
    Tilde,
    EqEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    False,
    None,
    True,
    And,
    Async,
    Await,
    Else,
    For,
    From,
    If,
    In,
    Is,
    Lambda,
    Not,
    Or,
    Yield,
}

/// The token at or after `at`; line breaks and comments are blanks.
pub(super) fn next(bytes: &[u8], at: usize) -> Token {
    let start = skip_blanks(bytes, at);
    let Some(&first) = bytes.get(start) else {
        let end = bytes.len();
        return Token { kind: Kind::End, start: end, end };
    };
    let (kind, end) = match first {
        b'\'' | b'"' => text(bytes, start),
        b'0'..=b'9' => (Kind::Number, super::numbers::end(bytes, start)),
        b'.' if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => {
            (Kind::Number, super::numbers::end(bytes, start))
        }
        _ if is_word(first) => word(bytes, start),
        _ => {
            let (kind, len) = operator(&bytes[start..]);
            (kind, start + len)
        }
    };
    Token { kind, start, end }
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0c) => at += 1,
            Some(b'\\') if bytes.get(at + 1).is_none_or(|&byte| is_newline(byte)) => at += 1,
            Some(b'#') => {
                let rest = &bytes[at..];
                at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            }
            _ => return at,
        }
    }
}

fn text(bytes: &[u8], quote: usize) -> (Kind, usize) {
    match string_end(bytes, quote) {
        Ok(end) => (Kind::Text, end),
        Err(_) => (Kind::Bad, bytes.len()),
    }
}

fn word(bytes: &[u8], start: usize) -> (Kind, usize) {
    let rest = &bytes[start..];
    let len = rest.iter().position(|&byte| !is_word(byte)).unwrap_or(rest.len());
    let end = start + len;
    if len <= 2
        && matches!(bytes.get(end), Some(b'\'' | b'"'))
        && Prefix::of(&rest[..len]).is_some()
    {
        return text(bytes, end);
    }
    (keyword(&rest[..len]), end)
}

fn keyword(word: &[u8]) -> Kind {
    match word {
        b"False" => Kind::False,
        b"None" => Kind::None,
        b"True" => Kind::True,
        b"and" => Kind::And,
        b"async" => Kind::Async,
        b"await" => Kind::Await,
        b"else" => Kind::Else,
        b"for" => Kind::For,
        b"from" => Kind::From,
        b"if" => Kind::If,
        b"in" => Kind::In,
        b"is" => Kind::Is,
        b"lambda" => Kind::Lambda,
        b"not" => Kind::Not,
        b"or" => Kind::Or,
        b"yield" => Kind::Yield,
        b"as" | b"assert" | b"break" | b"class" | b"continue" | b"def" | b"del" | b"elif"
        | b"except" | b"finally" | b"global" | b"import" | b"nonlocal" | b"pass" | b"raise"
        | b"return" | b"try" | b"while" | b"with" => Kind::Bad,
        _ => Kind::Name,
    }
}

/// The operator that a text starts with, and its length.
fn operator(text: &[u8]) -> (Kind, usize) {
    let second = text.get(1).copied().unwrap_or(0);
    let pair = |other: u8, double: Kind, single: Kind| {
        if second == other { (double, 2) } else { (single, 1) }
    };
    match text[0] {
        b'(' => (Kind::LeftParen, 1),
        b')' => (Kind::RightParen, 1),
        b'[' => (Kind::LeftBracket, 1),
        b']' => (Kind::RightBracket, 1),
        b'{' => (Kind::LeftBrace, 1),
        b'}' => (Kind::RightBrace, 1),
        b',' => (Kind::Comma, 1),
        b':' => pair(b'=', Kind::Walrus, Kind::Colon),
        b'.' if text.starts_with(b"...") => (Kind::Ellipsis, 3),
        b'.' => (Kind::Dot, 1),
        b'=' => pair(b'=', Kind::EqEqual, Kind::Equal),
        b'!' => pair(b'=', Kind::NotEqual, Kind::Bad),
        b'*' => pair(b'*', Kind::DoubleStar, Kind::Star),
        b'+' => (Kind::Plus, 1),
        b'-' => pair(b'>', Kind::Arrow, Kind::Minus),
        b'/' => pair(b'/', Kind::DoubleSlash, Kind::Slash),
        b'%' => (Kind::Percent, 1),
        b'@' => (Kind::At, 1),
        b'&' => (Kind::Ampersand, 1),
        b'|' => (Kind::Bar, 1),
        b'^' => (Kind::Caret, 1),
        b'~' => (Kind::Tilde, 1),
        b'<' if second == b'<' => (Kind::LeftShift, 2),
        b'<' => pair(b'=', Kind::LessEqual, Kind::Less),
        b'>' if second == b'>' => (Kind::RightShift, 2),
        b'>' => pair(b'=', Kind::GreaterEqual, Kind::Greater),
        _ => (Kind::Bad, 1),
    }
}
