//! Parameters of functions and lambdas.

use tree_sitter::Node;

use super::lower::{Lowering, children};
use crate::outline::{Name, Param, ParamKind};

impl Lowering<'_> {
    /// The parameters of a `parameters` or `lambda_parameters` node.
    pub(super) fn params(self, node: Node<'_>) -> Vec<Param> {
        let mut params: Vec<Param> = Vec::new();
        let mut kind = ParamKind::PositionalOrKeyword;
        for child in children(node) {
            match child.kind() {
                "keyword_separator" => kind = ParamKind::KeywordOnly,
                "positional_separator" => {
                    params.iter_mut().for_each(|param| param.kind = ParamKind::PositionalOnly);
                }
                _ => params.extend(self.param(child, kind)),
            }
            if params.last().is_some_and(|param| param.kind == ParamKind::VarPositional) {
                kind = ParamKind::KeywordOnly;
            }
        }
        params
    }

    fn param(self, node: Node<'_>, kind: ParamKind) -> Option<Param> {
        let named = node.child_by_field_name("name");
        let has_default = named.is_some();
        let mut name = named.or_else(|| children(node).first().copied()).unwrap_or(node);
        let kind = match (node.kind(), name.kind()) {
            ("list_splat_pattern", _) | (_, "list_splat_pattern") => ParamKind::VarPositional,
            ("dictionary_splat_pattern", _) | (_, "dictionary_splat_pattern") => {
                ParamKind::VarKeyword
            }
            _ => kind,
        };
        if name.kind().ends_with("_pattern") {
            name = *children(name).first()?;
        }
        (name.kind() == "identifier" && !name.is_missing()).then(|| Param {
            name: self.name(name),
            kind,
            has_default,
        })
    }

    fn name(self, node: Node<'_>) -> Name {
        Name { text: self.identifier(node), span: self.span(node) }
    }
}
