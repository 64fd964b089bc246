//! What stands in the text of one function: its signature, its docstring, its body.
//!
//! Outlines do not look into bodies. Where an editor's question is about one, that function's text
//! alone is parsed with tree-sitter, which takes well under a millisecond for a function of usual
//! size and never depends on how long the file is.

mod collect;
pub mod dynamic;
mod uses;

use compact_str::CompactString;
use fastest_model::Span;
use rustc_hash::FxHashSet;
use tree_sitter::{Node, Parser, Tree};

pub use uses::uses;

/// What a function's text holds. Spans count from the file's start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// From `def` (or `async`) to the end of the parameters or of the return annotation.
    pub signature: Option<Span>,
    /// The closing parenthesis of the parameters, and whether something stands before it that
    /// needs a comma after it.
    pub params_end: Option<(u32, Comma)>,
    /// The docstring, as `inspect.cleandoc` gives it.
    pub docstring: Option<String>,
    /// `yield` expressions of the function itself.
    pub yields: Vec<Span>,
    /// Values of `return` statements that certainly are not `None`.
    pub returns: Vec<Span>,
    /// `assert (condition, message)`: the tuple.
    pub tuple_asserts: Vec<TupleAssert>,
    /// Calls of a plain name: the name, the whole call, whether it has arguments.
    pub calls: Vec<NameCall>,
    /// Every name that the text after the signature mentions.
    pub mentions: FxHashSet<CompactString>,
    /// Names that the function's body binds.
    pub binds: FxHashSet<CompactString>,
    /// Whether the text has syntax errors: what is missing may only be misread.
    pub is_broken: bool,
}

/// What one more parameter needs before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comma {
    /// A comma and a blank.
    Needed,
    /// Nothing: there are no parameters yet.
    None,
    /// A blank, after the comma that is there.
    There,
}

impl Body {
    /// The same with spans that count from `base`.
    #[must_use]
    pub fn relative_to(mut self, base: u32) -> Self {
        let relative = |span: &mut Span| *span = span.relative_to(base);
        self.signature.iter_mut().for_each(relative);
        self.params_end.iter_mut().for_each(|(place, _)| *place -= base);
        self.yields.iter_mut().chain(&mut self.returns).for_each(relative);
        for assert in &mut self.tuple_asserts {
            relative(&mut assert.span);
            assert.elements.iter_mut().for_each(relative);
        }
        for call in &mut self.calls {
            relative(&mut call.span);
            relative(&mut call.whole);
        }
        self
    }
}

/// `assert (a, b)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TupleAssert {
    /// The tuple, parentheses included.
    pub span: Span,
    /// Its elements.
    pub elements: Vec<Span>,
}

/// `name(…)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameCall {
    /// The name.
    pub name: CompactString,
    /// Where the name stands.
    pub span: Span,
    /// The whole call.
    pub whole: Span,
}

/// A function's text, parsed.
pub(crate) struct Parsed<'t> {
    text: &'t str,
    tree: Tree,
    /// What is added to a byte of the tree to get one of the file.
    shift: i64,
    source: String,
}

/// What makes a whole program of an indented definition.
const HOLDER: &str = "if 1:\n";

impl<'t> Parsed<'t> {
    /// Parses the function that stands in `span` of a file's text. `None` where the span does not
    /// fit the text.
    pub fn new(text: &'t str, span: Span) -> Option<Self> {
        let (start, end) = (span.start as usize, span.end as usize);
        let own = text.get(start..end)?;
        let line = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let indent = &text[line..start];
        let is_indented = !indent.is_empty() && indent.trim().is_empty();
        let (source, shift) = if is_indented {
            let before = HOLDER.len() + indent.len();
            (format!("{HOLDER}{indent}{own}\n"), signed(start) - signed(before))
        } else {
            (format!("{own}\n"), signed(start))
        };
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
        let tree = parser.parse(&source, None)?;
        Some(Self { text, tree, shift, source })
    }

    /// The function's definition.
    pub fn function(&self) -> Option<Node<'_>> {
        find_function(self.tree.root_node())
    }

    /// A node's place in the file.
    pub fn span(&self, node: Node<'_>) -> Span {
        Span::new(self.place(node.start_byte()), self.place(node.end_byte()))
    }

    /// A byte of the tree as one of the file.
    pub fn place(&self, byte: usize) -> u32 {
        u32::try_from(signed(byte) + self.shift).unwrap_or(0)
    }

    /// A node's text.
    pub fn text(&self, node: Node<'_>) -> &str {
        &self.source[node.byte_range()]
    }

    /// Whether the text has syntax errors.
    pub fn is_broken(&self) -> bool {
        debug_assert!(!self.text.is_empty() || self.source.len() <= 1);
        self.tree.root_node().has_error()
    }
}

/// Reads the function that stands in `span` of a file's text, decorators included.
#[must_use]
pub fn read(text: &str, span: Span) -> Body {
    Parsed::new(text, span).map(|parsed| collect::body(&parsed)).unwrap_or_default()
}

fn find_function(node: Node<'_>) -> Option<Node<'_>> {
    if node.kind() == "function_definition" {
        return Some(node);
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(|child| is_on_the_way(*child)).find_map(find_function)
}

fn is_on_the_way(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "function_definition" | "decorated_definition" | "if_statement" | "block" | "ERROR"
    )
}

fn signed(byte: usize) -> i64 {
    i64::try_from(byte).unwrap_or(i64::MAX)
}
