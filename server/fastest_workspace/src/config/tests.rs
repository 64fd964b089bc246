//! Configuration files, values, and arguments.

use std::path::Path;

use super::arguments::{Resolving, resolve_all};
use super::ini::{Ini, Setting, Value};
use super::{Config, Env, files, glob, iniconfig, load};
use crate::options::UsageError;

const VERSION: (u16, u16) = (9, 2);

/// Writes files: `name: text` per entry.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    dir
}

fn configured(files: &[(&str, &str)], argv: &[&str]) -> Result<Config, UsageError> {
    let dir = project(files);
    let argv: Vec<String> = argv.iter().map(|&arg| arg.to_owned()).collect();
    load(dir.path(), &argv, &Env::default(), VERSION)
}

/// An error's message without the directory of the test.
fn message(files: &[(&str, &str)], argv: &[&str]) -> String {
    let error = configured(files, argv).expect_err("it is wrong");
    error.message.rsplit('/').next().unwrap_or_default().to_owned()
}

#[test]
fn ini_files_are_read_in_iniconfigs_dialect() {
    let parse = |text: &str| match iniconfig::parse(text) {
        Err(fault) => format!("{}: {}", fault.line, fault.message),
        Ok(sections) => {
            let one =
                |section: &iniconfig::Section| format!("{}{:?}", section.name, section.entries);
            sections.iter().map(one).collect::<Vec<_>>().join(" ")
        }
    };
    assert_eq!(parse("[a]\nx = 1\ny: 2=3\n"), r#"a[("x", "1"), ("y", "2=3")]"#);
    assert_eq!(parse("[a]\nx =\n  1\n# no\n\n  2 # yes\n"), r#"a[("x", "1\n2 # yes")]"#);
    assert_eq!(parse("[a] ; note\nx=\n"), r#"a[("x", "")]"#);
    assert_eq!(parse("[a]\nx = 1\n[b\n"), r#"a[("x", "1\n[b")]"#);
    assert_eq!(parse("\u{feff}[a]\r\nx = 1\r\n"), r#"a[("x", "1")]"#);
    assert_eq!(parse("x = 1\n"), "1: no section header defined");
    assert_eq!(parse("[a]\nx\n"), "2: unexpected line: 'x'");
    assert_eq!(parse("[a]\nx=1\nx=2\n"), "3: duplicate name 'x'");
    assert_eq!(parse("[a]\n[a]\n"), "2: duplicate section 'a'");
    assert_eq!(parse("[a]\n  x\n"), "2: unexpected value continuation");
    assert_eq!(parse("[]\n"), "1: empty section name");
}

#[test]
fn addopts_come_before_the_environments_and_the_arguments() {
    let dir = project(&[("pytest.ini", "[pytest]\naddopts = -k ini -m ini\n")]);
    let env = Env { addopts: Some("-m env --tb=env".replace("env", "line")), ..Env::default() };
    let argv = ["--tb=short".to_owned()];
    let config = load(dir.path(), &argv, &env, VERSION).expect("it is right");
    assert_eq!(config.options.passthrough, ["-kini", "-mini", "-mline", "--tb=line", "--tb=short"]);
}

#[test]
fn errors_say_where_options_come_from() {
    let files = [("pytest.ini", "[pytest]\naddopts = --tb=blue\n")];
    let error = configured(&files, &[]).expect_err("there is no such style");
    assert_eq!(error.context[0], ("config source", "via addopts config".to_owned()));
}

#[test]
fn typed_values_are_checked_in_pytests_words() {
    let check = |line: &str, expected: &str| {
        assert_eq!(message(&[("pytest.toml", &format!("[pytest]\n{line}\n"))], &[]), expected);
    };
    check(
        "python_files = 'a.py'",
        "pytest.toml: config option 'python_files' expects a list for type 'args', \
         got str: 'a.py'",
    );
    check(
        "markers = ['a', 1]",
        "pytest.toml: config option 'markers' expects a list of strings, \
         but item at index 1 is int: 1",
    );
    check(
        "collect_imported_tests = 'no'",
        "pytest.toml: config option 'collect_imported_tests' expects a bool, got str: 'no'",
    );
    check(
        "empty_parameter_set_mark = 'x'",
        "pytest.toml: config option 'empty_parameter_set_mark' expects one of \
         'skip' | 'xfail' | 'fail_at_collect', got 'x'",
    );
}

#[test]
fn both_kinds_of_tables_are_an_error() {
    let text = "[tool.pytest]\naddopts = []\n[tool.pytest.ini_options]\ntestpaths = 'a'\n";
    assert!(message(&[("pyproject.toml", text)], &[]).starts_with(
        "pyproject.toml: Cannot use both [tool.pytest] (native TOML types) and \
         [tool.pytest.ini_options] (string-based INI format) simultaneously."
    ));
}

#[test]
fn an_alias_yields_to_the_name_and_both_to_overrides() {
    let strict = |text: &str, argv: &[&str]| {
        let config = configured(&[("pytest.ini", text)], argv).expect("it is right");
        config.values.strict_xfail
    };
    assert!(strict("[pytest]\nxfail_strict = true\n", &[]));
    assert!(!strict("[pytest]\nxfail_strict = true\nstrict_xfail = false\n", &[]));
    assert!(strict("[pytest]\nstrict_xfail = false\n", &["-o", "xfail_strict=1"]));
}

#[test]
fn strict_turns_everything_on_that_is_not_set() {
    let files = [("pytest.ini", "[pytest]\nstrict = true\nstrict_config = false\n")];
    let values = configured(&files, &[]).expect("it is right").values;
    let strict = [values.strict_markers, values.strict_xfail, values.strict_parametrization_ids];
    assert_eq!((strict, values.strict_config), ([true; 3], false));
}

#[test]
fn old_versions_do_not_know_new_files() {
    assert_eq!(files::names((8, 4))[0], "pytest.ini");
    let text = "[tool.pytest]\ntestpaths = ['a']\n";
    let dir = project(&[("pyproject.toml", text)]);
    let config = load(dir.path(), &[], &Env::default(), (8, 4)).expect("it is right");
    assert_eq!(config.values.testpaths, Vec::<String>::new());
}

#[test]
fn values_of_plugins_are_kept_as_written() {
    let files = [("pytest.ini", "[pytest]\nasyncio_mode = auto\n")];
    let config = configured(&files, &[]).expect("it is right");
    assert_eq!(config.ini.foreign(), ["asyncio_mode"]);
    assert_eq!(config.ini.raw("asyncio_mode"), Some(&Value::Text("auto".to_owned())));
    assert_eq!(config.getini("asyncio_mode"), Ok(Setting::None));
}

#[test]
fn testpaths_are_globbed_as_python_does() {
    let dir = project(&[("t/a/x.py", ""), ("t/b/x.py", ""), ("t/.c/x.py", ""), ("t/z.py", "")]);
    let check = |pattern: &str, expected: &[&str]| {
        assert_eq!(glob::glob(dir.path(), pattern), expected, "{pattern}");
    };
    check("t", &["t"]);
    check("missing", &[]);
    check("t/*", &["t/a", "t/b", "t/z.py"]);
    check("t/*/", &["t/a/", "t/b/"]);
    check("t/.*", &["t/.c"]);
    check("t/[!a]", &["t/b"]);
    check("**/x.py", &["t/a/x.py", "t/b/x.py"]);
    check("t/**", &["t/", "t/a", "t/a/x.py", "t/b", "t/b/x.py", "t/z.py"]);
    check("t/?/x.[pq]y", &["t/a/x.py", "t/b/x.py"]);
    check("", &[]);
}

#[test]
fn minversion_compares_numbers() {
    let check = |wanted: &str| {
        let ini = format!("[pytest]\nminversion = {wanted}\n");
        configured(&[("pytest.ini", &ini)], &[]).map(|_| ()).map_err(|error| error.message)
    };
    assert_eq!(check("7"), Ok(()));
    assert_eq!(check("9.2.5"), Ok(()));
    let error = "'minversion' requires pytest-10.0, actual pytest-9.2";
    assert_eq!(check("10.0"), Err(error.to_owned()));
}

#[test]
fn plugins_are_loaded_and_kept_out_in_order() {
    let argv = ["-p", "a", "-pno:b", "-p", "c", "-p", "no:a", "-p", "b"];
    let config = configured(&[], &argv).expect("it is right");
    assert_eq!(
        (config.plugins, config.blocked_plugins),
        (vec!["c".into(), "b".into()], vec!["a".into()])
    );
    let error = configured(&[], &["-p", "no:python", "-p", "no:main"]).expect_err("it is needed");
    assert_eq!(error.message, "plugin main cannot be disabled");
}

/// What arguments name, as `path names params`, relative to a project.
fn check_arguments(args: &[&str], version: (u16, u16), expected: &[&str]) {
    let dir = project(&[("a/t.py", ""), ("a/b/u.py", "")]);
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    let resolving =
        Resolving { invocation_dir: dir.path(), modules: None, keep_duplicates: false, version };
    let shown: Vec<String> = match resolve_all(&args, resolving) {
        Err(error) => vec![error.message],
        Ok(all) => all
            .iter()
            .map(|argument| {
                let path =
                    argument.path.strip_prefix(dir.path()).unwrap_or(Path::new("?")).display();
                let params = argument.params.as_deref().unwrap_or_default();
                format!("{path} {}{params}", argument.names.join(" "))
            })
            .collect(),
    };
    assert_eq!(shown, expected, "{args:?}");
}

#[test]
fn arguments_are_resolved() {
    check_arguments(&["a/t.py::X::y[a::b[0]]"], VERSION, &["a/t.py X y[a::b[0]]"]);
    check_arguments(&["./a/../a"], VERSION, &["a "]);
    check_arguments(&["a/x.py"], VERSION, &["file or directory not found: a/x.py"]);
    check_arguments(
        &["a::X"],
        VERSION,
        &["directory argument cannot contain :: selection parts: a::X"],
    );
    check_arguments(&["a[0]"], VERSION, &["path cannot contain [] parametrization: a[0]"]);
}

#[test]
fn overlapping_arguments_are_merged_from_pytest_9_on() {
    let args = ["a/b/u.py::X::y", "a/t.py::x[1]", "a/b/u.py::X", "a/t.py::x", "a/t.py::x"];
    check_arguments(&args, VERSION, &["a/b/u.py X", "a/t.py x"]);
    check_arguments(&["a/t.py", "a", "a/b"], VERSION, &["a "]);
    check_arguments(&["a/b", "a/t.py", "a/b"], (8, 4), &["a/b ", "a/t.py ", "a/b "]);
}

#[test]
fn dotted_names_are_looked_up() {
    let dir = project(&[("src/m.py", "")]);
    let file = dir.path().join("src/m.py");
    let modules = |name: &str| (name == "pkg.m").then(|| file.clone());
    let resolving = Resolving {
        invocation_dir: dir.path(),
        modules: Some(&modules),
        keep_duplicates: false,
        version: VERSION,
    };
    let resolved = resolve_all(&["pkg.m::X".to_owned()], resolving).expect("it is there");
    assert_eq!((&resolved[0].path, resolved[0].module.as_deref()), (&file, Some("pkg.m")));
    let error = resolve_all(&["pkg.n".to_owned()], resolving).expect_err("it is not");
    assert_eq!(error.message, "module or package not found: pkg.n (missing __init__.py?)");
}

#[test]
fn paths_count_from_the_files_directory() {
    let mut ini = Ini::new(Some("/p/pytest.ini".into()), Path::new("/q"), VERSION);
    ini.set_overrides(vec![("pythonpath".to_owned(), "src ./lib /abs".to_owned())]);
    let paths = ["/p/src", "/p/lib", "/abs"].map(Into::into).to_vec();
    assert_eq!(ini.paths("pythonpath"), Ok(paths));
}

#[test]
fn settings_follow_the_version() {
    use fastest_index::world::LongStrIds;
    let dir = project(&[("pytest.ini", "[pytest]\nmarkers =\n    slow(n): is slow\n    fast\n")]);
    let argv = ["--strict-markers".to_owned(), "-pmine".to_owned(), "-ppytester".to_owned()];
    let config = load(dir.path(), &argv, &Env::default(), VERSION).expect("it is right");
    let settings = config.settings(VERSION, (3, 12), "linux");
    assert_eq!(settings.long_str_ids, LongStrIds::Short);
    assert_eq!(settings.plugins, ["mine"]);
    let marks = settings.strict_markers.expect("marks are strict");
    assert_eq!(marks[marks.len() - 2..], ["slow", "fast"]);
    let config = load(dir.path(), &[], &Env::default(), (9, 1)).expect("it is right");
    assert_eq!(config.settings((9, 1), (3, 12), "linux").long_str_ids, LongStrIds::Legacy);
}
