//! Unary, binary and comparison operators.

use std::cmp::Ordering;

use fastest_syntax::expr::{BinaryOp, CompareOp, UnaryOp};

use super::containers::{get, unique};
use super::evaluate::Evaluator;
use super::numbers::{Number, arithmetic, int};
use super::{Element, IterableKind, Known, Value, compare, doubt};

/// `op operand`
pub fn unary(op: UnaryOp, operand: &Value) -> Known<Value> {
    if op == UnaryOp::Not {
        return compare::truth(operand).map(|truth| Value::Bool(!truth));
    }
    match (op, operand, Number::of(operand)) {
        (UnaryOp::Plus, Value::Int(_), _) => Ok(operand.clone()),
        (UnaryOp::Minus, Value::Int(digits), None) => {
            Ok(Value::Int(match digits.strip_prefix('-') {
                Some(digits) => digits.into(),
                None => compact_str::format_compact!("-{digits}"),
            }))
        }
        (UnaryOp::Minus, Value::Complex(real, imaginary), _) => {
            Ok(Value::Complex(-real, -imaginary))
        }
        (UnaryOp::Plus, _, Some(Number::Int(number))) => Ok(int(number)),
        (UnaryOp::Plus, _, Some(Number::Float(float))) => Ok(Value::Float(float)),
        (UnaryOp::Minus, _, Some(Number::Int(number))) => {
            number.checked_neg().map(int).ok_or_else(|| doubt("arithmetic that exceeds 128 bits"))
        }
        (UnaryOp::Minus, _, Some(Number::Float(float))) => Ok(Value::Float(-float)),
        (UnaryOp::Invert, Value::Int(_) | Value::Bool(_), Some(Number::Int(number))) => {
            Ok(int(!number))
        }
        _ => Err(doubt("an operator on something that is no number")),
    }
}

/// `left op right` for one link of a comparison.
pub fn comparison(left: &Value, op: CompareOp, right: &Value) -> Known<bool> {
    let ordered = |wanted: fn(Ordering) -> bool| {
        compare::order(left, right).map(|order| order.is_some_and(wanted))
    };
    match op {
        CompareOp::Eq => compare::equals(left, right),
        CompareOp::NotEq => compare::equals(left, right).map(|equal| !equal),
        CompareOp::Less => ordered(Ordering::is_lt),
        CompareOp::LessEq => ordered(Ordering::is_le),
        CompareOp::Greater => ordered(Ordering::is_gt),
        CompareOp::GreaterEq => ordered(Ordering::is_ge),
        CompareOp::In => contains(right, left),
        CompareOp::NotIn => contains(right, left).map(|contains| !contains),
        CompareOp::Is => identical(left, right),
        CompareOp::IsNot => identical(left, right).map(|identical| !identical),
    }
}

/// `item in container`
fn contains(container: &Value, item: &Value) -> Known<bool> {
    match (container, item) {
        (Value::Str(text), Value::Str(part)) => Ok(text.contains(part.as_str())),
        (Value::Dict(items), _) => Ok(get(items, item)?.is_some()),
        (
            Value::Tuple(elements)
            | Value::List(elements)
            | Value::Set(elements)
            | Value::FrozenSet(elements)
            | Value::Iterable(IterableKind::Range | IterableKind::Keys, elements),
            _,
        ) => among(elements, item),
        _ => Err(doubt("what an object holds is known at run time only")),
    }
}

fn among(elements: &[Element], item: &Value) -> Known<bool> {
    let mut unsure = None;
    for element in elements {
        match compare::equals(&element.value, item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(reason) => unsure = Some(reason),
        }
    }
    unsure.map_or(Ok(false), Err)
}

