//! Texts that XML cannot hold, and messages that are too long. The structure is compared with
//! pytest's own in `tests/terminal`.

use super::text::{legal, repr, shortened};

#[test]
fn what_xml_forbids_is_spelled_out() {
    assert_eq!(legal("a\x07b\x1b[0m\u{fffe}\n"), "a#x07b#x1B[0m#xFFFE\n");
    assert_eq!(legal("plain ü 日"), "plain ü 日");
}

#[test]
fn long_messages_are_cut_at_lines() {
    assert_eq!(shortened("short\nlines"), "short\nlines");
    let long = "x".repeat(600);
    let cut = format!("{}...\n[truncated; full report in element text]", "x".repeat(500));
    assert_eq!(shortened(&long), cut);
    let lines = format!("first\n{long}\nlast");
    assert_eq!(shortened(&lines), "first\n[+2 more lines; full report in element text]");
}

#[test]
fn strings_are_written_as_python_does() {
    assert_eq!(repr("it's"), "\"it's\"");
    assert_eq!(repr("a\\b\n'\""), r#"'a\\b\n\'"'"#);
}
