//! Test items: what a tree of tests is made of.

use crate::span::Span;

/// Whether an item is known to be what pytest will collect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// The sources prove it: pytest collects exactly this node id.
    Static,
    /// Only running Python can tell; the text says why, for people, as a lowercase fragment
    /// (``"`params` is computed"``).
    Runtime(String),
}

impl Certainty {
    /// Whether the sources prove the item.
    #[must_use]
    pub const fn is_static(&self) -> bool {
        matches!(self, Self::Static)
    }
}

/// What an item of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A test class.
    Class,
    /// A test function or method without parameters, or one whose cases are not known.
    Function,
    /// One parametrized case of a function.
    Case,
}

/// One test that would run: pytest's `Item`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// pytest's node id, complete: `tests/test_a.py::TestX::test_y[1-a]`.
    pub node_id: String,
    /// Function or case.
    pub kind: ItemKind,
    /// Whether the node id is proven.
    pub certainty: Certainty,
    /// The definition, decorators included, in bytes from the file's start.
    /// `None` where it lies in another file.
    pub span: Option<Span>,
    /// The name after `def`, in bytes from the file's start.
    pub name_span: Option<Span>,
    /// For a case: its own row in the `parametrize` list, in bytes from the file's start.
    pub case_span: Option<Span>,
    /// Names of all marks, own and inherited, in the order in which pytest's `iter_markers`
    /// yields them, each once.
    pub marks: Vec<String>,
}