/// `left is right`, where it does not depend on which objects Python shares.
fn identical(left: &Value, right: &Value) -> Known<bool> {
    let is_singleton = |value: &Value| {
        matches!(
            value,
            Value::None | Value::Bool(_) | Value::Ellipsis | Value::HiddenParam | Value::Named(_)
        )
    };
    match (left, right) {
        (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Err(reason.clone()),
        (Value::Bool(left), Value::Bool(right)) => Ok(left == right),
        (Value::Bool(_), _) | (_, Value::Bool(_)) => Ok(false),
        (Value::EnumMember(left), Value::EnumMember(right)) => {
            Ok(left.path == right.path && left.name == right.name)
        }
        (Value::Named(_), Value::Named(_)) => compare::equals(left, right),
        _ if is_singleton(left) || is_singleton(right) => {
            Ok(std::mem::discriminant(left) == std::mem::discriminant(right))
        }
        _ => Err(doubt("whether two names denote the same object is known at run time only")),
    }
}

impl Evaluator<'_, '_> {
    /// `left op right`
    pub fn binary(&self, left: Value, op: BinaryOp, right: Value) -> Known<Value> {
        if let (Some(left_number), Some(right_number)) = (Number::of(&left), Number::of(&right)) {
            return numbers(&left, left_number, op, &right, right_number);
        }
        match op {
            BinaryOp::Add => self.add(left, right),
            BinaryOp::Mul => match (Number::of(&left), Number::of(&right)) {
                (_, Some(Number::Int(times))) => self.repeat(left, times),
                (Some(Number::Int(times)), _) => self.repeat(right, times),
                _ => Err(unsupported()),
            },
            BinaryOp::Mod => match left {
                Value::Str(format) => {
                    self.percent(&format, right).map(|text| Value::Str(text.into()))
                }
                _ => Err(unsupported()),
            },
            BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::Sub | BinaryOp::BitXor => {
                union_like(left, op, right)
            }
            _ => Err(unsupported()),
        }
    }

    fn add(&self, left: Value, right: Value) -> Known<Value> {
        match (left, right) {
            (Value::Str(mut left), Value::Str(right)) => {
                self.spend((left.len() + right.len()) / 64)?;
                left.push_str(&right);
                Ok(Value::Str(left))
            }
            (Value::Bytes(left), Value::Bytes(right)) => {
                self.spend((left.len() + right.len()) / 64)?;
                Ok(Value::Bytes([left, right].concat()))
            }
            (Value::List(left), Value::List(right)) => self.joined(left, right).map(Value::List),
            (Value::Tuple(left), Value::Tuple(right)) => self.joined(left, right).map(Value::Tuple),
            (left, right) => complex_sum(&left, &right).ok_or_else(unsupported),
        }
    }

    fn joined(&self, mut left: Vec<Element>, right: Vec<Element>) -> Known<Vec<Element>> {
        self.spend(left.len() + right.len())?;
        left.extend(right);
        Ok(left)
    }

    fn repeat(&self, value: Value, times: i128) -> Known<Value> {
        let times = usize::try_from(times.max(0)).map_err(|_| unsupported())?;
        let pay = |len: usize| self.spend(len.saturating_mul(times));
        match value {
            Value::Str(text) => {
                pay(text.len().div_ceil(64))?;
                Ok(Value::Str(text.repeat(times)))
            }
            Value::Bytes(bytes) => {
                pay(bytes.len().div_ceil(64))?;
                Ok(Value::Bytes(bytes.repeat(times)))
            }
            Value::List(elements) => {
                pay(elements.len())?;
                Ok(Value::List(cycle(&elements, times)))
            }
            Value::Tuple(elements) => {
                pay(elements.len())?;
                Ok(Value::Tuple(cycle(&elements, times)))
            }
            _ => Err(unsupported()),
        }
    }
}

fn unsupported() -> compact_str::CompactString {
    doubt("an operator whose result is known at run time only")
}

fn cycle(elements: &[Element], times: usize) -> Vec<Element> {
    std::iter::repeat_n(elements, times).flatten().cloned().collect()
}

/// Arithmetic; `&`, `|` and `^` of two `bool`s stay `bool`, members of an `IntFlag` do not
/// become plain numbers.
fn numbers(
    left: &Value,
    left_number: Number,
    op: BinaryOp,
    right: &Value,
    right_number: Number,
) -> Known<Value> {
    let is_bitwise = matches!(op, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor);
    match (left, right) {
        (Value::EnumMember(_), _) | (_, Value::EnumMember(_)) => Err(unsupported()),
        (Value::Bool(left), Value::Bool(right)) if is_bitwise => Ok(Value::Bool(match op {
            BinaryOp::BitAnd => left & right,
            BinaryOp::BitOr => left | right,
            _ => left ^ right,
        })),
        _ => arithmetic(left_number, op, right_number),
    }
}

/// `real ± imaginary`: how complex constants are spelled. A subtraction is an addition of the
/// negated literal only where no zero's sign can differ.
fn complex_sum(left: &Value, right: &Value) -> Option<Value> {
    let parts = |value: &Value| match (value, Number::of(value)) {
        (Value::Complex(real, imaginary), _) => Some((*real, *imaginary)),
        (_, Some(number)) => Some((number.float()?, 0.0)),
        _ => None,
    };
    let (left, right) = (parts(left)?, parts(right)?);
    Some(Value::Complex(left.0 + right.0, left.1 + right.1))
}

/// `|`, `&`, `-` and `^` of sets and dict views, `|` of dicts.
fn union_like(left: Value, op: BinaryOp, right: Value) -> Known<Value> {
    match (left, right) {
        (Value::Dict(mut left), Value::Dict(right)) if op == BinaryOp::BitOr => {
            left.extend(right);
            super::containers::dict(left)
        }
        (Value::Set(left), Value::Set(right) | Value::FrozenSet(right)) => {
            set_operation(left, op, right).map(Value::Set)
        }
        (Value::FrozenSet(left), Value::Set(right) | Value::FrozenSet(right)) => {
            set_operation(left, op, right).map(Value::FrozenSet)
        }
        (Value::Complex(real, imaginary), right) if op == BinaryOp::Sub => {
            let negated = unary(UnaryOp::Minus, &right)?;
            complex_sum(&Value::Complex(real, imaginary), &negated).ok_or_else(unsupported)
        }
        (left, Value::Complex(real, imaginary)) if op == BinaryOp::Sub => {
            complex_sum(&left, &Value::Complex(-real, -imaginary)).ok_or_else(unsupported)
        }
        _ => Err(unsupported()),
    }
}

fn set_operation(left: Vec<Element>, op: BinaryOp, right: Vec<Element>) -> Known<Vec<Element>> {
    let within = |element: &Element, others: &[Element]| among(others, &element.value);
    let filtered = |elements: &[Element], others: &[Element], keep: bool| -> Known<Vec<Element>> {
        let mut kept = Vec::new();
        for element in elements {
            if within(element, others)? == keep {
                kept.push(element.clone());
            }
        }
        Ok(kept)
    };
    match op {
        BinaryOp::BitOr => unique([left, right].concat()),
        BinaryOp::BitAnd => filtered(&left, &right, true),
        BinaryOp::Sub => filtered(&left, &right, false),
        _ => Ok([filtered(&left, &right, false)?, filtered(&right, &left, false)?].concat()),
    }
}
