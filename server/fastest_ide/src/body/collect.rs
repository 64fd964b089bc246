//! One walk over a function's syntax tree.

use compact_str::CompactString;
use tree_sitter::Node;

use super::{Body, Comma, NameCall, Parsed, TupleAssert};
use fastest_model::Span;

/// What a parsed function holds.
pub(super) fn body(parsed: &Parsed<'_>) -> Body {
    let mut body = Body { is_broken: parsed.is_broken(), ..Body::default() };
    let Some(function) = parsed.function() else { return body };
    signature(parsed, function, &mut body);
    if let Some(block) = function.child_by_field_name("body") {
        body.docstring = docstring(parsed, block);
        Walk { parsed, body: &mut body }.all(block, true);
    }
    body
}

fn signature(parsed: &Parsed<'_>, function: Node<'_>, body: &mut Body) {
    let Some(params) = function.child_by_field_name("parameters") else { return };
    let last = function.child_by_field_name("return_type").unwrap_or(params);
    let start = parsed.place(function.start_byte());
    body.signature = Some(Span::new(start, parsed.place(last.end_byte())));
    let count = params.child_count();
    let close = params.child(count.saturating_sub(1));
    let Some(close) = close.filter(|close| close.kind() == ")" && !close.is_missing()) else {
        return;
    };
    let comma = match params.child(count.saturating_sub(2)).map(|node| node.kind()) {
        Some("(") | None => Comma::None,
        Some(",") => Comma::There,
        Some(_) => Comma::Needed,
    };
    let text = parsed.text(params);
    // After the last parameter, not on a line of its own before the parenthesis.
    let inner = text[..text.len().saturating_sub(1)].trim_end();
    body.params_end = Some((parsed.place(params.start_byte() + inner.len()), comma));
    debug_assert!(close.end_byte() == params.end_byte());
}

/// The docstring of a block.
fn docstring(parsed: &Parsed<'_>, block: Node<'_>) -> Option<String> {
    let first = named_children(block).into_iter().find(|node| node.kind() != "comment")?;
    let string = match first.kind() {
        "expression_statement" => first.named_child(0)?,
        "string" => first,
        _ => return None,
    };
    if string.kind() != "string" {
        return None;
    }
    let mut text = String::new();
    for part in named_children(string) {
        match part.kind() {
            "string_content" => text.push_str(parsed.text(part)),
            "interpolation" => return None,
            _ => {}
        }
    }
    let text = clean(&text);
    (!text.is_empty()).then_some(text)
}

/// `inspect.cleandoc`
fn clean(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().trim();
    let rest: Vec<&str> = lines.collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let margin = rest.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let mut clean = vec![first];
    clean.extend(rest.iter().map(|line| line.get(margin..).unwrap_or("").trim_end()));
    clean.join("\n").trim().to_owned()
}

struct Walk<'p, 't, 'b> {
    parsed: &'p Parsed<'t>,
    body: &'b mut Body,
}

impl Walk<'_, '_, '_> {
    /// Walks over what is below a node; `own` is whether it runs when the function is called.
    fn all(&mut self, node: Node<'_>, own: bool) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.node(child, own);
        }
    }

    fn node(&mut self, node: Node<'_>, own: bool) {
        let mut own = own;
        match node.kind() {
            "identifier" => {
                self.body.mentions.insert(self.parsed.text(node).into());
            }
            "function_definition" | "class_definition" | "lambda" => {
                self.bind(node.child_by_field_name("name"));
                own = false;
            }
            "yield" if own => self.body.yields.push(self.parsed.span(node)),
            "return_statement" if own => self.returned(node),
            "assert_statement" => self.asserted(node),
            "call" if own => self.called(node),
            "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause" => {
                self.bind(node.child_by_field_name("left"));
            }
            "named_expression" => self.bind(node.child_by_field_name("name")),
            "as_pattern_target"
            | "global_statement"
            | "nonlocal_statement"
            | "case_pattern"
            | "delete_statement"
            | "import_statement"
            | "import_from_statement" => {
                self.bind(Some(node));
            }
            _ => {}
        }
        self.all(node, own);
    }

    /// Every name below a node is bound.
    fn bind(&mut self, node: Option<Node<'_>>) {
        let Some(node) = node else { return };
        if node.kind() == "identifier" {
            self.body.binds.insert(self.parsed.text(node).into());
        }
        for child in named_children(node) {
            self.bind(Some(child));
        }
    }

    fn returned(&mut self, node: Node<'_>) {
        if let Some(value) = node.named_child(0).filter(|value| is_something(*value)) {
            self.body.returns.push(self.parsed.span(value));
        }
    }

    /// A tuple that is not empty is always true.
    fn asserted(&mut self, node: Node<'_>) {
        let Some(tuple) = node.named_child(0).filter(|value| value.kind() == "tuple") else {
            return;
        };
        let elements: Vec<Span> =
            named_children(tuple).into_iter().map(|element| self.parsed.span(element)).collect();
        if !elements.is_empty() {
            self.body.tuple_asserts.push(TupleAssert { span: self.parsed.span(tuple), elements });
        }
    }

    fn called(&mut self, node: Node<'_>) {
        let function = node.child_by_field_name("function");
        let Some(function) = function.filter(|function| function.kind() == "identifier") else {
            return;
        };
        let name = CompactString::from(self.parsed.text(function));
        let (span, whole) = (self.parsed.span(function), self.parsed.span(node));
        self.body.calls.push(NameCall { name, span, whole });
    }
}

/// Whether an expression certainly gives something else than `None`.
fn is_something(value: Node<'_>) -> bool {
    match value.kind() {
        "parenthesized_expression" => value.named_child(0).is_some_and(is_something),
        kind => matches!(
            kind,
            "true"
                | "false"
                | "integer"
                | "float"
                | "string"
                | "concatenated_string"
                | "list"
                | "tuple"
                | "expression_list"
                | "dictionary"
                | "set"
                | "list_comprehension"
                | "set_comprehension"
                | "dictionary_comprehension"
                | "generator_expression"
                | "comparison_operator"
                | "not_operator"
                | "lambda"
        ),
    }
}

pub(super) fn named_children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}
