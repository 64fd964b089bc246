//! Where a function's text uses one of its parameters.

use fastest_model::Span;
use tree_sitter::Node;

use super::Parsed;
use super::collect::named_children;

/// The places in the function at `span` where `name` means the parameter of that name: in the
/// body, not where a nested function, lambda or comprehension has a variable of its own by that
/// name. The parameter itself is not among them. Spans count from the file's start.
#[must_use]
pub fn uses(text: &str, span: Span, name: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let Some(parsed) = Parsed::new(text, span) else { return found };
    let Some(function) = parsed.function() else { return found };
    if let Some(body) = function.child_by_field_name("body") {
        Search { parsed: &parsed, name, found: &mut found }.node(body);
    }
    found
}

struct Search<'s, 't> {
    parsed: &'s Parsed<'t>,
    name: &'s str,
    found: &'s mut Vec<Span>,
}

impl Search<'_, '_> {
    fn node(&mut self, node: Node<'_>) {
        match node.kind() {
            "identifier" => {
                if self.parsed.text(node) == self.name {
                    self.found.push(self.parsed.span(node));
                }
            }
            "attribute" => self.field(node, "object"),
            "keyword_argument" => self.field(node, "value"),
            "function_definition" | "lambda" if self.rebinds(node) => {
                // Defaults are evaluated outside.
                if let Some(params) = node.child_by_field_name("parameters") {
                    self.defaults(params);
                }
            }
            "list_comprehension"
            | "set_comprehension"
            | "dictionary_comprehension"
            | "generator_expression"
                if self.comprehension_rebinds(node) => {}
            _ => named_children(node).into_iter().for_each(|child| self.node(child)),
        }
    }

    fn field(&mut self, node: Node<'_>, field: &str) {
        if let Some(child) = node.child_by_field_name(field) {
            self.node(child);
        }
    }

    fn defaults(&mut self, params: Node<'_>) {
        for param in named_children(params) {
            self.field(param, "value");
        }
    }

    /// Whether a nested function has a parameter of that name, or assigns to it.
    fn rebinds(&self, node: Node<'_>) -> bool {
        let params = node.child_by_field_name("parameters");
        let is_parameter = params.is_some_and(|params| {
            named_children(params).into_iter().any(|param| self.is_named(param))
        });
        is_parameter || node.child_by_field_name("body").is_some_and(|body| self.assigns(body))
    }

    fn is_named(&self, param: Node<'_>) -> bool {
        let name = param.child_by_field_name("name").unwrap_or(param);
        match name.kind() {
            "identifier" => self.parsed.text(name) == self.name,
            _ => named_children(name).first().is_some_and(|first| self.is_named(*first)),
        }
    }

    fn assigns(&self, node: Node<'_>) -> bool {
        if matches!(node.kind(), "function_definition" | "class_definition" | "lambda") {
            return false;
        }
        if node.kind() == "nonlocal_statement" {
            return false;
        }
        let left = match node.kind() {
            "assignment" | "augmented_assignment" | "for_statement" => {
                node.child_by_field_name("left")
            }
            _ => None,
        };
        left.is_some_and(|left| self.holds_name(left))
            || named_children(node).into_iter().any(|child| self.assigns(child))
    }

    fn comprehension_rebinds(&self, node: Node<'_>) -> bool {
        named_children(node).into_iter().any(|child| {
            child.kind() == "for_in_clause"
                && child.child_by_field_name("left").is_some_and(|left| self.holds_name(left))
        })
    }

    fn holds_name(&self, node: Node<'_>) -> bool {
        match node.kind() {
            "identifier" => self.parsed.text(node) == self.name,
            "attribute" | "subscript" => false,
            _ => named_children(node).into_iter().any(|child| self.holds_name(child)),
        }
    }
}
