use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::*;

/// Makes files of one test each; a path that ends in `/` is a directory, `a -> b` a link.
fn tree(files: &[&str]) -> TempDir {
    let root = TempDir::new().expect("a temporary directory");
    for file in files {
        if let Some((link, target)) = file.split_once(" -> ") {
            make_link(&root.path().join(link), target);
            continue;
        }
        let path = root.path().join(file);
        if file.ends_with('/') {
            fs::create_dir_all(&path).expect("a directory");
        } else {
            fs::create_dir_all(path.parent().expect("within the root")).expect("a directory");
            let text = if file.ends_with(".txt") { ">>> 1\n1\n" } else { "def test_it(): pass\n" };
            fs::write(&path, if file.ends_with("conftest.py") { "" } else { text })
                .expect("a file");
        }
    }
    root
}

fn make_link(link: &Path, target: &str) {
    fs::create_dir_all(link.parent().expect("within the root")).expect("a directory");
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, link).expect("a link");
    #[cfg(windows)]
    let _ = (link, target);
}

/// Paths of files in the order of visits; directories that are packages end in `/+`.
fn render(root: &Path, directory: &Directory, lines: &mut Vec<String>) {
    let relative = |path: &Path| {
        path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/")
    };
    if directory.conftest.is_some() {
        lines.push(format!("({})", relative(&directory.path.join("conftest.py"))));
    }
    for entry in &directory.entries {
        match entry {
            Entry::File(file) => {
                let mark = match file.kind {
                    FileKind::Module => "",
                    FileKind::PlainModule => " plain",
                    FileKind::Text => " text",
                };
                lines.push(format!("{}{mark}", relative(&file.path)));
            }
            Entry::Directory(below) => {
                let mark = if below.package { "+" } else { "" };
                lines.push(format!("{}/{mark}", relative(&below.path)));
                render(root, below, lines);
            }
        }
    }
}

#[track_caller]
fn check(files: &[&str], options: &WalkOptions, expected: &[&str]) {
    let root = tree(files);
    check_in(root.path(), options, expected);
}

#[track_caller]
fn check_in(root: &Path, options: &WalkOptions, expected: &[&str]) {
    let mut lines = Vec::new();
    render(root, &walk(root, options), &mut lines);
    assert_eq!(lines, expected);
}

#[test]
fn files_and_directories_are_sorted_together_since_pytest_8() {
    let files = ["b/test_1.py", "test_a.py", "test_c.py", "c_test.py", "other.py"];
    check(
        &files,
        &WalkOptions::default(),
        &["b/", "b/test_1.py", "c_test.py", "test_a.py", "test_c.py"],
    );
    let seven = WalkOptions { pytest: (7, 4), ..WalkOptions::default() };
    check(&files, &seven, &["c_test.py", "test_a.py", "test_c.py", "b/", "b/test_1.py"]);
}

#[test]
fn files_that_were_never_written_are_listed_where_they_will_be() {
    let root = tree(&["a/test_1.py", "test_c.py"]);
    let names = ["a/conftest.py", "test_b.py", "test_c.py", "other.py", "new/test_d.py"];
    let unsaved = names.map(|name| root.path().join(name)).to_vec();
    let options = WalkOptions { unsaved, ..WalkOptions::default() };
    let expected = ["a/", "(a/conftest.py)", "a/test_1.py", "test_b.py", "test_c.py"];
    check_in(root.path(), &options, &expected);
}

#[test]
fn init_comes_first_in_packages() {
    let options = WalkOptions { python_files: vec!["*.py".to_owned()], ..WalkOptions::default() };
    check(
        &["p/__init__.py", "p/A.py", "p/conftest.py", "d/z.py"],
        &options,
        &["d/", "d/z.py", "p/+", "(p/conftest.py)", "p/__init__.py", "p/A.py", "p/conftest.py"],
    );
}

#[test]
fn directories_without_anything_are_left_out() {
    check(
        &["a/b/c/x.py", "d/conftest.py", "e/"],
        &WalkOptions::default(),
        &["d/", "(d/conftest.py)"],
    );
}

