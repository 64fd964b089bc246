//! What must hold for any bytes. The fuzz targets call these, and an ordinary test replays the
//! corpus through them.

use fastest_syntax::decode::decode;
use fastest_syntax::document::{Document, PositionEncoding, TextChange};
use fastest_syntax::outline::Outline;
use fastest_syntax::scan;
use serde_json::Value;

/// Reading a file never panics, and says nothing of places that the file does not have.
pub fn check_scan(data: &[u8]) {
    let Ok(text) = decode(data) else { return };
    let outline = scan(&text);
    check_spans(&text, &outline);
    assert_eq!(**Document::new(&text).outline(), outline);
}

/// After each edit an open file has the outline of a new one, and knows all its places.
///
/// The bytes up to the first 0xff are the text at first. After each 0xff comes an edit: two bytes
/// that say where, one that says how many bytes go (from 0xe0 on: to the end), and what comes.
pub fn check_document(data: &[u8]) {
    let mut parts = data.split(|&byte| byte == 0xff);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let mut document = Document::new(&text);
    for edit in parts.take(64) {
        let [high, low, removed, new @ ..] = edit else { continue };
        let start = usize::from(*high) << 8 | usize::from(*low);
        let removed = if *removed >= 0xe0 { usize::MAX } else { usize::from(*removed) };
        check_edit(&mut document, start, removed, &String::from_utf8_lossy(new));
    }
    document.syntax_errors();
}

fn check_edit(document: &mut Document, start: usize, removed: usize, new: &str) {
    let encodings = [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];
    let encoding = encodings[start % encodings.len()];
    let position =
        |offset: usize| document.position_at(u32::try_from(offset).unwrap_or(u32::MAX), encoding);
    let range = (position(start), position(start.saturating_add(removed)));
    let change = TextChange { range: Some(range), text: new.to_owned() };
    document.apply(&[change], encoding);
    let text = document.text().to_string();
    assert_eq!(document.outline(), Document::new(&text).outline(), "{text:?}");
    check_spans(&text, document.outline());
}

/// Every span of the outline must be a range of the text.
fn check_spans(text: &str, outline: &Outline) {
    for placed in &outline.statements {
        let statement = serde_json::to_value(&*placed.statement).expect("statements are plain");
        check_value(text, placed.start as usize, &statement);
    }
    let problems = serde_json::to_value(&outline.problems).expect("problems are plain");
    check_value(text, 0, &problems);
}

fn check_value(text: &str, base: usize, value: &Value) {
    let offset = |key| value.get(key).and_then(Value::as_u64);
    if let (Some(start), Some(end)) = (offset("start"), offset("end")) {
        let range = base + start as usize..base + end as usize;
        assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
    }
    match value {
        Value::Array(parts) => parts.iter().for_each(|part| check_value(text, base, part)),
        Value::Object(fields) => fields.values().for_each(|part| check_value(text, base, part)),
        _ => {}
    }
}
