//! The grammar that `-k` and `-m` share, after pytest's `_pytest/mark/expression.py`:
//!
//! ```text
//! expression: expr? END
//! expr:       and_expr ('or' and_expr)*
//! and_expr:   not_expr ('and' not_expr)*
//! not_expr:   'not' not_expr | '(' expr ')' | ident ('(' kwarg (',' kwarg)* ')')?
//! kwarg:      name '=' (string | integer | 'True' | 'False' | 'None')
//! ```

use std::fmt;

use compact_str::CompactString;

use super::lexer::{Kind, Lexer, Token, is_identifier};

/// A `-k` or `-m` expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    root: Node,
}

/// A name in an expression, and the arguments where it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The name as written.
    pub name: CompactString,
    /// The same in lower case, which is what `-k` looks for.
    pub folded: CompactString,
    /// `name(a=1)`: the arguments, at least one; `None` where it is not called.
    pub kwargs: Option<Vec<(CompactString, Scalar)>>,
}

/// A value that the grammar can write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// An integer in canonical decimal digits: no leading zeros, `-` where negative.
    Int(CompactString),
    /// A string.
    Str(CompactString),
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// Where, in characters, the first being 1; pytest prints it.
    pub column: usize,
    /// What, in pytest's words.
    pub message: String,
    /// Whether Python's compiler finds it rather than pytest's parser: then pytest has lost the
    /// expression's text and prints `None` for it.
    from_compiler: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    /// The empty expression.
    False,
    Term(Term),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// How deeply parentheses and `not` may nest: far more than anyone writes, far less than a
/// thread's stack holds.
const MAX_DEPTH: usize = 300;

impl Expression {
    /// Reads an expression. The empty one is valid, and false of everything.
    ///
    /// # Errors
    /// The first mistake, at the column and in the words that pytest has for it.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut lexer = Lexer::new(text);
        let current = lexer.next()?;
        let mut parser = Parser { lexer, current, depth: 0, repeated: None };
        let root = parser.expression()?;
        match parser.repeated {
            None => Ok(Self { root }),
            Some(name) => Err(ExpressionError {
                column: 1,
                message: format!("keyword argument repeated: {name}"),
                from_compiler: true,
            }),
        }
    }

    /// Whether it holds, where `matcher` says whether a term does. `None` is unknown, to the
    /// matcher and in the result.
    pub fn evaluate(&self, matcher: &mut dyn FnMut(&Term) -> Option<bool>) -> Option<bool> {
        self.root.evaluate(matcher)
    }

    /// The terms from left to right.
    #[must_use]
    pub fn terms(&self) -> Vec<&Term> {
        let mut found = Vec::new();
        self.root.collect_terms(&mut found);
        found
    }
}

impl ExpressionError {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { column: at + 1, message: message.into(), from_compiler: false }
    }

    /// pytest's whole message for an option (`-k`, `-m`) whose text was `expression`.
    #[must_use]
    pub fn for_option(&self, option: &str, expression: &str) -> String {
        let text = if self.from_compiler { "None" } else { expression };
        format!("Wrong expression passed to '{option}': {text}: {self}")
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for ExpressionError {}

impl Node {
    fn evaluate(&self, matcher: &mut dyn FnMut(&Term) -> Option<bool>) -> Option<bool> {
        match self {
            Self::False => Some(false),
            Self::Term(term) => matcher(term),
            Self::Not(inner) => inner.evaluate(matcher).map(|value| !value),
            Self::And(parts) => decided_by(parts, false, matcher),
            Self::Or(parts) => decided_by(parts, true, matcher),
        }
    }

    fn collect_terms<'a>(&'a self, found: &mut Vec<&'a Term>) {
        match self {
            Self::False => {}
            Self::Term(term) => found.push(term),
            Self::Not(inner) => inner.collect_terms(found),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().for_each(|part| part.collect_terms(found));
            }
        }
    }
}

