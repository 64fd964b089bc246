//! Operator tokens.

use crate::expr::{BinaryOp, CompareOp, UnaryOp};

pub(super) fn unary_operator(token: &str) -> Option<UnaryOp> {
    Some(match token {
        "-" => UnaryOp::Minus,
        "+" => UnaryOp::Plus,
        "~" => UnaryOp::Invert,
        "not" => UnaryOp::Not,
        _ => return None,
    })
}

pub(super) fn binary_operator(token: &str) -> Option<BinaryOp> {
    Some(match token {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "//" => BinaryOp::FloorDiv,
        "%" => BinaryOp::Mod,
        "**" => BinaryOp::Pow,
        "@" => BinaryOp::MatMul,
        "<<" => BinaryOp::LeftShift,
        ">>" => BinaryOp::RightShift,
        "&" => BinaryOp::BitAnd,
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        _ => return None,
    })
}

/// Python 2's `<>` is no operator.
pub(super) fn compare_operator(token: &str) -> Option<CompareOp> {
    Some(match token {
        "==" => CompareOp::Eq,
        "!=" => CompareOp::NotEq,
        "<" => CompareOp::Less,
        "<=" => CompareOp::LessEq,
        ">" => CompareOp::Greater,
        ">=" => CompareOp::GreaterEq,
        "in" => CompareOp::In,
        "not in" => CompareOp::NotIn,
        "is" => CompareOp::Is,
        "is not" => CompareOp::IsNot,
        _ => return None,
    })
}
