//! Tests of files that no process has collected as they are, run in forks of a process whose
//! session has begun. Whatever it is, pytest in a process of its own is the oracle.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clicks::{Clicks, REFUSED};
use crate::client::uri;
use crate::runs::Told;

/// It notes what runs when, in a file of the project.
const CONFTEST: &str = "\
import pytest, helper


def note(what):
    with open(__file__ + '.order', 'a') as file:
        file.write(what + chr(10))


def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: takes long')


def pytest_runtest_setup(item):
    note('setup ' + item.nodeid)


def pytest_runtest_teardown(item):
    note('teardown ' + item.nodeid)


@pytest.fixture(scope='session', autouse=True)
def session(tmp_path_factory):
    base = tmp_path_factory.getbasetemp().name
    note('session')
    yield base
    note('end')


@pytest.fixture
def wanted():
    return helper.WANTED
";

const TESTS: &str = "\
import sys, warnings
import pytest

warnings.warn('of the module')


def test_good(wanted, tmp_path, request):
    config = request.config
    print(sys.argv, config.args, config.invocation_params.args, config.option.file_or_dir)
    assert wanted == 1 and tmp_path.name == 'test_good0'


@pytest.mark.slow
@pytest.mark.parametrize('n', [1, 2])
def test_bad(n):
    assert n == 3


class TestGroup:
    @pytest.fixture(autouse=True, scope='class')
    def around(self, session):
        assert session.startswith('pytest-')

    def test_in(self):
        warnings.warn('of a test')
";

const FILES: [(&str, &str); 6] = [
    ("pytest.ini", "[pytest]\npythonpath = .\n"),
    ("conftest.py", CONFTEST),
    ("helper.py", "WANTED = 1\n"),
    ("tests/test_first.py", "def test_ok(): pass\n"),
    ("tests/test_other.py", TESTS),
    ("more/below/test_elsewhere.py", TESTS),
];

const FIRST: &str = "tests/test_first.py::test_ok";
const OTHER: &str = "tests/test_other.py::test_good";

/// What a run has told, but for times, and for how its report is cut into pieces.
fn said(told: &Told) -> (Vec<Value>, String) {
    let is_report = |event: &&Value| event["stream"] == "report";
    let report: String =
        told.events.iter().filter(is_report).flat_map(|e| e["text"].as_str()).collect();
    let lines = report.lines().filter(|line| !line.contains(" in "));
    let mut events: Vec<_> = told.events.iter().filter(|e| !is_report(e)).cloned().collect();
    for event in &mut events {
        event.as_object_mut().expect("an object").remove("durationMs");
    }
    (events, lines.collect())
}

/// What has run when since the last look: by us, then by pytest.
fn order(clicks: &Clicks) -> String {
    let path = clicks.project.path("conftest.py.order");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(path, "").expect("the folder is there");
    text
}

/// Makes everything useless that is kept, once nothing more is being made.
fn touch(clicks: &mut Clicks) {
    clicks.settle();
    clicks.project.write("conftest.py", CONFTEST);
}

fn a_first_click_is_pytests(clicks: &mut Clicks) {
    for node in [
        OTHER,
        "tests/test_other.py::test_bad",
        "tests/test_other.py::test_bad[2]",
        "tests/test_other.py::TestGroup",
        "more/below/test_elsewhere.py::TestGroup::test_in",
    ] {
        touch(clicks);
        clicks.keep(FIRST);
        order(clicks);
        let told = clicks.begin(node);
        let ran = order(clicks);
        let (ours, pytests) = ran.split_at(ran.len() / 2);
        assert!(ours.contains("session\n") && ours.ends_with("end\n"), "{node}: {ran}");
        assert_eq!(ours, pytests, "{node}");
        touch(clicks);
        let fresh = clicks.click(node);
        assert_eq!(order(clicks), ran, "{node}");
        assert_eq!(said(&told), said(&fresh), "{node}");
        assert!(said(&told).1.contains("of the module"), "{node}");
    }
}

#[test]
fn a_first_click_in_a_file_has_pytests_outcome() {
    let Some(mut clicks) = Clicks::open(&FILES) else { return };
    a_first_click_is_pytests(&mut clicks);
    clicks.close();
}

#[test]
fn so_it_has_with_old_and_new_pythons_and_pytests() {
    for python in fastest_tests::matrix_pythons() {
        let mut clicks = Clicks::open_with(&FILES, python);
        a_first_click_is_pytests(&mut clicks);
        clicks.close();
    }
}