/// `and` is decided by the first part that is false, `or` by the first that is true; later parts
/// are not looked at.
fn decided_by(
    parts: &[Node],
    deciding: bool,
    matcher: &mut dyn FnMut(&Term) -> Option<bool>,
) -> Option<bool> {
    let mut result = Some(!deciding);
    for part in parts {
        match part.evaluate(matcher) {
            Some(value) if value == deciding => return Some(value),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    current: Token<'a>,
    depth: usize,
    /// The first keyword that a call has twice.
    repeated: Option<CompactString>,
}

impl<'a> Parser<'a> {
    fn accept(&mut self, kind: Kind) -> Result<Option<Token<'a>>, ExpressionError> {
        if self.current.kind != kind {
            return Ok(None);
        }
        let token = self.current;
        if kind != Kind::End {
            self.current = self.lexer.next()?;
        }
        Ok(Some(token))
    }

    fn expect(&mut self, kind: Kind) -> Result<Token<'a>, ExpressionError> {
        self.accept(kind)?.ok_or_else(|| self.unexpected(&[kind]))
    }

    fn unexpected(&self, expected: &[Kind]) -> ExpressionError {
        let expected: Vec<_> = expected.iter().map(|kind| kind.describe()).collect();
        let got = self.current.kind.describe();
        let message = format!("expected {}; got {got}", expected.join(" OR "));
        ExpressionError::new(self.current.at, message)
    }

    fn expression(&mut self) -> Result<Node, ExpressionError> {
        if self.accept(Kind::End)?.is_some() {
            return Ok(Node::False);
        }
        let root = self.or_expr()?;
        self.expect(Kind::End)?;
        Ok(root)
    }

    fn or_expr(&mut self) -> Result<Node, ExpressionError> {
        let mut parts = vec![self.and_expr()?];
        while self.accept(Kind::Or)?.is_some() {
            parts.push(self.and_expr()?);
        }
        Ok(single_or(parts, Node::Or))
    }

    fn and_expr(&mut self) -> Result<Node, ExpressionError> {
        let mut parts = vec![self.not_expr()?];
        while self.accept(Kind::And)?.is_some() {
            parts.push(self.not_expr()?);
        }
        Ok(single_or(parts, Node::And))
    }

    fn not_expr(&mut self) -> Result<Node, ExpressionError> {
        if self.depth == MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(ExpressionError::new(self.current.at, message));
        }
        self.depth += 1;
        let node = self.nested()?;
        self.depth -= 1;
        Ok(node)
    }

    fn nested(&mut self) -> Result<Node, ExpressionError> {
        if self.accept(Kind::Not)?.is_some() {
            return Ok(Node::Not(Box::new(self.not_expr()?)));
        }
        if self.accept(Kind::LeftParen)?.is_some() {
            let inner = self.or_expr()?;
            self.expect(Kind::RightParen)?;
            return Ok(inner);
        }
        let Some(ident) = self.accept(Kind::Ident)? else {
            return Err(self.unexpected(&[Kind::Not, Kind::LeftParen, Kind::Ident]));
        };
        let called = self.accept(Kind::LeftParen)?.is_some();
        let kwargs = if called { Some(self.kwargs()?) } else { None };
        Ok(Node::Term(Term { name: ident.text.into(), folded: fold(ident.text), kwargs }))
    }

    fn kwargs(&mut self) -> Result<Vec<(CompactString, Scalar)>, ExpressionError> {
        let mut found = vec![self.kwarg()?];
        while self.accept(Kind::Comma)?.is_some() {
            let next = self.kwarg()?;
            if self.repeated.is_none() && found.iter().any(|(name, _)| *name == next.0) {
                self.repeated = Some(next.0.clone());
            }
            found.push(next);
        }
        self.expect(Kind::RightParen)?;
        Ok(found)
    }

    fn kwarg(&mut self) -> Result<(CompactString, Scalar), ExpressionError> {
        let name = self.expect(Kind::Ident)?;
        if !is_identifier(name.text) {
            let message = format!("not a valid python identifier {}", name.text);
            return Err(ExpressionError::new(name.at, message));
        }
        if PYTHON_KEYWORDS.contains(&name.text) {
            let message = format!("unexpected reserved python keyword `{}`", name.text);
            return Err(ExpressionError::new(name.at, message));
        }
        self.expect(Kind::Equal)?;
        Ok((name.text.into(), self.value()?))
    }

    fn value(&mut self) -> Result<Scalar, ExpressionError> {
        if let Some(string) = self.accept(Kind::Str)? {
            return Ok(Scalar::Str(string.text.into()));
        }
        let token = self.expect(Kind::Ident)?;
        match token.text {
            "True" => Ok(Scalar::Bool(true)),
            "False" => Ok(Scalar::Bool(false)),
            "None" => Ok(Scalar::None),
            text => integer(text).ok_or_else(|| {
                ExpressionError::new(token.at, format!("unexpected character/s \"{text}\""))
            }),
        }
    }
}

fn single_or(mut parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

pub(super) fn fold(text: &str) -> CompactString {
    if text.is_ascii() { text.to_ascii_lowercase().into() } else { text.to_lowercase().into() }
}

fn integer(text: &str) -> Option<Scalar> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let canonical = if digits.is_empty() { "0".into() } else { format!("{sign}{digits}").into() };
    Some(Scalar::Int(canonical))
}

/// Python's `keyword.kwlist`, the same from 3.7 on.
const PYTHON_KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];
