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

/// Where the first byte of some kinds stands. Eight at a time: most lines hold none for long.
pub(super) fn find_class(bytes: &[u8], kinds: u8) -> Option<usize> {
    let has = |eight: &[u8; 8]| eight.iter().fold(0, |all, &byte| all | CLASS[byte as usize]);
    let (eights, _) = bytes.as_chunks::<8>();
    let passed = 8 * eights.iter().take_while(|eight| has(eight) & kinds == 0).count();
    let is_it = |&byte: &u8| CLASS[byte as usize] & kinds != 0;
    bytes[passed..].iter().position(is_it).map(|at| passed + at)
}

/// How long the word is that bytes start with. Eight at a time: names of tests are long.
pub(super) fn word_len(bytes: &[u8]) -> usize {
    let all = |eight: &[u8; 8]| eight.iter().fold(WORD, |all, &byte| all & CLASS[byte as usize]);
    let (eights, _) = bytes.as_chunks::<8>();
    let passed = 8 * eights.iter().take_while(|eight| all(eight) != 0).count();
    let rest = &bytes[passed..];
    let ends = |&byte: &u8| CLASS[byte as usize] & WORD == 0;
    passed + rest.iter().position(ends).unwrap_or(rest.len())
}

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
