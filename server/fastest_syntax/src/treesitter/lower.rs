//! Syntax nodes to expressions.

use compact_str::CompactString;
use fastest_model::Span;
use tree_sitter::Node;

use super::operators::{binary_operator, compare_operator, unary_operator};
use crate::expr::{Call, Expr, ExprKind, Keyword, Lambda};
use crate::reader::Reader;
use crate::scanner::{Arguments, Fragments};

/// Nodes below this depth are not looked into, so that no text exhausts the stack.
const MAX_DEPTH: u32 = 200;

/// How many links of a chain of binary operators are followed.
const MAX_LINKS: usize = 1000;

/// Lowers the nodes of one parsed fragment.
#[derive(Clone, Copy)]
pub(super) struct Lowering<'a> {
    /// The whole file.
    pub(super) source: &'a str,
    /// Where the fragment stands in it.
    pub(super) fragment: Span,
    /// What was put before the fragment for parsing, in bytes.
    pub(super) prefix: u32,
    /// What spans count from.
    pub(super) base: u32,
    /// How many nodes this one is within.
    pub(super) depth: u32,
}

impl<'a> Lowering<'a> {
    /// What `node` says.
    pub(super) fn expr(self, node: Node<'_>) -> Expr {
        if self.depth >= MAX_DEPTH {
            return self.opaque(node);
        }
        let inner = Self { depth: self.depth + 1, ..self };
        if node.kind() == "parenthesized_expression" {
            return inner.parenthesized(node);
        }
        let kind = inner.kind(node).unwrap_or(ExprKind::Opaque);
        star_last(Expr { kind, span: self.span(node) })
    }

    fn kind(self, node: Node<'_>) -> Option<ExprKind> {
        if node.is_missing() {
            return None;
        }
        Some(match node.kind() {
            "none" => ExprKind::None,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "ellipsis" => ExprKind::Ellipsis,
            "integer" | "float" | "string" | "concatenated_string" => self.literal(node),
            "identifier" => ExprKind::Name(self.identifier(node)),
            "attribute" => self.attribute(node)?,
            "subscript" => self.subscript(node)?,
            "slice" => self.slice(node),
            "call" => ExprKind::Call(Box::new(self.call(node)?)),
            "tuple" => ExprKind::Tuple(self.elements(node)),
            "list" => ExprKind::List(self.elements(node)),
            "set" => ExprKind::Set(self.elements(node)),
            "dictionary" => ExprKind::Dict(self.pairs(node)),
            "list_splat" | "list_splat_pattern" => self.starred(node)?,
            "unary_operator" | "not_operator" => self.unary(node)?,
            "binary_operator" => self.binary(node)?,
            "boolean_operator" => self.boolean(node)?,
            "comparison_operator" => self.comparison(node)?,
            "conditional_expression" => self.conditional(node)?,
            "lambda" => ExprKind::Lambda(Box::new(self.lambda(node)?)),
            "list_comprehension"
            | "set_comprehension"
            | "dictionary_comprehension"
            | "generator_expression" => self.comprehension(node)?,
            _ => return None,
        })
    }

    /// Parentheses around one expression leave no trace, not even in its span.
    fn parenthesized(self, node: Node<'_>) -> Expr {
        match children(node).as_slice() {
            [inner] => self.expr(*inner),
            _ => self.opaque(node),
        }
    }

    fn attribute(self, node: Node<'_>) -> Option<ExprKind> {
        let value = self.expr(node.child_by_field_name("object")?);
        let name = node.child_by_field_name("attribute")?;
        (!name.is_missing()).then(|| ExprKind::Attribute(Box::new(value), self.identifier(name)))
    }

    fn subscript(self, node: Node<'_>) -> Option<ExprKind> {
        let value = self.expr(node.child_by_field_name("value")?);
        let parts = children_of_field(node, "subscript");
        let index = match parts.as_slice() {
            [] => return None,
            [only] if !has_token(node, ",") => star_in_tuple(self.expr(*only)),
            [first, ..] => Expr {
                kind: ExprKind::Tuple(parts.iter().map(|part| self.expr(*part)).collect()),
                span: Span::new(self.span(*first).start, self.before_closing(node)),
            },
        };
        Some(ExprKind::Subscript(Box::new(value), Box::new(index)))
    }

    /// The end of what stands before the closing bracket of `node`.
    fn before_closing(self, node: Node<'_>) -> u32 {
        let solid = solid_children(node);
        let last = solid.len().checked_sub(2).and_then(|index| solid.get(index)).copied();
        self.span(last.unwrap_or(node)).end
    }

