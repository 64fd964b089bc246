use super::*;

#[test]
fn smoke() {
    let mut document = Document::new("def f():\n    pass\n\n\ndef g(): pass\n");
    let change = TextChange {
        range: Some((Position::new(1, 4), Position::new(1, 8))),
        text: "return 1".to_owned(),
    };
    let applied = document.apply(&[change], PositionEncoding::Utf16);
    assert_eq!(**document.outline(), crate::scan("def f():\n    return 1\n\n\ndef g(): pass\n"));
    assert_eq!((applied.reread(), applied.meaning_changed), (1, false));
}
