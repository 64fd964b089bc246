//! Operators, from the loosest to the tightest: `:=`, lambda, conditional, `or`, `and`, `not`,
//! comparisons, the binary ones, the unary ones, `**`, `await`.

use super::tokens::Kind;
use super::{Parser, Read};
use crate::expr::{BinaryOp, CompareOp, Expr, ExprKind, Lambda, UnaryOp};

/// How tightly `|` binds, the loosest of the binary operators.
const LOOSEST: u8 = 1;

impl Parser<'_> {
    /// What may stand as a statement or right of a `=`.
    pub(super) fn statement_value(&mut self) -> Read<Expr> {
        if self.at(Kind::Yield) { self.yielded() } else { self.list(Self::element) }
    }

    /// One expression, or a tuple without parentheses of several.
    pub(super) fn list(&mut self, read: fn(&mut Self) -> Read<Expr>) -> Read<Expr> {
        let start = self.token.start;
        let first = read(self)?;
        if !self.at(Kind::Comma) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.eat(Kind::Comma) && !self.ends_list() {
            items.push(read(self)?);
        }
        Ok(self.expr_from(start, ExprKind::Tuple(items)))
    }

    const fn ends_list(&self) -> bool {
        matches!(
            self.token.kind,
            Kind::End
                | Kind::RightParen
                | Kind::RightBracket
                | Kind::RightBrace
                | Kind::In
                | Kind::Equal
        )
    }

    /// `yield`, `yield a, b`, `yield from a`
    pub(super) fn yielded(&mut self) -> Read<Expr> {
        let start = self.advance().start;
        if self.eat(Kind::From) {
            self.ternary()?;
        } else if !self.ends_list() {
            self.list(Self::field_element)?;
        }
        Ok(self.expr_from(start, ExprKind::Opaque))
    }

    /// An expression that may be starred or assign with `:=`.
    pub(super) fn element(&mut self) -> Read<Expr> {
        if self.at(Kind::Star) { self.starred() } else { self.named() }
    }

    /// An expression that may be starred; `:=` is not read.
    pub(super) fn field_element(&mut self) -> Read<Expr> {
        if self.at(Kind::Star) { self.starred() } else { self.ternary() }
    }

    fn starred(&mut self) -> Read<Expr> {
        let start = self.advance().start;
        let value = self.nested(|parser| parser.binary(LOOSEST))?;
        Ok(self.expr_from(start, ExprKind::Starred(Box::new(value))))
    }

    /// An expression that may assign with `:=`.
    pub(super) fn named(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let value = self.ternary()?;
        if !self.at(Kind::Walrus) || !matches!(value.kind, ExprKind::Name(_)) {
            return Ok(value);
        }
        self.advance();
        self.ternary()?;
        Ok(self.expr_from(start, ExprKind::Opaque))
    }

    /// An expression: a lambda, or `a if b else c`, or anything tighter.
    pub(super) fn ternary(&mut self) -> Read<Expr> {
        self.nested(
            |parser| {
                if parser.at(Kind::Lambda) { parser.lambda() } else { parser.conditional() }
            },
        )
    }

    fn conditional(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let body = self.disjunction()?;
        if !self.eat(Kind::If) {
            return Ok(body);
        }
        let test = self.disjunction()?;
        self.expect(Kind::Else)?;
        let orelse = self.ternary()?;
        let kind = ExprKind::Conditional(Box::new(body), Box::new(test), Box::new(orelse));
        Ok(self.expr_from(start, kind))
    }

    fn lambda(&mut self) -> Read<Expr> {
        let start = self.advance().start;
        let mut params = Vec::new();
        self.params_into(Kind::Colon, &mut params)?;
        self.expect(Kind::Colon)?;
        let body = self.ternary()?;
        Ok(self.expr_from(start, ExprKind::Lambda(Box::new(Lambda { params, body }))))
    }

    /// `a or b or c`
    pub(super) fn disjunction(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let first = if starts_operation(self.token.kind) {
            self.conjunction()?
        } else {
            // Most expressions are a primary and no more: they pass no level of precedence.
            let first = self.primary()?;
            if !continues_operation(self.token.kind) {
                return Ok(first);
            }
            let first = self.power_of(start, first)?;
            let first = self.binary_from(start, first, LOOSEST)?;
            let first = self.comparison_from(start, first)?;
            self.conjunction_from(start, first)?
        };
        if !self.at(Kind::Or) {
            return Ok(first);
        }
        let mut values = vec![first];
        while self.eat(Kind::Or) {
            values.push(self.conjunction()?);
        }
        Ok(self.expr_from(start, ExprKind::BoolOp(false, values)))
    }

    fn conjunction(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let first = self.inversion()?;
        self.conjunction_from(start, first)
    }

    fn conjunction_from(&mut self, start: usize, first: Expr) -> Read<Expr> {
        if !self.at(Kind::And) {
            return Ok(first);
        }
        let mut values = vec![first];
        while self.eat(Kind::And) {
            values.push(self.inversion()?);
        }
        Ok(self.expr_from(start, ExprKind::BoolOp(true, values)))
    }

    fn inversion(&mut self) -> Read<Expr> {
        if !self.at(Kind::Not) {
            return self.comparison();
        }
        let start = self.advance().start;
        let value = self.nested(Self::inversion)?;
        Ok(self.expr_from(start, ExprKind::Unary(UnaryOp::Not, Box::new(value))))
    }

    fn comparison(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let first = self.binary(LOOSEST)?;
        self.comparison_from(start, first)
    }

    fn comparison_from(&mut self, start: usize, first: Expr) -> Read<Expr> {
        let mut rest = Vec::new();
        while let Some(operator) = self.comparison_operator()? {
            rest.push((operator, self.binary(LOOSEST)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(self.expr_from(start, ExprKind::Compare(Box::new(first), rest)))
    }

    fn comparison_operator(&mut self) -> Read<Option<CompareOp>> {
        let operator = match self.token.kind {
            Kind::EqEqual => CompareOp::Eq,
            Kind::NotEqual => CompareOp::NotEq,
            Kind::Less => CompareOp::Less,
            Kind::LessEqual => CompareOp::LessEq,
            Kind::Greater => CompareOp::Greater,
            Kind::GreaterEqual => CompareOp::GreaterEq,
            Kind::In => CompareOp::In,
            Kind::Is => {
                self.advance();
                let not = self.eat(Kind::Not);
                return Ok(Some(if not { CompareOp::IsNot } else { CompareOp::Is }));
            }
            Kind::Not => {
                self.advance();
                self.expect(Kind::In)?;
                return Ok(Some(CompareOp::NotIn));
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(operator))
    }

    /// An operand of a comparison, or a target.
    pub(super) fn operand(&mut self) -> Read<Expr> {
        if self.at(Kind::Star) { self.starred() } else { self.binary(LOOSEST) }
    }

    /// Binary operators that bind at least as tightly as `tightness`.
    fn binary(&mut self, tightness: u8) -> Read<Expr> {
        let start = self.token.start;
        let left = self.unary()?;
        self.binary_from(start, left, tightness)
    }

    fn binary_from(&mut self, start: usize, mut left: Expr, tightness: u8) -> Read<Expr> {
        let mut links = 0;
        while let Some((operator, tight)) = binary_operator(self.token.kind)
            && tight >= tightness
        {
            self.link(&mut links)?;
            self.advance();
            let right = self.binary(tight + 1)?;
            let kind = ExprKind::Binary(Box::new(left), operator, Box::new(right));
            left = self.expr_from(start, kind);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Read<Expr> {
        let operator = match self.token.kind {
            Kind::Minus => UnaryOp::Minus,
            Kind::Plus => UnaryOp::Plus,
            Kind::Tilde => UnaryOp::Invert,
            _ => return self.power(),
        };
        let start = self.advance().start;
        let value = self.nested(Self::unary)?;
        Ok(self.expr_from(start, ExprKind::Unary(operator, Box::new(value))))
    }

    fn power(&mut self) -> Read<Expr> {
        let start = self.token.start;
        let base = self.awaited()?;
        self.power_of(start, base)
    }

    fn power_of(&mut self, start: usize, base: Expr) -> Read<Expr> {
        if !self.eat(Kind::DoubleStar) {
            return Ok(base);
        }
        let exponent = self.nested(Self::unary)?;
        let kind = ExprKind::Binary(Box::new(base), BinaryOp::Pow, Box::new(exponent));
        Ok(self.expr_from(start, kind))
    }

    fn awaited(&mut self) -> Read<Expr> {
        if !self.at(Kind::Await) {
            return self.primary();
        }
        let start = self.advance().start;
        self.primary()?;
        Ok(self.expr_from(start, ExprKind::Opaque))
    }
}

/// Whether an operator that stands before its operand starts here.
const fn starts_operation(kind: Kind) -> bool {
    matches!(kind, Kind::Not | Kind::Minus | Kind::Plus | Kind::Tilde | Kind::Await)
}

/// Whether a token after an operand is an operator, other than those of a conditional.
const fn continues_operation(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::DoubleStar
            | Kind::Or
            | Kind::And
            | Kind::Not
            | Kind::In
            | Kind::Is
            | Kind::EqEqual
            | Kind::NotEqual
            | Kind::Less
            | Kind::LessEqual
            | Kind::Greater
            | Kind::GreaterEqual
    ) || binary_operator(kind).is_some()
}

/// The binary operator that a token is, and how tightly it binds.
const fn binary_operator(kind: Kind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Kind::Bar => (BinaryOp::BitOr, LOOSEST),
        Kind::Caret => (BinaryOp::BitXor, 2),
        Kind::Ampersand => (BinaryOp::BitAnd, 3),
        Kind::LeftShift => (BinaryOp::LeftShift, 4),
        Kind::RightShift => (BinaryOp::RightShift, 4),
        Kind::Plus => (BinaryOp::Add, 5),
        Kind::Minus => (BinaryOp::Sub, 5),
        Kind::Star => (BinaryOp::Mul, 6),
        Kind::Slash => (BinaryOp::Div, 6),
        Kind::DoubleSlash => (BinaryOp::FloorDiv, 6),
        Kind::Percent => (BinaryOp::Mod, 6),
        Kind::At => (BinaryOp::MatMul, 6),
        _ => return None,
    })
}
