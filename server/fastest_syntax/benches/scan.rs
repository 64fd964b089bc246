//! How fast text becomes outlines: `cargo bench -p fastest_syntax --bench scan`.
//!
//! Reads the Python files that `FASTEST_BENCH_FILES` names (separated as in `PATH`; directories
//! are walked), else some packages of the standard library of the `python3` that is there.

use std::path::{Path, PathBuf};
use std::process::Command;

use divan::Bencher;
use divan::counter::BytesCount;
use fastest_syntax::scan;

fn main() {
    divan::main();
}

#[divan::bench]
fn files(bencher: Bencher<'_, '_>) {
    measure(bencher, &texts(&paths()));
}

/// Long functions, whose bodies are skipped.
#[divan::bench]
fn bodies(bencher: Bencher<'_, '_>) {
    let line = "        result = compute(items[index], {'key': value}, \"text\")  # why\n";
    let function = format!("    def test_it(self, tmp_path):\n{}\n", line.repeat(200));
    measure(bencher, &[format!("class TestAll:\n{}", function.repeat(100))]);
}

/// Many small tests with parametrize arguments, whose decorators are read.
#[divan::bench]
fn small_tests(bencher: Bencher<'_, '_>) {
    let test = "@pytest.mark.parametrize('a, b', [(1, 'x'), (2, 'y')])\n\
                def test_it(a, b):\n    assert f(a) == b\n\n\n";
    measure(bencher, &[test.repeat(2_000)]);
}

fn measure(bencher: Bencher<'_, '_>, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| texts.iter().map(|text| scan(text).statements.len()).sum::<usize>());
}

fn paths() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("FASTEST_BENCH_FILES") {
        return std::env::split_paths(&named).collect();
    }
    let code = "import sysconfig; print(sysconfig.get_path('stdlib'))";
    let output = Command::new("python3").args(["-c", code]).output();
    let stdlib = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let packages = ["asyncio", "json", "unittest", "email", "test/test_asyncio", "test/test_email"];
    let stdlib = stdlib.unwrap_or_default();
    packages.map(|package| Path::new(&stdlib).join(package)).to_vec()
}

fn texts(paths: &[PathBuf]) -> Vec<String> {
    let mut texts = Vec::new();
    for path in paths {
        if let Ok(entries) = path.read_dir() {
            let inner: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            texts.extend(self::texts(&inner));
        } else if path.extension().is_some_and(|extension| extension == "py") {
            texts.extend(std::fs::read_to_string(path));
        }
    }
    texts
}
