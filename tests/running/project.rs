//! A project on disk, and what comes of running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A project in a temporary folder, and the Python that runs it.
pub struct Project {
    folder: TempDir,
    python: PathBuf,
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub struct Run {
    pub exit: Option<i32>,
    pub text: String,
}

impl Project {
    /// The files; `None`, said on stderr, where there is no Python with pytest.
    pub fn new(files: &[(&str, &str)]) -> Option<Self> {
        let python = fastest_tests::oracle_python()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = Self { folder, python };
        project.write("pytest.ini", "[pytest]\n");
        for (path, text) in files {
            project.write(path, text);
        }
        Some(project)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is in the project")).expect("writable");
        std::fs::write(path, text).expect("it is writable");
    }

    /// The binary, to be run here.
    pub fn ours(&self, args: &[&str]) -> Command {
        let mut command = Command::new(fastest_tests::binary());
        let environment = self.python.parent().and_then(Path::parent).expect("it is in bin");
        self.set(&mut command).env("VIRTUAL_ENV", environment).arg("--run").args(args);
        command
    }

    /// pytest itself, to be run here.
    pub fn pytest(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.python.with_file_name("pytest"));
        self.set(&mut command).args(args);
        command
    }

    fn set<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        for name in ["PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_TIMEOUT", "COLUMNS", "CI"] {
            command.env_remove(name);
        }
        command.current_dir(self.path())
    }

    pub fn run(&self, args: &[&str]) -> Run {
        Run::of(&self.ours(args).output().expect("the binary starts"))
    }
}

impl Run {
    pub fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let text = text(&output.stdout) + &text(&output.stderr);
        Self { exit: output.status.code(), text }
    }

    /// The outcomes that `-v` prints for each test.
    pub fn outcomes(&self) -> BTreeMap<String, Vec<String>> {
        const WORDS: [&str; 7] =
            ["PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL", "XPASS", "RERUN"];
        let mut outcomes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in self.text.lines() {
            let mut words = line.split_whitespace();
            if let (Some(id), Some(word)) = (words.next(), words.next())
                && id.contains("::")
                && WORDS.contains(&word)
            {
                outcomes.entry(id.to_owned()).or_default().push(word.to_owned());
            }
        }
        outcomes
    }

    /// The last line, without time and decoration.
    pub fn counts(&self) -> String {
        let last =
            self.text.lines().rev().find(|line| line.contains(" in ") && line.ends_with("="));
        let last = last.unwrap_or_default().trim_matches(['=', ' ']);
        last.rsplit_once(" in ").map_or(last, |(counts, _)| counts).to_owned()
    }
}
