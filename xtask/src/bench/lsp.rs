//! `cargo xtask bench lsp`: what an editor waits for, and what the server holds meanwhile.
//!
//! The real binary over its standard streams; a message counts as there when its last byte has
//! come. Medians, the 99th percentile and the worst, beside what is aimed at.

mod edits;
mod firsts;
mod memory;
mod processor;
mod runs;
mod start;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use fastest_tests::client::{Client, explorer, initialize, uri};
use serde_json::{Value, json};

use super::options::Options;
use super::{generate, generate_as};
use crate::python::oracle;
use crate::shell::{Done, target};
pub use edits::Manner;

/// Generated suites (`tests/corpus/synth.py`), opened as an editor with a test explorer does.
pub fn served(arguments: &[&str]) -> Done {
    let options = Options::parse(arguments)?;
    let server = Server { binary: options.binary()?, python: oracle()? };
    let largest = options.tests.iter().copied().max().unwrap_or_default();
    let large = workspace_with_long_file(largest)?;
    let mut small = Vec::new();
    for &tests in options.tests.iter().filter(|tests| **tests != largest) {
        small.push((tests, generate(tests, "mixed")?));
    }
    head();
    let large_folder = (largest, large.folder.clone());
    let folders = || small.iter().chain([&large_folder]);
    if options.asks_for("start") {
        for (tests, folder) in folders() {
            start::measure(&server, *tests, folder, options.runs)?;
        }
    }
    if options.asks_for("edits") {
        edits::measure(&server, &large, options.manner)?;
    }
    if options.asks_for("runs") {
        for (tests, folder) in folders() {
            runs::measure(&server, *tests, folder, options.runs)?;
        }
    }
    if options.asks_for("firsts") {
        for (tests, folder) in folders() {
            firsts::measure(&server, *tests, folder, options.runs)?;
        }
    }
    if options.asks_for("memory") {
        memory::measure(&server, &large)?;
    }
    Ok(())
}

/// The name of the file that is edited.
const LONG: &str = "test_long.py";

/// A workspace and the file in it that is edited.
struct Workspace {
    folder: PathBuf,
    long: PathBuf,
}

/// A suite of so many tests, with one file more that is longer than 10,000 lines.
fn workspace_with_long_file(tests: u32) -> Done<Workspace> {
    let folder = generate_as(&format!("lsp-{tests}"), &["--tests", &tests.to_string()])?;
    let alone = generate_as("lsp-long", &["--tests", "3600", "--files", "1"])?;
    let source = test_files(&alone)?.into_iter().next();
    let source = source.ok_or_else(|| format!("{}: no test file in it", alone.display()))?;
    let inside = source.strip_prefix(&alone).map_err(|error| error.to_string())?;
    // Every suite has the folder of the first file: its conftest is the file's own.
    let long = folder.join(inside).with_file_name(LONG);
    let text = std::fs::read_to_string(&source);
    let text = text.map_err(|error| format!("{}: {error}", source.display()))?;
    let written = std::fs::write(&long, with_few_autouse(&text));
    written.map_err(|error| format!("{}: {error}", long.display()))?;
    Ok(Workspace { folder, long })
}

/// A text with three autouse fixtures: the generator writes one in forty tests, which is like
/// life in a file of fifty tests, and in one of thousands is not.
fn with_few_autouse(text: &str) -> String {
    let mut pieces = text.split("(autouse=True)");
    let mut few: String = pieces.by_ref().take(4).collect::<Vec<_>>().join("(autouse=True)");
    few.extend(pieces);
    few
}

/// The test files of a generated suite, sorted.
fn test_files(suite: &Path) -> Done<Vec<PathBuf>> {
    let list = |folder: &Path| -> Done<Vec<PathBuf>> {
        let entries = std::fs::read_dir(folder);
        let entries = entries.map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
    };
    let mut found = Vec::new();
    for folder in list(&suite.join("tests"))?.iter().filter(|path| path.is_dir()) {
        let is_test = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test_"))
        };
        found.extend(list(folder)?.into_iter().filter(is_test));
    }
    found.sort();
    Ok(found)
}

/// How a server is started.
struct Server {
    binary: PathBuf,
    python: PathBuf,
}

impl Server {
    /// Starts it and sends nothing.
    fn start(&self) -> Client {
        let mut command = Command::new(&self.binary);
        command.env_remove("PYTHONDONTWRITEBYTECODE").env_remove("PYTEST_ADDOPTS");
        command.arg("--log-file").arg(target().join("bench/lsp.log"));
        let mut client = Client::spawn(&mut command);
        client.settings = self.settings();
        client
    }

    fn settings(&self) -> Value {
        json!({"interpreter": self.python})
    }

    /// Shakes hands about a folder, but for `initialized`; when the answer was there.
    fn greet(&self, client: &mut Client, folder: &Path) -> Instant {
        let params = initialize(&[folder], explorer(), self.settings());
        let id = client.ask("initialize", params);
        client.arrival(|message| is_answer(message, id)).0
    }

    /// A server that has read a folder, and whose client shows the root's children.
    fn open(&self, folder: &Path) -> Client {
        let mut client = self.start();
        self.greet(&mut client, folder);
        client.notify("initialized", json!({}));
        client.result("fastest/discoverTests", json!({"itemId": uri(folder)}));
        client
    }
}

fn is_answer(message: &Value, id: u64) -> bool {
    message.get("method").is_none() && message["id"] == id
}

/// The table's first line.
fn head() {
    let columns = ("what", "times", "median", "p99", "max");
    println!(
        "{:58} {:>6} {:>9} {:>9} {:>9}  goal",
        columns.0, columns.1, columns.2, columns.3, columns.4
    );
}

/// A line of the table; in milliseconds. Returns the median.
fn row(what: &str, mut times: Vec<Duration>, goal: &str) -> f64 {
    times.sort();
    let at = |share: f64| {
        // The smallest that so many are not above.
        let place = (share * times.len() as f64).ceil() as usize;
        times.get(place.max(1) - 1).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    let median = at(0.5);
    println!("{what:58} {:6} {median:9.2} {:9.2} {:9.2}  {goal}", times.len(), at(0.99), at(1.0));
    median
}
