use std::path::Path;
use std::sync::Arc;

use fastest_syntax::scan;

use super::parametrize::{Subject, Trouble, parametrization};
use super::{Decorator, Value, decorators, evaluate, repr};
use crate::names::{Definition, Query, Scope};
use crate::world::{File, FileId, LongStrIds, Module, Settings, World};

fn world(source: &str, settings: Settings) -> (World, FileId) {
    let mut world = World::new(settings);
    let file = world.set_file(File {
        path: Arc::from(Path::new("/project/test_a.py")),
        module: "test_a".into(),
        is_package: false,
        outline: Arc::new(scan(source)),
    });
    world.set_module("test_a", Module::Source(file));
    (world, file)
}

/// Evaluates what `x` is bound to at the end of a source, and compares its `repr`, or what else
/// is known of it.
#[track_caller]
fn check(source: &str, expected: &str) {
    let (world, file) = world(source, Settings::new("/project"));
    let query = Query::new(&world);
    let binding = query.lookup(Scope::Module(file), "x").expect("`x` is bound");
    let Definition::Value(value) = &binding.definition else { panic!("{binding:?}") };
    let shown = match evaluate(&query, value.scope, value.base, value.expr) {
        Value::Unknown(reason) => format!("unknown: {reason}"),
        Value::Object => "object".to_owned(),
        Value::Named(named) => format!("named {}", named.name),
        value => repr::repr(&value).unwrap_or_else(|_| format!("{value:?}")),
    };
    assert_eq!(shown, expected);
}

/// The ids of the function at the end of a source, joined by `|`; else why there are none.
#[track_caller]
fn check_ids(source: &str, settings: Settings, expected: &str) {
    let (world, file) = world(source, settings);
    let query = Query::new(&world);
    let binding = query.lookup(Scope::Module(file), "test_x").expect("`test_x` is defined");
    let Definition::Function(function) = binding.definition else { panic!("{binding:?}") };
    let subject = Subject { node_id: "test_a.py::test_x", function: "test_x", line: 3 };
    let found = decorators(&query, function.scope(), function.base, &function.function.decorators);
    let Some(Decorator::Mark(mark)) = found.first() else { panic!("{found:?}") };
    let shown = match parametrization(&query, mark, subject) {
        Ok(parametrization) => match parametrization.cases {
            Ok(cases) => {
                let id = |id: Option<String>| id.unwrap_or_else(|| "(hidden)".to_owned());
                let ids: Vec<String> = cases.into_iter().map(|case| id(case.id)).collect();
                ids.join("|")
            }
            Err(doubt) => format!("unknown {:?}: {}", doubt.count, doubt.reason),
        },
        Err(Trouble::Unknown(reason)) => format!("unknown: {reason}"),
        Err(Trouble::Error(message)) => format!("error: {message}"),
    };
    assert_eq!(shown, expected);
}

fn function(arguments: &str) -> String {
    format!("import pytest\n@pytest.mark.parametrize({arguments})\ndef test_x(x): pass\n")
}

fn with(pytest: (u16, u16)) -> Settings {
    Settings { pytest, ..Settings::new("/project") }
}

#[test]
fn literals_and_operators() {
    check(
        "x = [1, -2, 'a' + \"'\", b'\\x00', 1e16, (None,), {'k': ...}]",
        "[1, -2, \"a'\", b'\\x00', 1e+16, (None,), {'k': Ellipsis}]",
    );
    check(
        "y = 3\nx = [y * 'ab', 7 // -2, 1 < y < 5, y and 0, not y]",
        "['ababab', -4, True, 0, False]",
    );
}

#[test]
fn what_only_run_time_knows_is_unknown() {
    check("def f(): pass\nx = f()", "unknown: what `f()` returns is known at run time only");
    check(
        "import os\nx = [os.environ][0]",
        "unknown: what `os.environ` is, is known at run time only",
    );
    check("x = list({1, 2})", "unknown: the order of a set is known at run time only");
    check("x = 10 ** 100", "unknown: arithmetic that fails or exceeds 128 bits");
}

#[test]
fn work_is_bounded() {
    check("x = list(range(10 ** 9))", "unknown: the value takes too long to compute");
    check("x = 'ab' * 10 ** 12", "unknown: the value takes too long to compute");
    let deep = format!("x = {}1", "1 + ".repeat(500));
    check(&deep, "unknown: names or expressions nest too deeply");
}

#[test]
fn one_unknown_element_leaves_the_others() {
    let source = "def f(): pass\ny = [f(), 2]\nx = [y[1], len(y)]";
    check(source, "[2, 2]");
}

#[test]
fn iterators_that_a_name_holds_may_be_used_up() {
    let reason = "unknown: an iterator that a name is bound to may be used up already";
    check("y = (i for i in [1])\nx = list(y)", reason);
    check("x = list(i for i in [1])", "[1]");
}

