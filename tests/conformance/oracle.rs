//! Real pytest in one long-lived process: see `oracle.py`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use fastest_tests::case::Project;

/// A running oracle.
pub struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    versions: Value,
    /// Its interpreter.
    pub python: PathBuf,
}

/// What pytest answered.
#[derive(Debug)]
pub struct Collected {
    /// pytest's exit code.
    pub exit: i64,
    stdout: String,
    stderr: String,
}

impl Oracle {
    pub fn start(python: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/oracle.py");
        let mut command = Command::new(python);
        clean_environment(&mut command);
        let mut child = command
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle's Python starts");
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let python = python.to_owned();
        let mut oracle = Self { child, input, output, versions: Value::Null, python };
        oracle.versions = oracle.read();
        oracle
    }

    /// Its Python, as `3.11`.
    pub fn python_version(&self) -> &str {
        self.versions["python"].as_str().expect("it says its versions")
    }

    /// Whether it is what a case needs: `pytest>=9.0`.
    pub fn satisfies(&self, need: &str) -> bool {
        let (what, wanted) = need.split_once(">=").expect("a need is NAME>=VERSION");
        let have = self.versions[what].as_str().expect("it is python or pytest");
        numbers(have) >= numbers(wanted)
    }

    /// Runs `pytest --collect-only -q` with further arguments.
    pub fn collect(&mut self, project: &Project, run: &[String]) -> Collected {
        let fixed = ["--collect-only", "-q", "-p", "no:cacheprovider"].map(str::to_owned);
        let arguments = [fixed.to_vec(), project.arguments(run)].concat();
        let environment: serde_json::Map<String, Value> =
            project.env.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let site = project.site.as_ref().map(|(_, site)| site);
        let request = json!({
            "cwd": project.cwd, "args": arguments, "env": environment, "site": site,
        });
        writeln!(self.input, "{request}").expect("the oracle reads");
        let answer = self.read();
        let text = |name: &str| answer[name].as_str().expect("it is text").to_owned();
        let exit = answer["exit"].as_i64().expect("it is a number");
        Collected { exit, stdout: text("stdout"), stderr: text("stderr") }
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the oracle writes");
        serde_json::from_str(&line).expect("the oracle answers in JSON")
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Collected {
    /// The lines of node ids.
    pub fn listing(&self) -> Vec<&str> {
        listing(&self.stdout)
    }

    /// Everything that pytest printed.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// The lines before the first that is empty or heads a section (`=== ERRORS ===`), of both
/// pytest's output and ours.
pub fn listing(output: &str) -> Vec<&str> {
    let ends = |line: &&str| line.is_empty() || line.starts_with("===");
    output.lines().take_while(|line| !ends(line)).collect()
}

/// Takes away what would make pytest or ours behave otherwise than in a fresh terminal.
pub fn clean_environment(command: &mut Command) {
    let foreign = ["PYTEST", "PYTHON", "VIRTUAL_ENV", "CONDA", "COVERAGE", "FASTEST"];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if foreign.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command.env("COLUMNS", "80").env("PYTHONUTF8", "1");
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}
