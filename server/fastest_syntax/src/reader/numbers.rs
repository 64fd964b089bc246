//! Number literals.

use compact_str::CompactString;

use crate::expr::ExprKind;

/// The longest integer that is converted from another base; beyond, its value is not known.
/// Python itself refuses decimal literals of more than 4,300 digits.
const MAX_DIGITS: usize = 4_300;

/// Where the number that starts at `start` ends.
pub(super) fn end(bytes: &[u8], start: usize) -> usize {
    let digits = |from: usize, is_digit: fn(&u8) -> bool| {
        let rest = &bytes[from..];
        let len = rest.iter().position(|byte| !is_digit(byte) && *byte != b'_');
        from + len.unwrap_or(rest.len())
    };
    let byte = |at: usize| bytes.get(at).map_or(0, u8::to_ascii_lowercase);
    if byte(start) == b'0' {
        match byte(start + 1) {
            b'x' => return digits(start + 2, u8::is_ascii_hexdigit),
            b'o' | b'b' => return digits(start + 2, u8::is_ascii_digit),
            _ => {}
        }
    }
    let mut at = digits(start, u8::is_ascii_digit);
    if byte(at) == b'.' {
        at = digits(at + 1, u8::is_ascii_digit);
    }
    if byte(at) == b'e' {
        let sign = usize::from(matches!(byte(at + 1), b'+' | b'-'));
        if byte(at + 1 + sign).is_ascii_digit() {
            at = digits(at + 1 + sign, u8::is_ascii_digit);
        }
    }
    if byte(at) == b'j' { at + 1 } else { at }
}

/// What a number literal is worth; `Opaque` if it is none.
pub(super) fn value(literal: &str) -> ExprKind {
    let text: CompactString = literal.chars().filter(|&c| c != '_').collect();
    let lower = text.to_ascii_lowercase();
    match lower.get(..2) {
        Some("0x") => return based(&lower[2..], 16),
        Some("0o") => return based(&lower[2..], 8),
        Some("0b") => return based(&lower[2..], 2),
        _ => {}
    }
    if let Some(imaginary) = lower.strip_suffix('j') {
        return imaginary.parse().map_or(ExprKind::Opaque, ExprKind::Imaginary);
    }
    if lower.contains(['.', 'e']) {
        return lower.parse().map_or(ExprKind::Opaque, ExprKind::Float);
    }
    let digits = text.trim_start_matches('0');
    ExprKind::Int(if digits.is_empty() { "0".into() } else { digits.into() })
}

fn based(digits: &str, base: u32) -> ExprKind {
    if let Ok(value) = u128::from_str_radix(digits, base) {
        return ExprKind::Int(value.to_string().into());
    }
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return ExprKind::Opaque;
    }
    let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(base)).collect();
    digits.map_or(ExprKind::Opaque, |digits| ExprKind::Int(decimal(&digits, base)))
}

/// The decimal digits of a number of another base, by long multiplication in limbs of nine.
fn decimal(digits: &[u32], base: u32) -> CompactString {
    const LIMB: u64 = 1_000_000_000;
    let mut limbs = vec![0_u64];
    for &digit in digits {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let product = *limb * u64::from(base) + carry;
            *limb = product % LIMB;
            carry = product / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let (first, rest) = limbs.split_last().unwrap_or((&0, &[]));
    let tail: String = rest.iter().rev().map(|limb| format!("{limb:09}")).collect();
    format!("{first}{tail}").into()
}
