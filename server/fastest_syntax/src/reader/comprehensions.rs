//! `for … in … if …` within brackets.

use super::tokens::Kind;
use super::{Parser, Read};
use crate::expr::{Comprehension, ComprehensionKind, Expr, ExprKind, ForClause};

impl Parser<'_> {
    /// Whether a clause of a comprehension starts here.
    pub(super) const fn at_clause(&self) -> bool {
        matches!(self.token.kind, Kind::For | Kind::Async)
    }

    /// Reads clauses and the bracket after them; `start` is where the opening bracket stands.
    pub(super) fn comprehension(
        &mut self,
        start: usize,
        kind: ComprehensionKind,
        element: Expr,
        value: Option<Expr>,
    ) -> Read<Expr> {
        let clauses = self.clauses()?;
        self.close(match kind {
            ComprehensionKind::List => Kind::RightBracket,
            ComprehensionKind::Generator => Kind::RightParen,
            ComprehensionKind::Set | ComprehensionKind::Dict => Kind::RightBrace,
        })?;
        let comprehension = Comprehension { kind, element, value, clauses };
        Ok(self.expr_from(start, ExprKind::Comprehension(Box::new(comprehension))))
    }

    /// The comprehension of an element and clauses that were read.
    pub(super) fn comprehended(
        &self,
        start: usize,
        kind: ComprehensionKind,
        element: Expr,
        clauses: Vec<ForClause>,
    ) -> Expr {
        let comprehension = Comprehension { kind, element, value: None, clauses };
        self.expr_from(start, ExprKind::Comprehension(Box::new(comprehension)))
    }

    /// Reads `for` clauses as long as there are any.
    pub(super) fn clauses(&mut self) -> Read<Vec<ForClause>> {
        let mut clauses = Vec::new();
        while self.at_clause() {
            let is_async = self.eat(Kind::Async);
            self.expect(Kind::For)?;
            let target = self.list(Self::operand)?;
            self.expect(Kind::In)?;
            let iter = self.nested(Self::disjunction)?;
            let mut conditions = Vec::new();
            while self.eat(Kind::If) {
                conditions.push(self.nested(Self::disjunction)?);
            }
            clauses.push(ForClause { is_async, target, iter, conditions });
        }
        Ok(clauses)
    }
}
