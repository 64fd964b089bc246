//! What is asked instead of a run is answered as pytest answers it.

use crate::project::{Project, Run};

const FILES: [(&str, &str); 2] = [
    (
        "conftest.py",
        "import pytest\n\n\n@pytest.fixture\ndef shop():\n    \"\"\"A shop.\"\"\"\n    return 1\n\n\n\
         def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow: takes long')\n",
    ),
    ("test_shop.py", "def test_open(shop):\n    assert shop\n"),
];

#[test]
fn marks_fixtures_and_cache_are_listed_as_by_pytest() {
    let Some(project) = Project::new(&FILES) else { return };
    project.run(&[]);
    let questions: [&[&str]; 5] = [
        &["--markers"],
        &["--fixtures", "-q"],
        &["--fixtures-per-test", "test_shop.py"],
        &["--cache-show", "-q"],
        &["--cache-show=no/such", "-n", "2"],
    ];
    for question in questions {
        let ours = project.run(question);
        let theirs: Vec<&str> =
            question.iter().copied().filter(|o| !["-n", "2"].contains(o)).collect();
        let theirs = Run::of(&project.pytest(&theirs).output().expect("pytest starts"));
        assert_eq!(without_times(&ours.text), without_times(&theirs.text), "{question:?}");
        assert_eq!(ours.exit, theirs.exit, "{question:?}");
    }
}

#[test]
fn a_plan_of_fixtures_is_in_pytests_order() {
    let second = ("test_two.py", "def test_two(shop):\n    assert shop\n");
    let Some(project) = Project::new(&[FILES[0], FILES[1], second]) else { return };
    let plan = |run: &Run| -> Vec<String> {
        let lines = run.text.lines().filter(|line| line.starts_with("        "));
        lines.map(|line| line.trim_end().trim_end_matches(" .").to_owned()).collect()
    };
    let ours = project.run(&["--setup-plan"]);
    let theirs = Run::of(&project.pytest(&["--setup-plan"]).output().expect("pytest starts"));
    assert_eq!(plan(&ours), plan(&theirs));
    assert!(plan(&ours).len() >= 6, "{}", ours.text);
}

fn without_times(text: &str) -> String {
    let closing = |line: &str| line.contains("no tests ran in ");
    text.lines().filter(|line| !closing(line)).collect::<Vec<_>>().join("\n")
}

/// Whoever reads the answer may leave early (`| head`), which is no crash of ours.
#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_crash() {
    for question in [&["completions", "bash"][..], &["--help"][..]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = std::process::Command::new(fastest_tests::binary());
        let done = command.args(question).stdout(writer).stderr(std::process::Stdio::piped());
        let done = done.spawn().expect("it starts").wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&done.stderr), "", "{question:?}");
        assert_eq!(done.status.code(), Some(3), "{question:?}");
    }
}
