//! `docs/harness-protocol.md` and the files that define the messages change together.

use std::{fs, path::Path};

const DEFINING: [&str; 10] = [
    "server/fastest_runner/src/resident/wire.rs",
    "server/fastest_runner/src/wire.rs",
    "server/fastest_runner/src/zygote/wire.rs",
    "server/fastest_runner/src/wire/report.rs",
    "python-harness/src/fastest_harness/channel.py",
    "python-harness/src/fastest_harness/engine.py",
    "python-harness/src/fastest_harness/failures.py",
    "python-harness/src/fastest_harness/reports.py",
    "python-harness/src/fastest_harness/settings.py",
    "python-harness/src/fastest_harness/teller.py",
];

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).expect("a file of this repository").replace("\r\n", "\n")
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn the_page_describes_these_messages() {
    let found = hash(&DEFINING.map(read).concat());
    let page = read("docs/harness-protocol.md");
    let expected = format!("<!-- messages: {found:016x} -->");
    assert_eq!(
        page.lines().next(),
        Some(&*expected),
        "the messages changed: bring docs/harness-protocol.md up to date, then its first line"
    );
}
