//! Nothing is lost: every test of a file in which something terrible happens has exactly one
//! outcome, every test beside it runs, and the output says what happened to which test.

use crate::project::Project;

/// Tests that nothing befalls, in a file of their own.
const BYSTANDERS: &str = "import pytest\n@pytest.mark.parametrize('n', range(4))\n\
                          def test_bystander(n): pass\n";

/// Run a file `test_fault.py` with two workers, and with one.
///
/// `expected` are its tests' outcomes as `-v` prints them; `said` is what the output holds.
#[track_caller]
fn check(source: &str, args: &[&str], expected: &[(&str, &str)], said: &[&str]) {
    for workers in ["2", "1"] {
        let files = [("test_fault.py", source), ("test_other.py", BYSTANDERS)];
        let Some(project) = Project::new(&files) else { return };
        let run = project.run(&[&["-v", "-n", workers], args].concat());
        let mut outcomes = run.outcomes();
        let bystanders: Vec<String> =
            (0..4).map(|n| format!("test_other.py::test_bystander[{n}]")).collect();
        for id in &bystanders {
            assert_eq!(outcomes.remove(id), Some(vec!["PASSED".to_owned()]), "{id}\n{}", run.text);
        }
        let found: Vec<(String, String)> = outcomes
            .into_iter()
            .map(|(id, words)| {
                (id.trim_start_matches("test_fault.py::").to_owned(), words.join(" "))
            })
            .collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|&(id, word)| (id.to_owned(), word.to_owned())).collect();
        assert_eq!(found, expected, "-n {workers}\n{}", run.text);
        for text in said {
            assert!(run.text.contains(text), "-n {workers} does not say `{text}`\n{}", run.text);
        }
        let fails =
            expected.iter().any(|(_, words)| !["PASSED", "SKIPPED", "XFAIL"].contains(&&**words));
        assert_eq!(run.exit, Some(i32::from(fails)), "{}", run.text);
    }
}

#[test]
#[cfg(unix)]
fn a_segmentation_fault() {
    let source = "import os, signal\ndef test_a(): pass\n\
                  def test_b(): os.kill(os.getpid(), signal.SIGSEGV)\ndef test_c(): pass\n";
    let said = ["worker crashed: killed by signal 11 (SIGSEGV)", "Fatal Python error", "in test_b"];
    check(source, &[], &[("test_a", "PASSED"), ("test_b", "FAILED"), ("test_c", "PASSED")], &said);
}

#[test]
#[cfg(unix)]
fn the_out_of_memory_killer() {
    let source = "import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGKILL)\n\
                  def test_b(): pass\n";
    let said = ["worker crashed: killed by signal 9 (SIGKILL)"];
    check(source, &[], &[("test_a", "FAILED"), ("test_b", "PASSED")], &said);
}

#[test]
fn an_exit_without_goodbye() {
    let source = "import os\ndef test_a(): os._exit(0)\ndef test_b(): pass\n";
    let said = ["worker crashed: exited with code 0"];
    check(source, &[], &[("test_a", "FAILED"), ("test_b", "PASSED")], &said);
}

#[test]
fn an_exit_in_a_teardown() {
    let source = "import os, pytest\n@pytest.fixture\ndef f():\n    yield\n    os._exit(3)\n\
                  def test_a(f): pass\ndef test_b(): pass\n";
    let said = ["worker crashed: exited with code 3"];
    // A short call is told together with its teardown, and dies with it.
    check(source, &[], &[("test_a", "FAILED"), ("test_b", "PASSED")], &said);
}

#[test]
fn an_exit_in_a_thread() {
    let source = "import sys, threading\ndef test_a():\n    \
                  t = threading.Thread(target=sys.exit); t.start(); t.join()\ndef test_b(): pass\n";
    check(source, &[], &[("test_a", "PASSED"), ("test_b", "PASSED")], &[]);
}

#[test]
fn a_test_that_hangs_in_c() {
    let source = "import threading\ndef test_a(): threading.Lock().acquire(); \
                  threading.Lock().acquire()\n\
                  def test_hangs():\n    lock = threading.Lock(); lock.acquire(); lock.acquire()\n\
                  def test_b(): pass\n";
    let expected = [("test_a", "PASSED"), ("test_b", "PASSED"), ("test_hangs", "FAILED")];
    check(source, &["--timeout", "2"], &expected, &["timed out after 2 s", "in test_hangs"]);
}

#[test]
fn a_mark_limits_a_test() {
    let source = "import time, pytest\n@pytest.mark.timeout(1)\ndef test_slow(): time.sleep(60)\n\
                  def test_b(): pass\n";
    let expected = [("test_b", "PASSED"), ("test_slow", "FAILED")];
    check(source, &["--timeout", "50"], &expected, &["timed out after 1 s"]);
}

