//! What the bytes of a text are to the scanner.

use super::literals::is_word;

pub(super) const NEWLINE: u8 = 1;
pub(super) const QUOTE: u8 = 2;
pub(super) const OPEN: u8 = 4;
pub(super) const CLOSE: u8 = 8;
pub(super) const HASH: u8 = 16;
pub(super) const BACKSLASH: u8 = 32;
pub(super) const MARK: u8 = 64;
/// What a word is made of: see [`is_word`].
pub(super) const WORD: u8 = 128;

/// What every walk stops at; all else is passed over.
pub(super) const STRUCTURE: u8 = NEWLINE | QUOTE | OPEN | CLOSE | HASH | BACKSLASH;

/// What kind of stop each byte is; 0 for most.
pub(super) static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let kinds: [(&[u8], u8); 7] = [
        (b"\n\r", NEWLINE),
        (b"'\"", QUOTE),
        (b"([{", OPEN),
        (b")]}", CLOSE),
        (b"#", HASH),
        (b"\\", BACKSLASH),
        (b";:=", MARK),
    ];
    let mut kind = 0;
    while kind < kinds.len() {
        let mut at = 0;
        while at < kinds[kind].0.len() {
            table[kinds[kind].0[at] as usize] = kinds[kind].1;
            at += 1;
        }
        kind += 1;
    }
    let mut byte = 0;
    while byte < table.len() {
        if is_word(byte as u8) {
            table[byte] |= WORD;
        }
        byte += 1;
    }
    table
}
