//! The answer of the run before, word for word, for as long as all that it rests on is the same.
//!
//! One file holds one answer: that of the last command line. It is checksummed, names the program
//! and everything that decided how files are read, and is thrown away when anything is off.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::trail::Step;

/// What a collection printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Standard output up to the closing line.
    pub body: String,
    /// The closing line without the time that it took.
    pub summary: Option<String>,
    /// Standard error.
    pub errors: String,
    /// The exit code.
    pub code: u8,
}

/// An answer with its question and its grounds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Hash of everything that decided what was looked at, and how.
    pub question: u64,
    pub grounds: Vec<Step>,
    pub answer: Answer,
}

const CHECKSUM: usize = 8;

/// The bytes of the file.
pub(super) fn compose(kept: &Kept) -> Option<Vec<u8>> {
    let mut bytes = postcard::to_extend(kept, vec![0; CHECKSUM]).ok()?;
    let checksum = xxh3_64(&bytes[CHECKSUM..]);
    bytes[..CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    Some(bytes)
}

/// What a file holds; `None` if it is damaged or of another layout.
pub(super) fn parse(bytes: &[u8]) -> Option<Kept> {
    let (checksum, content) = bytes.split_at_checked(CHECKSUM)?;
    let is_whole = xxh3_64(content).to_le_bytes() == checksum;
    is_whole.then(|| postcard::from_bytes(content).ok()).flatten()
}
