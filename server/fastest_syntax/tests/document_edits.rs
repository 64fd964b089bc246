//! Whatever is done to an open file, its outline is the one that its text has.
//!
//! `PROPTEST_CASES` sets how many series of edits are tried, `PROPTEST_RNG_SEED` repeats one run.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use fastest_syntax::document::{Document, Position, PositionEncoding, TextChange};
use fastest_syntax::outline::Outline;
use fastest_syntax::scan;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

const FILES: [&str; 6] = [
    include_str!("data/plain.py"),
    include_str!("data/decorated.py"),
    include_str!("data/conditional.py"),
    include_str!("data/crlf.py"),
    include_str!("data/unicode.py"),
    include_str!("data/broken.py"),
];

/// What people type, and what they do not.
#[rustfmt::skip]
const SNIPPETS: [&str; 64] = [
    "", "", "", "(", ")", "[", "]", "{", "}", "'", "\"", "\"\"\"", "'''", "#", "\\", "\\\n",
    "\n", "\n\n", "\r\n", "\r", " ", "    ", "\t", "\u{c}", ",", ":", ";", "=", ".", "*", "@", "x",
    "1", "é", "😀", "\u{feff}", "\u{2028}", "\0", "f'{x", "f\"{a!r:>{w}}\"", "rb'", "f'{'''",
    "def f(", "def g(a, b=1):\n    pass\n", "class C:\n", "\nclass D(E):\n    x = 1\n", "async ",
    "@pytest.mark.parametrize('a', [1, 2])\n", "if x:\n", "else:\n", "elif y:\n", "try:\n",
    "except E:\n", "finally", "match x:\n case 1:\n", "yield", "import a\n", "from . import (\n",
    "x = 1\n", "\nx = 1\n", "lambda", "parametrize", "    return\n", "# comment\n",
];

const ENCODINGS: [PositionEncoding; 3] =
    [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];

/// A replacement: where it starts in 65536ths of the text, how many bytes go, what comes.
type Edit = (u16, usize, &'static str);

fn edits() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    let removed =
        prop_oneof![4 => Just(0_usize), 3 => 1..4_usize, 2 => 4..60_usize, 1 => Just(500)];
    let edit = (any::<u16>(), removed, proptest::sample::select(&SNIPPETS[..]));
    proptest::collection::vec(proptest::collection::vec(edit, 1..4), 1..12)
}

