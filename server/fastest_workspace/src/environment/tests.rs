use std::fs;

use tempfile::TempDir;

use super::*;

/// A directory with files: (path, content). Files named `python…` are executable.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().expect("a temporary directory");
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("within the root")).expect("a directory");
        fs::write(&path, text.replace("{root}", &root.path().to_string_lossy())).expect("a file");
        #[cfg(unix)]
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python")) {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
        }
    }
    root
}

fn find(
    root: &Path,
    variables: &[(&str, &str)],
    python: Option<&str>,
) -> Result<Environment, Problem> {
    let expand = |text: &str| OsString::from(text.replace("{root}", &root.to_string_lossy()));
    let variables =
        variables.iter().map(|(name, value)| (OsString::from(name), expand(value))).collect();
    let python = python.map(Path::new);
    let project = root.join("project");
    Environment::find(Request { python, rootdir: &project, cwd: &project, variables: &variables })
}

/// Which interpreter is found, from the root, with forward slashes.
#[track_caller]
fn check(
    files: &[(&str, &str)],
    variables: &[(&str, &str)],
    python: Option<&str>,
    expected: Option<&str>,
) {
    let root = tree(files);
    let found = find(root.path(), variables, python).ok();
    let shown = found.map(|environment| {
        let path = environment.python.strip_prefix(root.path()).expect("below the root");
        path.to_string_lossy().replace('\\', "/")
    });
    assert_eq!(shown.as_deref(), expected);
}

const PYTHON: &str = "\x7fELF";

#[test]
fn the_order_of_places() {
    let files = [
        ("given/bin/python", PYTHON),
        ("active/bin/python", PYTHON),
        ("project/.venv/bin/python", PYTHON),
        ("project/venv/bin/python", PYTHON),
        ("conda/bin/python", PYTHON),
        ("path/python3", PYTHON),
    ];
    let path = ("PATH", "{root}/path");
    let conda = ("CONDA_PREFIX", "{root}/conda");
    let active = ("VIRTUAL_ENV", "{root}/active");
    let all = [path, conda, active];
    check(&files, &all, Some("../given/bin/python"), Some("given/bin/python"));
    check(&files, &all, Some("../given"), Some("given/bin/python"));
    check(&files, &all, None, Some("active/bin/python"));
    check(&files, &all[..2], None, Some("project/.venv/bin/python"));
    check(&[&files[..2], &files[3..]].concat(), &all[..2], None, Some("project/venv/bin/python"));
    check(&[&files[..2], &files[4..]].concat(), &all[..2], None, Some("conda/bin/python"));
    check(&[&files[..2], &files[4..]].concat(), &all[..1], None, Some("path/python3"));
    check(&files[..2], &all[..2], None, None);
    check(&files, &all, Some("nowhere/python"), None);
    // A stale variable does not hide the project's own environment.
    check(&files, &[("VIRTUAL_ENV", "{root}/gone")], None, Some("project/.venv/bin/python"));
}

#[test]
fn places_above_the_rootdir_count_within_the_repository_only() {
    let venv = (".venv/bin/python", PYTHON);
    check(&[venv, ("project/x", "")], &[], None, None);
    check(&[venv, ("project/x", ""), (".git/HEAD", "")], &[], None, Some(".venv/bin/python"));
    check(&[venv, ("project/.git/HEAD", "")], &[], None, None);
}

#[test]
fn places_of_other_tools() {
    let env = ("envs/one/bin/python", PYTHON);
    check(&[env, ("project/.venv", "../envs/one\n")], &[], None, Some("envs/one/bin/python"));
    let pdm = [env, ("project/.pdm-python", "{root}/envs/one/bin/python\n")];
    check(&pdm, &[], None, Some("envs/one/bin/python"));
    let uv = [("UV_PROJECT_ENVIRONMENT", "../envs/one")];
    check(&[env, ("project/x", "")], &uv, None, Some("envs/one/bin/python"));
    let pixi = [("project/.pixi/envs/default/bin/python", PYTHON)];
    check(&pixi, &[], None, Some("project/.pixi/envs/default/bin/python"));
    let hatch = [
        ("project/.hatch/docs/bin/python", PYTHON),
        ("project/.hatch/hatch-test/bin/python", PYTHON),
    ];
    check(&hatch, &[], None, Some("project/.hatch/hatch-test/bin/python"));
    let windows = [("project/.venv/Scripts/python.exe", PYTHON)];
    check(&windows, &[], None, Some("project/.venv/Scripts/python.exe"));
}

