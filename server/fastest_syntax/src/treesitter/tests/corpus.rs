//! Both readers over other people's files: Python's own standard library, and the folder that
//! `FASTEST_CORPUS` names.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::document::Document;
use crate::scanner::Scanner;

/// Reads each fragment both ways, and collects the whole ones of which they differ.
struct Both {
    tree_sitter: TreeSitterFragments,
    read: usize,
    differing: Vec<String>,
}

impl Both {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, text: &str, ours: &T, theirs: &T) {
        self.read += 1;
        if ours != theirs {
            self.differing
                .push(format!("{text}\n  reader:      {ours:?}\n  tree-sitter: {theirs:?}"));
        }
    }
}

impl Fragments for &mut Both {
    fn expr(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Expr {
        let known = flaws.len();
        let expr = Reader.expr(source, span, base, flaws);
        // What nests too deep for the reader is opaque to it; tree-sitter goes on.
        if flaws.len() == known && expr.kind != ExprKind::Opaque {
            let theirs = self.tree_sitter.expr(source, span, base, flaws);
            self.compare(&source[span.range()], &expr, &theirs);
        }
        expr
    }

    fn params(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Vec<Param> {
        let known = flaws.len();
        let params = Reader.params(source, span, base, flaws);
        if flaws.len() == known {
            let theirs = self.tree_sitter.params(source, span, base, flaws);
            self.compare(&source[span.range()], &params, &theirs);
        }
        params
    }

    fn arguments(
        &mut self,
        source: &str,
        span: Span,
        base: u32,
        flaws: &mut Vec<Flaw>,
    ) -> Arguments {
        let known = flaws.len();
        let arguments = Reader.arguments(source, span, base, flaws);
        if flaws.len() == known {
            let theirs = self.tree_sitter.arguments(source, span, base, flaws);
            self.compare(&source[span.range()], &arguments, &theirs);
        }
        arguments
    }
}

fn standard_library() -> Option<PathBuf> {
    let code = "import sysconfig; print(sysconfig.get_paths()['stdlib'])";
    let answer = Command::new("python3").args(["-c", code]).output().ok()?;
    let path = String::from_utf8(answer.stdout).ok()?;
    answer.status.success().then(|| PathBuf::from(path.trim()))
}

/// Folders of a standard library that are large and like the rest, or hold broken files on
/// purpose. `FASTEST_CORPUS` may name them.
const LEFT_OUT: [&str; 5] = ["site-packages", "test", "tests", "lib2to3", "idlelib"];

/// The Python files below a folder, symbolic links not followed.
fn python_files(folder: &Path, left_out: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !left_out.iter().any(|name| path.ends_with(name)) => {
                python_files(&path, left_out, found);
            }
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|ext| ext == "py") => {
                found.push(path);
            }
            _ => {}
        }
    }
}

/// All texts that are UTF-8. CPython calls files `bad…` that no Python reads.
fn texts() -> impl Iterator<Item = (PathBuf, String)> {
    let mut files = Vec::new();
    match standard_library() {
        Some(folder) => python_files(&folder, &LEFT_OUT, &mut files),
        None => eprintln!("SKIPPED: no python3, so no standard library to read"),
    }
    if let Some(folder) = std::env::var_os("FASTEST_CORPUS") {
        python_files(Path::new(&folder), &[], &mut files);
    }
    let is_bad = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("bad"))
    };
    let good = files.into_iter().filter(move |path| !is_bad(path));
    good.filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text)))
}

#[test]
fn both_readers_agree_on_whole_fragments() {
    let mut both = Both { tree_sitter: TreeSitterFragments::new(), read: 0, differing: Vec::new() };
    for (path, text) in texts() {
        let known = both.differing.len();
        let mut scanner = Scanner::new(&text, &mut both);
        let mut offset = 0;
        while let Some(step) = scanner.statement_at(offset) {
            offset = step.end;
        }
        drop(scanner);
        for difference in &mut both.differing[known..] {
            difference.insert_str(0, &format!("{}: ", path.display()));
        }
    }
    eprintln!("{} fragments read both ways, {} differ", both.read, both.differing.len());
    assert!(both.differing.is_empty(), "{}", both.differing.join("\n"));
}

#[test]
fn open_and_closed_files_have_equal_outlines() {
    for (path, text) in texts() {
        let equal = **Document::new(&text).outline() == crate::scan(&text);
        assert!(equal, "{} has two outlines", path.display());
    }
}
