//! The fixtures that pytest itself defines, by version.
//!
//! Where the installed pytest's source is at hand, its own signature and docstring are shown; the
//! sentences here are for when it is not.

use compact_str::CompactString;
use fastest_index::collect::fixtures::FixtureScope;

/// A fixture of pytest's own.
#[derive(Debug, PartialEq, Eq)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// The module that defines it.
    pub module: &'static str,
    /// Its scope.
    pub scope: FixtureScope,
    /// The fixtures that it requests.
    pub arguments: &'static [&'static str],
    /// The first version of pytest that has it.
    since: (u16, u16),
    /// Whether it is there only with the plugin `pytester`.
    is_pytester: bool,
    /// What it is for.
    pub summary: &'static str,
}

impl Builtin {
    /// The names of the fixtures that it requests.
    #[must_use]
    pub fn requested(&self) -> Vec<CompactString> {
        self.arguments.iter().map(|&name| name.into()).collect()
    }
}

/// The builtin fixtures of a version, with or without the plugin `pytester`.
pub fn all(pytest: (u16, u16), with_pytester: bool) -> impl Iterator<Item = &'static Builtin> {
    BUILTINS.iter().filter(move |b| b.since <= pytest && (with_pytester || !b.is_pytester))
}

/// The builtin fixture of a name.
#[must_use]
pub fn find(name: &str, pytest: (u16, u16), with_pytester: bool) -> Option<&'static Builtin> {
    all(pytest, with_pytester).find(|builtin| builtin.name == name)
}

/// Whether some version of pytest, with any of its plugins, has a fixture of a name.
#[must_use]
pub fn is_ever(name: &str) -> bool {
    BUILTINS.iter().any(|builtin| builtin.name == name)
}

const ALWAYS: (u16, u16) = (7, 0);

const fn of_function(
    name: &'static str,
    module: &'static str,
    arguments: &'static [&'static str],
    summary: &'static str,
) -> Builtin {
    let scope = FixtureScope::Function;
    Builtin { name, module, scope, arguments, since: ALWAYS, is_pytester: false, summary }
}

const fn of_session(
    name: &'static str,
    module: &'static str,
    arguments: &'static [&'static str],
    summary: &'static str,
) -> Builtin {
    Builtin { scope: FixtureScope::Session, ..of_function(name, module, arguments, summary) }
}

const fn of_pytester(
    name: &'static str,
    module: &'static str,
    arguments: &'static [&'static str],
    summary: &'static str,
) -> Builtin {
    Builtin { is_pytester: true, ..of_function(name, module, arguments, summary) }
}

/// As pytest 7.4 to 9.2 list them with `--fixtures`; `request` is made by pytest, not by a
/// fixture function, and has the scope of whoever requests it.
const BUILTINS: &[Builtin] = &[
    of_function(
        "request",
        "_pytest.fixtures",
        &[],
        "The test or fixture that asks: its node, its parameter (`request.param`), its module and \
         class, and `getfixturevalue` for fixtures chosen at run time.",
    ),
    of_function(
        "cache",
        "_pytest.cacheprovider",
        &["request"],
        "Values that are kept between runs of pytest: `cache.get(key, default)` and \
         `cache.set(key, value)`.",
    ),
    of_function(
        "capfd",
        "_pytest.capture",
        &["request"],
        "What is written to the file descriptors 1 and 2, as text: `capfd.readouterr()`.",
    ),
    of_function(
        "capfdbinary",
        "_pytest.capture",
        &["request"],
        "What is written to the file descriptors 1 and 2, as bytes.",
    ),
    of_function(
        "caplog",
        "_pytest.logging",
        &["request"],
        "What is logged: `caplog.records`, `caplog.text`, `caplog.at_level(…)`.",
    ),
    of_function(
        "capsys",
        "_pytest.capture",
        &["request"],
        "What is written to `sys.stdout` and `sys.stderr`, as text: `capsys.readouterr()`.",
    ),
    of_function(
        "capsysbinary",
        "_pytest.capture",
        &["request"],
        "What is written to `sys.stdout` and `sys.stderr`, as bytes.",
    ),
    Builtin {
        since: (8, 4),
        ..of_function(
            "capteesys",
            "_pytest.capture",
            &["request"],
            "What is written to `sys.stdout` and `sys.stderr`, which is also passed on.",
        )
    },
    of_session(
        "doctest_namespace",
        "_pytest.doctest",
        &[],
        "A dictionary of names that all doctests see.",
    ),
    of_function(
        "monkeypatch",
        "_pytest.monkeypatch",
        &[],
        "Changes attributes, items, environment variables, `sys.path` and the working directory, \
         and undoes it after the test.",
    ),
    of_session(
        "pytestconfig",
        "_pytest.fixtures",
        &["request"],
        "pytest's configuration: options and ini values.",
    ),
    of_function(
        "record_property",
        "_pytest.junitxml",
        &["request"],
        "Adds a property to the test in reports: `record_property(name, value)`.",
    ),
    of_session(
        "record_testsuite_property",
        "_pytest.junitxml",
        &["request"],
        "Adds a property to the whole suite in the JUnit report.",
    ),
    of_function(
        "record_xml_attribute",
        "_pytest.junitxml",
        &["request"],
        "Adds an attribute to the test's element in the JUnit report.",
    ),
    of_function("recwarn", "_pytest.recwarn", &[], "The warnings that the test causes."),
    Builtin {
        since: (9, 0),
        ..of_function(
            "subtests",
            "_pytest.subtests",
            &["request"],
            "Parts of a test that are reported by themselves: `with subtests.test(…):`.",
        )
    },
    of_function(
        "tmp_path",
        "_pytest.tmpdir",
        &["request", "tmp_path_factory"],
        "A fresh folder of the test's own, as a `pathlib.Path`.",
    ),
    of_session(
        "tmp_path_factory",
        "_pytest.tmpdir",
        &["request"],
        "Makes folders for fixtures of wider scopes: `tmp_path_factory.mktemp(name)`.",
    ),
    of_function(
        "tmpdir",
        "_pytest.legacypath",
        &["tmp_path"],
        "A fresh folder of the test's own, as a `py.path.local`. New code uses `tmp_path`.",
    ),
    of_session(
        "tmpdir_factory",
        "_pytest.legacypath",
        &["request"],
        "Makes folders as `py.path.local`. New code uses `tmp_path_factory`.",
    ),
    of_pytester(
        "pytester",
        "_pytest.pytester",
        &["request", "tmp_path_factory", "monkeypatch"],
        "Writes test files into a folder of its own and runs pytest on them.",
    ),
    of_pytester(
        "testdir",
        "_pytest.legacypath",
        &["pytester"],
        "`pytester` with `py.path.local` objects. New code uses `pytester`.",
    ),
    of_pytester(
        "linecomp",
        "_pytest.pytester",
        &[],
        "Checks that lines stand in a text one after the other.",
    ),
    of_pytester(
        "LineMatcher",
        "_pytest.pytester",
        &["request"],
        "The class that matches lines of a text against patterns.",
    ),
];
