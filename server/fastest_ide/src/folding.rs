//! Folding: whatever spans lines.
//!
//! Once a server gives ranges, some editors fold nothing else, so these are all that a Python
//! file has, not only its tests.

use fastest_model::Span;
use tree_sitter::{Node, Tree};

/// What a folded region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// Code.
    Region,
    /// Imports that stand together.
    Imports,
    /// Comments that stand together.
    Comment,
}

/// A region that folds into its first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// From where to where, in bytes from the file's start.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// The regions of a file's syntax tree, in source order.
#[must_use]
pub fn folding(tree: &Tree) -> Vec<Fold> {
    let mut folds = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        fold(node, &mut folds);
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                folds.sort_by_key(|fold| (fold.span.start, fold.span.end));
                return folds;
            }
        }
    }
}

fn fold(node: Node<'_>, folds: &mut Vec<Fold>) {
    match node.kind() {
        "function_definition"
        | "class_definition"
        | "if_statement"
        | "for_statement"
        | "while_statement"
        | "with_statement"
        | "try_statement"
        | "match_statement"
        | "elif_clause"
        | "else_clause"
        | "except_clause"
        | "finally_clause"
        | "case_clause"
        | "list"
        | "dictionary"
        | "tuple"
        | "set"
        | "argument_list"
        | "parameters"
        | "string"
        | "parenthesized_expression" => push(node, node, FoldKind::Region, folds),
        "comment" => run(node, &["comment"], FoldKind::Comment, folds),
        "import_statement" | "import_from_statement" => {
            let kinds = ["import_statement", "import_from_statement", "future_import_statement"];
            run(node, &kinds, FoldKind::Imports, folds);
        }
        _ => {}
    }
}

/// A run of siblings of some kinds on lines one after the other, from its first node.
fn run(first: Node<'_>, kinds: &[&str], kind: FoldKind, folds: &mut Vec<Fold>) {
    let follows = |one: Node<'_>, next: Node<'_>| {
        kinds.contains(&next.kind()) && next.start_position().row == one.end_position().row + 1
    };
    if first
        .prev_sibling()
        .is_some_and(|before| kinds.contains(&before.kind()) && follows(before, first))
    {
        return;
    }
    let mut last = first;
    while let Some(next) = last.next_sibling().filter(|next| follows(last, *next)) {
        last = next;
    }
    push(first, last, kind, folds);
}

fn push(first: Node<'_>, last: Node<'_>, kind: FoldKind, folds: &mut Vec<Fold>) {
    if first.start_position().row < last.end_position().row {
        let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let span = Span::new(place(first.start_byte()), place(last.end_byte()));
        folds.push(Fold { span, kind });
    }
}