#[test]
fn a_file_that_has_changed_is_collected_anew() {
    let Some(mut clicks) = Clicks::open(&FILES) else { return };
    clicks.keep(OTHER);
    for (text, passed) in [("def test_good(): assert 0\n", 0), (TESTS, 1)] {
        clicks.project.write("tests/test_other.py", text);
        let told = clicks.begin_again(OTHER);
        assert_eq!(told.ended["counts"]["passed"], passed);
        clicks.keep(OTHER);
    }
    // A file that is gone, and comes back.
    let path = clicks.project.path("tests/test_other.py");
    std::fs::remove_file(&path).expect("it is there");
    clicks.run(OTHER);
    clicks.project.write("tests/test_other.py", TESTS);
    assert_eq!(clicks.click(OTHER).ended["counts"]["passed"], 1);
    clicks.close();
}

#[test]
fn no_session_serves_that_rests_on_what_has_changed() {
    let Some(mut clicks) = Clicks::open(&FILES) else { return };
    let changed = CONFTEST.replace("return helper.WANTED", "return 2");
    for (file, text, before) in [
        ("conftest.py", &*changed, CONFTEST),
        ("helper.py", "WANTED = 2\n", "WANTED = 1\n"),
        ("pytest.ini", "[pytest]\npythonpath = .\nusefixtures = gone\n", FILES[0].1),
        ("tests/conftest.py", "import pytest\n@pytest.fixture\ndef wanted(): return 2\n", "-"),
    ] {
        clicks.keep(FIRST);
        clicks.project.write(file, text);
        assert_eq!(clicks.click(OTHER).ended["counts"]["passed"], 0, "{file}");
        match before {
            "-" => std::fs::remove_file(clicks.project.path(file)).expect("it is there"),
            before => drop(clicks.project.write(file, before)),
        }
        assert_eq!(clicks.click(OTHER).ended["counts"]["passed"], 1, "{file}");
    }
    clicks.close();
}

#[test]
fn a_folder_with_a_conftest_of_its_own_has_a_session_of_its_own() {
    let own = "import pytest\nHOOKS = []\n\
        def pytest_configure(config): HOOKS.append('configure')\n\
        @pytest.fixture\ndef hooks(): return HOOKS\n";
    let test = "def test_x(hooks): assert hooks == ['configure']\n";
    let files = [
        ("test_a.py", "def test_a(): pass\n"),
        ("own/conftest.py", own),
        ("own/test_x.py", test),
        ("own/test_y.py", test),
        ("other/test_z.py", "def test_z(): pass\n"),
    ];
    let Some(mut clicks) = Clicks::open(&files) else { return };
    clicks.keep("test_a.py::test_a");
    clicks.begin("other/test_z.py::test_z");
    let before = clicks.count("is begun for");
    // pytest calls the hook of a conftest that it loads before it is configured.
    clicks.keep("own/test_x.py::test_x");
    assert_eq!(clicks.count("is begun for"), before + 1, "{}", clicks.log());
    clicks.begin("own/test_y.py::test_x");
    clicks.close();
}

#[test]
fn unsaved_documents_are_collected_in_a_kept_session() {
    let Some(mut clicks) = Clicks::open(&FILES) else { return };
    clicks.keep(OTHER);
    let path = clicks.project.path("tests/test_other.py");
    clicks.client.did_open(&path, TESTS);
    let line = TESTS.lines().position(|line| line.contains("assert wanted")).expect("it is there");
    let line = u32::try_from(line).expect("a short text");
    for (version, digit, exit) in [(2, "2", 1), (3, "1", 0), (4, "3", 1)] {
        clicks.settle();
        let refused = clicks.count(REFUSED);
        clicks.client.did_change(&path, version, [line, 21, line, 22], digit);
        let told = clicks.run(OTHER);
        assert_eq!(told.ended["exitCode"], exit, "{:#?}", told.events);
        assert_eq!(clicks.count(REFUSED), refused, "{}", clicks.log());
    }
    // A conftest that is edited too: no session serves that has read it as it is on disk.
    let conftest = clicks.project.path("conftest.py");
    clicks.client.did_open(&conftest, CONFTEST);
    let last = u32::try_from(CONFTEST.lines().count()).expect("a short text") - 1;
    for (version, digit, exit) in [(2, "helper.WANTED + 2", 0), (3, "helper.WANTED + 1", 1)] {
        let width = if version == 2 { 24 } else { 28 };
        clicks.client.did_change(&conftest, version, [last, 11, last, width], digit);
        for _ in 0..3 {
            assert_eq!(clicks.run(OTHER).ended["exitCode"], exit, "{}", clicks.log());
            clicks.settle();
        }
    }
    clicks.close();
}

