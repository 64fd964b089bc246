//! Tests that are run one by one, as by clicks: from the second on in forks of a process that has
//! collected the file. Whatever it is, pytest in a process of its own is the oracle.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, PATIENCE, Project, explorer, initialize};
use crate::runs::{Told, is_alive, settings, wait_for_pid};

/// A server, a project, and what the server logs.
pub struct Clicks {
    pub client: Client,
    pub project: Project,
    python: PathBuf,
    log: PathBuf,
    runs: usize,
}

impl Clicks {
    pub fn open(files: &[(&str, &str)]) -> Option<Self> {
        Some(Self::open_with(files, fastest_tests::oracle_python()?))
    }

    pub fn open_with(files: &[(&str, &str)], python: PathBuf) -> Self {
        let mut settings = settings().expect("there is an interpreter");
        settings["interpreter"] = json!(python);
        let project = Project::new(files);
        // Outside of the project, whose folders are looked at.
        let log = project.dir.with_extension("log");
        let mut command = Command::new(fastest_tests::binary());
        command.arg("--log-file").arg(&log).env_remove("PYTEST_ADDOPTS");
        let mut client = Client::spawn(&mut command);
        let folders = [&*project.dir];
        client.request("initialize", initialize(&folders, explorer(), settings.clone()));
        client.settings = settings;
        client.notify("initialized", json!({}));
        client.result("fastest/discoverTests", json!({"depth": "all"}));
        Self { client, project, python, log, runs: 0 }
    }

    /// Runs a test; its exit code is that of pytest.
    pub fn click(&mut self, node_id: &str) -> Told {
        let told = self.run(node_id);
        assert_eq!(told.ended["exitCode"], self.oracle(node_id), "{node_id}: {:#?}", told.events);
        told
    }

    pub fn run(&mut self, node_id: &str) -> Told {
        self.runs += 1;
        let params = json!({"runId": self.runs.to_string(), "include": [self.project.id(node_id)]});
        crate::runs::run(&mut self.client, params)
    }

