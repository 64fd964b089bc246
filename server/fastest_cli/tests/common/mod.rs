//! What tests of the binary share.

use std::path::PathBuf;

pub const BINARY: &str = env!("CARGO_BIN_EXE_fastest-lsp");

/// A Python that has pytest.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("FASTEST_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("SKIPPED: set FASTEST_TEST_PYTHON to a Python that has pytest");
    }
    python
}
