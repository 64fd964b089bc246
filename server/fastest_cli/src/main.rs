//! The binary `fastest-lsp`.

fn main() {}