#[test]
#[cfg(unix)]
fn a_fork_that_returns() {
    let source = "import os\ndef test_a():\n    if os.fork() == 0:\n        return\n    os.wait()\n\
                  def test_b(): pass\n";
    check(source, &[], &[("test_a", "PASSED"), ("test_b", "PASSED")], &[]);
}

#[test]
fn closed_standard_streams() {
    let source =
        "import os\ndef test_a():\n    os.close(1); os.close(2)\ndef test_b(): print('x')\n";
    check(source, &[], &[("test_a", "PASSED"), ("test_b", "PASSED")], &[]);
}

#[test]
#[cfg(unix)]
fn closed_descriptors_of_all_kinds() {
    let source = "import os, time\ndef test_a():\n    os.closerange(3, 1000)\n    time.sleep(1)\n\
                  def test_b(): pass\n";
    check(source, &[], &[("test_a", "FAILED"), ("test_b", "PASSED")], &["worker crashed"]);
}

#[test]
fn another_working_directory() {
    let source = "import os\ndef test_a(tmp_path): os.chdir(tmp_path)\ndef test_b(): pass\n";
    check(source, &[], &[("test_a", "PASSED"), ("test_b", "PASSED")], &[]);
}

#[test]
fn a_hundred_megabytes_of_output() {
    let source = "def test_a():\n    for _ in range(100): print('x' * 1_000_000)\n\
                  def test_b(): pass\n";
    check(source, &[], &[("test_a", "PASSED"), ("test_b", "PASSED")], &[]);
}

#[test]
fn ten_megabytes_of_assertion_message() {
    let source = "def test_a(): assert 0, 'x' * 10_000_000 + 'end'\ndef test_b(): pass\n";
    check(source, &[], &[("test_a", "FAILED"), ("test_b", "PASSED")], &["xend"]);
}

#[test]
fn output_that_is_no_text() {
    let source = "import os\ndef test_a():\n    os.write(1, bytes(range(256)))\n    \
                  print('\\udc80')\n    assert 0, '\\ud800'\ndef test_b(): pass\n";
    check(source, &[], &[("test_a", "FAILED"), ("test_b", "PASSED")], &[]);
}

#[test]
fn a_fixture_that_dies_in_its_teardown() {
    let source = "import pytest\n@pytest.fixture\ndef f():\n    yield\n    raise OSError('late')\n\
                  def test_a(f): pass\ndef test_b(): pass\n";
    check(source, &[], &[("test_a", "PASSED ERROR"), ("test_b", "PASSED")], &["OSError: late"]);
}

#[test]
fn recursion_and_warnings_as_errors() {
    let source = "import warnings\ndef f(): return f()\ndef test_a(): f()\n\
                  def test_b(): warnings.warn('loud')\ndef test_c(): pass\n";
    let expected = [("test_a", "FAILED"), ("test_b", "FAILED"), ("test_c", "PASSED")];
    check(source, &["-W", "error"], &expected, &["RecursionError", "UserWarning: loud"]);
}

/// The process that workers are forked from dies: whether they outlive it or not, everything has an
/// outcome, and the exit code says what it was.
#[test]
#[cfg(unix)]
fn an_attack_on_the_process_it_was_forked_from() {
    let source = "import os, signal, time, sys\ndef test_a():\n    \
                  name = open(f'/proc/{os.getppid()}/cmdline').read()\n    \
                  if 'python' in name:\n        os.kill(os.getppid(), signal.SIGKILL)\n        \
                  time.sleep(5)\ndef test_b(): pass\n";
    let files = [("test_fault.py", source), ("test_other.py", BYSTANDERS)];
    let Some(project) = Project::new(&files) else { return };
    let run = project.run(&["-v", "-n", "2"]);
    let outcomes = run.outcomes();
    assert_eq!(outcomes.len(), 6, "{}", run.text);
    assert!(outcomes.values().all(|words| words.len() == 1), "{}", run.text);
    let all_passed = outcomes.values().all(|words| words[0] == "PASSED");
    assert_eq!(run.exit, Some(i32::from(!all_passed)), "{}", run.text);
}

