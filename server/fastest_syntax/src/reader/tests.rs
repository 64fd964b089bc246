//! What the reader makes of expressions. Their shapes and places are compared with Python's own
//! in `tests/python_ast.rs`; these are values.

use super::*;
use crate::expr::FormattedPart;

fn read(source: &str) -> (ExprKind, usize) {
    let mut flaws = Vec::new();
    let span = Span::new(0, source.len() as u32);
    let expr = Reader.expr(source, span, 0, &mut flaws);
    (expr.kind, flaws.len())
}

fn check(source: &str, expected: ExprKind) {
    assert_eq!(read(source), (expected, 0), "{source}");
}

#[test]
fn integers_are_decimal() {
    let int = |digits: &str| ExprKind::Int(digits.into());
    check("1_000", int("1000"));
    check("0xFF", int("255"));
    check("0o17", int("15"));
    check("0b1_01", int("5"));
    check("000", int("0"));
    check(
        "0x1_0000_0000_0000_0000_0000_0000_0000_0000_0",
        int("5444517870735015415413993718908291383296"),
    );
}

#[test]
fn floats_and_imaginary_numbers() {
    check("1.5e-3", ExprKind::Float(0.0015));
    check(".5", ExprKind::Float(0.5));
    check("1.", ExprKind::Float(1.0));
    check("1e999", ExprKind::Float(f64::INFINITY));
    check("1_0j", ExprKind::Imaginary(10.0));
}

#[test]
fn strings_are_joined_and_their_escapes_resolved() {
    let text = |value: &str| ExprKind::Str(value.into());
    check(r"'a\n\x41\u00e9\101' r'\n'", text("a\nAé\u{41}\\n"));
    check("'''a\r\nb\\\nc'''", text("a\nbc"));
    check(r"'\q\''", text("\\q'"));
    check(r"b'\xff' b'\q'", ExprKind::Bytes(b"\xff\\q".to_vec()));
    check(r"'\N{DASH}'", ExprKind::Opaque);
    check(r"'\ud800'", ExprKind::Opaque);
}

#[test]
fn formatted_strings_are_taken_apart() {
    let name = |text: &str, at: u32| Expr {
        kind: ExprKind::Name(text.into()),
        span: Span::new(at, at + text.len() as u32),
    };
    let parts = vec![
        FormattedPart::Text("a{".into()),
        FormattedPart::Field(name("b", 6)),
        FormattedPart::Text("c".into()),
        FormattedPart::Opaque,
        FormattedPart::Text("d".into()),
    ];
    check("f'a{{{b}c{e!r}' 'd'", ExprKind::Formatted(parts));
    check("f'{x:=5}'", ExprKind::Formatted(vec![FormattedPart::Opaque]));
}

#[test]
fn what_no_value_is_kept_of_is_opaque_but_not_wrong() {
    for source in ["yield", "yield a, *b", "yield from a", "await a", "x := 1", "t'{a}'"] {
        check(source, ExprKind::Opaque);
    }
}

#[test]
fn broken_expressions_are_wrong() {
    for source in ["", "a b", "a +", "a if b", "[a for b]", "'a' b'b'", "lambda x", "a!", "f(a) b"]
    {
        assert_eq!(read(source), (ExprKind::Opaque, 1), "{source}");
    }
}

/// What is read of a broken fragment must be what is read of a whole one in which `?` stands for
/// each broken item, spans apart.
fn check_salvaged(broken: &str, whole: &str) {
    let (kind, flaws) = read(broken);
    assert_eq!(flaws, 1, "{broken}");
    let (expected, _) = read(&whole.replace('?', "(yield)"));
    assert_eq!(without_spans(&kind), without_spans(&expected), "{broken}");
}

fn without_spans(kind: &ExprKind) -> String {
    let text = format!("{kind:?}");
    let mut parts = text.split("Span {");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, rest)| rest))
}

#[test]
fn items_of_broken_brackets_are_kept() {
    check_salvaged("f(a", "f(a)");
    check_salvaged("(a,", "(a,)");
    check_salvaged("f('a', [1, 2,", "f('a', [1, 2])");
    check_salvaged("f('a', [1, g(2, id=), 3])", "f('a', [1, g(2, id=?), 3])");
    check_salvaged("f('a', [1 2, 3, (4,", "f('a', [?, 3, (4,)])");
    check_salvaged("f('a', [1, 'b", "f('a', [1, ?])");
    check_salvaged("{a: 1, b: , c, **d, e: 2", "{a: 1, ?: ?, ?: ?, **d, e: 2}");
    check_salvaged("{a, b c", "{a, ?}");
    check_salvaged("[1,,2]", "[1, ?, 2]");
    check_salvaged("f([a)", "f([a])");
    check_salvaged("f(**, *, a)", "f(**?, ?, a)");
}

#[test]
fn depth_is_limited() {
    let deep = format!("{}1{}", "[".repeat(99), "]".repeat(99));
    assert_ne!(read(&deep).0, ExprKind::Opaque);
    let deeper = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    assert_eq!(read(&deeper), (ExprKind::Opaque, 0));
    let long = "1+".repeat(5_000) + "1";
    assert_eq!(read(&long), (ExprKind::Opaque, 0));
}

#[test]
fn subscripts_hold_slices_and_tuples_of_slices() {
    for source in ["a[:]", "a[b, :]", "a[:, ::2, ...]", "a[b:c:d,]", "a[*b]", "a[*b, c:d]"] {
        let (kind, flaws) = read(source);
        assert!(matches!(kind, ExprKind::Subscript(..)) && flaws == 0, "{source}");
    }
}
