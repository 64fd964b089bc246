//! Python source text to [`Outline`](outline::Outline): everything that collecting tests and
//! fixtures needs to know of a file, and where in the file it stands.
//!
//! Two ways lead there. [`scan`] reads a closed file once, fast. [`document::Document`] holds an
//! open file, takes edits as an LSP client sends them, and keeps its outline up to date by
//! re-reading only the statements that an edit touched. Both yield equal outlines for equal bytes.
//!
//! This room knows the Python grammar and nothing of pytest: no naming rules, no configuration,
//! no files, no async.
//!
//! Reading order: [`outline`] (the result), `scanner` (statements), `reader` (expressions),
//! [`document`].

pub mod decode;
pub mod document;
pub mod expr;
pub mod outline;
mod reader;
mod scanner;
#[cfg(test)]
mod treesitter;

pub use scanner::scan;
