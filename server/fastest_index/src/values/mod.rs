//! What the value of an expression is, as far as it is obviously constant, and which id pytest
//! gives it.

use compact_str::CompactString;
use fastest_model::Span;

use crate::world::FileId;

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
    /// A `set` or `frozenset`. Its order is not known unless it has fewer than two elements.
    Set(Vec<Element>),
    /// A `dict` in insertion order.
    Dict(Vec<(Element, Element)>),
    /// `pytest.param(…)`
    Parameters(Box<ParameterSet>),
    /// A mark: `pytest.mark.skip`, called or not.
    Mark(Box<Mark>),
    /// `pytest.HIDDEN_PARAM`
    HiddenParam,
    /// A class, function or module: whatever has a `__name__`.
    Named(Named),
    /// A member of an enumeration.
    EnumMember(EnumMember),
    /// `re.compile(pattern)`: the pattern, a `Str` or `Bytes`.
    Pattern(Box<Value>),
    /// An object that certainly has no id of its own: pytest names it by argument and index.
    Object,
    /// It cannot be known; why, as a lowercase fragment for people.
    Unknown(CompactString),
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
    /// What it is, canonical and dotted (`tests.helpers.make`), for comparing.
    pub path: CompactString,
}

/// A member of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumMember {
    /// The class's `__name__`.
    pub class: CompactString,
    /// The member's name.
    pub name: CompactString,
    /// What `str(member)` gives; `None` when that cannot be known.
    pub text: Option<CompactString>,
    /// `member.value`
    pub value: Box<Value>,
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