/// Runs a property on random input; its seed is printed when it fails.
fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value)) {
    let seed = std::env::var("PROPTEST_RNG_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    eprintln!("PROPTEST_RNG_SEED={seed}");
    let config = ProptestConfig {
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let result = TestRunner::new(config).run(strategy, |value| {
        property(value);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("PROPTEST_RNG_SEED={seed}\n{failure}");
    }
}

/// The nearest place to `offset` that a position can name: no place within `\r\n` is one.
fn nameable(document: &Document, offset: usize) -> u32 {
    let offset = u32::try_from(offset).expect("texts here are small");
    let position = document.position_at(offset, PositionEncoding::Utf8);
    document.offset_at(position, PositionEncoding::Utf8)
}

/// The edit as a change of `document`, and the change that takes it back.
fn change(document: &Document, edit: Edit, encoding: PositionEncoding) -> TextChange {
    let (place, removed, new) = edit;
    let len = document.text().len_bytes();
    let start = nameable(document, len * usize::from(place) / usize::from(u16::MAX));
    let end = nameable(document, (start as usize + removed).min(len)).max(start);
    let position = |offset| document.position_at(offset, encoding);
    TextChange { range: Some((position(start), position(end))), text: new.to_owned() }
}

fn assert_fresh(document: &Document) {
    let text = document.text().to_string();
    assert_equal(document.outline(), Document::new(&text).outline(), &text);
    assert_equal(document.outline(), &scan(&text), &text);
}

/// Compares outlines; what is printed is the first difference.
fn assert_equal(left: &Outline, right: &Outline, text: &str) {
    let pairs = left.statements.iter().zip(&right.statements);
    for (left, right) in pairs.filter(|(left, right)| left != right) {
        assert_eq!(left, right, "{text:?}");
    }
    assert_eq!(left.problems, right.problems, "{text:?}");
    assert_eq!(left.statements.len(), right.statements.len(), "{text:?}");
}

#[test]
fn an_edited_outline_is_a_fresh_one() {
    check(&(0..FILES.len(), edits()), |(file, groups)| {
        let mut document = Document::new(FILES[file]);
        for group in groups {
            // Changes of one call are each meant for the text that the one before left.
            let mut ahead = document.clone();
            let mut changes = Vec::new();
            for edit in group {
                let change = change(&ahead, edit, PositionEncoding::Utf16);
                ahead.apply(std::slice::from_ref(&change), PositionEncoding::Utf16);
                changes.push(change);
            }
            document.apply(&changes, PositionEncoding::Utf16);
            assert_eq!(document.text(), ahead.text());
            assert_eq!(document.outline(), ahead.outline());
            assert_fresh(&document);
        }
    });
}

#[test]
fn what_is_not_in_a_region_is_shared() {
    check(&(0..FILES.len(), edits()), |(file, groups)| {
        let mut document = Document::new(FILES[file]);
        for edit in groups.into_iter().flatten() {
            let before = Arc::clone(document.outline());
            let change = change(&document, edit, PositionEncoding::Utf8);
            let applied = document.apply(&[change], PositionEncoding::Utf8);
            let (mut old, mut new) = (0, 0);
            let after = document.outline();
            for region in &applied.regions {
                while new < region.new.start {
                    assert!(Arc::ptr_eq(
                        &before.statements[old].statement,
                        &after.statements[new].statement
                    ));
                    (old, new) = (old + 1, new + 1);
                }
                assert_eq!(region.old, before.statements[old..old + region.old.len()]);
                (old, new) = (old + region.old.len(), region.new.end);
            }
            assert_eq!(before.statements.len() - old, after.statements.len() - new);
            assert_eq!(applied.problems_changed, before.problems != after.problems);
        }
    });
}

#[test]
fn all_encodings_say_the_same() {
    check(&(0..FILES.len(), edits()), |(file, groups)| {
        let mut documents = ENCODINGS.map(|_| Document::new(FILES[file]));
        for edit in groups.into_iter().flatten() {
            for (document, encoding) in documents.iter_mut().zip(ENCODINGS) {
                let change = change(document, edit, encoding);
                document.apply(&[change], encoding);
            }
            let [first, rest @ ..] = &documents;
            assert!(rest.iter().all(|other| other.text() == first.text()));
        }
        assert_eq!(documents[0].outline(), documents[1].outline());
        assert_eq!(documents[0].outline(), documents[2].outline());
    });
}

#[test]
fn undoing_all_leads_back() {
    check(&(0..FILES.len(), edits()), |(file, groups)| {
        let mut document = Document::new(FILES[file]);
        let mut texts = vec![document.text().to_string()];
        for edit in groups.into_iter().flatten() {
            let change = change(&document, edit, PositionEncoding::Utf32);
            document.apply(&[change], PositionEncoding::Utf32);
            texts.push(document.text().to_string());
        }
        for text in texts.into_iter().rev() {
            document.apply(&[TextChange { range: None, text }], PositionEncoding::Utf32);
        }
        assert_eq!(document.text(), FILES[file]);
        assert_eq!(document.outline(), Document::new(FILES[file]).outline());
    });
}

#[test]
fn the_tree_follows_too() {
    check(&(0..FILES.len(), edits()), |(file, groups)| {
        let mut document = Document::new(FILES[file]);
        for group in groups {
            for edit in group {
                let change = change(&document, edit, PositionEncoding::Utf16);
                document.apply(&[change], PositionEncoding::Utf16);
            }
            let len = document.text().len_bytes();
            assert!(document.tree().root_node().end_byte() <= len);
        }
        let whole = TextChange { range: None, text: FILES[file].to_owned() };
        document.apply(&[whole], PositionEncoding::Utf16);
        if scan(FILES[file]).problems.is_empty() {
            let mut fresh = Document::new(FILES[file]);
            let expected = fresh.tree().root_node().to_sexp();
            assert_eq!(document.tree().root_node().to_sexp(), expected);
        }
    });
}

/// About ten thousand lines.
fn long_file() -> String {
    let piece = FILES[0].replace("from __future__ import annotations\n", "");
    let piece = piece + FILES[1] + "\n" + FILES[2] + "\n" + FILES[4] + "\n";
    piece.repeat(10_000 / piece.lines().count() + 1)
}

#[test]
fn a_key_within_a_function_reads_a_handful_of_statements() {
    let text = long_file();
    let mut document = Document::new(&text);
    let total = document.outline().statements.len();
    let is_body = |line: &str| line.starts_with("    assert ") && !line.ends_with("\"\"\"");
    let bodies = text.lines().enumerate().filter(|(_, line)| is_body(line));
    for (line, _) in bodies.step_by(9) {
        let at = Position::new(u32::try_from(line).unwrap(), u32::MAX);
        let change = TextChange { range: Some((at, at)), text: "x".to_owned() };
        let applied = document.apply(&[change], PositionEncoding::Utf16);
        assert!(applied.reread() <= 3, "{} of {total} read at line {line}", applied.reread());
        assert!(!applied.meaning_changed);
    }
    assert_fresh(&document);
}