#[test]
fn ignored_by_name() {
    let files = [
        "__pycache__/test_1.py",
        ".hidden/test_1.py",
        "build/test_1.py",
        "x.egg/test_1.py",
        "{arch}/test_1.py",
        "venv/test_1.py",
        "node_modules/test_1.py",
        "CVS/test_1.py",
        "kept/test_1.py",
        ".test_py",
        "kept/.py",
    ];
    check(&files, &WalkOptions::default(), &["kept/", "kept/test_1.py"]);
    let options = WalkOptions {
        norecursedirs: vec!["a/b".to_owned(), "x*".to_owned()],
        ..WalkOptions::default()
    };
    let files = ["a/b/test_1.py", "a/c/test_1.py", "b/test_1.py", "xyz/test_1.py"];
    check(&files, &options, &["a/", "a/c/", "a/c/test_1.py", "b/", "b/test_1.py"]);
}

#[test]
fn ignored_by_option() {
    let root = tree(&["a/test_1.py", "a/test_2.py", "b/test_1.py", "c/conftest.py", "c/test_1.py"]);
    let options = WalkOptions {
        ignore: vec![root.path().join("a/test_1.py"), root.path().join("b")],
        ignore_glob: vec![root.path().join("c/*").to_string_lossy().into_owned()],
        ..WalkOptions::default()
    };
    // A conftest is loaded even where it is ignored.
    check_in(root.path(), &options, &["a/", "a/test_2.py", "c/", "(c/conftest.py)"]);
    let asked = WalkOptions {
        initial_paths: vec![root.path().join("b/test_1.py"), root.path().join("c")],
        ..options
    };
    check_in(
        root.path(),
        &asked,
        &["a/", "a/test_2.py", "b/", "b/test_1.py", "c/", "(c/conftest.py)"],
    );
}

#[test]
fn named_files_are_modules_whatever_their_name() {
    let root = tree(&["a/plain.py", "a/other.py"]);
    let options = WalkOptions {
        initial_paths: vec![root.path().join("a/plain.py")],
        ..WalkOptions::default()
    };
    check_in(root.path(), &options, &["a/", "a/plain.py"]);
}

#[test]
fn virtual_environments_are_skipped() {
    let files = [
        "env/pyvenv.cfg",
        "env/lib/test_1.py",
        "conda/conda-meta/history",
        "conda/test_1.py",
        "old/bin/activate",
        "old/test_1.py",
    ];
    check(&files, &WalkOptions::default(), &["old/", "old/test_1.py"]);
    let seven = WalkOptions { pytest: (7, 4), ..WalkOptions::default() };
    check(&files, &seven, &["conda/", "conda/test_1.py", "env/", "env/lib/", "env/lib/test_1.py"]);
    let inside = WalkOptions { collect_in_virtualenv: true, ..WalkOptions::default() };
    check(
        &files,
        &inside,
        &[
            "conda/",
            "conda/test_1.py",
            "env/",
            "env/lib/",
            "env/lib/test_1.py",
            "old/",
            "old/test_1.py",
        ],
    );
}

