//! Clicks for which no process has the file collected as it is: the first in a workspace, the
//! first in a file, and the first after a change of it, against `pytest path::test`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fastest_tests::client::uri;
use serde_json::{Value, json};

use super::runs::{Click, alone, plain_test};
use super::{LONG, Server, row, test_files};
use crate::shell::Done;

/// Tests of so many files are run in turn, after one of another.
const FILES: usize = 5;

/// When everything that a run or a save brings about is over.
const SETTLED: Duration = Duration::from_millis(700);

/// What was measured.
#[derive(Default)]
struct Times {
    workspace: Vec<Duration>,
    file: Vec<Duration>,
    unsaved: Vec<Duration>,
    saved: Vec<Duration>,
    later: Vec<Duration>,
    pytest: Vec<Duration>,
}

/// A server anew for each round, pytest's runs in turn with ours.
pub fn measure(server: &Server, tests: u32, folder: &Path, runs: usize) -> Done {
    let mut times = Times::default();
    for _ in 0..runs.max(1) {
        let click = Click::new(server.open(folder));
        let mut round = Round { click, server, folder, opened: Vec::new(), times: &mut times };
        let done = round.run();
        round.end();
        done?;
    }
    let pytest = row("`pytest path::test`, the whole process", times.pytest, "");
    for (what, times) in [
        ("the first in a workspace", times.workspace),
        ("the first in a file", times.file),
        ("the first after an edit, unsaved", times.unsaved),
        ("the first after a save, at once", times.saved),
        ("the first after a save, a moment later", times.later),
    ] {
        let median = row(&format!("click to a test's result, {what}, {tests} tests"), times, "");
        let ratio = pytest / median;
        println!(
            "{:65} {ratio:27.1}x  >= 20x",
            format!("sooner than pytest: {what}, {tests} tests")
        );
    }
    Ok(())
}

/// A file that is edited.
struct Opened {
    path: PathBuf,
    /// As it was before.
    original: String,
    text: String,
    version: i64,
}

/// One server's life.
struct Round<'a> {
    click: Click,
    server: &'a Server,
    folder: &'a Path,
    opened: Vec<Opened>,
    times: &'a mut Times,
}

impl Round<'_> {
    fn run(&mut self) -> Done {
        let mut chosen = Vec::new();
        // The long file's edits are measured elsewhere; to import it takes seconds.
        let files = test_files(self.folder)?.into_iter().filter(|file| !file.ends_with(LONG));
        for file in files.take(FILES + 1) {
            let test = plain_test(&mut self.click.client, &file);
            chosen.extend(test.map(|test| (file, test)));
        }
        let Some(((_, first), rest)) = chosen.split_first() else {
            return Err(format!("{}: no plain test in it", self.folder.display()));
        };
        self.settle();
        self.times.workspace.push(self.click.run(first)?.0);
        for (path, test) in rest {
            self.settle();
            self.times.file.push(self.click.run(test)?.0);
            self.times.pytest.push(alone(self.server, self.folder, test)?);
            self.open(path)?;
        }
        for (at, (_, test)) in rest.iter().enumerate() {
            self.measure_edits(at, test)?;
        }
        Ok(())
    }

    fn measure_edits(&mut self, at: usize, test: &Value) -> Done {
        self.settle();
        self.edit(at);
        self.times.unsaved.push(self.click.run(test)?.0);
        for waits in [false, true] {
            self.settle();
            self.edit(at);
            self.save(at)?;
            let times = if waits {
                self.settle();
                &mut self.times.later
            } else {
                &mut self.times.saved
            };
            times.push(self.click.run(test)?.0);
        }
        self.times.pytest.push(alone(self.server, self.folder, test)?);
        Ok(())
    }

    fn settle(&mut self) {
        self.click.client.idle(SETTLED);
    }

    fn open(&mut self, path: &Path) -> Done {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        self.click.client.did_open(path, &text);
        let (path, original) = (path.to_owned(), text.clone());
        self.opened.push(Opened { path, original, text, version: 1 });
        Ok(())
    }

    /// Appends a function that is no test.
    fn edit(&mut self, at: usize) {
        let opened = &mut self.opened[at];
        opened.version += 1;
        let line = u32::try_from(opened.text.matches('\n').count()).unwrap_or(u32::MAX);
        let added = format!("def helper_{}(): pass\n", opened.version);
        opened.text.push_str(&added);
        let range = [line, 0, line, 0];
        self.click.client.did_change(&opened.path, opened.version, range, &added);
    }

    fn save(&mut self, at: usize) -> Done {
        let Opened { path, text, .. } = &self.opened[at];
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        let params = json!({"textDocument": {"uri": uri(path)}});
        self.click.client.notify("textDocument/didSave", params);
        Ok(())
    }

    /// Files are as they were, and the server is gone.
    fn end(self) {
        for opened in &self.opened {
            // What cannot be written is seen by whoever generates the suite again.
            let _as_it_was = std::fs::write(&opened.path, &opened.original);
        }
        self.click.client.shut_down();
    }
}
