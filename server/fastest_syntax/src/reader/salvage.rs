//! What can be read of a broken fragment: of a list without an end, the items that are there.
//!
//! A fragment that is no expression is read a second time. Now an item of something in brackets
//! (an element, an entry, an argument) that is broken is `Opaque` up to the next comma of the
//! same brackets, and what is open at the fragment's end ends there.

use fastest_model::Span;

use super::tokens::Kind;
use super::{Parser, Read, Stop};
use crate::expr::Expr;

impl<'s> Parser<'s> {
    /// A parser that makes do with broken items.
    pub(super) fn salvaging(source: &'s str, span: Span, base: u32) -> Self {
        Self { is_salvaging: true, ..Self::new(source, span, base) }
    }

    /// Reads an item of something in brackets, which an `Opaque` stands for if it is broken.
    pub(super) fn item(&mut self, read: impl FnOnce(&mut Self) -> Read<Expr>) -> Read<Expr> {
        self.item_or(read, |broken| broken)
    }

    /// The same for items that are more than an expression.
    pub(super) fn item_or<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Read<T>,
        broken: impl FnOnce(Expr) -> T,
    ) -> Read<T> {
        if !self.is_salvaging {
            return read(self);
        }
        let first = self.token;
        match read(self) {
            Ok(value) if self.ends_item() => return Ok(value),
            Err(Stop::TooDeep) => return Err(Stop::TooDeep),
            Ok(_) | Err(Stop::Invalid(_)) => {}
        }
        self.token = first;
        self.skip_item();
        let end = self.last_end.max(first.start);
        let span = Span { start: first.start as u32, end: end as u32 };
        Ok(broken(Expr::opaque(span.relative_to(self.base))))
    }

    /// Whether what follows an item stands here.
    const fn ends_item(&self) -> bool {
        self.closes_something()
            || matches!(self.token.kind, Kind::Comma | Kind::Colon | Kind::For | Kind::Async)
    }

    const fn closes_something(&self) -> bool {
        matches!(
            self.token.kind,
            Kind::RightParen | Kind::RightBracket | Kind::RightBrace | Kind::End
        )
    }

    /// Passes everything before the next comma or closing bracket of the brackets at hand.
    fn skip_item(&mut self) {
        let mut depth = 0_u32;
        loop {
            match self.token.kind {
                Kind::End => return,
                Kind::Comma if depth == 0 => return,
                Kind::LeftParen | Kind::LeftBracket | Kind::LeftBrace => depth += 1,
                Kind::RightParen | Kind::RightBracket | Kind::RightBrace if depth == 0 => return,
                Kind::RightParen | Kind::RightBracket | Kind::RightBrace => depth -= 1,
                _ => {}
            }
            self.advance();
        }
    }

    /// Whether the items end here: at `close`, or, of a broken fragment, at anything that closes.
    pub(super) fn at_close(&self, close: Kind) -> bool {
        self.at(close) || self.is_salvaging && self.closes_something()
    }

    /// Passes `close`. Where it is missing in a broken fragment, another bracket or the end of
    /// the fragment stands for it.
    pub(super) fn close(&mut self, close: Kind) -> Read<()> {
        if !self.at(close) && self.is_salvaging && self.closes_something() {
            return Ok(());
        }
        self.expect(close).map(|_| ())
    }
}
