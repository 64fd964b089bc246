//! Which directory and which file are found.

use std::collections::HashMap;
use std::path::Path;

use super::paths::{absolute, common_ancestor, is_root};
use super::{Question, determine, expand};

/// Calls pytest in a directory of a project, and compares `rootdir inipath`.
fn check(files: &[(&str, &str)], dir: &str, args: &[&str], expected: &str) {
    let root = tempfile::tempdir().expect("a temporary directory");
    let base = root.path();
    for (name, text) in files {
        let path = base.join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    let question = Question {
        invocation_dir: &absolute(base, dir),
        config_file: None,
        rootdir: None,
        overrides: &[],
        args: &args,
        variables: &HashMap::new(),
        version: (9, 2),
    };
    let short = |path: &Path| match path.strip_prefix(base) {
        Ok(path) if path.as_os_str().is_empty() => ".".to_owned(),
        Ok(path) => path.display().to_string(),
        Err(_) => path.display().to_string(),
    };
    let shown = match determine(&question) {
        Ok(setup) => {
            let inipath = setup.inipath.as_deref().map_or("-".to_owned(), short);
            format!("{} {inipath}", short(&setup.rootdir))
        }
        Err(error) => error.message,
    };
    assert_eq!(shown, expected, "{files:?} {args:?}");
}

#[test]
fn the_nearest_file_that_configures_pytest_wins() {
    let files = [
        ("pytest.ini", ""),
        ("a/tox.ini", "[pytest]\n"),
        ("a/b/tox.ini", "[tox]\n"),
        ("a/b/t.py", ""),
    ];
    check(&files, "a/b", &[], "a a/tox.ini");
    check(&files, ".", &["a/b/t.py::X"], "a a/tox.ini");
    check(&files, ".", &[], ". pytest.ini");
}

#[test]
fn files_have_ranks() {
    let files = [("setup.cfg", "[tool:pytest]\n"), ("tox.ini", "[pytest]\n"), (".pytest.toml", "")];
    check(&files, ".", &[], ". .pytest.toml");
    check(&files[..2], ".", &[], ". tox.ini");
}

#[test]
fn a_pyproject_marks_the_rootdir_even_if_it_is_silent() {
    check(&[("pyproject.toml", ""), ("a/t.py", "")], "a", &[], ". pyproject.toml");
    check(&[("tox.ini", "[pytest]"), ("a/pyproject.toml", "")], "a", &[], ". tox.ini");
}

#[test]
fn setup_py_marks_the_rootdir_where_no_file_does() {
    check(&[("a/setup.py", ""), ("a/b/t.py", "")], "a/b", &[], "a -");
}

#[test]
fn without_any_file_it_is_the_ancestor_of_all_arguments_and_the_directory() {
    let files = [("a/t.py", ""), ("b/t.py", ""), ("c/t.py", "")];
    check(&files, "a", &[], "a -");
    check(&files, "a", &["../b", "../c/t.py", "missing"], ". -");
}

#[test]
fn each_argument_is_looked_at_where_their_ancestor_has_no_file() {
    let files = [("a/t.py", ""), ("b/pytest.ini", ""), ("b/t.py", "")];
    check(&files, ".", &["a", "b"], "b b/pytest.ini");
}

#[test]
fn a_pytest_section_in_setup_cfg_is_refused() {
    check(
        &[("setup.cfg", "[pytest]\n")],
        ".",
        &[],
        "[pytest] section in setup.cfg files is no longer supported, \
         change to [tool:pytest] instead.",
    );
}

#[test]
fn paths_are_handled_by_their_text() {
    assert_eq!(absolute(Path::new("/a/b"), "../c/./d"), Path::new("/a/c/d"));
    assert_eq!(absolute(Path::new("/a"), "/../x"), Path::new("/x"));
    assert!(is_root(Path::new("/")) && !is_root(Path::new("/a")));
    let missing = ["/nowhere/at/all".into()];
    assert_eq!(common_ancestor(Path::new("/a"), &missing), Path::new("/a"));
}

#[test]
fn variables_are_replaced() {
    let values = HashMap::from([("HOME".to_owned(), "/h".to_owned())]);
    let check = |text: &str, expected: &str| assert_eq!(expand::variables(text, &values), expected);
    check("$HOME/x", "/h/x");
    check("a${HOME}b", "a/hb");
    check("$OTHER ${OTHER} $ ${", "$OTHER ${OTHER} $ ${");
}
