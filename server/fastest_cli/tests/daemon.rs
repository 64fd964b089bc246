//! `--daemon`: the next run starts in a process that the last one left, and nothing can tell.
//!
//! `FASTEST_TEST_PYTHON` names a Python that has pytest; without it these tests say so and pass.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test are a test's code too")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use common::python;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any machine takes for what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever runs these tests may have handed on pipes, with which nothing is kept.
const SEALED: &str = "import os, sys; os.closerange(3, 4096); os.execv(sys.argv[1], sys.argv[1:])";

/// All that a test can see of its process, but for what is never the same twice.
const SEES: &str = r#"
import gc, json, logging, os, pathlib, resource, signal, sys, threading, time
def files():
    """One for each file; sockets are ours, and a worker that nothing was forked from keeps two."""
    for number in os.listdir("/proc/self/fd"):
        try:
            yield not os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
        except FileNotFoundError:
            pass
def test_it():
    umask = os.umask(0)
    os.umask(umask)
    limits = {n: resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n.startswith("RLIMIT_")}
    sees = {
        "argv": sys.argv, "path": sys.path, "flags": list(sys.flags), "modules": sorted(sys.modules),
        "executable": sys.executable, "recursion": sys.getrecursionlimit(), "gc": gc.isenabled(),
        "environ": dict(os.environ), "cwd": os.getcwd(), "umask": umask, "limits": limits,
        "nice": os.nice(0), "affinity": sorted(os.sched_getaffinity(0)), "session": os.getsid(0),
        "leads": os.getpgrp() == os.getpid(), "threads": threading.active_count(),
        "streams": [os.isatty(n) for n in range(3)], "files": sum(files()),
        "signals": {s.name: repr(signal.getsignal(s)).split(" at ")[0] for s in signal.Signals},
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "hooks": [len(sys.meta_path), len(sys.path_hooks)], "zone": time.tzname,
        "young": logging.makeLogRecord({}).relativeCreated == 0 or logging.LogRecord("", 0, "", 0, "", (), None).relativeCreated < 60_000,
        "depth": len(__import__("inspect").stack()),
    }
    for name in ("PYTEST_CURRENT_TEST", "PYTEST_XDIST_TESTRUNUID"):
        sees["environ"].pop(name, None)
    pathlib.Path(__file__).with_name("seen.json").write_text(json.dumps(sees))
"#;

/// A project with a cache of its own, whose warm process ends with it.
struct Project {
    dir: TempDir,
    cache: TempDir,
    python: PathBuf,
}

