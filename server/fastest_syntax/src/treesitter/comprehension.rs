//! Comprehensions and generator expressions.

use tree_sitter::Node;

use super::lower::{Lowering, children, children_of_field, has_token};
use crate::expr::{Comprehension, ComprehensionKind, Expr, ExprKind, ForClause};

impl Lowering<'_> {
    pub(super) fn comprehension(self, node: Node<'_>) -> Option<ExprKind> {
        let kind = match node.kind() {
            "list_comprehension" => ComprehensionKind::List,
            "set_comprehension" => ComprehensionKind::Set,
            "dictionary_comprehension" => ComprehensionKind::Dict,
            _ => ComprehensionKind::Generator,
        };
        let body = node.child_by_field_name("body")?;
        let (element, value) = match kind {
            ComprehensionKind::Dict => {
                let value = self.expr(body.child_by_field_name("value")?);
                (self.expr(body.child_by_field_name("key")?), Some(value))
            }
            _ => (self.expr(body), None),
        };
        let clauses = self.clauses(node)?;
        Some(ExprKind::Comprehension(Box::new(Comprehension { kind, element, value, clauses })))
    }

    fn clauses(self, node: Node<'_>) -> Option<Vec<ForClause>> {
        let mut clauses: Vec<ForClause> = Vec::new();
        for child in children(node).into_iter().skip(1) {
            match child.kind() {
                "for_in_clause" => clauses.push(self.for_clause(child)?),
                "if_clause" => {
                    let condition = self.expr(*children(child).first()?);
                    clauses.last_mut()?.conditions.push(condition);
                }
                _ => return None,
            }
        }
        Some(clauses)
    }

    fn for_clause(self, node: Node<'_>) -> Option<ForClause> {
        let target = self.target(node.child_by_field_name("left")?);
        let iter = match children_of_field(node, "right").as_slice() {
            [only] => self.expr(*only),
            _ => return None,
        };
        let is_async = has_token(node, "async");
        Some(ForClause { is_async, target, iter, conditions: Vec::new() })
    }

    /// What a `for` binds. `(a)` is `a`; only a comma makes a tuple.
    fn target(self, node: Node<'_>) -> Expr {
        match (node.kind(), children(node).as_slice()) {
            ("tuple_pattern", [only]) if !has_token(node, ",") => self.target(*only),
            ("tuple_pattern" | "pattern_list", parts) => {
                let targets = parts.iter().map(|part| self.target(*part)).collect();
                Expr { kind: ExprKind::Tuple(targets), span: self.span(node) }
            }
            ("list_pattern", parts) => {
                let targets = parts.iter().map(|part| self.target(*part)).collect();
                Expr { kind: ExprKind::List(targets), span: self.span(node) }
            }
            _ => self.expr(node),
        }
    }
}
