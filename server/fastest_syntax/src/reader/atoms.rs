//! Names, constants, and what stands in brackets: groups, tuples, lists, sets, dicts.

use super::tokens::Kind;
use super::{Parser, Read};
use crate::expr::{ComprehensionKind, Expr, ExprKind};

impl Parser<'_> {
    /// A name, a constant, or something in brackets.
    pub(super) fn atom(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let kind = match self.token.kind {
            Kind::Name => ExprKind::Name(self.text(self.token).into()),
            Kind::Number => super::numbers::value(self.text(self.token)),
            Kind::None => ExprKind::None,
            Kind::True => ExprKind::Bool(true),
            Kind::False => ExprKind::Bool(false),
            Kind::Ellipsis => ExprKind::Ellipsis,
            Kind::Text => return self.strings(),
            Kind::LeftParen => return self.group(),
            Kind::LeftBracket => return self.display_list(),
            Kind::LeftBrace => return self.braces(),
            _ => return self.invalid(),
        };
        self.advance();
        Ok(self.expr_from(start, kind))
    }

    /// `(a)`, `(a, b)`, `()`, `(a for …)`, `(yield)`
    fn group(&mut self) -> Read<Expr> {
        let start = self.advance().start;
        if self.eat(Kind::RightParen) {
            return Ok(self.expr_from(start, ExprKind::Tuple(Vec::new())));
        }
        if self.at(Kind::Yield) {
            let value = self.nested(Self::yielded)?;
            self.close(Kind::RightParen)?;
            return Ok(value);
        }
        let first = self.item(Self::element)?;
        if self.at_clause() {
            return self.comprehension(start, ComprehensionKind::Generator, first, None);
        }
        if self.at_close(Kind::RightParen) && !matches!(first.kind, ExprKind::Starred(_)) {
            self.close(Kind::RightParen)?;
            return Ok(first);
        }
        let items = self.rest_of_items(first, Kind::RightParen)?;
        Ok(self.expr_from(start, ExprKind::Tuple(items)))
    }

    fn display_list(&mut self) -> Read<Expr> {
        let start = self.advance().start;
        if self.eat(Kind::RightBracket) {
            return Ok(self.expr_from(start, ExprKind::List(Vec::new())));
        }
        let first = self.item(Self::element)?;
        if self.at_clause() {
            return self.comprehension(start, ComprehensionKind::List, first, None);
        }
        let items = if self.eat(Kind::RightBracket) {
            vec![first]
        } else {
            self.rest_of_items(first, Kind::RightBracket)?
        };
        Ok(self.expr_from(start, ExprKind::List(items)))
    }

    /// The items after the first, from its comma to past the closing bracket.
    fn rest_of_items(&mut self, first: Expr, close: Kind) -> Read<Vec<Expr>> {
        let mut items = vec![first];
        while self.eat(Kind::Comma) && !self.at_close(close) {
            items.push(self.item(Self::element)?);
        }
        self.close(close)?;
        items.shrink_to_fit();
        Ok(items)
    }

    /// `{}`, `{a, b}`, `{a: b}`, and their comprehensions.
    fn braces(&mut self) -> Read<Expr> {
        let start = self.advance().start;
        if self.eat(Kind::RightBrace) {
            return Ok(self.expr_from(start, ExprKind::Dict(Vec::new())));
        }
        if self.at(Kind::DoubleStar) {
            return self.dict(start, Vec::new());
        }
        let first = self.item(Self::element)?;
        if self.eat(Kind::Colon) {
            let value = self.item(Self::ternary)?;
            if self.at_clause() {
                return self.comprehension(start, ComprehensionKind::Dict, first, Some(value));
            }
            if !self.eat(Kind::Comma) && !self.at_close(Kind::RightBrace) {
                return self.invalid();
            }
            return self.dict(start, vec![(Some(first), value)]);
        }
        if self.at_clause() {
            return self.comprehension(start, ComprehensionKind::Set, first, None);
        }
        let items = if self.eat(Kind::RightBrace) {
            vec![first]
        } else {
            self.rest_of_items(first, Kind::RightBrace)?
        };
        Ok(self.expr_from(start, ExprKind::Set(items)))
    }

    /// The entries of a dict from here on, past the closing brace.
    fn dict(&mut self, start: usize, mut entries: Vec<(Option<Expr>, Expr)>) -> Read<Expr> {
        while !self.at_close(Kind::RightBrace) {
            let broken = |entry: Expr| (Some(entry.clone()), entry);
            entries.push(self.item_or(Self::dict_entry, broken)?);
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.close(Kind::RightBrace)?;
        entries.shrink_to_fit();
        Ok(self.expr_from(start, ExprKind::Dict(entries)))
    }

    fn dict_entry(&mut self) -> Read<(Option<Expr>, Expr)> {
        if self.eat(Kind::DoubleStar) {
            return Ok((None, self.operand()?));
        }
        let key = self.ternary()?;
        self.expect(Kind::Colon)?;
        Ok((Some(key), self.ternary()?))
    }
}
