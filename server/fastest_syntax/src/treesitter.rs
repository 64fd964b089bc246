//! Expressions as tree-sitter reads them: a second opinion for tests.
//!
//! The reader must make of every whole fragment what a grammar of other hands makes of it.
//! Numbers and strings alone are read by the reader's own means.

mod comprehension;
mod lower;
mod operators;
mod params;

use fastest_model::Span;
use tree_sitter::{Node, Parser, Tree};

use crate::document::python_parser;
use crate::expr::{Expr, ExprKind};
use crate::outline::Param;
use crate::reader::Reader;
use crate::scanner::flaws::Flaw;
use crate::scanner::{Arguments, Fragments};
use lower::{Lowering, children};

/// Reads fragments with tree-sitter's Python grammar. Reports no flaws.
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

    fn parse(&mut self, setting: Setting, fragment: &str) -> Tree {
        self.buffer.clear();
        // A line break ends a comment that the fragment may end with.
        for part in [setting.before, fragment, "\n", setting.after, "\n"] {
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