    /// The span of everything between the brackets of `node`, if there is anything.
    pub(super) fn between_brackets(self, node: Node<'_>) -> Option<Span> {
        let solid = solid_children(node);
        let inner = solid.get(1..solid.len().saturating_sub(1))?;
        let (first, last) = (inner.first()?, inner.last()?);
        Some(Span::new(self.span(*first).start, self.span(*last).end))
    }

    fn slice(self, node: Node<'_>) -> ExprKind {
        let mut parts: [Option<Box<Expr>>; 3] = [None, None, None];
        let mut place = 0;
        let mut cursor = node.walk();
        for child in node.children(&mut cursor).filter(|child| !child.is_extra()) {
            match child.kind() {
                ":" => place = (place + 1).min(2),
                _ => parts[place] = Some(Box::new(self.expr(child))),
            }
        }
        let [lower, upper, step] = parts;
        ExprKind::Slice(lower, upper, step)
    }

    fn call(self, node: Node<'_>) -> Option<Call> {
        let func = self.expr(node.child_by_field_name("function")?);
        let arguments = node.child_by_field_name("arguments")?;
        if arguments.kind() == "generator_expression" {
            return Some(Call { func, args: vec![self.expr(arguments)], keywords: Vec::new() });
        }
        let Arguments { args, keywords } = self.arguments(arguments);
        Some(Call { func, args, keywords })
    }

    /// The arguments of an `argument_list`.
    pub(super) fn arguments(self, node: Node<'_>) -> Arguments {
        let mut args = Vec::new();
        let mut keywords = Vec::new();
        for child in children(node) {
            match self.keyword(child) {
                Some(keyword) => keywords.push(keyword),
                None => args.push(self.expr(child)),
            }
        }
        Arguments { args, keywords }
    }

    fn keyword(self, node: Node<'_>) -> Option<Keyword> {
        match node.kind() {
            "keyword_argument" => {
                let name = self.identifier(node.child_by_field_name("name")?);
                let value = self.expr(node.child_by_field_name("value")?);
                Some(Keyword { name: Some(name), value })
            }
            "dictionary_splat" => {
                Some(Keyword { name: None, value: self.expr(*children(node).first()?) })
            }
            _ => None,
        }
    }

    pub(super) fn elements(self, node: Node<'_>) -> Vec<Expr> {
        children(node).into_iter().map(|child| self.expr(child)).collect()
    }

    fn pairs(self, node: Node<'_>) -> Vec<(Option<Expr>, Expr)> {
        children(node).into_iter().map(|child| self.pair(child)).collect()
    }

    fn pair(self, node: Node<'_>) -> (Option<Expr>, Expr) {
        let part = |name| node.child_by_field_name(name).map(|part| self.expr(part));
        match (part("key"), part("value")) {
            (Some(key), Some(value)) => (Some(key), value),
            _ => match (node.kind(), children(node).first()) {
                ("dictionary_splat", Some(value)) => (None, self.expr(*value)),
                _ => (Some(self.opaque(node)), self.opaque(node)),
            },
        }
    }

    fn starred(self, node: Node<'_>) -> Option<ExprKind> {
        Some(ExprKind::Starred(Box::new(self.expr(*children(node).first()?))))
    }

    fn unary(self, node: Node<'_>) -> Option<ExprKind> {
        let operand = self.expr(node.child_by_field_name("argument")?);
        Some(ExprKind::Unary(unary_operator(node.child(0)?.kind())?, Box::new(operand)))
    }

    /// A chain (`a + b + c`) is followed without recursion, for it may be long.
    fn binary(self, node: Node<'_>) -> Option<ExprKind> {
        let mut links = vec![node];
        let mut left = node.child_by_field_name("left")?;
        while left.kind() == "binary_operator" && links.len() < MAX_LINKS {
            links.push(left);
            left = left.child_by_field_name("left")?;
        }
        let mut value = self.expr(left);
        while let Some(link) = links.pop() {
            let operator = binary_operator(link.child_by_field_name("operator")?.kind())?;
            let right = self.expr(link.child_by_field_name("right")?);
            let kind = ExprKind::Binary(Box::new(value), operator, Box::new(right));
            value = star_last(Expr { kind, span: self.span(link) });
        }
        Some(value.kind)
    }

    /// `a and b and c` is one operation on three values, as Python's `ast` has it.
    fn boolean(self, node: Node<'_>) -> Option<ExprKind> {
        let is_and = node.child_by_field_name("operator")?.kind() == "and";
        let mut values = Vec::new();
        let mut leftmost = node;
        loop {
            values.push(self.expr(leftmost.child_by_field_name("right")?));
            let left = leftmost.child_by_field_name("left")?;
            let operator = left.child_by_field_name("operator").map(|token| token.kind() == "and");
            if left.kind() != "boolean_operator" || operator != Some(is_and) {
                values.push(self.expr(left));
                break;
            }
            leftmost = left;
        }
        values.reverse();
        Some(ExprKind::BoolOp(is_and, values))
    }

