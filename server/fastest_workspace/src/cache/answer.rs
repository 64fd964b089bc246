//! The answer of the run before, word for word, for as long as all that it rests on is the same.
//!
//! One file holds one answer: that of the last command line. It is checksummed, names the program
//! and everything that decided how files are read, and is thrown away when anything is off.
//!
//! What was printed stands first, as it was printed: a long listing is neither copied to be
//! written nor when it is read. Behind it come the rest, encoded, and a footer of fixed length.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64_with_seed};

use crate::cache::store::append;
use crate::trail::Step;

/// What a collection printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Standard output up to the closing line, in pieces.
    pub body: Vec<String>,
    /// The closing line without the time that it took.
    pub summary: Option<String>,
    /// Standard error.
    pub errors: String,
    /// The exit code.
    pub code: u8,
}

/// An answer with its question and its grounds.
#[derive(Debug)]
pub(super) struct Kept {
    /// Hash of everything that decided what was looked at, and how.
    pub question: u64,
    pub grounds: Vec<Step>,
    pub answer: Answer,
}

/// All but what was printed.
#[derive(Serialize, Deserialize)]
struct Rest {
    question: u64,
    grounds: Vec<Step>,
    summary: Option<String>,
    errors: String,
    code: u8,
}

/// Where the rest begins, and the checksum of all before.
const FOOTER: usize = 8 + 8;

/// About as many bytes as a ground takes.
const GROUND: usize = 96;

/// The bytes of the file behind what was printed.
pub(super) fn compose(question: u64, grounds: Vec<Step>, answer: &Answer) -> Option<Vec<u8>> {
    let Answer { body, summary, errors, code } = answer;
    let mut bytes = Vec::with_capacity(grounds.len() * GROUND);
    let (summary, errors) = (summary.clone(), errors.clone());
    append(&Rest { question, grounds, summary, errors, code: *code }, &mut bytes)?;
    let printed: usize = body.iter().map(String::len).sum();
    bytes.extend((printed as u64).to_le_bytes());
    let checksum = checksum(body.iter().map(String::as_bytes), &bytes);
    bytes.extend(checksum.to_le_bytes());
    Some(bytes)
}

/// What a file holds; `None` if it is damaged or of another layout.
pub(super) fn parse(mut bytes: Vec<u8>) -> Option<Kept> {
    let (checked, sum) = bytes.split_last_chunk::<8>()?;
    let (_, printed) = checked.split_last_chunk::<8>()?;
    let printed = usize::try_from(u64::from_le_bytes(*printed)).ok()?;
    let (body, rest) = checked.split_at_checked(printed)?;
    if checksum([body], rest).to_le_bytes() != *sum {
        return None;
    }
    let end = bytes.len().checked_sub(FOOTER)?;
    let rest = postcard::from_bytes(bytes.get(printed..end)?).ok()?;
    bytes.truncate(printed);
    let Rest { question, grounds, summary, errors, code } = rest;
    let body = vec![String::from_utf8(bytes).ok()?];
    Some(Kept { question, grounds, answer: Answer { body, summary, errors, code } })
}

fn checksum<'b>(body: impl IntoIterator<Item = &'b [u8]>, rest: &[u8]) -> u64 {
    let mut printed = Xxh3Default::new();
    body.into_iter().for_each(|piece| printed.update(piece));
    xxh3_64_with_seed(rest, printed.digest())
}
