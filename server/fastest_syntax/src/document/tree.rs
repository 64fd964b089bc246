//! The whole text's syntax tree, parsed when it is asked for.
//!
//! It says what is wrong with the text. No keystroke waits for it: an edit only notes which bytes
//! it replaced, and the next question parses what has changed since the last one.

use ropey::Rope;
use tree_sitter::{InputEdit, Node, Parser, Point, Tree};

use super::edit::Replaced;
use crate::outline::SyntaxProblem;
use fastest_model::Span;

/// A tree that may be older than its text.
#[derive(Clone, Debug, Default)]
pub(super) struct SyntaxTree {
    tree: Option<Tree>,
    is_stale: bool,
}

impl SyntaxTree {
    /// Notes an edit: `before` and `after` are the text around it.
    pub(super) fn edit(&mut self, before: &Rope, after: &Rope, replaced: Replaced) {
        let Replaced { start, old_end, new_end } = replaced;
        let Some(tree) = &mut self.tree else { return };
        self.is_stale = true;
        tree.edit(&InputEdit {
            start_byte: start,
            old_end_byte: old_end,
            new_end_byte: new_end,
            start_position: point(before, start),
            old_end_position: point(before, old_end),
            new_end_position: point(after, new_end),
        });
    }

    /// The tree of `text`, which is the text after all edits that were noted.
    pub(super) fn of(&mut self, text: &Rope) -> &Tree {
        let old = self.tree.take();
        let tree = match old {
            Some(tree) if !self.is_stale => tree,
            old => parse(text, old.as_ref()),
        };
        self.is_stale = false;
        self.tree.insert(tree)
    }
}

/// A parser of Python files.
pub(crate) fn python_parser() -> Parser {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .expect("the grammar was built for this version of tree-sitter");
    parser
}

fn parse(text: &Rope, old: Option<&Tree>) -> Tree {
    let mut read = |byte: usize, _: Point| {
        if byte >= text.len_bytes() {
            return &[][..];
        }
        let (chunk, start, ..) = text.chunk_at_byte(byte);
        &chunk.as_bytes()[byte - start..]
    };
    python_parser()
        .parse_with_options(&mut read, old, None)
        .expect("a parser with a language and no cancellation yields a tree")
}

/// Where a byte stands as tree-sitter counts: only `\n` ends a line.
fn point(text: &Rope, byte: usize) -> Point {
    let (mut row, mut line_start, mut at) = (0, 0, 0);
    for chunk in text.byte_slice(..byte).chunks() {
        row += memchr::memchr_iter(b'\n', chunk.as_bytes()).count();
        if let Some(last) = memchr::memrchr(b'\n', chunk.as_bytes()) {
            line_start = at + last + 1;
        }
        at += chunk.len();
    }
    Point::new(row, byte - line_start)
}

/// The outermost places that the grammar cannot make sense of, in the text's order.
pub(super) fn syntax_errors(tree: &Tree) -> Vec<SyntaxProblem> {
    let mut errors = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let is_error = node.is_error() || node.is_missing();
        if is_error {
            errors.push(problem(node));
        }
        if !is_error && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return errors;
            }
        }
    }
}

fn problem(node: Node<'_>) -> SyntaxProblem {
    let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    let span = Span::new(place(node.start_byte()), place(node.end_byte()));
    let message = match node.is_missing() {
        true => format!("expected `{}`", node.kind()),
        false => "invalid syntax".to_owned(),
    };
    SyntaxProblem { span, message }
}
