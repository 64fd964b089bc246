//! Source text to statements, in one pass.

use crate::outline::Outline;

/// Reads a whole file's text.
#[must_use]
pub fn scan(_source: &str) -> Outline {
    Outline::default()
}
