//! What follows an atom: attributes, subscripts, calls; and the arguments of calls.

use super::tokens::Kind;
use super::{Parser, Read};
use crate::expr::{Call, ComprehensionKind, Expr, ExprKind, Keyword};
use crate::scanner::Arguments;

impl Parser<'_> {
    /// An atom with all that follows it.
    pub(super) fn primary(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let mut value = self.atom()?;
        let mut links = 0;
        loop {
            let kind = match self.token.kind {
                Kind::Dot => self.attribute(value)?,
                Kind::LeftParen => self.call(value)?,
                Kind::LeftBracket => self.subscript(value)?,
                _ => return Ok(value),
            };
            self.link(&mut links)?;
            value = self.expr_from(start, kind);
        }
    }

    fn attribute(&mut self, value: Expr) -> Read<ExprKind> {
        self.advance();
        let name = self.expect(Kind::Name)?;
        Ok(ExprKind::Attribute(Box::new(value), self.text(name).into()))
    }

    fn call(&mut self, func: Expr) -> Read<ExprKind> {
        let open = self.advance().start;
        let mut arguments = Arguments::default();
        self.arguments_into(Kind::RightParen, Some(open), &mut arguments)?;
        self.close(Kind::RightParen)?;
        let Arguments { args, keywords } = arguments;
        Ok(ExprKind::Call(Box::new(Call { func, args, keywords })))
    }

    /// Reads arguments up to `close`, which is left. A generator that is the only argument of a
    /// call spans the call's parentheses, from `open`.
    pub(super) fn arguments_into(
        &mut self,
        close: Kind,
        open: Option<usize>,
        into: &mut Arguments,
    ) -> Read<()> {
        while !self.at_close(close) {
            if self.at(Kind::DoubleStar) {
                self.advance();
                into.keywords.push(Keyword { name: None, value: self.item(Self::ternary)? });
            } else if let Some(name) = self.keyword_name() {
                let value = self.item(Self::ternary)?;
                into.keywords.push(Keyword { name: Some(self.text(name).into()), value });
            } else {
                let value = self.item(|parser| parser.argument(open))?;
                into.args.push(value);
            }
            if !self.at_close(close) {
                self.expect(Kind::Comma)?;
            }
        }
        Ok(())
    }

    /// Passes `name =`, if it stands here.
    fn keyword_name(&mut self) -> Option<super::Token> {
        if !self.at(Kind::Name) {
            return None;
        }
        let name = self.token;
        let after = super::tokens::next(self.bytes, name.end);
        if after.kind != Kind::Equal {
            return None;
        }
        self.advance();
        self.advance();
        Some(name)
    }

    fn argument(&mut self, open: Option<usize>) -> Read<Expr> {
        let start = self.token.start;
        if self.eat(Kind::Star) {
            let value = self.ternary()?;
            return Ok(self.expr_from(start, ExprKind::Starred(Box::new(value))));
        }
        let value = self.named()?;
        if !self.at_clause() {
            return Ok(value);
        }
        let clauses = self.clauses()?;
        let mut generator = self.comprehended(start, ComprehensionKind::Generator, value, clauses);
        if let Some(open) = open
            && self.at(Kind::RightParen)
        {
            generator.span.start = open as u32 - self.base;
            generator.span.end = self.token.end as u32 - self.base;
        }
        Ok(generator)
    }

    fn subscript(&mut self, value: Expr) -> Read<ExprKind> {
        self.advance();
        let mut index = self.list(Self::slice)?;
        if matches!(index.kind, ExprKind::Starred(_)) {
            // `a[*b]` means `a[(*b,)]`.
            index = Expr { span: index.span, kind: ExprKind::Tuple(vec![index]) };
        }
        self.expect(Kind::RightBracket)?;
        Ok(ExprKind::Subscript(Box::new(value), Box::new(index)))
    }

    /// `a`, `*a`, `a := b`, `a:b:c`
    fn slice(&mut self) -> Read<Expr> {
        let start = self.token.start;
        if self.at(Kind::Star) {
            return self.element();
        }
        let lower = if self.at(Kind::Colon) { None } else { Some(self.named()?) };
        if !self.eat(Kind::Colon) {
            return lower.map_or_else(|| self.invalid(), Ok);
        }
        let upper = self.bound()?;
        let step = if self.eat(Kind::Colon) { self.bound()? } else { None };
        let [lower, upper, step] = [lower, upper, step].map(|bound| bound.map(Box::new));
        Ok(self.expr_from(start, ExprKind::Slice(lower, upper, step)))
    }

    fn bound(&mut self) -> Read<Option<Expr>> {
        if matches!(self.token.kind, Kind::Colon | Kind::Comma | Kind::RightBracket) {
            return Ok(None);
        }
        self.ternary().map(Some)
    }
}