#[cfg(unix)]
#[test]
fn pyenv_shims_are_resolved() {
    let shim = "#!/usr/bin/env bash\nexec \"/x/pyenv\" exec \"$program\" \"$@\"\n";
    let files = [
        ("pyenv/shims/python3", shim),
        ("pyenv/versions/3.9.18/bin/python3", PYTHON),
        ("pyenv/versions/3.11.7/bin/python3", PYTHON),
        ("pyenv/versions/3.11.10/bin/python3", PYTHON),
        ("pyenv/version", "3.9.18\n"),
        ("path/python3", PYTHON),
        ("project/x", ""),
    ];
    let path = ("PATH", "{root}/pyenv/shims:{root}/path");
    let version = |number: &str| Some(format!("pyenv/versions/{number}/bin/python3"));
    check(&files, &[path], None, version("3.9.18").as_deref());
    check(&files, &[path, ("PYENV_VERSION", "3.11")], None, version("3.11.10").as_deref());
    check(&files, &[path, ("PYENV_VERSION", "gone:3.11.7")], None, version("3.11.7").as_deref());
    check(&files, &[path, ("PYENV_VERSION", "system")], None, Some("path/python3"));
    let local = [&files[..], &[("project/.python-version", "# ours\n3.11.7\n")]].concat();
    check(&local, &[path], None, version("3.11.7").as_deref());
}

#[cfg(unix)]
#[test]
fn shims_of_other_managers_are_passed_over() {
    let files = [
        ("asdf/python3", "#!/bin/sh\nexec asdf exec python3\n"),
        ("path/python3", PYTHON),
        ("project/x", ""),
    ];
    check(&files, &[("PATH", "{root}/asdf:{root}/path")], None, Some("path/python3"));
}

/// What is known of an environment, with the root taken out.
fn describe(root: &Path, environment: &Environment) -> String {
    let pytest = environment.pytest.as_ref().map(|version| version.full.as_str());
    let text = format!(
        "{:?} pytest {pytest:?}\npath {:?}\neditable {:?}\nunknown {:?}",
        environment.version,
        environment.search_path,
        environment.editables,
        environment.unknown_hooks
    );
    text.replace(&*root.to_string_lossy(), "").replace('\\', "/").replace("//", "/")
}

#[track_caller]
fn check_environment(files: &[(&str, &str)], expected: &str) {
    let root = tree(files);
    let environment = find(root.path(), &[], Some("../env")).expect("an interpreter");
    assert_eq!(describe(root.path(), &environment), expected);
}

#[test]
fn virtual_environments() {
    check_environment(
        &[
            ("base/bin/python3.12", PYTHON),
            ("base/lib/python3.12/os.py", ""),
            ("base/lib/python3.12/lib-dynload/x.so", ""),
            ("base/lib/python3.12/site-packages/pytest-1.0.dist-info/METADATA", ""),
            ("env/bin/python", PYTHON),
            ("env/pyvenv.cfg", "home = {root}/base/bin\nversion = 3.12.1\n"),
            ("env/lib/python3.12/site-packages/pytest-8.4.1.dist-info/METADATA", ""),
            (
                "env/lib/python3.12/site-packages/b.pth",
                "# no\n\n../../../more\n{root}/src\n/nowhere\n",
            ),
            ("env/lib/python3.12/site-packages/a.pth", "import something; something.go()\n"),
            ("env/lib/python3.12/site-packages/distutils-precedence.pth", "import os; x()\n"),
            ("env/more/x", ""),
            ("src/x", ""),
            ("project/x", ""),
        ],
        "(3, 12) pytest Some(\"8.4.1\")\n\
         path [\"/base/lib/python3.12\", \"/base/lib/python3.12/lib-dynload\", \
         \"/env/lib/python3.12/site-packages\", \"/env/more\", \"/src\"]\n\
         editable []\n\
         unknown [\"/env/lib/python3.12/site-packages/a.pth\"]",
    );
}

