//! What was covered, line by line and test by test: sums at once, the rest file by file on demand.

use std::{collections::BTreeMap, fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{Coverage, DataFolder, Place, ask};
use crate::{request::RunError, wire};

/// What a run covered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Details {
    /// The files, by path.
    pub files: Vec<MeasuredFile>,
    /// Node ids of tests, which files count in.
    pub tests: Vec<String>,
    /// Why there is nothing.
    pub problem: Option<String>,
}

/// The sums of one file: pairs of what was run and what there is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MeasuredFile {
    /// Its real path.
    pub path: PathBuf,
    /// Statements.
    pub statements: (u64, u64),
    /// Branches, where they are measured.
    pub branches: Option<(u64, u64)>,
    /// Functions, where this version of coverage tells of them.
    pub functions: Option<(u64, u64)>,
    /// The tests that ran something of it.
    pub tests: Vec<usize>,
}

/// The lines of one file, all counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FileLines {
    /// First line, last line, whether it was run.
    pub statements: Vec<(u32, u32, bool)>,
    /// From, to (negative: out of the function or module), whether it was taken.
    pub branches: Vec<(u32, i64, bool)>,
    /// Name, first line, last line, its statements.
    pub functions: Vec<(String, u32, u32, Mask)>,
    /// Test, the statements and the branches that it ran.
    pub tests: Vec<(usize, Mask, Mask)>,
}

/// A set of places in a list: a hexadecimal number with a bit for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Mask(String);

impl Mask {
    /// Whether a place is in the set.
    #[must_use]
    pub fn has(&self, place: usize) -> bool {
        let digit = self.0.as_bytes().iter().rev().nth(place / 4);
        let value = digit.and_then(|&digit| char::from(digit).to_digit(16));
        value.is_some_and(|value| value >> (place % 4) & 1 == 1)
    }
}

impl DataFolder {
    /// The lines of a file, by its place in [`Details::files`].
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn lines(&self, place: usize) -> io::Result<FileLines> {
        let text = fs::read(self.path().join(format!("{place}.json")))?;
        serde_json::from_slice(&text).map_err(Into::into)
    }
}

#[derive(Serialize)]
struct Asked<'a> {
    #[serde(flatten)]
    coverage: &'a Coverage,
    overlay: BTreeMap<String, String>,
}

/// Combines what the workers of a run measured into a folder, and tells it. `overlay` are the
/// texts that ran instead of files.
///
/// # Errors
/// If the interpreter does not start, or does not answer.
pub async fn details(
    place: &Place,
    coverage: &Coverage,
    overlay: &[(PathBuf, String)],
) -> Result<Details, RunError> {
    let asked = Asked { coverage, overlay: wire::overlay(overlay) };
    ask(place, "fastest_harness.coverage_details", &asked).await
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn masks_are_hexadecimal() {
        let mask = Mask("1a".to_owned());
        let places: Vec<usize> = (0..12).filter(|&place| mask.has(place)).collect();
        assert_eq!(places, [1, 3, 4]);
        assert!(!Mask("0".to_owned()).has(0) && !Mask::default().has(0));
    }
}
