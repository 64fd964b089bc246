//! What a half-typed fragment lacks at its end.

use std::ops::Range;

use tree_sitter::{Node, Tree};

/// The quotes and brackets that would close what the bytes `fragment` of the parsed `text` leave
/// open, innermost first.
pub(super) fn closing(tree: &Tree, text: &str, fragment: Range<usize>) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let is_inside = fragment.contains(&node.start_byte());
        if is_inside && node.child_count() == 0 && !node.is_missing() {
            meet(&mut open, node, text);
        }
        if node.start_byte() < fragment.end && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return open.iter().rev().copied().collect();
            }
        }
    }
}

/// Follows one token.
fn meet<'t>(open: &mut Vec<&'t str>, token: Node<'_>, text: &'t str) {
    match token.kind() {
        "(" => open.push(")"),
        "[" => open.push("]"),
        "{" => open.push("}"),
        "string_start" => {
            let start = text.get(token.byte_range()).unwrap_or_default();
            open.push(start.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()));
        }
        kind @ (")" | "]" | "}") if open.last() == Some(&kind) => drop(open.pop()),
        "string_end" => drop(open.pop()),
        _ => {}
    }
}
