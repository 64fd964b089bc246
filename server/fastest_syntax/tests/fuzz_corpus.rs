//! The fuzzers' corpus, replayed without a fuzzer.

#[path = "../fuzz/src/checks.rs"]
mod checks;

use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries: Vec<_> = folder.read_dir().expect("the corpus is there").flatten().collect();
    assert!(!entries.is_empty(), "no corpus for {target}");
    for entry in entries {
        eprintln!("{}", entry.path().display());
        check(&std::fs::read(entry.path()).expect("the entry is a file"));
    }
}

#[test]
fn scan() {
    replay("scan", checks::check_scan);
}

#[test]
fn document() {
    replay("document", checks::check_document);
}
