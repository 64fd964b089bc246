//! String literals: adjacent ones joined, escapes resolved, f-strings taken apart.

mod escapes;

use compact_str::CompactString;
use fastest_model::Span;

use super::tokens::{Kind, Token};
use super::{Parser, Read};
use crate::expr::{Expr, ExprKind, FormattedPart};
use crate::scanner::literals::{Prefix, field_end, quote_width};

/// A literal's parts.
#[derive(Clone, Copy)]
struct Literal {
    prefix: Prefix,
    quote: usize,
    /// The text between the quotes.
    start: usize,
    end: usize,
}

impl Literal {
    fn of(bytes: &[u8], token: Token) -> Self {
        let is_quote = |byte: &u8| matches!(byte, b'\'' | b'"');
        let len = bytes[token.start..token.end].iter().position(is_quote).unwrap_or(0);
        let quote = token.start + len;
        let width = quote_width(bytes, quote);
        let prefix = Prefix::of(&bytes[token.start..quote]).unwrap_or_default();
        let start = quote + width;
        Self { prefix, quote, start, end: (token.end - width).max(start) }
    }
}

impl Parser<'_> {
    /// Reads string literals as long as they follow one another.
    pub(super) fn strings(&mut self) -> Read<Expr> {
        let first = self.advance();
        let start = first.start;
        let literal = Literal::of(self.bytes, first);
        if !self.at(Kind::Text) {
            let kind = self.joined(&[literal]);
            return Ok(self.expr_from(start, kind));
        }
        let mut literals = vec![literal];
        while self.at(Kind::Text) {
            let token = self.advance();
            literals.push(Literal::of(self.bytes, token));
        }
        if literals.iter().any(|next| next.prefix.bytes != literal.prefix.bytes) {
            return Err(super::Stop::Invalid(first));
        }
        let kind = self.joined(&literals);
        Ok(self.expr_from(start, kind))
    }

    fn joined(&mut self, literals: &[Literal]) -> ExprKind {
        let value = if literals.iter().any(|literal| literal.prefix.template) {
            None
        } else if literals[0].prefix.bytes {
            self.joined_bytes(literals).map(ExprKind::Bytes)
        } else if literals.iter().any(|literal| literal.prefix.format) {
            self.formatted(literals).map(ExprKind::Formatted)
        } else {
            self.joined_text(literals).map(ExprKind::Str)
        };
        value.unwrap_or(ExprKind::Opaque)
    }

    fn joined_text(&self, literals: &[Literal]) -> Option<CompactString> {
        let mut text = CompactString::default();
        for literal in literals {
            let content = self.source.get(literal.start..literal.end)?;
            escapes::unescape(content, literal.prefix.raw, &mut text)?;
        }
        Some(text)
    }

    fn joined_bytes(&self, literals: &[Literal]) -> Option<Vec<u8>> {
        let mut value = Vec::new();
        for literal in literals {
            let content = self.source.get(literal.start..literal.end)?;
            escapes::unescape_bytes(content, literal.prefix.raw, &mut value)?;
        }
        Some(value)
    }

    fn formatted(&mut self, literals: &[Literal]) -> Option<Vec<FormattedPart>> {
        let mut parts = Vec::new();
        let mut text = CompactString::default();
        for literal in literals {
            if literal.prefix.format {
                self.parts_into(*literal, &mut parts, &mut text)?;
            } else {
                let content = self.source.get(literal.start..literal.end)?;
                escapes::unescape(content, literal.prefix.raw, &mut text)?;
            }
        }
        flush(&mut text, &mut parts);
        Some(parts)
    }

    /// Takes an f-string apart; `text` is what was read since the last field.
    fn parts_into(
        &mut self,
        literal: Literal,
        parts: &mut Vec<FormattedPart>,
        text: &mut CompactString,
    ) -> Option<()> {
        let Literal { prefix, quote, start, end } = literal;
        let mut at = start;
        while at < end {
            let rest = &self.bytes[at..end];
            let brace = rest.iter().position(|byte| matches!(byte, b'{' | b'}'));
            let stop = brace.map_or(end, |brace| at + brace);
            escapes::unescape(self.source.get(at..stop)?, prefix.raw, text)?;
            if stop == end {
                break;
            }
            let doubled = stop + 1 < end && self.bytes[stop + 1] == self.bytes[stop];
            if doubled || self.bytes[stop] == b'}' {
                text.push(char::from(self.bytes[stop]));
                at = stop + 1 + usize::from(doubled);
            } else {
                at = field_end(self.bytes, quote, stop + 1)?;
                flush(text, parts);
                parts.push(self.field(stop + 1, at - 1));
            }
        }
        Some(())
    }

    /// Reads what stands between the braces of a field.
    fn field(&self, start: usize, end: usize) -> FormattedPart {
        let span = Span { start: start as u32, end: end as u32 };
        let parser = Parser { depth: self.depth, ..Parser::new(self.source, span, self.base) };
        let value = parser.whole(|parser| {
            if parser.at(Kind::Yield) {
                parser.yielded()
            } else {
                parser.nested(|parser| parser.list(Self::field_element))
            }
        });
        value.map_or(FormattedPart::Opaque, FormattedPart::Field)
    }
}

fn flush(text: &mut CompactString, parts: &mut Vec<FormattedPart>) {
    if !text.is_empty() {
        parts.push(FormattedPart::Text(std::mem::take(text)));
    }
}
