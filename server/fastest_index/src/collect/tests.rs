//! Whole files in, node ids out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastest_syntax::scan;

use super::session::{Session, SessionFile};
use super::*;
use crate::select::Selection;
use crate::world::{File, Module, Settings, World};

/// A world of files, given as `path` and text; `conftest.py` and test files alike.
fn world(files: &[(&str, &str)]) -> World {
    let mut world = World::new(Settings::new("/p"));
    for (path, text) in files {
        let module = path.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".");
        let file = File {
            path: Arc::from(Path::new("/p").join(path)),
            module: module.as_str().into(),
            is_package: path.ends_with("__init__.py"),
            outline: Arc::new(scan(text)),
        };
        let id = world.set_file(file);
        world.set_module(&module, Module::Source(id));
    }
    world
}

/// The items of the last file, one a line; a doubt after `?`, problems after `!`.
fn ids(files: &[(&str, &str)]) -> String {
    let world = world(files);
    let path = PathBuf::from("/p").join(files.last().expect("a file").0);
    let file = world.file_at(&path).expect("it was put in");
    let collected = Arc::new(collect_file(&world, file));
    let node_id = module::node_id(&world, file);
    let problems: Vec<String> =
        collected.problems.iter().map(|problem| format!("! {}", problem.message)).collect();
    let entry = SessionFile { node_id, collected, asked: Vec::new(), doubt: None };
    let session = Session::assemble(vec![entry], &Selection::default()).expect("no selection");
    let shown = session.items().map(|item| {
        let id = item.node_id();
        let id = id.split_once("::").map_or(id.clone(), |(_, inner)| inner.to_owned());
        item.doubt().map_or(id.clone(), |doubt| format!("{id} ? {doubt}"))
    });
    shown.chain(problems).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(source: &str, expected: &str) {
    check_files(&[("test_a.py", source)], expected);
}

#[track_caller]
fn check_files(files: &[(&str, &str)], expected: &str) {
    assert_eq!(ids(files), expected);
}

#[test]
fn functions_and_classes_come_in_definition_order() {
    check(
        "def test_b(): pass\nclass TestC:\n def test_y(self): pass\n def helper(self): pass\n\
         async def test_a(): pass\ndef helper(): pass\n",
        "test_b\nTestC::test_y\ntest_a",
    );
}

#[test]
fn the_last_definition_wins_at_the_first_place() {
    check(
        "def test_a(): pass\ndef test_b(): pass\nimport pytest\n\
         @pytest.mark.parametrize('x', [1])\ndef test_a(x): pass\n",
        "test_a[1]\ntest_b",
    );
}

#[test]
fn inherited_methods_come_before_own_ones() {
    check(
        "class Base:\n def test_b(self): pass\n def test_a(self): pass\n\
         class TestX(Base):\n def test_c(self): pass\n def test_a(self): pass\n",
        "TestX::test_b\nTestX::test_c\nTestX::test_a",
    );
}

#[test]
fn bases_of_other_modules_are_followed() {
    check_files(
        &[
            ("base.py", "class Base:\n def test_b(self): pass\n"),
            ("test_a.py", "from base import Base as B\nclass TestX(B): pass\n"),
        ],
        "TestX::test_b",
    );
}

#[test]
fn a_test_case_is_collected_by_name_order_whatever_it_is_called() {
    check(
        "import unittest as u\nclass Things(u.TestCase):\n def test_b(self): pass\n\
         \x20def test_a(self): pass\n test_c = None\n",
        "Things::test_a\nThings::test_b",
    );
}

#[test]
fn a_constructor_keeps_a_class_from_being_collected() {
    check(
        "class TestX:\n def __init__(self): pass\n def test_a(self): pass\n",
        "! cannot collect test class 'TestX' because it has a __init__ constructor (from: test_a.py)",
    );
}

#[test]
fn the_test_attribute_decides() {
    check(
        "class TestX:\n __test__ = False\n def test_a(self): pass\n\
         class Other:\n __test__ = True\n def test_a(self): pass\n",
        "Other::test_a",
    );
}

#[test]
fn stacked_parametrization_multiplies_from_below() {
    check(
        "import pytest\n@pytest.mark.parametrize('x', [1, 2])\n\
         @pytest.mark.parametrize('y', ['a', 'b'])\ndef test_a(x, y): pass\n",
        "test_a[a-1]\ntest_a[a-2]\ntest_a[b-1]\ntest_a[b-2]",
    );
}

#[test]
fn class_and_module_marks_parametrize_too() {
    check(
        "import pytest\npytestmark = pytest.mark.parametrize('m', [0])\n\
         @pytest.mark.parametrize('c', [1])\nclass TestX:\n\
         \x20@pytest.mark.parametrize('f', [2])\n def test_a(self, f, c, m): pass\n",
        "TestX::test_a[2-1-0]",
    );
}

#[test]
fn fixture_params_come_first() {
    check_files(
        &[
            (
                "conftest.py",
                "import pytest\n@pytest.fixture(params=['p', 'q'])\ndef fx(request): pass\n\
                 @pytest.fixture\ndef user(fx): pass\n",
            ),
            (
                "test_a.py",
                "import pytest\n@pytest.mark.parametrize('x', [1])\ndef test_a(x, user): pass\n",
            ),
        ],
        "test_a[p-1]\ntest_a[q-1]",
    );
}

#[test]
fn a_nearer_fixture_overrides_and_may_ask_for_the_farther() {
    let conftest = "import pytest\n@pytest.fixture(params=[1, 2])\ndef fx(request): pass\n";
    check_files(
        &[
            ("conftest.py", conftest),
            ("test_a.py", "import pytest\n@pytest.fixture\ndef fx(): pass\ndef test_a(fx): pass\n"),
        ],
        "test_a",
    );
    check_files(
        &[
            ("conftest.py", conftest),
            (
                "test_a.py",
                "import pytest\n@pytest.fixture\ndef fx(fx): pass\ndef test_a(fx): pass\n",
            ),
        ],
        "test_a[1]\ntest_a[2]",
    );
}

#[test]
fn autouse_parametrizes_everything() {
    check(
        "import pytest\n@pytest.fixture(params=[1, 2], autouse=True)\ndef fx(request): pass\n\
         def test_a(): pass\n",
        "test_a[1]\ntest_a[2]",
    );
}

#[test]
fn a_module_scoped_parameter_groups_its_tests() {
    check(
        "import pytest\n@pytest.fixture(params=[1, 2], scope='module')\ndef fx(request): pass\n\
         def test_a(fx): pass\ndef test_b(fx): pass\n",
        "test_a[1]\ntest_b[1]\ntest_a[2]\ntest_b[2]",
    );
}

#[test]
fn direct_parametrization_hides_a_fixture() {
    check(
        "import pytest\n@pytest.fixture(params=[1, 2])\ndef fx(request): pass\n\
         @pytest.mark.parametrize('fx', ['x'])\ndef test_a(fx): pass\n",
        "test_a[x]",
    );
}

#[test]
fn what_is_computed_is_one_item_with_its_reason() {
    check(
        "import pytest, os\n@pytest.mark.parametrize('x', os.listdir('.'))\n\
         def test_a(x): pass\n",
        "test_a ? what `os.listdir()` returns is known at run time only",
    );
}

#[test]
fn a_hook_parametrizes_what_it_names() {
    let hook = "def pytest_generate_tests(metafunc):\n\
                \x20if 'x' in metafunc.fixturenames: metafunc.parametrize('x', f())\n";
    check_files(
        &[("conftest.py", hook), ("test_a.py", "def test_a(x): pass\ndef test_b(y): pass\n")],
        "test_a ? `pytest_generate_tests` of `conftest.py` may parametrize `x`\ntest_b",
    );
}

#[test]
fn mock_and_hypothesis_fill_arguments_themselves() {
    check(
        "import pytest\nfrom unittest import mock\nfrom hypothesis import given\n\
         @pytest.fixture(params=[1, 2])\ndef fx(request): pass\n\
         @mock.patch('os.path')\ndef test_a(fx): pass\n\
         @given(int)\ndef test_b(fx): pass\n",
        "test_a\ntest_b",
    );
}

#[test]
fn fixtures_and_properties_are_no_tests() {
    check(
        "import pytest\n@pytest.fixture\ndef test_a(): pass\n\
         class TestX:\n @property\n def test_b(self): pass\n def test_c(self): pass\n",
        "TestX::test_c",
    );
}

#[test]
fn a_yielding_test_fails_the_file() {
    check(
        "def test_a():\n yield 1\n",
        "! 'yield' keyword is allowed in fixtures, but not in tests (test_a)",
    );
}

#[test]
fn an_argument_is_parametrized_once() {
    check(
        "import pytest\n@pytest.mark.parametrize('x', [1])\n\
         @pytest.mark.parametrize('x', [2])\ndef test_a(x): pass\n",
        "! test_a.py::test_a: duplicate parametrization of 'x'",
    );
}

/// The items that `-m` keeps of a file, with their doubts.
fn selected(source: &str, mark: &str) -> String {
    let world = world(&[("test_a.py", source)]);
    let file = world.file_at(Path::new("/p/test_a.py")).expect("it was put in");
    let collected = Arc::new(collect_file(&world, file));
    let entry =
        SessionFile { node_id: "test_a.py".into(), collected, asked: Vec::new(), doubt: None };
    let selection = Selection::parse("", mark, Vec::new()).expect("an expression");
    let session = Session::assemble(vec![entry], &selection).expect("it can be evaluated");
    let shown = |item: session::SessionItem<'_>| {
        format!("{}{}", item.name(), if item.doubt().is_some() { " ?" } else { "" })
    };
    session.items().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn computed_marks_of_a_case_leave_it_open_whether_it_is_selected() {
    let source = "import pytest\n\
        @pytest.mark.parametrize('x', [pytest.param(1, marks=compute()), pytest.param(2, marks=pytest.mark.slow), 3])\n\
        def test_a(x): pass\n";
    assert_eq!(selected(source, "slow"), "test_a[1] ?\ntest_a[2]");
    assert_eq!(selected(source, "not slow"), "test_a[1] ?\ntest_a[3]");
    assert_eq!(selected(source, ""), "test_a[1]\ntest_a[2]\ntest_a[3]");
}

#[test]
fn coroutines_are_anyios_in_its_auto_mode() {
    let plugin = "import pytest\n@pytest.fixture(params=['asyncio', 'trio'])\ndef anyio_backend(request): pass\n";
    let mut world = world(&[
        ("anyio/pytest_plugin.py", plugin),
        ("test_a.py", "async def test_a(): pass\ndef test_b(): pass\n"),
    ]);
    let ids = |world: &World| {
        let file = world.file_at(Path::new("/p/test_a.py")).expect("it was put in");
        let counts = collect_file(world, file).functions;
        counts.iter().map(|f| f.cases.as_ref().map_or(1, |cases| cases.len())).collect::<Vec<_>>()
    };
    let settings = |anyio_auto| Settings {
        anyio_auto,
        plugins: vec!["anyio.pytest_plugin".into()],
        ..Settings::new("/p")
    };
    world.settings = Arc::new(settings(true));
    assert_eq!(ids(&world), [2, 1]);
    world.settings = Arc::new(settings(false));
    assert_eq!(ids(&world), [1, 1]);
}
