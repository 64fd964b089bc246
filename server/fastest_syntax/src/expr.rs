//! Expressions, as far as decorators, constants and `parametrize` arguments need them.
//!
//! Every span is counted from the start of the top-level statement that holds the expression
//! (see [`crate::outline`]).

use compact_str::CompactString;
use fastest_model::Span;
use serde::{Deserialize, Serialize};

/// One expression and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands. Redundant parentheses around it are not part of the span.
    pub span: Span,
}

/// What an expression is. Names follow Python's `ast`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExprKind {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// `...`
    Ellipsis,
    /// An integer literal as decimal digits, whatever base it was written in.
    Int(CompactString),
    /// A float literal's value.
    Float(f64),
    /// The imaginary part of a complex literal (`2j`).
    Imaginary(f64),
    /// A string literal with its escapes resolved, adjacent literals joined.
    Str(CompactString),
    /// A bytes literal with its escapes resolved, adjacent literals joined.
    Bytes(Vec<u8>),
    /// An f-string (or adjacent strings of which one is): text and fields in order.
    Formatted(Vec<FormattedPart>),
    /// An identifier.
    Name(CompactString),
    /// `value.attr`
    Attribute(Box<Expr>, CompactString),
    /// `value[index]`
    Subscript(Box<Expr>, Box<Expr>),
    /// `lower:upper:step` within a subscript.
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// `func(args)`
    Call(Box<Call>),
    /// `(a, b)`, with or without parentheses.
    Tuple(Vec<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a, b}`
    Set(Vec<Expr>),
    /// `{key: value}`; a missing key is `**value`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `*value` within a display or call.
    Starred(Box<Expr>),
    /// `-a`, `+a`, `~a`, `not a`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`
    Binary(Box<Expr>, BinaryOp, Box<Expr>),
    /// `a and b and c`, `a or b`; true for `and`.
    BoolOp(bool, Vec<Expr>),
    /// `a < b <= c`
    Compare(Box<Expr>, Vec<(CompareOp, Expr)>),
    /// `body if test else orelse`, in that order.
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `lambda params: body`
    Lambda(Box<Lambda>),
    /// `[element for … in … if …]` and its relatives.
    Comprehension(Box<Comprehension>),
    /// Something else, or something broken: nothing is known of its value.
    Opaque,
}

/// A part of an f-string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FormattedPart {
    /// Literal text.
    Text(CompactString),
    /// `{value}` with neither conversion nor format specification.
    Field(Expr),
    /// A field with a conversion, a format specification or `=`.
    Opaque,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What is called.
    pub func: Expr,
    /// Positional arguments in order; `*args` is [`ExprKind::Starred`].
    pub args: Vec<Expr>,
    /// Keyword arguments in order.
    pub keywords: Vec<Keyword>,
}

/// A keyword argument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keyword {
    /// The name; `None` for `**value`.
    pub name: Option<CompactString>,
    /// The value.
    pub value: Expr,
}

/// A lambda.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lambda {
    /// Parameters.
    pub params: Vec<crate::outline::Param>,
    /// The body.
    pub body: Expr,
}

/// A comprehension or generator expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comprehension {
    /// Which kind.
    pub kind: ComprehensionKind,
    /// The element; for a dict, the key.
    pub element: Expr,
    /// For a dict, the value.
    pub value: Option<Expr>,
    /// The `for` clauses, outermost first.
    pub clauses: Vec<ForClause>,
}

/// Which kind of comprehension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ComprehensionKind {
    /// `[…]`
    List,
    /// `{…}`
    Set,
    /// `{k: v …}`
    Dict,
    /// `(…)`
    Generator,
}

/// One `for target in iter if …` of a comprehension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForClause {
    /// Whether it is `async for`.
    pub is_async: bool,
    /// What is bound: a name, or a tuple or list of targets.
    pub target: Expr,
    /// What is iterated.
    pub iter: Expr,
    /// The conditions, in order.
    pub conditions: Vec<Expr>,
}

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnaryOp {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `~`
    Invert,
    /// `not`
    Not,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `@`
    MatMul,
    /// `<<`
    LeftShift,
    /// `>>`
    RightShift,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Less,
    /// `<=`
    LessEq,
    /// `>`
    Greater,
    /// `>=`
    GreaterEq,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is`
    Is,
    /// `is not`
    IsNot,
}

impl Expr {
    /// An expression of unknown value.
    #[must_use]
    pub const fn opaque(span: Span) -> Self {
        Self { kind: ExprKind::Opaque, span }
    }

    /// The dotted name that a chain of attributes spells (`pytest.mark.skip`), if it is one.
    #[must_use]
    pub fn dotted(&self) -> Option<String> {
        match &self.kind {
            ExprKind::Name(name) => Some(name.to_string()),
            ExprKind::Attribute(value, attr) => {
                let mut dotted = value.dotted()?;
                dotted.push('.');
                dotted.push_str(attr);
                Some(dotted)
            }
            _ => None,
        }
    }
}