impl Project {
    fn new(tests: &str) -> Option<Self> {
        let project = Self {
            python: python()?,
            dir: tempfile::tempdir().unwrap(),
            cache: tempfile::tempdir().unwrap(),
        };
        project.write("pytest.ini", "[pytest]\n");
        project.write("test_it.py", tests);
        Some(project)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    fn binary(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command
            .args(["-c", SEALED, common::BINARY])
            .args(arguments)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("XDG_CACHE_HOME", self.cache.path());
        for name in ["CI", "BUILD_NUMBER", "PYTEST_ADDOPTS", "FORCE_COLOR", "PY_COLORS"] {
            command.env_remove(name);
        }
        command
    }

    /// A run with or without the process that stays.
    fn run(&self, daemon: &str) -> Command {
        let python = self.python.to_str().unwrap();
        self.binary(&["--run", "--python", python, "--daemon", daemon, "-p", "no:cacheprovider"])
    }

    /// Leaves a process, and waits until it is warm.
    fn leave(&self) -> u32 {
        passes(&mut self.run("on"));
        self.awaited()
    }

    /// The process that stays, which an earlier run has left.
    fn awaited(&self) -> u32 {
        let found = std::cell::Cell::new(None);
        wait_until("a process stays", || {
            found.set(self.resident());
            found.get().is_some()
        });
        found.get().unwrap()
    }

    /// The process that stays, once it answers.
    fn resident(&self) -> Option<u32> {
        let text = passes(&mut self.binary(&["daemon", "status"]));
        text.strip_prefix("process ")?.split(':').next()?.parse().ok()
    }

    /// Whether a run was served by a process that was there before.
    fn is_warm(&self, run: &mut Command) -> bool {
        let before = self.awaited();
        passes(run);
        // What a run was not served by is replaced.
        self.awaited() == before
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _stopped = self.binary(&["daemon", "stop"]).output();
    }
}

#[track_caller]
fn passes(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{text}\n{}", String::from_utf8_lossy(&done.stderr));
    text
}

#[track_caller]
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(pid: u32, signal: &str) {
    Command::new("kill").args(["-s", signal, &pid.to_string()]).status().unwrap();
}

/// Whether a process runs, or is stopped.
fn lives(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

#[test]
fn the_second_run_is_served_by_what_the_first_one_left() {
    let Some(project) = Project::new("def test_it(): pass\n") else { return };
    assert_eq!(project.resident(), None);
    let resident = project.leave();
    assert!(project.is_warm(&mut project.run("on")));
    assert!(project.is_warm(&mut project.run("on")));
    assert_eq!(project.awaited(), resident);
    let stopped = passes(&mut project.binary(&["daemon", "stop"]));
    assert_eq!(stopped, format!("stopped process {resident}\n"));
    wait_until("it has ended", || !lives(resident));
    assert_eq!(project.resident(), None);
}

#[test]
fn a_test_sees_what_it_sees_without() {
    let Some(project) = Project::new(SEES) else { return };
    let seen = |run: &mut Command| -> Value {
        passes(run);
        serde_json::from_str(&project.read("seen.json")).unwrap()
    };
    let without = seen(&mut project.run("off"));
    project.leave();
    assert!(project.is_warm(&mut project.run("on")));
    let with = seen(&mut project.run("on"));
    for (name, value) in without.as_object().unwrap() {
        assert_eq!(&with[name], value, "{name}");
    }
}

#[test]
fn what_is_printed_is_the_same() {
    let tests = "import pytest, warnings\n\
        def test_ok(): print('hello')\n\
        def test_bad():\n    print('said')\n    assert [1, 2] == [1, 3]\n\
        @pytest.fixture\ndef broken(): raise OSError('no')\n\
        def test_error(broken): pass\n\
        @pytest.mark.skip(reason='why')\ndef test_skip(): pass\n\
        def test_warns(): warnings.warn('careful')\n";
    let Some(project) = Project::new(tests) else { return };
    let printed = |daemon| {
        let done = project.run(daemon).args(["-rA", "-v"]).output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        let (text, _) = text.rsplit_once(" in ").unwrap();
        (text.to_owned(), done.status.code())
    };
    let without = printed("off");
    assert_eq!(without.1, Some(1));
    assert_eq!(printed("on"), without);
    let resident = project.awaited();
    assert_eq!(printed("on"), without);
    assert_eq!(project.awaited(), resident);
}

#[test]
fn edits_of_the_project_are_seen() {
    let Some(project) = Project::new("import module\ndef test_it(): assert module.value == 1\n")
    else {
        return;
    };
    project.write("conftest.py", "");
    project.write("module.py", "value = 1\n");
    project.leave();
    project.write("module.py", "value = 2\n");
    assert_eq!(project.run("on").output().unwrap().status.code(), Some(1));
    project.write("test_it.py", "import module\ndef test_it(): assert module.value == 2\n");
    assert!(project.is_warm(&mut project.run("on")));
}

/// Each is taken over by a process from the one that starts it.
#[test]
fn on_other_grounds_a_run_starts_anew() {
    let Some(project) = Project::new(SEES) else { return };
    let seen = || -> Value { serde_json::from_str(&project.read("seen.json")).unwrap() };
    project.leave();
    let mut other = project.run("on");
    assert!(!project.is_warm(other.env("MEANING", "42")));
    assert_eq!(seen()["environ"]["MEANING"], "42");
    // The process that it has left is one for this variable.
    assert!(project.is_warm(project.run("on").env("MEANING", "42")));
    assert!(!project.is_warm(&mut project.run("on")));
    assert_eq!(seen()["environ"].get("MEANING"), None);

    let shell = |set: &str| {
        let mut run = project.run("on");
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{set}; exec \"$@\""), "sh"]);
        command.arg(run.get_program()).args(run.get_args()).current_dir(project.dir.path());
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("XDG_CACHE_HOME", project.cache.path()).stdin(Stdio::null());
        run.env_clear();
        command
    };
    assert!(!project.is_warm(&mut shell("umask 027")));
    assert_eq!(seen()["umask"], 0o27);
    assert!(project.is_warm(&mut shell("umask 027")));
    assert!(!project.is_warm(&mut shell("ulimit -n 200")));
    assert_eq!(seen()["limits"]["RLIMIT_NOFILE"], json!([200, 200]));
}

#[test]
fn the_working_directory_is_that_of_the_run() {
    let Some(project) = Project::new(SEES) else { return };
    project.write("below/empty.txt", "");
    project.leave();
    let below = project.dir.path().join("below");
    passes(project.run("on").current_dir(&below).arg("../test_it.py"));
    let seen: Value = serde_json::from_str(&project.read("seen.json")).unwrap();
    assert_eq!(Path::new(seen["cwd"].as_str().unwrap()), below.canonicalize().unwrap());
}

