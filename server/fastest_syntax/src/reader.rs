//! Expressions, by recursive descent over the source text.
//!
//! Reads what the scanner delimits. An expression that the outline's types cannot hold (`await`,
//! `yield`, `:=`, a string with `\N{…}`) is `Opaque`, and so is a fragment that nests too deep to be
//! walked safely. Of a broken one, what stands in brackets is read item by item.

mod atoms;
mod calls;
mod comprehensions;
mod numbers;
mod operators;
mod params;
mod salvage;
mod strings;
mod tokens;

use fastest_model::Span;

use crate::expr::{Expr, ExprKind};
use crate::outline::Param;
use crate::scanner::flaws::Flaw;
use crate::scanner::{Arguments, Fragments};
use tokens::{Kind, Token};

/// How deep expressions may nest. Python's own limit for brackets is 200; an unoptimized build
/// needs about 10 kB of stack a level, and threads of tests have 2 MB (November 2026).
const MAX_DEPTH: u32 = 100;

/// How long a chain (`a.b.c`, `a + b + c`) may be before its links count as nesting.
const FREE_LINKS: u32 = 8;

/// How many further links all chains of a fragment may have: each is a level of the tree.
const MAX_LINKS: u32 = 500;

/// Reads fragments straight from the text.
pub(crate) struct Reader;

/// Why a fragment was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// It is no expression, which shows at this token.
    Invalid(Token),
    /// It nests too deep.
    TooDeep,
}

type Read<T> = Result<T, Stop>;

/// A fragment that is being read.
struct Parser<'s> {
    source: &'s str,
    bytes: &'s [u8],
    /// What spans count from.
    base: u32,
    /// The token at hand.
    token: Token,
    /// Where the token before it ended.
    last_end: usize,
    depth: u32,
    links: u32,
    /// Whether broken items are made do with.
    is_salvaging: bool,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, span: Span, base: u32) -> Self {
        let bytes = source.as_bytes();
        let bytes = bytes.get(..span.end as usize).unwrap_or(bytes);
        let start = span.start as usize;
        let token = tokens::next(bytes, start);
        Self {
            source,
            bytes,
            base,
            token,
            last_end: start,
            depth: 0,
            links: 0,
            is_salvaging: false,
        }
    }

    /// Moves to the next token; returns the one that was at hand.
    fn advance(&mut self) -> Token {
        let token = self.token;
        self.last_end = token.end;
        self.token = tokens::next(self.bytes, token.end);
        token
    }

    fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    fn eat(&mut self, kind: Kind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, kind: Kind) -> Read<Token> {
        if self.at(kind) { Ok(self.advance()) } else { self.invalid() }
    }

    const fn invalid<T>(&self) -> Read<T> {
        Err(Stop::Invalid(self.token))
    }

    fn text(&self, token: Token) -> &'s str {
        self.source.get(token.start..token.end).unwrap_or("")
    }

    /// From a place to the end of the last token, counted from the base.
    fn span_from(&self, start: usize) -> Span {
        Span { start: start as u32, end: self.last_end as u32 }.relative_to(self.base)
    }

    fn expr_from(&self, start: usize, kind: ExprKind) -> Expr {
        Expr { kind, span: self.span_from(start) }
    }

    /// Runs a reader one level deeper.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Stop::TooDeep);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Counts a link of a chain.
    fn link(&mut self, links: &mut u32) -> Read<()> {
        *links += 1;
        if *links > FREE_LINKS {
            self.links += 1;
        }
        if self.links > MAX_LINKS { Err(Stop::TooDeep) } else { Ok(()) }
    }

    /// Reads all of the fragment.
    fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let value = read(&mut self)?;
        if self.at(Kind::End) { Ok(value) } else { self.invalid() }
    }
}

impl Fragments for Reader {
    fn expr(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Expr {
        let result = Parser::new(source, span, base).whole(Parser::statement_value);
        result
            .or_else(|stop| salvaged(stop, source, span, base, flaws))
            .unwrap_or_else(|_| Expr::opaque(trimmed(source, span).relative_to(base)))
    }

    fn params(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Vec<Param> {
        let mut params = Vec::new();
        let result = Parser::new(source, span, base)
            .whole(|parser| parser.params_into(Kind::End, &mut params));
        if let Err(stop) = result {
            report(stop, flaws);
        }
        params
    }

    fn arguments(
        &mut self,
        source: &str,
        span: Span,
        base: u32,
        flaws: &mut Vec<Flaw>,
    ) -> Arguments {
        let mut arguments = Arguments::default();
        let result = Parser::new(source, span, base)
            .whole(|parser| parser.arguments_into(Kind::End, None, &mut arguments));
        if let Err(stop) = result {
            report(stop, flaws);
            arguments = Arguments::default();
            let parser = Parser::salvaging(source, span, base);
            // What was read before the salvage failed, too, is kept.
            let _ = parser.whole(|parser| parser.arguments_into(Kind::End, None, &mut arguments));
        }
        arguments
    }
}

/// What can be read of an expression that is broken; reports why it is.
fn salvaged(stop: Stop, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Read<Expr> {
    report(stop, flaws);
    match stop {
        Stop::Invalid(_) => Parser::salvaging(source, span, base).whole(Parser::statement_value),
        Stop::TooDeep => Err(stop),
    }
}

fn report(stop: Stop, flaws: &mut Vec<Flaw>) {
    if let Stop::Invalid(token) = stop {
        let span = Span { start: token.start as u32, end: token.end as u32 };
        flaws.push(Flaw::new(span, "invalid syntax"));
    }
}

/// A span without the blanks at its ends.
fn trimmed(source: &str, span: Span) -> Span {
    let text = source.get(span.range()).unwrap_or("");
    let start = span.start + (text.len() - text.trim_ascii_start().len()) as u32;
    let start = start.min(span.end);
    Span { start, end: (start + text.trim_ascii().len() as u32).min(span.end) }
}

#[cfg(test)]
mod tests;
