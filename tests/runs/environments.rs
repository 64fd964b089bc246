//! The environments that cases run in: made by `cargo xtask test`, or by hand in the same places.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python with a pytest.
#[derive(Debug)]
pub struct Environment {
    /// The folder's name.
    pub name: String,
    /// Its interpreter.
    pub python: PathBuf,
    /// `3.11`
    pub python_version: String,
    pytest_version: String,
    /// Whether it has plugins besides pytest.
    pub plugins: bool,
    /// Whether every case runs here, in every way.
    pub main: bool,
}

impl Environment {
    /// Whether it is what a case needs: `pytest>=9.0`, `python<3.12`.
    ///
    /// # Panics
    /// When the need is not written like that.
    pub fn satisfies(&self, need: &str) -> bool {
        let at = need.find(['<', '>']).expect("a need is NAME>=VERSION or NAME<VERSION");
        let (what, rest) = need.split_at(at);
        let have = match what {
            "python" => &self.python_version,
            "pytest" => &self.pytest_version,
            _ => panic!("what is {what}?"),
        };
        match rest.strip_prefix(">=") {
            Some(least) => numbers(have) >= numbers(least),
            None => numbers(have) < numbers(rest.trim_start_matches('<')),
        }
    }

    fn probe(name: &str, python: PathBuf) -> Option<Self> {
        let script = "import sys, pytest; print(*sys.version_info[:2], pytest.__version__)";
        let mut command = Command::new(&python);
        let answer = command.args(["-c", script]).output().ok().filter(|o| o.status.success())?;
        let answer = String::from_utf8(answer.stdout).ok()?;
        let mut words = answer.split_whitespace();
        let python_version = format!("{}.{}", words.next()?, words.next()?);
        Some(Self {
            name: name.to_owned(),
            python,
            python_version,
            pytest_version: words.next()?.to_owned(),
            plugins: name.starts_with("plugins"),
            main: matches!(name, "pytest" | "plugins"),
        })
    }
}

/// Every environment that is there; `None`, said on stderr, where there is none at all.
pub fn all() -> Option<Vec<Environment>> {
    let oracle = fastest_tests::oracle_python()?;
    let folder = fastest_tests::repository().join("target/test-envs");
    let mut found: Vec<Environment> = Environment::probe("pytest", oracle).into_iter().collect();
    for name in names(&folder) {
        match Environment::probe(&name, folder.join(&name).join("bin/python")) {
            Some(environment) => found.push(environment),
            None => eprintln!("SKIPPED: {name} has no pytest that starts"),
        }
    }
    if !found.iter().any(|environment| environment.plugins) {
        eprintln!("SKIPPED: cases with plugins; `cargo xtask test` makes their environment");
    }
    let wanted = std::env::var("FASTEST_TEST_ENVIRONMENT").unwrap_or_default();
    found.retain(|environment| environment.name.starts_with(&wanted));
    Some(found)
}

/// `plugins` and `matrix-…`.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name == "plugins" || name.starts_with("matrix-"))
        .collect();
    names.sort();
    names
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}