#[test]
fn one_that_has_died_or_hangs_is_done_without() {
    let Some(project) = Project::new("def test_it(): pass\n") else { return };
    let first = project.leave();
    signal(first, "KILL");
    wait_until("it is dead", || !lives(first));
    let second = project.leave();
    assert_ne!(second, first);
    signal(second, "STOP");
    passes(&mut project.run("on"));
    let third = project.awaited();
    assert_ne!(third, second);
    // It finds that another has taken its place.
    signal(second, "CONT");
    signal(second, "TERM");
    wait_until("it has ended", || !lives(second));
    assert_eq!(project.awaited(), third);
}

/// A run whose test waits until it is allowed to end.
fn waiting() -> Option<Project> {
    let tests = "import os, pathlib, time\n\
        def test_it():\n    \
            pathlib.Path(os.environ['NAME']).write_text(str(os.getpid()))\n    \
            while not pathlib.Path('go').exists(): time.sleep(0.01)\n";
    let project = Project::new(tests)?;
    project.write("go", "");
    passes(project.run("on").env("NAME", "a"));
    project.awaited();
    fs::remove_file(project.dir.path().join("go")).unwrap();
    fs::remove_file(project.dir.path().join("a")).unwrap();
    Some(project)
}

fn start(project: &Project) -> (Child, u32) {
    let mut run = project.run("on");
    let child = run.env("NAME", "a").stdout(Stdio::piped()).spawn().unwrap();
    let told = project.dir.path().join("a");
    let worker = || fs::read_to_string(&told).ok()?.parse().ok();
    wait_until("the test runs", || worker().is_some());
    (child, worker().unwrap())
}

#[test]
fn two_runs_at_once_do_not_wait_for_each_other() {
    let Some(project) = waiting() else { return };
    let before = project.awaited();
    let (first, worker) = start(&project);
    fs::remove_file(project.dir.path().join("a")).unwrap();
    let (second, other) = start(&project);
    assert_ne!(worker, other);
    let status = passes(&mut project.binary(&["daemon", "status"]));
    assert!(status.contains("2 runs go on"), "{status}");
    project.write("go", "");
    for run in [first, second] {
        assert!(run.wait_with_output().unwrap().status.success());
    }
    assert_eq!(project.awaited(), before);
}

#[test]
fn a_run_is_interrupted_and_killed_as_without() {
    for (name, code) in [("INT", Some(2)), ("TERM", Some(2)), ("KILL", None)] {
        let Some(project) = waiting() else { return };
        let resident = project.awaited();
        let (run, worker) = start(&project);
        signal(run.id(), name);
        let done = run.wait_with_output().unwrap();
        assert_eq!(done.status.code(), code, "{name}");
        wait_until("the worker is gone", || !lives(worker));
        assert_eq!(project.awaited(), resident, "{name}");
    }
}

#[test]
fn a_run_outlives_what_it_was_started_from() {
    let Some(project) = waiting() else { return };
    let resident = project.awaited();
    let (run, _) = start(&project);
    signal(resident, "KILL");
    wait_until("it is dead", || !lives(resident));
    project.write("go", "");
    assert!(run.wait_with_output().unwrap().status.success());
}

#[test]
fn by_itself_only_a_terminal_without_ci_has_one() {
    let Some(project) = Project::new("def test_it(): pass\n") else { return };
    passes(&mut project.run("auto"));
    assert_eq!(project.resident(), None);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pty_session.py");
    // The process goes when the terminal's session is over, so the session asks for it.
    let ask = format!(
        "{} --run --python {}; {} daemon status",
        common::BINARY,
        project.python.display(),
        common::BINARY
    );
    let on_terminal = |ci: Option<&str>| {
        let mut command = Command::new(&project.python);
        command
            .args(["-c", SEALED])
            .arg(&project.python)
            .arg(&script)
            .args(["[]", "sh", "-c", &ask]);
        command.current_dir(project.dir.path()).env("XDG_CACHE_HOME", project.cache.path());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("BUILD_NUMBER").env_remove("CI");
        ci.map(|ci| command.env("CI", ci));
        passes(&mut command)
    };
    assert!(on_terminal(Some("true")).contains("no warm process"));
    let said = on_terminal(None);
    assert!(said.contains("process ") && said.contains("ends in"), "{said}");
}

#[test]
fn sockets_are_the_users_own() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(project) = Project::new("def test_it(): pass\n") else { return };
    project.leave();
    let folder = project.cache.path().join("fastest-lsp/daemon");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    // A folder that others may enter is not used.
    passes(&mut project.binary(&["daemon", "stop"]));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    passes(&mut project.run("on"));
    assert_eq!(project.resident(), None);
}
