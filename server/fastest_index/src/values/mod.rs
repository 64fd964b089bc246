//! What the value of an expression is, as far as it is obviously constant, and which id pytest
//! gives it.
//!
//! Not known here: what a function returns (bodies are not looked into), what an instance of a
//! class holds, anything that depends on the machine. Such a value is [`Value::Unknown`] with the
//! reason, and so is everything made of it whose value depends on it. A container that holds an
//! unknown element is still a container of known length.
//!
//! Two things about an object made by calling a class are taken for granted, because bodies are
//! not looked into: `__init__` does not give the instance a `__name__` (unless the class defines
//! `__call__`, as what stands in for a function does), and calling it does not raise.
//!
//! Reading order: [`evaluate`] (expressions), `operators`, `calls`, `enums`, [`marks`],
//! `ids` (pytest's `IdMaker`), [`parametrize`] (pytest's `ParameterSet._for_parametrize`).

use std::sync::Arc;

use compact_str::CompactString;
use fastest_model::Span;
use fastest_syntax::expr::Expr;

use crate::names::{Query, Scope};
use crate::world::FileId;

mod calls;
mod compare;
mod comprehensions;
mod constants;
mod containers;
mod enums;
mod evaluate;
mod format;
pub mod ids;
mod itertools;
mod library;
mod lookup;
pub mod marks;
mod methods;
mod numbers;
mod objects;
mod operators;
pub mod parametrize;
mod repr;
mod scalars;
mod strings;
#[cfg(test)]
mod tests;

pub(crate) use evaluate::Remembered;
use evaluate::{Evaluator, Frame};

pub use marks::{Decorator, decorators, marks_of};
pub use parametrize::{
    Case, Doubt, Parametrization, Subject, Trouble, fixture_params, parametrization,
};

/// The value of an expression that stands in `scope`, in a top-level statement that starts at
/// `base` bytes of the scope's file.
///
/// Elements of displays carry their origin: that file and their span, counted from its start.
/// The work is bounded; what takes more is unknown.
#[must_use]
pub fn evaluate<'w>(query: &Query<'w>, scope: Scope<'w>, base: u32, expr: &Expr) -> Value {
    Evaluator::new(query).value(expr, Frame::new(scope, base)).unwrap_or_else(Value::Unknown)
}

/// A value, or why it cannot be known, as a lowercase fragment for people.
type Known<T> = Result<T, CompactString>;

/// Why something cannot be known.
fn doubt(reason: &'static str) -> CompactString {
    CompactString::const_new(reason)
}

/// A value that is known without running Python.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// A `bool`.
    Bool(bool),
    /// An `int`, as decimal digits with a leading `-` where negative.
    Int(CompactString),
    /// A `float`.
    Float(f64),
    /// A `complex`: real and imaginary part.
    Complex(f64, f64),
    /// A `str`.
    Str(CompactString),
    /// A `bytes`.
    Bytes(Vec<u8>),
    /// `...`
    Ellipsis,
    /// A `tuple`.
    Tuple(Vec<Element>),
    /// A `list`.
    List(Vec<Element>),
    /// A `set`. Its order is not known unless it has fewer than two elements.
    Set(Vec<Element>),
    /// A `frozenset`, likewise.
    FrozenSet(Vec<Element>),
    /// A `dict` in insertion order.
    Dict(Vec<(Element, Element)>),
    /// An iterable without an id of its own that is none of the above.
    Iterable(IterableKind, Vec<Element>),
    /// `pytest.param(…)`
    Parameters(Box<ParameterSet>),
    /// A mark: `pytest.mark.skip`, called or not.
    Mark(Box<Mark>),
    /// `pytest.HIDDEN_PARAM`
    HiddenParam,
    /// A class, function or module: whatever has a `__name__`.
    Named(Named),
    /// A lambda, whose `__name__` is `<lambda>`.
    Lambda(Arc<LambdaValue>),
    /// A member of an enumeration.
    EnumMember(EnumMember),
    /// `re.compile(pattern)`: the pattern, a `Str` or `Bytes`.
    Pattern(Box<Value>),
    /// An object that certainly has no id of its own: pytest names it by argument and index.
    Object,
    /// It cannot be known; why, as a lowercase fragment for people.
    Unknown(CompactString),
}

/// An iterable that is neither a string nor a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IterableKind {
    /// `range(…)`
    Range,
    /// `mapping.keys()`
    Keys,
    /// `mapping.values()`
    Values,
    /// `mapping.items()`
    Items,
    /// What `zip`, `map`, `iter` and their like return: it can be iterated once, and yields
    /// nothing after.
    Once,
    /// A generator expression, which is such an iterator with a `__name__`: `<genexpr>`.
    Generator,
}

impl IterableKind {
    /// Whether it can be iterated only once.
    #[must_use]
    pub const fn is_iterator(self) -> bool {
        matches!(self, Self::Once | Self::Generator)
    }
}

/// A lambda with what it can see.
#[derive(Clone, Debug, PartialEq)]
pub struct LambdaValue {
    /// The file it stands in, at whose top level its names are looked up.
    pub file: FileId,
    /// Where the top-level statement that holds it starts: the origin of its spans.
    pub base: u32,
    /// Variables of the comprehensions and lambdas around it.
    pub locals: Vec<(CompactString, Value)>,
    /// The lambda.
    pub lambda: fastest_syntax::expr::Lambda,
}

/// An element of a container, and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The value.
    pub value: Value,
    /// The file and the place in it, in bytes from the file's start; `None` when computed.
    pub origin: Option<(FileId, Span)>,
}

/// Something that has a `__name__`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its `__name__`.
    pub name: CompactString,
    /// What it is, canonical and dotted, for comparing. What a source file defines carries the
    /// offset of its name (`tests.helpers.make@120`).
    pub path: CompactString,
    /// For what a source file defines: the file and the offset of its name, in bytes from the
    /// file's start.
    pub place: Option<(FileId, u32)>,
}

/// A member of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumMember {
    /// The class's `__name__`.
    pub class: CompactString,
    /// The class, canonical and dotted, for comparing.
    pub path: CompactString,
    /// The member's name.
    pub name: CompactString,
    /// What `str(member)` gives; `None` when that cannot be known.
    pub text: Option<CompactString>,
    /// `member.value`
    pub value: Box<Value>,
    /// What the member is besides: its content as a `str`, `bytes`, `int` or `float` for an
    /// enumeration that derives from such a type; `None` where it derives from no data type.
    pub data: Option<Box<Value>>,
}

/// `pytest.param(*values, id=…, marks=…)`, or a row of `parametrize`.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSet {
    /// The values, one for each argument name.
    pub values: Vec<Element>,
    /// `id=`
    pub id: Option<Value>,
    /// `marks=`
    pub marks: Vec<Mark>,
    /// Why `marks` cannot be known, as a lowercase fragment for people.
    pub marks_doubt: Option<CompactString>,
    /// Where the row is written: the file and the place in it, in bytes from the file's start.
    pub origin: Option<(FileId, Span)>,
}

/// A mark: pytest's `Mark`, or a `MarkDecorator` around one.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its name (`skipif`).
    pub name: CompactString,
    /// Positional arguments.
    pub args: Vec<Element>,
    /// Keyword arguments.
    pub kwargs: Vec<(CompactString, Element)>,
    /// Where it is written: the file and the place in it, in bytes from the file's start.
    pub origin: Option<(FileId, Span)>,
}