#[test]
fn doctest_files() {
    let files = ["test_notes.txt", "notes.txt", "a.py", "test_b.py"];
    check(&files, &WalkOptions::default(), &["test_b.py", "test_notes.txt text"]);
    let modules = WalkOptions { doctest_modules: true, ..WalkOptions::default() };
    check(&files, &modules, &["a.py plain", "test_b.py", "test_notes.txt text"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_resolved() {
    check(
        &["a/test_1.py", "b -> a", "test_2.py -> a/test_1.py", "test_3.py -> nowhere.py"],
        &WalkOptions::default(),
        &["a/", "a/test_1.py", "b/", "b/test_1.py", "test_2.py"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn links_that_lead_back_up_end_where_the_system_ends_them() {
    let root = tree(&["a/test_1.py", "a/loop -> ../a"]);
    let found = walk(root.path(), &WalkOptions::default());
    assert_eq!(found.problems(), Vec::<&Problem>::new());
    let deepest = found.python_files().iter().map(|file| file.path.components().count()).max();
    let top = root.path().components().count() + 2;
    assert_eq!(deepest, Some(top + 40));
}

#[test]
fn what_cannot_be_listed_is_a_problem() {
    let root = tree(&["test_1.py"]);
    let found = walk(&root.path().join("test_1.py"), &WalkOptions::default());
    assert_eq!(found.problems().len(), 1);
    assert_eq!(walk(&root.path().join("missing"), &WalkOptions::default()).problems().len(), 0);
}

#[test]
fn sizes_and_times() {
    let root = tree(&["conftest.py", "test_1.py"]);
    let found = walk(root.path(), &WalkOptions::default());
    let files = found.python_files();
    assert_eq!(files.iter().map(|file| file.size).collect::<Vec<_>>(), [0, 20]);
    assert!(files.iter().all(|file| file.mtime_ns > 1_600_000_000_000_000_000));
    assert_eq!(file_entry(&root.path().join("test_1.py")).as_ref(), Some(files[1]));
    assert_eq!(file_entry(root.path()), None);
}

#[test]
fn conftests_up_to_the_limit() {
    let root = tree(&["conftest.py", "a/conftest.py", "a/b/c/conftest.py"]);
    let names = |limit: &str| -> Vec<String> {
        let limit = root.path().join(limit);
        let found = conftests_above(&root.path().join("a/b/c"), Some(&limit));
        let relative = found.iter().map(|file| file.path.strip_prefix(root.path()).expect("below"));
        relative.map(|path| path.to_string_lossy().replace('\\', "/")).collect()
    };
    assert_eq!(names(""), ["conftest.py", "a/conftest.py", "a/b/c/conftest.py"]);
    assert_eq!(names("a"), ["a/conftest.py", "a/b/c/conftest.py"]);
    // Only what is above the limit is out of bounds, not what is beside it.
    assert_eq!(names("a/x"), ["a/b/c/conftest.py"]);
}

/// The order of files in which real pytest collects, where there is one to ask.
#[cfg(unix)]
#[test]
fn visits_as_pytest_does() {
    let Some(python) = std::env::var_os("FASTEST_TEST_PYTHON") else {
        eprintln!("SKIPPED: set FASTEST_TEST_PYTHON to a python with pytest to compare with it");
        return;
    };
    let root = tree(&[
        "pytest.ini",
        "test_b.py",
        "test_a.py",
        "Z_test.py",
        "a/test_1.py",
        "a/__init__.py",
        "a/B/test_1.py",
        "a/B/__init__.py",
        "a/conftest.py",
        "a/_x/test_1.py",
        "test_c/test_1.py",
        "test_c.d/test_1.py",
        "test_cd/é_test.py",
        "test_cd/test_é.py",
        "build/test_1.py",
        "env/pyvenv.cfg",
        "env/test_1.py",
        "link -> a",
        "test_l.py -> a/test_1.py",
        "broken -> x",
        "sub/test_1.py",
        "dist",
        "__pycache__/test_1.py",
        "a/test_1.pyc",
    ]);
    fs::write(root.path().join("pytest.ini"), "[pytest]\n").expect("a file");
    let output = Command::new(python)
        .args(["-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"])
        .args(["--import-mode=importlib", "--keep-duplicates"])
        .current_dir(root.path())
        .output()
        .expect("pytest starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let theirs: Vec<&str> =
        text.lines().filter_map(|line| line.strip_suffix("::test_it")).collect();
    let found = walk(root.path(), &WalkOptions::default());
    let ours: Vec<String> = found
        .python_files()
        .iter()
        .filter(|file| file.kind == FileKind::Module)
        .map(|file| file.path.strip_prefix(root.path()).expect("below").display().to_string())
        .collect();
    assert_eq!(ours, theirs, "{text}");
}