    /// The exit code of pytest in a process of its own.
    fn oracle(&self, node_id: &str) -> Value {
        // `python -m pytest` would have the project's folder on its path.
        let status = Command::new(self.python.with_file_name("pytest"))
            .args(["-q", "-p", "no:cacheprovider", node_id])
            .current_dir(&self.project.dir)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTEST_ADDOPTS", "")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        json!(status.expect("pytest starts").code())
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn count(&self, words: &str) -> usize {
        self.log().matches(words).count()
    }

    /// How many runs were of forks of a process with the file collected.
    pub fn forks(&self) -> usize {
        self.count("a fork of process")
    }

    /// Runs a test until it is in a fork of a process that is kept; that process.
    pub fn keep(&mut self, node_id: &str) -> u32 {
        let before = self.forks();
        self.wait(node_id, |clicks| clicks.forks() > before);
        let log = self.log();
        let line = log.lines().rfind(|line| line.contains("is kept with")).expect("just seen");
        let pid = line.split("process ").nth(1).and_then(|rest| rest.split(' ').next());
        pid.and_then(|pid| pid.parse().ok()).expect("a number")
    }

    /// Runs a test until it is said why its file does not stay collected.
    pub fn refuse(&mut self, node_id: &str) -> String {
        let refused = |clicks: &Self| {
            let log = clicks.log();
            let mut lines = log.lines().rev();
            lines.find(|l| l.contains("not kept") && !is_passing(l)).map(str::to_owned)
        };
        self.wait(node_id, |clicks| clicks.forks() > 0 || refused(clicks).is_some());
        refused(self).unwrap_or_else(|| panic!("it is kept: {}", self.log()))
    }

    fn wait(&mut self, node_id: &str, is_done: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_done(self) {
            assert!(Instant::now() < deadline, "nothing came of it: {}", self.log());
            self.click(node_id);
            self.settle();
        }
    }

    /// Waits until what is being made has come to its end.
    pub fn settle(&mut self) {
        self.wait_for(Self::is_settled);
    }

    /// Waits until something can be seen.
    pub fn wait_for(&mut self, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < deadline, "nothing came of it: {}", self.log());
            self.client.idle(Duration::from_millis(5));
        }
    }

    /// Runs a test of another file than before, which is collected in a fork of a kept session.
    pub fn begin(&mut self, node_id: &str) -> Told {
        self.settle();
        let (sessions, refused) = (self.count(SESSION), self.count(REFUSED));
        let told = self.click(node_id);
        let used = (self.count(SESSION) - sessions, self.count(REFUSED) - refused);
        assert_eq!(used, (1, 0), "{node_id}: {}", self.log());
        told
    }

    /// Runs a test of a file that has changed, which is collected in a fork of a kept session.
    pub fn begin_again(&mut self, node_id: &str) -> Told {
        self.settle();
        let (forks, refused) = (self.forks(), self.count(REFUSED));
        let told = self.click(node_id);
        let used = (self.forks() - forks, self.count(REFUSED) - refused);
        assert_eq!(used, (1, 1), "{node_id}: {}", self.log());
        told
    }

    /// Whether the attempt of the last click has come to its end.
    fn is_settled(&self) -> bool {
        self.count("collecting") <= self.count("is kept with") + self.count("not kept collected")
    }

    /// Runs a test in a fork of what is kept.
    fn fork(&mut self, node_id: &str) -> Told {
        let before = self.forks();
        let told = self.click(node_id);
        assert_eq!(self.forks(), before + 1, "{node_id}: {}", self.log());
        told
    }

    pub fn outcome(&self, told: &Told, node_id: &str) -> String {
        told.outcome(&self.project.id(node_id))
    }

    pub fn close(self) {
        assert!(self.client.shut_down().success());
        assert_nothing_runs_in(&self.project.dir);
    }
}

/// What is logged where a fork of a session is to run something.
const SESSION: &str = "a fork of session";

/// What is logged where a process is not forked because something has changed.
pub const REFUSED: &str = "a kept process is of no more use";

/// Waits until no process has its working directory there.
fn assert_nothing_runs_in(dir: &Path) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let processes = std::fs::read_dir("/proc").expect("this is Linux").flatten();
        let runs_there = |process: &std::fs::DirEntry| {
            let cwd = std::fs::read_link(process.path().join("cwd"));
            cwd.is_ok_and(|cwd| cwd.starts_with(dir))
        };
        let left: Vec<_> = processes.filter(runs_there).collect();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "these are left: {left:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a reason is one of the moment: a file that was written just before.
fn is_passing(line: &str) -> bool {
    line.contains("has changed a moment ago")
}

const CONFTEST: &str = "\
import pytest


def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: takes long')


@pytest.fixture(scope='session')
def session():
    return []


@pytest.fixture(autouse=True)
def around(session):
    session.append('around')
    yield
";

const MANY: &str = "\
import random, os, logging, time
import pytest
from shop import numbers

SEEN = []
LOADED = os.environ.get('PYTEST_VERSION')


def test_good(session):
    print('hello')
    assert session == ['around']


def test_bad():
    assert numbers.ONE == 2


@pytest.mark.slow
@pytest.mark.skip(reason='later')
def test_skipped():
    pass


@pytest.mark.parametrize('n', [1, 2, 3])
def test_cases(n):
    assert n < 3


def test_globals(tmp_path):
    SEEN.append(1)
    numbers.SEEN.append(1)
    assert SEEN == [1] and numbers.SEEN == [1]
    assert list(tmp_path.iterdir()) == []


def test_output(capfd):
    os.write(1, b'raw')
    assert capfd.readouterr().out == 'raw'


def test_clock(caplog):
    logging.warning('x')
    assert caplog.records[0].relativeCreated < 5000
    assert time.time() - logging._startTime < 5000


