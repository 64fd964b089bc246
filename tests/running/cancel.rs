//! A run that is to end: orderly the first time, at once the second, and no process is left.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::Project;

/// Longer than any machine takes for what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

const SLOW: &str = "import time, pytest, pathlib\n\
    @pytest.fixture(autouse=True)\ndef around():\n    yield\n    \
    pathlib.Path('torn_down').touch()\n\
    def test_slow():\n    pathlib.Path('running').touch()\n    time.sleep(600)\n";

/// A run whose test is running, and the name by which its processes are known.
struct Running {
    project: Project,
    child: Child,
    name: String,
}

impl Running {
    fn start(source: &str, workers: &str) -> Option<Self> {
        Self::start_with(source, &["-n", workers])
    }

    fn start_with(source: &str, args: &[&str]) -> Option<Self> {
        let project =
            Project::new(&[("test_slow.py", source), ("test_b.py", "def test_b(): pass\n")])?;
        let name = format!("FASTEST_TEST_RUN={}", project.path().display());
        let (variable, value) = name.split_once('=').expect("it has one");
        let mut command = project.ours(args);
        command.env(variable, value).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().expect("the binary starts");
        let running = project.path().join("running");
        wait_until("the test runs", || running.exists());
        Some(Self { project, child, name })
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-s", signal, &id]).status().expect("kill is there");
    }

    /// The exit code and the output, once no process of the run is left.
    fn end(mut self) -> (Option<i32>, String, Project) {
        let status = self.child.wait().expect("it was started");
        let mut text = String::new();
        let out = self.child.stdout.take();
        out.expect("it is piped").read_to_string(&mut text).expect("it is text");
        let name = std::mem::take(&mut self.name);
        wait_until("no process is left", || processes(&name).is_empty());
        (status.code(), text, self.project)
    }
}

/// Ends what a failed test left behind.
fn sweep(name: &str) {
    for id in processes(name) {
        let _ = Command::new("kill").args(["-9", &id]).status();
    }
}

/// Processes that have this variable, by what Linux tells of them.
fn processes(variable: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let has = |id: &String| {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|entry| entry == variable.as_bytes())
    };
    ids.filter(|id| id.bytes().all(|b| b.is_ascii_digit())).filter(has).collect()
}

#[track_caller]
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_first_time_it_ends_in_order() {
    for (signal, workers) in [("INT", "2"), ("INT", "1"), ("TERM", "2"), ("HUP", "2")] {
        let Some(run) = Running::start(SLOW, workers) else { return };
        run.signal(signal);
        let (exit, text, project) = run.end();
        assert_eq!(exit, Some(2), "{signal} -n {workers}\n{text}");
        assert!(text.contains("KeyboardInterrupt"), "{signal} -n {workers}\n{text}");
        assert!(text.contains(" in "), "no summary\n{text}");
        assert!(project.path().join("torn_down").exists(), "no teardown after {signal}\n{text}");
    }
}

#[test]
fn the_second_time_it_ends_at_once() {
    let source = "import time, pathlib\ndef test_slow():\n    pathlib.Path('running').touch()\n    \
                  while True:\n        try: time.sleep(600)\n        except BaseException: \
                  pathlib.Path('stubborn').touch()\n";
    let Some(run) = Running::start(source, "2") else { return };
    run.signal("INT");
    let stubborn = run.project.path().join("stubborn");
    wait_until("the test has shrugged it off", || stubborn.exists());
    run.signal("INT");
    let (exit, text, _project) = run.end();
    assert_eq!(exit, Some(2), "{text}");
}

/// Whoever ends a run has had enough: nothing is compared with what it did not do.
#[test]
fn a_run_that_was_ended_is_not_verified() {
    let Some(run) = Running::start_with(SLOW, &["-n", "2", "--verify"]) else { return };
    run.signal("TERM");
    let (exit, text, _project) = run.end();
    assert_eq!(exit, Some(2), "{text}");
    assert!(!text.contains("verify: "), "{text}");
}

/// The first time the test runs here, the second time under plain pytest.
#[test]
fn plain_pytest_can_be_ended_too() {
    let source = "import pathlib, time\ndef test_slow():\n    \
                  here = not pathlib.Path('running').exists()\n    \
                  pathlib.Path('running').touch()\n    if here: return\n    \
                  pathlib.Path('again').touch()\n    time.sleep(600)\n";
    let Some(run) = Running::start_with(source, &["-n", "2", "--verify"]) else { return };
    let again = run.project.path().join("again");
    wait_until("pytest runs it", || again.exists());
    run.signal("TERM");
    let (exit, text, _project) = run.end();
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("2 passed") && !text.contains("differences"), "{text}");
}

/// Where nobody is left to say what becomes of them, workers and what tests started end too.
#[test]
fn a_killed_run_leaves_nothing_behind() {
    let source = "import subprocess, time, pathlib\ndef test_slow():\n    \
                  subprocess.Popen(['sleep', '600'])\n    pathlib.Path('running').touch()\n    \
                  time.sleep(600)\n";
    for workers in ["2", "1"] {
        let Some(mut run) = Running::start(source, workers) else { return };
        run.child.kill().expect("it runs");
        run.child.wait().expect("it was started");
        let name = run.name.clone();
        let start = Instant::now();
        while !processes(&name).is_empty() && start.elapsed() < PATIENCE / 3 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let left = processes(&name);
        sweep(&name);
        assert_eq!(left, Vec::<String>::new(), "-n {workers}");
    }
}
