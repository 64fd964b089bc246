//! Numbers as Python reckons and writes them. Integers beyond 128 bits are left alone.

use fastest_syntax::expr::BinaryOp;

use super::{Known, Value, doubt};

/// A number that takes part in arithmetic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An `int` or `bool`.
    Int(i128),
    /// A `float`.
    Float(f64),
}

impl Number {
    /// A value's number, if it is an `int`, `bool`, `float`, or a member of an enumeration of
    /// such.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(bool) => Some(Self::Int(i128::from(*bool))),
            Value::Int(digits) => digits.parse().ok().map(Self::Int),
            Value::Float(float) => Some(Self::Float(*float)),
            Value::EnumMember(member) => Self::of(member.data.as_deref()?),
            _ => None,
        }
    }

    /// The nearest float; exact for what it is used for, or `None`.
    #[expect(clippy::cast_precision_loss, reason = "the guard lets only exact integers pass")]
    pub fn float(self) -> Option<f64> {
        match self {
            Self::Int(int) if int.unsigned_abs() <= 1 << 53 => Some(int as f64),
            Self::Int(_) => None,
            Self::Float(float) => Some(float),
        }
    }
}

/// An `int`.
pub fn int(int: impl Into<i128>) -> Value {
    let int: i128 = int.into();
    Value::Int(compact_str::format_compact!("{int}"))
}

/// An `int` that counts something.
pub fn count(count: usize) -> Value {
    Value::Int(compact_str::format_compact!("{count}"))
}

/// `left op right` for two numbers.
pub fn arithmetic(left: Number, op: BinaryOp, right: Number) -> Known<Value> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => integers(left, op, right),
        _ => match (left.float(), right.float()) {
            (Some(left), Some(right)) => floats(left, op, right).map(Value::Float),
            _ => Err(doubt("arithmetic on numbers that are too large")),
        },
    }
}

fn integers(left: i128, op: BinaryOp, right: i128) -> Known<Value> {
    let result = match op {
        BinaryOp::Add => left.checked_add(right),
        BinaryOp::Sub => left.checked_sub(right),
        BinaryOp::Mul => left.checked_mul(right),
        BinaryOp::Div => return divide(left, right),
        BinaryOp::FloorDiv => floor_div(left, right),
        BinaryOp::Mod => floor_div(left, right)
            .and_then(|quotient| left.checked_sub(quotient.checked_mul(right)?)),
        BinaryOp::Pow if right < 0 => return Err(doubt("a power with a negative exponent")),
        BinaryOp::Pow => u32::try_from(right).ok().and_then(|right| left.checked_pow(right)),
        BinaryOp::LeftShift => shift_left(left, right),
        BinaryOp::RightShift if right < 0 => None,
        BinaryOp::RightShift => Some(left >> right.min(127)),
        BinaryOp::BitAnd => Some(left & right),
        BinaryOp::BitOr => Some(left | right),
        BinaryOp::BitXor => Some(left ^ right),
        BinaryOp::MatMul => None,
    };
    result.map(int).ok_or_else(|| doubt("arithmetic that fails or exceeds 128 bits"))
}

fn shift_left(left: i128, right: i128) -> Option<i128> {
    let factor = 1_i128.checked_shl(u32::try_from(right).ok().filter(|&right| right < 127)?)?;
    left.checked_mul(factor)
}

/// `left // right`, rounding towards minus infinity.
fn floor_div(left: i128, right: i128) -> Option<i128> {
    let quotient = left.checked_div(right)?;
    let exact = left.checked_rem(right)? == 0;
    if exact || (left < 0) == (right < 0) { Some(quotient) } else { quotient.checked_sub(1) }
}

/// `left / right`: one rounding, so exact operands give Python's result.
fn divide(left: i128, right: i128) -> Known<Value> {
    match (Number::Int(left).float(), Number::Int(right).float()) {
        (Some(left), Some(right)) if right != 0.0 => Ok(Value::Float(left / right)),
        _ => Err(doubt("a division that fails or is of large numbers")),
    }
}

fn floats(left: f64, op: BinaryOp, right: f64) -> Known<f64> {
    match op {
        BinaryOp::Add => Ok(left + right),
        BinaryOp::Sub => Ok(left - right),
        BinaryOp::Mul => Ok(left * right),
        BinaryOp::Div if right != 0.0 => Ok(left / right),
        // The result of `pow` depends on the C library in its last digit.
        _ => Err(doubt("arithmetic on floats that is not exact everywhere")),
    }
}

/// `repr` of a `float`: the shortest digits that give the same value, with an exponent below
/// 1e-4 and from 1e16 on.
pub fn float_repr(float: f64) -> String {
    let text = float_short(float);
    let is_plain_integer = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_plain_integer { text + ".0" } else { text }
}

/// The same without a trailing `.0`, as complex numbers write their parts.
fn float_short(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(-4..=15) => format!("{float}"),
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.abs())
        }
        Err(_) => scientific,
    }
}

/// `repr` of a `complex`.
pub fn complex_repr(real: f64, imaginary: f64) -> String {
    let imaginary_text = float_short(imaginary);
    if real == 0.0 && real.is_sign_positive() {
        return format!("{imaginary_text}j");
    }
    let plus = if imaginary_text.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{imaginary_text}j)", float_short(real))
}
