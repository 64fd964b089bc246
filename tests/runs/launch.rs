//! Running a case by real pytest or by the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fastest_tests::case::{Case, Project};

use crate::environments::Environment;
use crate::record::{self, Record};

/// Who runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// Real pytest.
    Pytest,
    /// The binary with so many workers.
    Ours(u32),
}

/// Runs a case once, in a project of its own that lies at the same place every time, so that
/// paths in the records are the same.
pub fn run(runner: Runner, case: &Case, arguments: &[String], environment: &Environment) -> Record {
    let project = crate::write(case, environment);
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let records = scratch.path().join("records");
    let temporary = scratch.path().join("tmp");
    std::fs::create_dir(&records).expect("it is new");
    std::fs::create_dir(&temporary).expect("it is new");
    let mut command = command(runner, environment);
    command.args(plugins(case)).args(["-p", "fastest_test_recorder"]);
    command.args(project.arguments(arguments)).current_dir(&project.cwd);
    clean(&mut command);
    set_variables(&mut command, case, environment, &project);
    command.env("FASTEST_TEST_RECORD", &records).env("TMPDIR", &temporary);
    let done = command.stdin(Stdio::null()).output().expect("it starts");
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&done.stderr).into_owned();
    let places = [
        (resolved(&project.root), "{project}"),
        (resolved(&temporary), "{tmp}"),
        (project.root.clone(), "{project}"),
        (temporary.clone(), "{tmp}"),
    ];
    record::read(&records, &places, done.status.code(), &stdout, &stderr)
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn command(runner: Runner, environment: &Environment) -> Command {
    match runner {
        Runner::Pytest => {
            // As the script `pytest` starts it: without the working directory on the path.
            let script = "import sys; sys.path.pop(0); from pytest import console_main; \
                          sys.exit(console_main())";
            let mut command = Command::new(&environment.python);
            command.args(["-c", script]);
            command
        }
        Runner::Ours(workers) => {
            let mut command = Command::new(fastest_tests::binary());
            // On a busy machine a small file may look long; shared, it would tell another order.
            command.args(["--run", "-n", &workers.to_string(), "--dist", "loadfile"]);
            command
        }
    }
}

/// `-p NAME` for the plugins of a case.
fn plugins(case: &Case) -> Vec<String> {
    let names = case.other("plugins").unwrap_or_default().split_whitespace();
    let names = names.filter(|&name| name != "all");
    names.flat_map(|name| ["-p".to_owned(), name.to_owned()]).collect()
}

/// Nothing of the environment that the tests run in decides anything.
fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let decides = ["PYTEST", "PYTHON", "FASTEST", "XDG", "COLUMNS", "CI", "BUILD_NUMBER"];
        if decides.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}

fn set_variables(command: &mut Command, case: &Case, env: &Environment, project: &Project) {
    let recorder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runs/recorder");
    command.env("PYTHONPATH", recorder).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("PYTHONHASHSEED", "0").env("NO_COLOR", "1");
    let prefix = env.python.parent().and_then(Path::parent).expect("it is in a folder");
    command.env("VIRTUAL_ENV", prefix);
    if case.other("plugins").is_some_and(|names| names != "all") {
        command.env("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1");
    }
    command.envs(project.env.iter().cloned());
}
