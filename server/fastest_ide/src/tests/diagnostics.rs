use std::cell::Cell;
use std::collections::BTreeMap;

use fastest_index::collect::collect_file;
use fastest_index::world::Settings;

use super::{Project, marked};
use crate::Model;
use crate::diagnostics::memo::Bodies;
use crate::diagnostics::{Diagnostic, Request, Rule, Rules, diagnose, diagnose_unless};

fn found(project: &Project, rules: Rules, registered: Option<&[String]>) -> Vec<Diagnostic> {
    let model = Model::new(project.view());
    let name = project.world.file(project.file).expect("it is in").path.file_name();
    let is_test = name.is_some_and(|name| name.to_string_lossy().starts_with("test_"));
    let collected = is_test.then(|| collect_file(&project.world, project.file));
    let request = Request {
        model: &model,
        file: project.file,
        collected: collected.as_ref(),
        rules,
        registered,
    };
    diagnose(&request, &mut Bodies::default())
}

/// `line: text with «» around the place ← rule: message`
fn shown(project: &Project, found: &[Diagnostic]) -> String {
    let text = project.text_of(project.file);
    let line = |diagnostic: &Diagnostic| {
        let place = marked(text, diagnostic.span);
        format!("{place} ← {}: {}", diagnostic.rule.code(), diagnostic.message)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Compares what is found in the last file.
#[track_caller]
fn check(sources: &str, expected: &str) {
    let project = Project::new(sources);
    assert_eq!(shown(&project, &found(&project, Rules::default(), None)), expected.trim());
}

/// Nothing is found in the last file.
#[track_caller]
fn silent(sources: &str) {
    check(sources, "");
}

/// Compares the last file after the first fix of the first finding.
#[track_caller]
fn check_fix(sources: &str, title: &str, expected: &str) {
    let project = Project::new(sources);
    let found = found(&project, Rules::default(), None);
    let fix = found.first().and_then(|diagnostic| diagnostic.fixes.first()).expect("a fix");
    assert_eq!(fix.title, title);
    let mut text = project.text_of(project.file).to_owned();
    let mut edits = fix.edits.clone();
    edits.sort();
    for edit in edits.iter().rev() {
        text.replace_range(edit.span.range(), &edit.text);
    }
    assert_eq!(text.trim_end(), expected.trim_end());
}

const DB: &str = "#- conftest.py
import pytest
@pytest.fixture
def database(): pass
#- test_a.py
";

#[test]
fn unknown_fixtures_are_found_and_the_nearest_name_is_offered() {
    check(
        &format!("{DB}def test_x(databse, wholly_other): pass\n"),
        "1: def test_x(«databse», wholly_other): pass ← unknown-fixture: there is no fixture \
         `databse`; did you mean `database`?\n\
         1: def test_x(databse, «wholly_other»): pass ← unknown-fixture: there is no fixture \
         `wholly_other`",
    );
    check_fix(
        &format!("{DB}def test_x(databse): pass\n"),
        "Change to `database`",
        "def test_x(database): pass",
    );
    check(
        &format!(
            "{DB}import pytest\npytestmark = pytest.mark.usefixtures('nope')\n\
             @pytest.mark.usefixtures('nono')\ndef test_x(): pass\n"
        ),
        "2: pytestmark = pytest.mark.usefixtures('«nope»') ← unknown-fixture: there is no fixture \
         `nope`\n3: @pytest.mark.usefixtures('«nono»') ← unknown-fixture: there is no fixture \
         `nono`",
    );
    check(
        "#- conftest.py\nimport pytest\n@pytest.fixture\ndef db(tmp_pth): pass\n",
        "3: def db(«tmp_pth»): pass ← unknown-fixture: there is no fixture `tmp_pth`; did you \
         mean `tmp_path`?",
    );
}

#[test]
fn fixtures_that_may_come_from_elsewhere_are_not_called_unknown() {
    // Marks, excuses, defaults, helpers, `unittest`.
    silent("import pytest\n@pytest.mark.parametrize('a', [1])\ndef test_x(a): assert a\n");
    silent(
        "import pytest\nnames = f()\n@pytest.mark.parametrize(names, [1])\ndef test_x(a): assert a\n",
    );
    silent("import pytest\n@pytest.mark.skip\ndef test_x(a): pass\n");
    silent("def test_x(a=1, *b, **c): pass\n");
    silent("def helper(a): pass\n");
    silent("import unittest\nclass TestA(unittest.TestCase):\n    def test_x(self, a): pass\n");
    // Hooks, decorators, calls, star imports, plugins.
    silent(
        "#- conftest.py\ndef pytest_generate_tests(metafunc): f(metafunc)\n#- test_a.py\ndef test_x(a): pass\n",
    );
    silent("from somewhere import wrap\n@wrap\ndef test_x(a): pass\n");
    silent("from unittest.mock import patch\n@patch('x.y')\ndef test_x(a): pass\n");
    silent(
        "#- conftest.py\nfrom factory import register\nregister(Thing)\n#- test_a.py\ndef test_x(thing): pass\n",
    );
    silent("#- conftest.py\nfrom somewhere import *\n#- test_a.py\ndef test_x(thing): pass\n");
    silent("#- conftest.py\npytest_plugins = ['nowhere']\n#- test_a.py\ndef test_x(thing): pass\n");
    silent("#- conftest.py\nthing = make_fixture()\n#- test_a.py\ndef test_x(thing): pass\n");
    silent(
        "#- conftest.py\ndef pytest_configure(config):\n    config.pluginmanager.register(X())\n#- test_a.py\ndef test_x(thing): pass\n",
    );
    // A fixture that is defined below, or given a value by a mark, where it is used.
    silent(
        "#- test_b.py\nimport pytest\n@pytest.fixture\ndef low(): pass\n#- conftest.py\nimport pytest\n@pytest.fixture\ndef db(low): pass\n",
    );
    silent(
        "#- test_b.py\nimport pytest\n@pytest.mark.parametrize('low', [1])\ndef test_x(db, low): pass\n#- conftest.py\nimport pytest\n@pytest.fixture\ndef db(low): pass\n",
    );
    // A class that is not collected itself, and one with an unknown base.
    silent("class Mixin:\n    def test_x(self, a): pass\n");
    silent("from somewhere import Base\nclass TestA(Base):\n    def test_x(self, a): pass\n");
}

#[test]
fn scopes_that_do_not_fit_are_found() {
    check(
        "#- conftest.py\nimport pytest\n@pytest.fixture\ndef narrow(): pass\n\
         @pytest.fixture(scope='session')\ndef wide(narrow, tmp_path_factory, monkeypatch, request): pass\n",
        "5: def wide(«narrow», tmp_path_factory, monkeypatch, request): pass ← \
         fixture-scope-mismatch: `wide` has the scope `session` and cannot request `narrow`, whose \
         scope is `function`\n\
         5: def wide(narrow, tmp_path_factory, «monkeypatch», request): pass ← \
         fixture-scope-mismatch: `wide` has the scope `session` and cannot request `monkeypatch`, \
         whose scope is `function`",
    );
    check_fix(
        "import pytest\n@pytest.fixture\ndef narrow(): pass\n\
         @pytest.fixture(scope=\"session\")\ndef wide(narrow): pass\n",
        "Change the scope of `wide` to `function`",
        "import pytest\n@pytest.fixture\ndef narrow(): pass\n\
         @pytest.fixture(scope=\"function\")\ndef wide(narrow): pass\n",
    );
    silent(
        "import pytest\n@pytest.fixture(scope=choose)\ndef narrow(): pass\n\
         @pytest.fixture(scope='session')\ndef wide(narrow): pass\n",
    );
    silent(
        "#- sub/conftest.py\nimport pytest\n@pytest.fixture(scope='session')\ndef narrow(): pass\n\
         #- conftest.py\nimport pytest\n@pytest.fixture\ndef narrow(): pass\n\
         @pytest.fixture(scope='session')\ndef wide(narrow): pass\n",
    );
}

#[test]
fn circles_are_found() {
    check(
        "import pytest\n@pytest.fixture\ndef a(b): pass\n@pytest.fixture\ndef b(c): pass\n\
         @pytest.fixture\ndef c(a): pass\n@pytest.fixture\ndef d(a): pass\n",
        "3: def «a»(b): pass ← fixture-cycle: fixtures request one another in a circle: `a` → \
         `b` → `c` → `a`\n\
         5: def «b»(c): pass ← fixture-cycle: fixtures request one another in a circle: `b` → \
         `c` → `a` → `b`\n\
         7: def «c»(a): pass ← fixture-cycle: fixtures request one another in a circle: `c` → \
         `a` → `b` → `c`",
    );
    check(
        "import pytest\n@pytest.fixture\ndef a(a): pass\n",
        "3: def «a»(a): pass ← fixture-cycle: `a` requests itself and overrides no other fixture",
    );
    silent(
        "#- conftest.py\nimport pytest\n@pytest.fixture\ndef a(): pass\n#- test_a.py\nimport pytest\n@pytest.fixture\ndef a(a): pass\n",
    );
    silent("import pytest\n@pytest.fixture\ndef tmp_path(tmp_path): pass\n");
}

#[test]
fn arguments_of_parametrize_that_nobody_takes_are_found() {
    check(
        "import pytest\n@pytest.mark.parametrize('a, c', [(1, 2)])\ndef test_x(a, b=1): assert a\n",
        "2: @pytest.mark.parametrize('a, «c»', [(1, 2)]) ← parametrize-unknown-argument: `test_x` \
         does not take the argument `c`",
    );
    check(
        "import pytest\n@pytest.mark.parametrize('b', [1])\ndef test_x(b=1): assert b\n",
        "2: @pytest.mark.parametrize('«b»', [1]) ← parametrize-unknown-argument: `b` of `test_x` \
         has a default value and cannot be parametrized",
    );
    let fix = "Add the parameter `c` to `test_x`";
    check_fix(
        "import pytest\n@pytest.mark.parametrize('a, c', [(1, 2)])\ndef test_x(a): assert a\n",
        fix,
        "import pytest\n@pytest.mark.parametrize('a, c', [(1, 2)])\ndef test_x(a, c): assert a\n",
    );
    check_fix(
        "import pytest\nclass TestA:\n    @pytest.mark.parametrize('c', [1])\n    def test_x(\n        \
         self,\n    ) -> None:\n        pass\n",
        fix,
        "import pytest\nclass TestA:\n    @pytest.mark.parametrize('c', [1])\n    def test_x(\n        \
         self, c\n    ) -> None:\n        pass\n",
    );
    check_fix(
        "import pytest\n@pytest.mark.parametrize('c', [1])\ndef test_x(): pass\n",
        fix,
        "import pytest\n@pytest.mark.parametrize('c', [1])\ndef test_x(c): pass\n",
    );
}

#[test]
fn rows_of_the_wrong_length_are_found() {
    check(
        "import pytest\n@pytest.mark.parametrize('a, b', [(1, 2), (3,), pytest.param(1, 2, 3)])\n\
         def test_x(a, b): assert a == b\n",
        "2: @pytest.mark.parametrize('a, b', [(1, 2), «(3,)», pytest.param(1, 2, 3)]) ← \
         parametrize-wrong-count: 1 value for 2 argument names\n\
         2: @pytest.mark.parametrize('a, b', [(1, 2), (3,), «pytest.param(1, 2, 3)»]) ← \
         parametrize-wrong-count: 3 values for 2 argument names",
    );
    silent(
        "import pytest\n@pytest.mark.parametrize('a, b', f())\ndef test_x(a, b): assert a == b\n",
    );
    silent("import pytest\n@pytest.mark.parametrize('a', [(1, 2), ()])\ndef test_x(a): assert a\n");
}

#[test]
fn unused_arguments_of_parametrize_are_found() {
    check(
        "import pytest\n@pytest.mark.parametrize('a, b, _c', [(1, 2, 3)])\ndef test_x(a, b, _c): assert a\n",
        "3: def test_x(a, «b», _c): assert a ← parametrize-unused-argument: `b` of `parametrize` is \
         not used",
    );
    let mark =
        "import pytest\n@pytest.fixture\ndef db(a): pass\n@pytest.mark.parametrize('a', [1])\n";
    silent(&format!("{mark}def test_x(a, db): pass\n"));
    silent("import pytest\n@pytest.mark.parametrize('a', [1])\ndef test_x(a): f(**locals())\n");
    silent(
        "import pytest\n@pytest.mark.parametrize('a', [1])\ndef test_x(a):\n    def f(): return a\n    f()\n",
    );
    silent(
        "import pytest\n@pytest.mark.parametrize('tmp_path', [1])\ndef test_x(tmp_path): pass\n",
    );
}

#[test]
fn tests_that_hide_one_another_are_found() {
    check(
        "def test_x(): pass\ndef test_y(): pass\ndef test_x(): pass\n\
         class TestA:\n    def test_z(self): pass\n    def test_z(self): pass\n",
        "1: def «test_x»(): pass ← duplicate-test: `test_x` never runs: it is defined again on \
         line 3\n5: def «test_z»(self): pass ← duplicate-test: `test_z` never runs: it is defined \
         again on line 6",
    );
    check_fix(
        "def test_x(): pass\ndef test_x(): pass\n",
        "Rename to `test_x_2`",
        "def test_x_2(): pass\ndef test_x(): pass\n",
    );
    silent("if x:\n    def test_x(): pass\nelse:\n    def test_x(): pass\n");
    silent("def test_x(): pass\ntest_y = test_x\ndef test_x(): pass\n");
    silent("def test_x(): pass\n@test_x.register\ndef test_x(): pass\n");
    silent("@keep\ndef test_x(): pass\ndef test_x(): pass\n");
    silent("class TestA: pass\nclass TestA(TestA): pass\n");
    silent("def helper(): pass\ndef helper(): pass\n");
}

#[test]
fn classes_with_constructors_are_found() {
    check(
        "class TestA:\n    def __init__(self): pass\n    def test_x(self): pass\n",
        "1: class «TestA»: ← test-class-constructor: pytest does not collect `TestA`: a test class \
         cannot have `__init__`",
    );
    silent("class TestA:\n    __test__ = False\n    def __init__(self): pass\n");
    silent("class Helper:\n    def __init__(self): pass\n");
}

#[test]
fn unknown_marks_are_found_where_marks_are_strict() {
    let source = "import pytest\npytestmark = pytest.mark.slwo\n@pytest.mark.skip\n@pytest.mark.other(1)\ndef test_x(): pass\n";
    let project = Project::new(source);
    let registered = ["slow".to_owned(), "skip".to_owned()];
    let found = found(&project, Rules::default(), Some(&registered));
    assert_eq!(
        shown(&project, &found),
        "2: pytestmark = pytest.mark.«slwo» ← unknown-mark: the mark `slwo` is not registered; did \
         you mean `slow`?\n4: @pytest.mark.«other»(1) ← unknown-mark: the mark `other` is not \
         registered"
    );
    silent(source);
}

#[test]
fn async_tests_that_nothing_runs_are_found() {
    check(
        "async def test_x(): pass\n",
        "1: async def «test_x»(): pass ← async-test-not-run: pytest fails `async def` tests \
         without a plugin that runs them, such as pytest-asyncio or anyio",
    );
    let older = Project::with("async def test_x(): pass\n", |settings: &mut Settings| {
        settings.pytest = (8, 3);
    });
    let found = found(&older, Rules::default(), None);
    assert!(found[0].message.starts_with("pytest skips `async def` tests"), "{found:?}");
    silent("#- site-packages/plugin_async.py\nx = 1\n#- test_a.py\nasync def test_x(): pass\n");
    silent(
        "#- conftest.py\ndef pytest_pyfunc_call(pyfuncitem): pass\n#- test_a.py\nasync def test_x(): pass\n",
    );
    silent(
        "import unittest\nclass TestA(unittest.IsolatedAsyncioTestCase):\n    async def test_x(self): pass\n",
    );
}

#[test]
fn assertions_on_tuples_are_found() {
    check(
        "def test_x():\n    assert (1 == 2, 'no')\n    assert (1 == 2), 'no'\n    assert ()\n",
        "2: assert «(1 == 2, 'no')» ← assert-tuple: an assertion on a tuple is always true",
    );
    check_fix(
        "def test_x():\n    assert (1 == 2, 'no')\n",
        "Remove the parentheses",
        "def test_x():\n    assert 1 == 2, 'no'\n",
    );
}

#[test]
fn fixtures_that_are_called_are_found() {
    let db = "import pytest\n@pytest.fixture\ndef db(): pass\n";
    check(
        &format!("{db}def test_x(a=1):\n    x = db()\n"),
        "5: x = «db»() ← fixture-called-directly: the fixture `db` is called directly, which \
         pytest refuses: request it as a parameter",
    );
    check_fix(
        &format!("{db}def test_x():\n    x = db()\n"),
        "Request `db` as a parameter",
        &format!("{db}def test_x(db):\n    x = db\n"),
    );
    silent(&format!("{db}def test_x(db):\n    db()\n"));
    silent(&format!("{db}def test_x():\n    db = f\n    db()\n"));
    silent("def db(): pass\ndef test_x():\n    db()\n");
}

#[test]
fn tests_that_return_are_found() {
    check(
        "def test_x():\n    return 1 == 2\n",
        "2: return «1 == 2» ← test-returns-value: `test_x` returns a value, which pytest ignores; \
         did you mean to assert it?",
    );
    silent(
        "def test_x():\n    return\ndef test_y():\n    return None\ndef test_z():\n    return f()\n",
    );
    silent("def test_x():\n    def f():\n        return 1\n");
    silent("def helper():\n    return 1\n");
}

#[test]
fn every_rule_can_be_switched_off() {
    let sources = BTreeMap::from([
        (Rule::UnknownFixture, "def test_x(nope): pass\n"),
        (
            Rule::FixtureScopeMismatch,
            "import pytest\n@pytest.fixture(scope='module')\ndef a(tmp_path): pass\n",
        ),
        (Rule::FixtureCycle, "import pytest\n@pytest.fixture\ndef a(a): pass\n"),
        (
            Rule::ParametrizeUnknownArgument,
            "import pytest\n@pytest.mark.parametrize('a', [1])\ndef test_x(): pass\n",
        ),
        (
            Rule::ParametrizeWrongCount,
            "import pytest\n@pytest.mark.parametrize('a,b', [(1,)])\ndef test_x(a, b): f(a, b)\n",
        ),
        (
            Rule::ParametrizeUnusedArgument,
            "import pytest\n@pytest.mark.parametrize('a', [1])\ndef test_x(a): pass\n",
        ),
        (Rule::DuplicateTest, "def test_x(): pass\ndef test_x(): pass\n"),
        (Rule::TestClassConstructor, "class TestA:\n    def __init__(self): pass\n"),
        (Rule::UnknownMark, "import pytest\n@pytest.mark.nope\ndef test_x(): pass\n"),
        (Rule::AsyncTestNotRun, "async def test_x(): pass\n"),
        (Rule::AssertTuple, "def test_x():\n    assert (1, 2)\n"),
        (
            Rule::FixtureCalledDirectly,
            "import pytest\n@pytest.fixture\ndef db(): pass\ndef test_x():\n    db()\n",
        ),
        (Rule::TestReturnsValue, "def test_x():\n    return 1\n"),
    ]);
    for rule in Rule::ALL {
        let project = Project::new(sources[&rule]);
        let registered = (rule == Rule::UnknownMark).then_some(&[][..]);
        let on = found(&project, Rules::default(), registered);
        assert!(on.iter().all(|diagnostic| diagnostic.rule == rule) && !on.is_empty(), "{on:?}");
        assert_eq!(found(&project, Rules::without([rule]), registered), []);
        assert_eq!(Rule::from_code(rule.code()), Some(rule));
    }
}

#[test]
fn an_answer_that_nobody_wants_any_more_is_given_up_between_functions() {
    let project = Project::new("def test_a(): assert 1\ndef test_b(): assert 2\n");
    let (model, asked) = (Model::new(project.view()), Cell::new(0));
    let request = Request {
        model: &model,
        file: project.file,
        collected: None,
        rules: Rules::default(),
        registered: None,
    };
    let is_late = || asked.replace(asked.get() + 1) > 0;
    let mut bodies = Bodies::default();
    assert_eq!(diagnose_unless(&request, &mut bodies, &is_late), None);
    assert_eq!(asked.get(), 2);
    assert_eq!(diagnose(&request, &mut bodies), []);
}

#[test]
fn a_keystroke_parses_one_function() {
    let mut bodies = Bodies::default();
    let mut parsed = Vec::new();
    for body in ["1", "2", "2"] {
        let project =
            Project::new(&format!("def test_a(): assert 1\ndef test_b(): assert {body}\n"));
        let model = Model::new(project.view());
        let collected = collect_file(&project.world, project.file);
        let request = Request {
            model: &model,
            file: project.file,
            collected: Some(&collected),
            rules: Rules::default(),
            registered: None,
        };
        assert_eq!(diagnose(&request, &mut bodies), []);
        parsed.push(bodies.parsed(project.file));
    }
    assert_eq!(parsed, [2, 3, 3]);
}