    fn comparison(self, node: Node<'_>) -> Option<ExprKind> {
        let mut operands = children(node).into_iter().map(|operand| self.expr(operand));
        let first = operands.next()?;
        let operators = children_of_field(node, "operators");
        let rest = operators.into_iter().zip(operands);
        let rest: Option<Vec<_>> =
            rest.map(|(token, operand)| Some((compare_operator(token.kind())?, operand))).collect();
        Some(ExprKind::Compare(Box::new(first), rest?))
    }

    fn conditional(self, node: Node<'_>) -> Option<ExprKind> {
        match children(node).as_slice() {
            [body, test, orelse] => {
                let [body, test, orelse] = [body, test, orelse].map(|part| self.expr(*part));
                Some(ExprKind::Conditional(Box::new(body), Box::new(test), Box::new(orelse)))
            }
            _ => None,
        }
    }

    fn lambda(self, node: Node<'_>) -> Option<Lambda> {
        let body = self.expr(node.child_by_field_name("body")?);
        let params = node.child_by_field_name("parameters");
        Some(Lambda { params: params.map(|list| self.params(list)).unwrap_or_default(), body })
    }

    pub(super) fn identifier(self, node: Node<'_>) -> CompactString {
        CompactString::from(self.text(node))
    }

    /// Numbers and strings are read as they are in closed files.
    fn literal(self, node: Node<'_>) -> ExprKind {
        Reader.expr(self.source, self.place(node), self.base, &mut Vec::new()).kind
    }

    /// The text of `node`.
    fn text(self, node: Node<'_>) -> &'a str {
        self.source.get(self.place(node).range()).unwrap_or_default()
    }

    /// Where `node` stands in the file, as far as it is part of the fragment.
    pub(super) fn place(self, node: Node<'_>) -> Span {
        let Span { start, end } = self.fragment;
        let place = |byte: usize| {
            let byte = u32::try_from(byte).unwrap_or(u32::MAX).saturating_sub(self.prefix);
            byte.saturating_add(start).min(end)
        };
        Span::new(place(node.start_byte()), place(node.end_byte()))
    }

    pub(super) fn span(self, node: Node<'_>) -> Span {
        self.place(node).relative_to(self.base)
    }

    pub(super) fn opaque(self, node: Node<'_>) -> Expr {
        Expr::opaque(self.span(node))
    }
}

/// The grammar may read `*a.b()` as `(*a).b()`; Python's star takes all of it.
fn star_last(mut expr: Expr) -> Expr {
    let span = expr.span;
    let Some(first) = first_operand(&mut expr.kind) else { return expr };
    match std::mem::replace(&mut first.kind, ExprKind::Opaque) {
        ExprKind::Starred(value) => {
            expr.span.start = value.span.start;
            if let Some(first) = first_operand(&mut expr.kind) {
                *first = *value;
            }
            Expr { kind: ExprKind::Starred(Box::new(expr)), span }
        }
        kind => {
            first.kind = kind;
            expr
        }
    }
}

/// The operand that an operator stands behind.
fn first_operand(kind: &mut ExprKind) -> Option<&mut Expr> {
    match kind {
        ExprKind::Attribute(value, _)
        | ExprKind::Subscript(value, _)
        | ExprKind::Binary(value, ..)
        | ExprKind::Compare(value, _)
        | ExprKind::Conditional(value, ..) => Some(value),
        ExprKind::Call(call) => Some(&mut call.func),
        ExprKind::BoolOp(_, values) => values.first_mut(),
        _ => None,
    }
}

/// The named children of `node` that are not comments or line continuations.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra() || child.is_error()).collect()
}

/// The children of `node`, tokens too, that are not comments or line continuations.
fn solid_children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

/// The children of `node` that its grammar rule calls `field`.
pub(super) fn children_of_field<'tree>(node: Node<'tree>, field: &str) -> Vec<Node<'tree>> {
    let mut cursor = node.walk();
    node.children_by_field_name(field, &mut cursor).filter(|child| !child.is_extra()).collect()
}

/// Whether the token `kind` is a direct child of `node`.
pub(super) fn has_token(node: Node<'_>, kind: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| child.kind() == kind)
}

/// `a[*b]` means `a[(*b,)]`.
fn star_in_tuple(index: Expr) -> Expr {
    match index.kind {
        ExprKind::Starred(_) => Expr { span: index.span, kind: ExprKind::Tuple(vec![index]) },
        _ => index,
    }
}
