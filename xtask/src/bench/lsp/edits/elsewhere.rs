//! Edits of files that others depend on.

use std::path::{Path, PathBuf};

use super::kinds::Change;
use super::{Manner, Session};
use crate::bench::lsp::{Server, Workspace, row};
use crate::shell::Done;

/// So many files have a class of the base class that is edited.
const DERIVED: usize = 20;

/// How often each edit is made, and taken back.
const TIMES: usize = 10;

/// A fixture that every file sees, and a base class of some.
pub fn measure(server: &Server, workspace: &Workspace, manner: Manner) -> Done {
    let conftest = workspace.folder.join("tests/conftest.py");
    series(server, workspace, manner, (&conftest, "def store(", "request"))?;
    let base = write_base(&workspace.long)?;
    let result = series(server, workspace, manner, (&base, "def test_of_base_7", "x"));
    for path in derived(&base).chain([base]) {
        std::fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    result
}

/// Inserts a word behind a text of a file and takes it back, again and again.
fn series(
    server: &Server,
    workspace: &Workspace,
    manner: Manner,
    (path, behind, word): (&Path, &str, &str),
) -> Done {
    // The long file is open, too.
    let session = Session::open(server, workspace)?;
    let mut session = Session::of(session.client, path)?;
    let at = session.text.lines.iter().position(|line| line.contains(behind));
    let line = at.ok_or_else(|| format!("{}: no `{behind}` in it", path.display()))?;
    let start = session.text.lines[line].find(behind).unwrap_or_default() + behind.len();
    let (line, start, end) = (line as u32, start as u32, (start + word.len()) as u32);
    let there: Change = ([line, start, line, start], word.to_owned());
    let back: Change = ([line, start, line, end], String::new());
    let mut times = Vec::new();
    for _ in 0..TIMES {
        for edit in [&there, &back] {
            session.client.idle(super::PAUSE);
            times.push(session.timed(&vec![edit.clone()], manner).time);
        }
    }
    row(&format!("edit elsewhere: `{behind}` and `{word}`"), times, "");
    session.client.shut_down();
    Ok(())
}

/// Writes a base class and the files that have it beside a test file.
fn write_base(beside: &Path) -> Done<PathBuf> {
    let write = |path: &Path, text: &str| {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let base = beside.with_file_name("bench_base.py");
    let methods =
        (0..50).map(|n| format!("    def test_of_base_{n}(self, store):\n        pass\n\n"));
    write(&base, &format!("class Base:\n{}", methods.collect::<String>()))?;
    for path in derived(&base) {
        write(&path, "from .bench_base import Base\n\n\nclass TestDerived(Base):\n    pass\n")?;
    }
    Ok(base)
}

fn derived(base: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let base = base.to_owned();
    (0..DERIVED).map(move |n| base.with_file_name(format!("test_bench_derived_{n}.py")))
}
