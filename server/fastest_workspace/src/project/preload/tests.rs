use std::fs;

use tempfile::TempDir;

use super::*;
use crate::config::Env;
use crate::environment::Variables;

/// An environment with two packages, and a standard library of one module.
const INSTALLED: [(&str, &str); 7] = [
    ("venv/pyvenv.cfg", "home = {root}/base/bin\nversion = 3.11.0\n"),
    ("venv/bin/python", "\x7fELF"),
    ("venv/lib/python3.11/site-packages/third/__init__.py", ""),
    ("venv/lib/python3.11/site-packages/third/part.py", ""),
    ("venv/lib/python3.11/site-packages/other.py", ""),
    ("base/bin/python3.11", "\x7fELF"),
    ("base/lib/python3.11/decimal.py", ""),
];

/// Interpreters are looked for by that.
fn make_executable(path: &Path) {
    #[cfg(unix)]
    if path.to_string_lossy().contains("/bin/") {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn preloadable(files: &[(&str, &str)], measured: bool) -> Preloadable {
    let root = TempDir::new().expect("a temporary directory");
    let root_path = root.path().canonicalize().expect("it is there");
    for (name, text) in INSTALLED.iter().chain(files) {
        let path = root_path.join(name);
        fs::create_dir_all(path.parent().expect("within the root")).expect("a directory");
        let text = text.replace("{root}", &root_path.to_string_lossy());
        fs::write(&path, text).expect("a file");
        make_executable(&path);
    }
    let project = root_path.join("project");
    fs::write(project.join("pytest.ini"), "[pytest]\n").expect("a file");
    let variables =
        [("VIRTUAL_ENV".into(), root_path.join("venv").into())].into_iter().collect::<Variables>();
    let env = Env::new([]);
    let mut project = Project::open(&project, &[], &variables, &env).expect("it opens");
    project.discover().expect("it is discovered");
    project.preloadable(measured)
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let mut modules = preloadable(files, false).modules;
    modules.retain(|module| !matches!(module.as_str(), "os" | "sys"));
    assert_eq!(modules, expected);
}

#[test]
fn installed_modules_are_followed_to_through_the_projects_own() {
    let files = [
        ("project/conftest.py", "import decimal\n"),
        ("project/mine/__init__.py", "from .inner import x\n"),
        ("project/mine/inner.py", "from third import part\nx = 1\n"),
        ("project/test_a.py", "import mine, other, missing\n"),
    ];
    check(&files, &["decimal", "other", "third", "third.part"]);
}

#[test]
fn nothing_is_taken_after_a_line_that_may_matter_to_it() {
    let files = [
        ("project/test_a.py", "import other\nimport os\nos.environ['X'] = '1'\nimport third\n"),
        ("project/test_b.py", "import sys\nsys.path.insert(0, 'x')\nimport decimal\n"),
    ];
    check(&files, &["other"]);
    let blocks = "try:\n    import gone\nexcept ImportError:\n    raise\nimport third\n";
    check(&[("project/test_a.py", blocks)], &["third"]);
}

#[test]
fn a_conftest_that_sets_variables_early_leaves_the_standard_library() {
    let test = ("project/test_a.py", "import decimal, third\n");
    let early = "import os\ndef pytest_configure(): os.environ['X'] = '1'\n";
    check(&[test, ("project/conftest.py", early)], &["decimal"]);
    let fixture = "import pytest, os\n@pytest.fixture\ndef x(): os.environ['X'] = '1'\n";
    check(&[test, ("project/conftest.py", fixture)], &["decimal", "third"]);
    let looks = "import os\nx = os.environ.get('CI')\n";
    check(&[test, ("project/conftest.py", looks)], &["decimal", "third"]);
    assert_eq!(preloadable(&[test], true).modules, ["decimal"]);
}

#[test]
fn a_project_that_shadows_an_installed_module_has_it_from_there() {
    let files = [("project/other.py", ""), ("project/test_a.py", "import other, third\n")];
    check(&files, &["third"]);
}

#[test]
fn what_pytest_is_told_to_rewrite_is_named() {
    let conftest = "import pytest\npytest.register_assert_rewrite('third.part')\n\
                    pytest_plugins = ['other']\nimport third\n";
    let found = preloadable(&[("project/conftest.py", conftest)], false);
    assert_eq!(found.rewritten, ["third.part", "other"]);
    assert_eq!(found.modules, ["third"]);
}