#[test]
fn a_session_that_does_not_answer_or_is_gone_is_done_without() {
    let Some(mut clicks) = Clicks::open(&FILES) else { return };
    for (signal, node) in [("-STOP", OTHER), ("-KILL", "more/below/test_elsewhere.py::test_good")] {
        clicks.keep(FIRST);
        let log = clicks.log();
        let line = log.lines().rfind(|line| line.contains("is begun for")).expect("just seen");
        let pid = line.split("session ").nth(1).and_then(|rest| rest.split(' ').next());
        let sent = Command::new("kill").args([signal, pid.expect("a number")]).status();
        assert!(sent.expect("there is such a program").success());
        assert_eq!(clicks.click(node).ended["counts"]["passed"], 1);
        clicks.settle();
        // What was forked from it goes with it, and comes again.
        assert_eq!(clicks.click(FIRST).ended["counts"]["passed"], 1);
        clicks.keep(node);
    }
    clicks.close();
}

/// Saves a document as it stands.
fn save(clicks: &mut Clicks, name: &str, text: &str) {
    let path = clicks.project.write(name, text);
    clicks.client.notify("textDocument/didSave", json!({"textDocument": {"uri": uri(&path)}}));
}

#[test]
fn what_was_run_is_collected_again_when_it_is_saved() {
    let Some(mut clicks) = Clicks::open(&FILES) else { return };
    clicks.keep(OTHER);
    let path = clicks.project.path("tests/test_other.py");
    clicks.client.did_open(&path, TESTS);
    let helper = clicks.project.path("helper.py");
    clicks.client.did_open(&helper, "WANTED = 1\n");
    let helper_too =
        [("helper.py", &helper, "WANTED = 1\n"), ("tests/test_other.py", &path, TESTS)];
    for (version, (name, document, original)) in (2..).zip(helper_too.into_iter().cycle().take(4)) {
        clicks.client.did_change(document, version, [0, 0, 0, 0], "# changed\n");
        let text = format!("{}{original}", "# changed\n".repeat(version as usize / 2));
        let before = clicks.count("is kept with");
        // Nobody has asked for what is not saved, nor for what was never run.
        save(&mut clicks, "more/below/test_elsewhere.py", TESTS);
        save(&mut clicks, name, &text);
        clicks.wait_for(|clicks| clicks.count("is kept with") > before);
        clicks.settle();
        let (forks, refused) = (clicks.forks(), clicks.count(REFUSED));
        assert_eq!(clicks.click(OTHER).ended["counts"]["passed"], 1);
        assert_eq!((clicks.forks(), clicks.count(REFUSED)), (forks + 1, refused));
    }
    assert!(!clicks.log().contains("test_elsewhere.py"), "{}", clicks.log());
    clicks.close();
}

#[test]
fn nothing_is_collected_on_save_unless_the_setting_says_so() {
    let Some(mut clicks) = Clicks::open(&FILES) else { return };
    clicks.keep(OTHER);
    clicks.client.settings["collectOnSave"] = json!(false);
    clicks.client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    // Settings are asked for, and come before what is run next.
    clicks.click(FIRST);
    clicks.settle();
    let before = clicks.count("collecting");
    let text = format!("# changed\n{TESTS}");
    let path = clicks.project.path("tests/test_other.py");
    clicks.client.did_open(&path, &text);
    save(&mut clicks, "tests/test_other.py", &text);
    // The run would be behind what is collected.
    clicks.client.idle(Duration::from_millis(400));
    clicks.click(FIRST);
    assert_eq!(clicks.count("collecting"), before, "{}", clicks.log());
    clicks.close();
}

#[test]
fn no_session_stays_that_could_be_told_from_a_fresh_one() {
    for (conftest, reason) in [
        ("def pytest_sessionfinish(session): pass\n", "pytest_sessionfinish"),
        ("def pytest_collection(session): pass\n", "pytest_collection"),
        ("import time\nNOW = time.time()\n", "reads the clock"),
        ("pytest_plugins = ['threads']\n", "starts a thread"),
        ("import socket\nS = socket.socket()\n", "open"),
        ("import atexit\natexit.register(print)\n", "registers an exit function"),
        ("def pytest_configure(config): config.x = config.args\n", "pytest_configure"),
        ("print('of the conftest')\n", "writes to the standard streams"),
    ] {
        let threads = "import threading, time\n\
            threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n";
        let files = [
            ("pytest.ini", "[pytest]\npythonpath = .\n"),
            ("conftest.py", conftest),
            ("threads.py", threads),
            ("test_x.py", "def test_x(): pass\n"),
            ("test_y.py", "def test_y(): pass\n"),
        ];
        let Some(mut clicks) = Clicks::open(&files) else { return };
        let refused = |clicks: &Clicks| {
            let log = clicks.log();
            let mut lines = log.lines().filter(|line| line.contains("no session stays begun"));
            lines.any(|line| line.contains(reason))
        };
        while !refused(&clicks) {
            assert_eq!(clicks.count("is begun for"), 0, "{conftest}: {}", clicks.log());
            clicks.click("test_x.py::test_x");
            clicks.settle();
        }
        clicks.click("test_y.py::test_y");
        clicks.close();
    }
}
