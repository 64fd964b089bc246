use super::*;

const ENCODINGS: [PositionEncoding; 3] =
    [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];

/// Where each of UTF-8, UTF-16 and UTF-32 puts line `line`, column `column` of `text`.
fn check(text: &str, line: u32, column: u32, expected: [usize; 3]) {
    let rope = Rope::from_str(text);
    let found = ENCODINGS.map(|encoding| offset_at(&rope, Position::new(line, column), encoding));
    assert_eq!(found, expected, "line {line}, column {column} of {text:?}");
}

#[test]
fn ascii_is_the_same_in_all_encodings() {
    check("ab\ncd", 1, 1, [4, 4, 4]);
    check("", 0, 0, [0, 0, 0]);
    check("\tx", 0, 1, [1, 1, 1]);
}

#[test]
fn wide_characters_count_differently() {
    // 'é' is 2 bytes and 1 unit, '😀' is 4 bytes and 2 units.
    check("é😀x", 0, 1, [0, 2, 2]);
    check("é😀x", 0, 2, [2, 2, 6]);
    check("é😀x", 0, 3, [2, 6, 7]);
    check("é😀x", 0, 6, [6, 7, 7]);
}

#[test]
fn a_byte_order_mark_is_a_character() {
    check("\u{feff}ab", 0, 1, [0, 3, 3]);
}

#[test]
fn columns_end_before_the_line_break() {
    check("ab\r\ncd", 0, 9, [2, 2, 2]);
    check("ab\rcd", 0, 9, [2, 2, 2]);
    check("ab\ncd", 0, 3, [2, 2, 2]);
    check("\r\n\r\n", 1, 1, [2, 2, 2]);
    check("ab\ncd", 1, u32::MAX, [5, 5, 5]);
    check("\n\r", 1, 1, [1, 1, 1]);
}

#[test]
fn lines_past_the_end_are_the_end() {
    check("ab\n", 1, 0, [3, 3, 3]);
    check("ab\n", 2, 0, [3, 3, 3]);
    check("ab", u32::MAX, 0, [2, 2, 2]);
}

#[test]
fn only_cr_and_lf_end_lines() {
    check("a\u{2028}b\u{85}c\u{b}d\u{c}e\rf", 1, 0, [13, 13, 13]);
}

#[test]
fn every_character_boundary_goes_both_ways() {
    let text = "\u{feff}a\r\n\té😀\rx\u{2029}\n\nz\u{301}";
    let rope = Rope::from_str(text);
    for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
        if text[..offset].ends_with('\r') && text[offset..].starts_with('\n') {
            continue;
        }
        for encoding in ENCODINGS {
            let position = position_at(&rope, offset, encoding);
            assert_eq!(offset_at(&rope, position, encoding), offset, "{position:?} {encoding:?}");
        }
    }
}

#[test]
fn offsets_within_something_are_before_it() {
    let rope = Rope::from_str("a\r\n😀");
    assert_eq!(position_at(&rope, 2, PositionEncoding::Utf16), Position::new(0, 1));
    assert_eq!(position_at(&rope, 5, PositionEncoding::Utf16), Position::new(1, 0));
    assert_eq!(position_at(&rope, 99, PositionEncoding::Utf16), Position::new(1, 2));
}
