//! Which tests run, and what is remembered: pytest is the oracle, and both share its cache.

use crate::project::{Project, Run};

const FILES: &[(&str, &str)] = &[
    ("test_a.py", "def test_ok(): pass\ndef test_bad(): assert 0\ndef test_more(): pass\n"),
    (
        "sub/test_b.py",
        "def test_fail(): assert 0\nclass TestX:\n    def test_f(self): assert 0\n    \
         def test_p(self): pass\n",
    ),
    ("sub/test_c.py", "def test_1(): pass\ndef test_2(): pass\n"),
    ("test_d.py", "class TestD:\n    def test_in_class(self): assert 0\n"),
];

/// What is told of the selection, the outcomes, and the cache afterwards.
fn told(project: &Project, run: &Run) -> (Vec<String>, Option<i32>, Vec<String>, String) {
    let is_told = |line: &&str| {
        ["collected ", "collecting ", "run-last-failure", "stepwise"]
            .iter()
            .any(|s| line.starts_with(s))
    };
    let lines = run.text.lines().filter(is_told).map(str::to_owned).collect();
    let outcomes = run.outcomes().into_iter().map(|(id, word)| format!("{id} {}", word.join(" ")));
    let cache = ["lastfailed", "nodeids"].map(|key| {
        let path = project.path().join(".pytest_cache/v/cache").join(key);
        std::fs::read_to_string(path).unwrap_or_default()
    });
    let sorted = |text: &str| {
        let mut lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches(',')).collect();
        lines.sort_unstable();
        lines.join("\n")
    };
    let cache = cache.map(|text| sorted(&text)).join("\n");
    (lines, run.exit, outcomes.collect(), cache)
}

/// Run pytest first, `change` something, then run both with `args` from the same cache.
#[track_caller]
fn check(args: &[&str], change: impl Fn(&Project)) {
    for workers in ["1", "2"] {
        let made = || {
            let project = Project::new(FILES)?;
            project.pytest(&["-q"]).output().expect("pytest starts");
            change(&project);
            Some(project)
        };
        let (Some(theirs), Some(ours)) = (made(), made()) else { return };
        let args = &[&["-v"], args].concat();
        let expected = Run::of(&theirs.pytest(args).output().expect("pytest starts"));
        let run = ours.run(&[&["-n", workers], &args[..]].concat());
        let context = format!("-n {workers} {args:?}\n{}\n{}", run.text, expected.text);
        assert_eq!(told(&ours, &run), told(&theirs, &expected), "{context}");
    }
}

#[test]
fn last_failed() {
    check(&["--lf"], |_| {});
    check(&["--lf", "-k", "test_f"], |_| {});
    check(&["--lf", "sub/test_c.py"], |_| {});
    check(&["--lf", "sub"], |_| {});
    check(&["--lf", "test_a.py"], |_| {});
    check(&["--lf", "test_d.py"], |_| {});
}

#[test]
fn last_failed_where_the_failures_are_gone() {
    let fixed = "def test_ok(): pass\ndef test_renamed(): pass\n";
    check(&["--lf"], |project| project.write("test_a.py", fixed));
    check(&["--lf"], |project| {
        std::fs::remove_file(project.path().join("sub/test_b.py")).expect("it is there");
    });
    check(&["--lf"], |project| project.write("test_a.py", "import no_such_module\n"));
}

#[test]
fn last_failed_without_failures() {
    let forget = |project: &Project| {
        std::fs::remove_dir_all(project.path().join(".pytest_cache")).expect("it is there");
    };
    check(&["--lf"], forget);
    check(&["--lf", "--lfnf=none"], forget);
    check(&["--ff"], forget);
}

#[test]
fn failed_and_new_first() {
    check(&["--ff"], |_| {});
    check(&["--nf"], |project| project.write("test_new.py", "def test_new(): pass\n"));
    check(&["--ff", "--nf"], |_| {});
    check(&["--cache-clear"], |_| {});
}

#[test]
fn one_after_the_other() {
    check(&["--sw"], |_| {});
    check(&["--sw", "--sw-skip"], |_| {});
}

/// The order in one worker is the order that was asked for.
#[test]
fn failures_run_first() {
    let Some(project) = Project::new(&FILES[..1]) else { return };
    project.run(&[]);
    let run = project.run(&["-v", "--ff", "-n", "2", "--dist", "loadfile"]);
    let first = run.text.lines().find(|line| line.starts_with("test_a.py::"));
    assert!(first.is_some_and(|line| line.contains("test_bad")), "{}", run.text);
}

#[test]
fn shards_are_parts_of_the_whole() {
    let Some(project) = Project::new(FILES) else { return };
    let whole = project.run(&["-v", "-n", "2", "--durations-file", "durations.json"]);
    assert!(project.path().join("durations.json").exists(), "{}", whole.text);
    let mut parts = Vec::new();
    for part in ["1/3", "2/3", "3/3"] {
        let args = ["-v", "--durations-file", "durations.json", "--shard", part];
        // Each machine deals from the same durations.
        let known = std::fs::read(project.path().join("durations.json")).expect("it is there");
        let run = project.run(&args);
        std::fs::write(project.path().join("durations.json"), known).expect("it is writable");
        parts.extend(run.outcomes());
    }
    parts.sort();
    assert_eq!(parts, whole.outcomes().into_iter().collect::<Vec<_>>());
    assert_eq!(project.run(&["--shard", "4/3"]).exit, Some(4));
}

#[test]
fn flaky_tests_run_again() {
    let source = "import os\ndef test_flaky():\n    known = os.path.exists('seen')\n    \
                  open('seen', 'w').close()\n    assert known\ndef test_bad(): assert 0\n";
    for workers in ["1", "2"] {
        let Some(project) = Project::new(&[("test_a.py", source)]) else { return };
        let run = project.run(&["-v", "-n", workers, "--reruns", "2"]);
        assert_eq!(run.counts(), "1 failed, 1 passed, 3 rerun", "{}", run.text);
        assert_eq!(run.exit, Some(1));
    }
}

#[test]
fn an_option_that_nobody_knows_names_the_nearest() {
    let Some(project) = Project::new(FILES) else { return };
    let run = project.run(&["--maxfial=2"]);
    assert_eq!(run.exit, Some(4), "{}", run.text);
    assert!(run.text.contains("--maxfail"), "{}", run.text);
}

/// A file that cannot be imported has no test of any name, which is an error of the command line.
#[test]
fn a_test_of_a_file_that_cannot_be_imported_is_no_argument() {
    let files =
        [("test_x.py", "import nowhere_at_all\ndef test(): pass\n"), ("test_y.py", FILES[2].1)];
    for args in [&["test_x.py::test"][..], &["test_y.py", "test_x.py::test"], &["test_y.py::no"]] {
        for workers in ["1", "2"] {
            let Some(project) = Project::new(&files) else { return };
            let expected = Run::of(&project.pytest(args).output().expect("pytest starts"));
            let run = project.run(&[&["-n", workers], args].concat());
            assert_eq!((run.exit, run.exit), (expected.exit, Some(4)), "{args:?}\n{}", run.text);
            let said = run.text.matches("ERROR: ").count();
            assert_eq!(said, 1, "-n {workers} {args:?}\n{}", run.text);
        }
    }
}