#[test]
fn ids_that_occur_twice() {
    let source = "import pytest\n@pytest.mark.parametrize('n', [1, 2], ids=['same', 'same'])\n\
                  def test_a(n): assert n\nclass TestX:\n    def test_b(self): pass\n\
                  def test_c(): pass\n";
    let Some(project) = Project::new(&[("test_fault.py", source)]) else { return };
    let oracle = project.pytest(&["-v"]).output().expect("pytest starts");
    let expected = crate::project::Run::of(&oracle).counts();
    for args in [&["-n", "1"][..], &["-n", "2"], &["-n", "2", "--repeat", "1"]] {
        assert_eq!(project.run(&[&["-v"], args].concat()).counts(), expected);
    }
    assert_eq!(project.run(&["-n", "2", "--repeat", "3"]).counts(), "12 passed");
    assert_eq!(project.run(&["-n", "1", "--repeat", "3"]).counts(), "12 passed");
    let twice = ["test_fault.py", "test_fault.py", "--keep-duplicates"];
    let oracle = project.pytest(&twice).output().expect("pytest starts");
    let expected = crate::project::Run::of(&oracle).counts();
    assert_eq!(project.run(&[&["-n", "2"], &twice[..]].concat()).counts(), expected);
}

/// What keeps pytest from running anything keeps ours, with the same exit code and counts.
#[test]
fn what_cannot_be_collected() {
    let cases: [&[(&str, &str)]; 4] = [
        &[("test_fault.py", "import no_such_module\n"), ("test_other.py", BYSTANDERS)],
        &[("test_fault.py", "def test_a(:\n"), ("test_other.py", BYSTANDERS)],
        &[("conftest.py", "raise RuntimeError('early')\n"), ("test_other.py", BYSTANDERS)],
        &[("sub/conftest.py", "raise RuntimeError('late')\n"), ("sub/test_other.py", BYSTANDERS)],
    ];
    for files in cases {
        let Some(project) = Project::new(files) else { return };
        let oracle = crate::project::Run::of(&project.pytest(&[]).output().expect("it starts"));
        for workers in ["1", "2"] {
            let run = project.run(&["-n", workers]);
            assert_eq!(run.exit, oracle.exit, "{files:?}\n{}\n{}", run.text, oracle.text);
            assert_eq!(run.counts(), oracle.counts(), "{files:?}\n{}\n{}", run.text, oracle.text);
        }
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_kills_whoever_imports_it() {
    let fault = ("test_fault.py", "import os\nos._exit(9)\ndef test_a(): pass\n");
    let Some(project) = Project::new(&[fault, ("test_other.py", BYSTANDERS)]) else { return };
    let run = project.run(&["-n", "2"]);
    assert_eq!(run.exit, Some(2), "{}", run.text);
    assert!(
        run.text.contains("worker crashed while collecting: exited with code 9"),
        "{}",
        run.text
    );
    let run = project.run(&["-n", "2", "--continue-on-collection-errors"]);
    assert_eq!((run.exit, &*run.counts()), (Some(1), "4 passed, 1 error"), "{}", run.text);
}

#[test]
fn a_test_that_ends_the_run() {
    let source = "import pytest\ndef test_a(): pytest.exit('enough', 7)\n";
    let Some(project) = Project::new(&[("test_fault.py", source)]) else { return };
    for workers in ["1", "2"] {
        let run = project.run(&["-n", workers]);
        assert_eq!(run.exit, Some(7), "{}", run.text);
        assert!(run.text.contains("enough"), "{}", run.text);
    }
}

/// pytest does not survive what its hooks raise before it has a session; it leaves a traceback
/// and the exit code that Python has for one.
#[test]
fn a_hook_that_raises_before_there_is_a_session() {
    for hook in ["pytest_addoption(parser)", "pytest_load_initial_conftests(early_config)"] {
        for workers in ["2", "1"] {
            let plugin = format!("def {hook}: raise RuntimeError('there is no option')\n");
            let files = [("early.py", &*plugin), ("test_other.py", BYSTANDERS)];
            let Some(project) = Project::new(&files) else { return };
            let run = project.run(&["-p", "early", "-o", "pythonpath=.", "-n", workers]);
            assert_eq!(run.exit, Some(1), "{hook}\n{}", run.text);
            let told = run.text.matches("RuntimeError: there is no option").count();
            assert_eq!(told, 1, "{hook}, -n {workers}\n{}", run.text);
        }
    }
}

/// As in pytest, whose session goes on to the error after those of collection; what these were is
/// told all the same.
#[test]
fn an_internal_error_after_errors_of_collection() {
    let files = [
        ("conftest.py", "def pytest_collection_finish(session): raise RuntimeError('late')\n"),
        ("test_broken.py", "import there_is_no_such_module\n"),
        ("test_other.py", BYSTANDERS),
    ];
    let Some(project) = Project::new(&files) else { return };
    for workers in ["2", "1"] {
        let run = project.run(&["-n", workers]);
        assert_eq!(run.exit, Some(3), "-n {workers}: {}", run.text);
        let said = ["INTERNALERROR> RuntimeError: late", "ERROR test_broken.py"];
        assert!(said.iter().all(|said| run.text.contains(said)), "-n {workers}: {}", run.text);
        assert!(!run.text.contains("Interrupted"), "-n {workers}: {}", run.text);
    }
}