#[test]
fn virtual_environments_on_windows() {
    check_environment(
        &[
            ("base/python.exe", PYTHON),
            ("base/Lib/os.py", ""),
            ("base/DLLs/x.pyd", ""),
            ("env/Scripts/python.exe", PYTHON),
            ("env/pyvenv.cfg", "home = {root}/base\nversion_info = 3.13.0.final.0\n"),
            ("env/Lib/site-packages/pytest-9.2.0.dist-info/METADATA", ""),
            ("project/x", ""),
        ],
        "(3, 13) pytest Some(\"9.2.0\")\n\
         path [\"/base/Lib\", \"/base/DLLs\", \"/env/Lib/site-packages\"]\n\
         editable []\nunknown []",
    );
}

#[test]
fn plain_installations() {
    check_environment(
        &[
            ("env/bin/python", PYTHON),
            ("env/lib/python3.9/os.py", ""),
            ("env/lib/python3.9/site-packages/pytest-7.4.4.dist-info/METADATA", ""),
            ("project/x", ""),
        ],
        "(3, 9) pytest Some(\"7.4.4\")\n\
         path [\"/env/lib/python3.9\", \"/env/lib/python3.9/site-packages\"]\n\
         editable []\nunknown []",
    );
}

#[test]
fn plugins_by_entry_points() {
    let site = "env/lib/python3.11/site-packages";
    let root = tree(&[
        ("env/bin/python", PYTHON),
        ("env/pyvenv.cfg", "version = 3.11.7\n"),
        (
            &format!("{site}/anyio-4.0.dist-info/entry_points.txt"),
            "[console_scripts]\nx = y\n\n[pytest11]\nanyio = anyio.pytest_plugin\n# a = b\n\
             other = pack.mod : plug [extra]\n[z]\nq = r\n",
        ),
        (&format!("{site}/plain-1.dist-info/METADATA"), ""),
        ("project/x", ""),
    ]);
    let environment = find(root.path(), &[], Some("../env")).expect("an interpreter");
    let plugin = |name: &str, module: &str, object: Option<&str>| Plugin {
        name: name.to_owned(),
        module: module.to_owned(),
        object: object.map(str::to_owned),
        distribution: "anyio-4.0".to_owned(),
    };
    assert_eq!(
        environment.plugins(&Variables::default()),
        [plugin("anyio", "anyio.pytest_plugin", None), plugin("other", "pack.mod", Some("plug")),]
    );
    let off: Variables =
        [("PYTEST_DISABLE_PLUGIN_AUTOLOAD".into(), "1".into())].into_iter().collect();
    assert_eq!(environment.plugins(&off), []);
    assert!(plugin("pytest_x", "", None).is_blocked(&["x".to_owned()]));
    assert!(!plugin("x", "", None).is_blocked(&["pytest_x".to_owned()]));
}

#[test]
fn editable_installs_are_read_from_their_hooks() {
    let site = "env/lib/python3.11/site-packages";
    check_environment(
        &[
            ("env/bin/python", PYTHON),
            ("env/pyvenv.cfg", "home = {root}/base/bin\nversion = 3.11.7\n"),
            ("base/lib/python3.11/os.py", ""),
            (
                &format!("{site}/__editable__.h11-1.pth"),
                "import __editable___h11_1_finder; __editable___h11_1_finder.install()",
            ),
            (
                &format!("{site}/__editable___h11_1_finder.py"),
                "from __future__ import annotations\nimport sys\n\
                 MAPPING: dict[str, str] = {'h11': '/src/h11'}\nNAMESPACES: dict = {}\n",
            ),
            (&format!("{site}/_two.pth"), "import _editable_impl_two"),
            (
                &format!("{site}/_editable_impl_two.py"),
                "from editables.redirector import RedirectingFinder as F\nF.install()\n\
                 F.map_module('two', '/src/two/__init__.py')\n",
            ),
            (&format!("{site}/_three_editable.pth"), "import _three_editable\n"),
            (
                &format!("{site}/_three_editable.py"),
                "def install(a, b): ...\n\ninstall({'three': '/src/three.py'}, {}, None)\n",
            ),
            ("project/x", ""),
        ],
        "(3, 11) pytest None\n\
         path [\"/base/lib/python3.11\", \"/env/lib/python3.11/site-packages\"]\n\
         editable [Editable { module: \"h11\", path: \"/src/h11\" }, \
         Editable { module: \"three\", path: \"/src/three.py\" }, \
         Editable { module: \"two\", path: \"/src/two/__init__.py\" }]\n\
         unknown []",
    );
}
