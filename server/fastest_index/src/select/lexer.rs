//! Tokens of `-k` and `-m` expressions, read one at a time as pytest's `Scanner.lex` does, so
//! that of two mistakes the same one is reported.

use unicode_ident::{is_xid_continue, is_xid_start};

use super::expression::ExpressionError;

/// What a token is; its text says how pytest's messages call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    LeftParen,
    RightParen,
    Or,
    And,
    Not,
    Ident,
    End,
    Equal,
    Str,
    Comma,
}

impl Kind {
    /// The words of pytest's `TokenType`.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::LeftParen => "left parenthesis",
            Self::RightParen => "right parenthesis",
            Self::Or => "or",
            Self::And => "and",
            Self::Not => "not",
            Self::Ident => "identifier",
            Self::End => "end of input",
            Self::Equal => "=",
            Self::Str => "string literal",
            Self::Comma => ",",
        }
    }
}

/// A token; a string's text is what its quotes enclose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Counted in characters, from 0.
    pub(super) at: usize,
}

pub(super) struct Lexer<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text, at: 0 }
    }

    /// The next token; [`Kind::End`] again and again at the end.
    pub(super) fn next(&mut self) -> Result<Token<'a>, ExpressionError> {
        self.take(self.rest.len() - self.rest.trim_start_matches([' ', '\t']).len());
        let Some(first) = self.rest.chars().next() else {
            return Ok(Token { kind: Kind::End, text: "", at: self.at });
        };
        match first {
            '(' => Ok(self.token(Kind::LeftParen, 1)),
            ')' => Ok(self.token(Kind::RightParen, 1)),
            '=' => Ok(self.token(Kind::Equal, 1)),
            ',' => Ok(self.token(Kind::Comma, 1)),
            '\'' | '"' => self.string(first),
            _ => self.ident(first),
        }
    }

    fn string(&mut self, quote: char) -> Result<Token<'a>, ExpressionError> {
        let Some(length) = self.rest[1..].find(quote) else {
            let message = format!("closing quote \"{quote}\" is missing");
            return Err(ExpressionError::new(self.at, message));
        };
        let inner = &self.rest[1..=length];
        if let Some(backslash) = inner.find('\\') {
            let at = self.at + 1 + inner[..backslash].chars().count();
            let message = r#"escaping with "\" not supported in marker expression"#;
            return Err(ExpressionError::new(at, message));
        }
        let token = self.token(Kind::Str, length + 2);
        Ok(Token { text: inner, ..token })
    }

    fn ident(&mut self, first: char) -> Result<Token<'a>, ExpressionError> {
        let length = self.rest.find(|c| !is_ident_char(c)).unwrap_or(self.rest.len());
        if length == 0 {
            let message = format!("unexpected character \"{first}\"");
            return Err(ExpressionError::new(self.at, message));
        }
        let kind = match &self.rest[..length] {
            "or" => Kind::Or,
            "and" => Kind::And,
            "not" => Kind::Not,
            _ => Kind::Ident,
        };
        Ok(self.token(kind, length))
    }

    fn token(&mut self, kind: Kind, bytes: usize) -> Token<'a> {
        let at = self.at;
        Token { kind, text: self.take(bytes), at }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.at += taken.chars().count();
        taken
    }
}

fn is_ident_char(c: char) -> bool {
    c == '_' || matches!(c, ':' | '+' | '-' | '.' | '[' | ']' | '\\' | '/') || is_alnum(c)
}

/// Python's `str.isalnum` for one character. Rust's `is_alphanumeric` also takes in combining
/// vowel signs and enclosed letters, which Python's does not.
fn is_alnum(c: char) -> bool {
    if c.is_ascii() || c.is_numeric() {
        return c.is_ascii_alphanumeric() || c.is_numeric();
    }
    let combining = is_xid_continue(c) && !is_xid_start(c);
    c.is_alphabetic() && !is_enclosed_letter(c) && (!combining || is_letter_without_start(c))
}

const fn is_enclosed_letter(c: char) -> bool {
    matches!(c, '\u{24B6}'..='\u{24E9}' | '\u{1F130}'..='\u{1F149}'
        | '\u{1F150}'..='\u{1F169}' | '\u{1F170}'..='\u{1F189}')
}

/// Letters that NFKC keeps from starting an identifier.
const fn is_letter_without_start(c: char) -> bool {
    matches!(c, '\u{E33}' | '\u{EB3}' | '\u{FF9E}' | '\u{FF9F}')
}

/// Python's `str.isidentifier`.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || is_xid_start(c)) && chars.all(is_xid_continue)
}