#[test]
fn instances_are_objects_unless_they_may_have_a_name() {
    check("class A:\n    def __init__(self): pass\nx = A()", "object");
    check("class A(dict): pass\nx = A()", "object");
    let unknown = "unknown: what `A()` makes is known at run time only";
    check("class A(str): pass\nx = A()", unknown);
    check("class A:\n    __name__ = 'a'\nx = A()", unknown);
    check("class A:\n    def __getattr__(self, name): pass\nx = A()", unknown);
    check("class A:\n    def __init__(self): pass\n    def __call__(self): pass\nx = A()", unknown);
    check("class M(type): pass\nclass A(metaclass=M): pass\nx = A()", unknown);
}

#[test]
fn duplicates_get_suffixes_as_the_version_of_pytest_does() {
    let source = function("'x', ['a', 'a', 'a0', 1, 1]");
    check_ids(&source, with((9, 2)), "a1|a2|a0|1_0|1_1");
    check_ids(&source, with((7, 4)), "a0|a1|a0|10|11");
    let strict = Settings { strict_parametrization_ids: true, ..with((9, 2)) };
    check_ids(
        &function("'x', ['a', 'b', 'a']"),
        strict,
        concat!(
            "error: Duplicate parametrization IDs detected, but strict_parametrization_ids is set.\n\n",
            "Test name:      test_a.py::test_x\nParameters:     x\n",
            "Parameter sets: ['a'], ['b'], ['a']\nIDs:            a, b, a\nDuplicates:     a\n\n",
            "You can fix this problem using `@pytest.mark.parametrize(..., ids=...)` or ",
            "`pytest.param(..., id=...)`."
        ),
    );
}

#[test]
fn empty_sets_have_one_case() {
    check_ids(&function("'x, y', []"), with((9, 2)), "NOTSET");
    check_ids(&function("'x, y', []"), with((8, 3)), "x0-y0");
}

#[test]
fn explicit_ids_need_no_value() {
    let source = format!(
        "def f(): pass\n{}",
        function("'x', [f(), pytest.param(f(), id='b')], ids=['a', None]")
    );
    check_ids(&source, with((9, 2)), "a|b");
    let source = format!("def f(): pass\n{}", function("'x', [f(), 1]"));
    let reason = "unknown Some(2): what `f()` returns is known at run time only";
    check_ids(&source, with((9, 2)), reason);
}

#[test]
fn long_strings_follow_the_configured_strategy() {
    let source = function(&format!("'x', ['{}']", "a".repeat(101)));
    let with = |long_str_ids| Settings { long_str_ids, ..with((9, 2)) };
    check_ids(&source, with(LongStrIds::Short), "x0");
    check_ids(&source, with(LongStrIds::Legacy), &"a".repeat(101));
    check_ids(&source, with(LongStrIds::Sha256), "unknown Some(1): an id that is a SHA-256");
}

#[test]
fn errors_are_worded_as_pytest_words_them() {
    check_ids(
        &function("'x, y', [(1, 2), (3,)]"),
        with((9, 2)),
        concat!(
            "error: test_a.py::test_x: in \"parametrize\" the number of names (2):\n",
            "  ['x', 'y']\nmust be equal to the number of values (1):\n  (3,)"
        ),
    );
    let count = "parameter sets specified, with different number of ids: 1";
    let source = function("'x', [1, 2], ids=['a']");
    check_ids(&source, with((9, 2)), &format!("error: In test_a.py::test_x: 2 {count}"));
    check_ids(&source, with((9, 0)), &format!("error: In test_x: 2 {count}"));
    check_ids(
        &function("'x', [1], indirect=['y']"),
        with((9, 2)),
        "error: In test_a.py::test_x: indirect fixture 'y' doesn't exist",
    );
    check_ids(
        &function("'request', [1]"),
        with((9, 2)),
        concat!(
            "error: test_a.py::test_x: 'request' is a reserved name and cannot be used in ",
            "@pytest.mark.parametrize"
        ),
    );
    check_ids(
        &function("'x', [1, 2], ids=[pytest.HIDDEN_PARAM] * 2"),
        with((9, 2)),
        concat!(
            "error: In test_a.py::test_x: multiple instances of HIDDEN_PARAM cannot be used in the ",
            "same parametrize call, because the tests names need to be unique."
        ),
    );
}

#[test]
fn decorators_are_told_apart() {
    let source = "import pytest, functools\nslow = pytest.mark.slow\n\
        @slow\n@functools.cache\n@getattr(pytest.mark, 'x')(1)\ndef test_x(): pass\n";
    let (world, file) = world(source, Settings::new("/project"));
    let query = Query::new(&world);
    let binding = query.lookup(Scope::Module(file), "test_x").expect("`test_x` is defined");
    let Definition::Function(function) = binding.definition else { panic!("{binding:?}") };
    let found = decorators(&query, function.scope(), function.base, &function.function.decorators);
    let shown = |decorator: &Decorator<'_>| match decorator {
        Decorator::Mark(mark) => format!("{}({})", mark.name, mark.args.len()),
        Decorator::Other(Definition::External(name)) => name.to_string(),
        Decorator::Other(other) => format!("{other:?}"),
    };
    let shown: Vec<String> = found.iter().map(shown).collect();
    assert_eq!(shown, ["slow(0)", "functools.cache", "x(1)"]);
}