def test_children():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


class TestGroup:
    @pytest.fixture(params=['a', 'b'])
    def letter(self, request):
        return request.param

    def test_in(self, letter):
        assert letter == 'a'

    @pytest.mark.xfail(reason='known')
    def test_known(self):
        assert 0
";

const PROJECT: [(&str, &str); 5] = [
    ("pytest.ini", "[pytest]\npythonpath = .\n"),
    ("conftest.py", CONFTEST),
    ("shop/__init__.py", ""),
    ("shop/numbers.py", "ONE = 1\nSEEN = []\n"),
    ("tests/test_many.py", MANY),
];

fn every_outcome_is_pytests(clicks: &mut Clicks) {
    clicks.keep("tests/test_many.py::test_good");
    let node = |name: &str| format!("tests/test_many.py::{name}");
    for _ in 0..2 {
        for (name, outcome) in [
            ("test_good", "passed"),
            ("test_bad", "failed"),
            ("test_skipped", "skipped"),
            ("test_cases[2]", "passed"),
            ("test_cases[3]", "failed"),
            ("test_globals", "passed"),
            ("test_output", "passed"),
            ("test_clock", "passed"),
            ("test_children", "passed"),
            ("TestGroup::test_in[b]", "failed"),
            ("TestGroup::test_known", "xfailed"),
        ] {
            let told = clicks.fork(&node(name));
            assert_eq!(clicks.outcome(&told, &node(name)), outcome, "{name}: {:#?}", told.events);
            let warned = told.events.iter().any(|event| event.to_string().contains("Warning"));
            assert!(!warned, "{name}: {:#?}", told.events);
        }
    }
    let told = clicks.fork(&node("test_good"));
    assert_eq!(told.of("output", &clicks.project.id(&node("test_good")))[0]["text"], "hello\n");
    let told = clicks.fork(&node("test_cases"));
    assert_eq!(told.ended["counts"]["passed"], 2);
    let told = clicks.fork(&node("TestGroup"));
    assert_eq!(
        (&told.ended["counts"]["passed"], &told.ended["counts"]["xfailed"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn a_click_in_a_collected_file_has_pytests_outcome() {
    let Some(mut clicks) = Clicks::open(&PROJECT) else { return };
    every_outcome_is_pytests(&mut clicks);
    clicks.close();
}

#[test]
fn so_it_has_with_old_and_new_pythons_and_pytests() {
    for python in fastest_tests::matrix_pythons() {
        let mut clicks = Clicks::open_with(&PROJECT, python);
        every_outcome_is_pytests(&mut clicks);
        clicks.close();
    }
}

#[test]
fn what_has_changed_since_is_run_as_it_is_now() {
    let test = "import json, os, pathlib, pytest\n\
        from shop.numbers import ONE\n\
        try:\n    import extra\nexcept ImportError:\n    extra = None\n\
        HERE = pathlib.Path(__file__).parent\n\
        DATA = json.loads((HERE / 'data.json').read_text())\n\
        CASES = sorted(path.name for path in HERE.glob('*.case'))\n\
        HAS = os.path.exists(HERE / 'flag')\n\
        def test_x(wanted):\n    assert [ONE, DATA, CASES, HAS, extra is None] == wanted\n";
    let conftest =
        "import pytest\n@pytest.fixture\ndef wanted():\n    return [1, 1, [], False, True]\n";
    let files = [
        ("pytest.ini", "[pytest]\npythonpath = .\n"),
        ("shop/__init__.py", ""),
        ("shop/numbers.py", "ONE = 1\n"),
        ("tests/conftest.py", conftest),
        ("tests/data.json", "1"),
        ("tests/test_x.py", test),
    ];
    let Some(mut clicks) = Clicks::open(&files) else { return };
    let node = "tests/test_x.py::test_x";
    let changes = [
        ("shop/numbers.py", "ONE = 2\n", "ONE = 1\n"),
        ("tests/data.json", "2", "1"),
        ("tests/a.case", "", "-"),
        ("tests/flag", "", "-"),
        ("tests/extra.py", "", "-"),
        ("extra.py", "", "-"),
        (
            "tests/conftest.py",
            "import pytest\n@pytest.fixture\ndef wanted():\n    return 0\n",
            conftest,
        ),
        ("tests/test_x.py", "def test_x():\n    assert 0\n", test),
        ("pytest.ini", "[pytest]\npythonpath = shop\n", "[pytest]\npythonpath = .\n"),
    ];
    for (file, changed, before) in changes {
        clicks.keep(node);
        assert_eq!(clicks.fork(node).ended["exitCode"], 0);
        clicks.project.write(file, changed);
        let told = clicks.click(node);
        assert_eq!(told.ended["counts"]["passed"], 0, "{file}: {:#?}", told.events);
        match before {
            "-" => std::fs::remove_file(clicks.project.path(file)).expect("it is there"),
            before => drop(clicks.project.write(file, before)),
        }
        assert_eq!(clicks.click(node).ended["exitCode"], 0, "{file}");
    }
    clicks.close();
}

#[test]
fn unsaved_documents_run_as_they_are_now() {
    let text = "def test_x():\n    assert 1\n";
    let Some(mut clicks) = Clicks::open(&[("test_x.py", text)]) else { return };
    clicks.keep("test_x.py::test_x");
    let path = clicks.project.path("test_x.py");
    clicks.client.did_open(&path, text);
    assert_eq!(clicks.fork("test_x.py::test_x").ended["exitCode"], 0);
    for (version, digit, exit) in [(2, "0", 1), (3, "1", 0), (4, "0", 1)] {
        clicks.client.did_change(&path, version, [1, 11, 1, 12], digit);
        assert_eq!(clicks.run("test_x.py::test_x").ended["exitCode"], exit);
    }
    clicks.close();
}

#[test]
fn a_test_may_do_what_it_likes_to_its_process() {
    let text = "import os, signal, sys, threading, time\n\
        def test_exit(): os._exit(1)\n\
        def test_signal(): os.kill(os.getpid(), signal.SIGSEGV)\n\
        def test_printed(capfd):\n    assert capfd.readouterr().out == ''\n\
        def test_prints():\n    print('left behind')\n    sys.stdout.flush()\n    os._exit(3)\n\
        def test_thread():\n    threading.Thread(target=time.sleep, args=(0.1,)).start()\n\
        def test_ok(): pass\n";
    let Some(mut clicks) = Clicks::open(&[("test_x.py", text)]) else { return };
    clicks.keep("test_x.py::test_ok");
    for _ in 0..2 {
        for name in ["test_exit", "test_prints", "test_printed", "test_signal", "test_thread"] {
            let node = format!("test_x.py::{name}");
            let before = clicks.forks();
            let told = clicks.run(&node);
            assert_eq!(clicks.forks(), before + 1, "{}", clicks.log());
            let good = ["test_printed", "test_thread"].contains(&name);
            let outcome = clicks.outcome(&told, &node);
            assert_eq!(outcome, if good { "passed" } else { "failed" }, "{name}");
        }
    }
    clicks.close();
}

#[test]
fn runs_at_the_same_time_have_outputs_of_their_own() {
    let test = |own: &str, other: &str| {
        format!(
            "def test_{own}():\n    print('of {own}')\n    open('{own}.now', 'w').close()\n    \
             while not os.path.exists('{other}.now'): time.sleep(0.001)\n    print('end {own}')\n"
        )
    };
    let ok = "import os, time\ndef test_ok(): pass\n";
    let text = format!("{ok}{}{}", test("a", "b"), test("b", "a"));
    let Some(mut clicks) = Clicks::open(&[("test_x.py", &text)]) else { return };
    clicks.keep("test_x.py::test_ok");
    let before = clicks.forks();
    let names = ["a", "b"];
    for name in names {
        let id = clicks.project.id(&format!("test_x.py::test_{name}"));
        clicks.client.result("fastest/runTests", json!({"runId": name, "include": [id]}));
    }
    for name in names {
        let told = Told::hear(&mut clicks.client, name);
        let id = clicks.project.id(&format!("test_x.py::test_{name}"));
        assert_eq!(told.outcome(&id), "passed");
        let output = &told.of("output", &id)[0]["text"];
        assert_eq!(*output, json!(format!("of {name}\nend {name}\n")));
    }
    assert_eq!(clicks.forks(), before + 2);
    clicks.close();
}

#[test]
fn nothing_is_left_of_a_server_that_ends_at_any_time() {
    let files = [("test_x.py", "def test_x(): pass\n")];
    for pause in [0, 2, 5, 10, 15, 20, 30, 40] {
        let Some(mut clicks) = Clicks::open(&files) else { return };
        clicks.keep("test_x.py::test_x");
        clicks.run("test_x.py::test_x");
        // For the moments in which the next fork is made.
        clicks.client.idle(Duration::from_millis(pause));
        let Clicks { client, project, .. } = clicks;
        drop(client);
        assert_nothing_runs_in(&project.dir);
    }
}

#[test]
fn a_process_that_does_not_answer_or_is_gone_is_done_without() {
    let Some(mut clicks) = Clicks::open(&[("test_x.py", "def test_x(): pass\n")]) else { return };
    let mut before = clicks.keep("test_x.py::test_x");
    for signal in ["-STOP", "-KILL"] {
        let sent = Command::new("kill").args([signal, &before.to_string()]).status();
        assert!(sent.expect("there is such a program").success());
        assert_eq!(clicks.click("test_x.py::test_x").ended["counts"]["passed"], 1);
        let kept = clicks.keep("test_x.py::test_x");
        assert_ne!(kept, before);
        before = kept;
    }
    clicks.close();
}

#[test]
fn nothing_is_left_of_a_click() {
    let text = "import os, time\n\
        def test_ok(): pass\n\
        def test_long():\n    open('pid', 'w').write(str(os.getpid()))\n    time.sleep(600)\n";
    let Some(mut clicks) = Clicks::open(&[("test_x.py", text)]) else { return };
    let kept = clicks.keep("test_x.py::test_ok");
    let id = clicks.project.id("test_x.py::test_long");
    let before = clicks.forks();
    clicks.client.result("fastest/runTests", json!({"runId": "c", "include": [id]}));
    let pid = wait_for_pid(&clicks.project.path("pid"));
    clicks.client.result("fastest/cancelRun", json!({"runId": "c"}));
    let told = Told::hear(&mut clicks.client, "c");
    assert_eq!(told.ended["outcome"], "cancelled");
    assert!(!is_alive(&pid), "the worker lives on");
    assert_eq!(clicks.fork("test_x.py::test_ok").ended["exitCode"], 0);
    assert_eq!(clicks.forks(), before + 2);
    // The server is killed while a test runs.
    std::fs::remove_file(clicks.project.path("pid")).expect("it is there");
    clicks.client.result("fastest/runTests", json!({"runId": "k", "include": [id]}));
    let pid = wait_for_pid(&clicks.project.path("pid"));
    let children = std::fs::read_to_string(format!("/proc/{kept}/task/{kept}/children"));
    let mut left: Vec<String> = children.expect("it runs").split(' ').map(str::to_owned).collect();
    left.retain(|pid| !pid.is_empty());
    assert!(left.contains(&pid), "{left:?}");
    left.push(kept.to_string());
    drop(clicks);
    let deadline = Instant::now() + PATIENCE;
    while left.iter().any(is_alive) {
        assert!(Instant::now() < deadline, "a process outlives the server");
        std::thread::sleep(Duration::from_millis(5));
    }
}
