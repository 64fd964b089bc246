//! Expressions that are being typed, read by tree-sitter.
//!
//! The reader of closed files takes a fragment whole or not at all. Of one that it refuses,
//! [`OpenFragments`] lets tree-sitter make what sense can be made: of a list without an end, the
//! elements that are there. Each fragment is parsed by itself and from scratch, so what is read
//! depends on its bytes alone.

mod comprehension;
mod lower;
mod operators;
mod params;
mod unclosed;

use fastest_model::Span;
use tree_sitter::{Node, Parser, Tree};

use crate::expr::{Expr, ExprKind};
use crate::outline::Param;
use crate::reader::{Reader, leaves_brackets_open};
use crate::scanner::flaws::Flaw;
use crate::scanner::{Arguments, Fragments};
use lower::{Lowering, children};

/// Reads the fragments of an open document: as those of a closed file where they are whole, and
/// with tree-sitter where they are broken.
#[derive(Default)]
pub(crate) struct OpenFragments {
    broken: Option<TreeSitterFragments>,
}

impl OpenFragments {
    fn broken(&mut self) -> &mut TreeSitterFragments {
        self.broken.get_or_insert_with(TreeSitterFragments::new)
    }
}

impl Fragments for OpenFragments {
    fn expr(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Expr {
        let known = flaws.len();
        let expr = Reader.expr(source, span, base, flaws);
        match flaws.get(known) {
            // Outside of brackets there are no parts that could be kept.
            Some(flaw) if leaves_brackets_open(source, Span { end: flaw.span.start, ..span }) => {
                self.broken().expr(source, span, base, flaws)
            }
            _ => expr,
        }
    }

    fn params(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Vec<Param> {
        let known = flaws.len();
        let params = Reader.params(source, span, base, flaws);
        if flaws.len() == known { params } else { self.broken().params(source, span, base, flaws) }
    }

    fn arguments(
        &mut self,
        source: &str,
        span: Span,
        base: u32,
        flaws: &mut Vec<Flaw>,
    ) -> Arguments {
        let known = flaws.len();
        let arguments = Reader.arguments(source, span, base, flaws);
        if flaws.len() == known {
            return arguments;
        }
        self.broken().arguments(source, span, base, flaws)
    }
}

/// Reads fragments with tree-sitter's Python grammar, whole ones and broken ones. Reports no
/// flaws: the grammar knows neither all of Python nor Python's words for what is wrong.
pub(crate) struct TreeSitterFragments {
    parser: Parser,
    buffer: String,
}

/// What makes a whole program of a fragment. Line breaks and indentation mean nothing within
/// its parentheses.
#[derive(Clone, Copy)]
struct Setting {
    before: &'static str,
    after: &'static str,
}

const EXPRESSION: Setting = Setting { before: "(", after: ")" };
const PARAMETERS: Setting = Setting { before: "def f(", after: "): pass" };
const ARGUMENTS: Setting = Setting { before: "f(", after: ")" };

impl TreeSitterFragments {
    pub(crate) fn new() -> Self {
        Self { parser: python_parser(), buffer: String::new() }
    }

    /// Parses a fragment. What it leaves open is closed for it.
    fn parse(&mut self, setting: Setting, fragment: &str) -> Tree {
        let tree = self.parse_closed(setting, fragment, "");
        if !tree.root_node().has_error() {
            return tree;
        }
        let end = setting.before.len() + fragment.len();
        let closing = unclosed::closing(&tree, &self.buffer, setting.before.len()..end);
        if closing.is_empty() {
            return tree;
        }
        self.parse_closed(setting, fragment, &closing)
    }

    fn parse_closed(&mut self, setting: Setting, fragment: &str, closing: &str) -> Tree {
        self.buffer.clear();
        // A line break ends a comment that the fragment may end with.
        for part in [setting.before, fragment, closing, "\n", setting.after, "\n"] {
            self.buffer.push_str(part);
        }
        self.parser
            .parse(self.buffer.as_bytes(), None)
            .expect("a parser with a language and no cancellation yields a tree")
    }
}

impl Setting {
    fn lowering(self, source: &str, fragment: Span, base: u32) -> Lowering<'_> {
        let prefix = u32::try_from(self.before.len()).unwrap_or(0);
        Lowering { source, fragment, prefix, base, depth: 0 }
    }
}

impl Fragments for TreeSitterFragments {
    fn expr(&mut self, source: &str, span: Span, base: u32, _flaws: &mut Vec<Flaw>) -> Expr {
        let tree = self.parse(EXPRESSION, &source[span.range()]);
        let lowering = EXPRESSION.lowering(source, span, base);
        find(tree.root_node(), &["parenthesized_expression", "tuple"])
            .filter(|node| node.byte_range() == (0..self.buffer.trim_end().len()))
            .and_then(|node| outermost(lowering, node))
            .unwrap_or_else(|| Expr::opaque(span.relative_to(base)))
    }

    fn params(&mut self, source: &str, span: Span, base: u32, _: &mut Vec<Flaw>) -> Vec<Param> {
        let tree = self.parse(PARAMETERS, &source[span.range()]);
        let lowering = PARAMETERS.lowering(source, span, base);
        find(tree.root_node(), &["parameters"]).map_or_else(Vec::new, |node| lowering.params(node))
    }

    fn arguments(&mut self, source: &str, span: Span, base: u32, _: &mut Vec<Flaw>) -> Arguments {
        let tree = self.parse(ARGUMENTS, &source[span.range()]);
        let lowering = ARGUMENTS.lowering(source, span, base);
        let call = find(tree.root_node(), &["call"]);
        let list = call.and_then(|node| node.child_by_field_name("arguments"));
        list.map_or_else(Arguments::default, |node| lowering.arguments(node))
    }
}

/// What stands in the parentheses that were put around an expression.
fn outermost(lowering: Lowering<'_>, node: Node<'_>) -> Option<Expr> {
    if node.kind() == "parenthesized_expression" {
        return Some(lowering.expr(node));
    }
    let parts = lowering.between_brackets(node)?;
    Some(Expr { kind: ExprKind::Tuple(lowering.elements(node)), span: parts })
}

/// A parser of Python files.
pub(crate) fn python_parser() -> Parser {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .expect("the grammar was built for this version of tree-sitter");
    parser
}

/// The first node of one of the kinds, from the root down along first children.
fn find<'tree>(root: Node<'tree>, kinds: &[&str]) -> Option<Node<'tree>> {
    let mut node = root;
    while !kinds.contains(&node.kind()) {
        let below = children(node);
        node = *below.iter().find(|child| kinds.contains(&child.kind())).or(below.first())?;
    }
    Some(node)
}

#[cfg(test)]
mod tests;
