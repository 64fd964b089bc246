use super::Project;
use crate::Model;
use crate::completion::completion;

/// The labels in order, `label (detail)`; pytest's own fixtures are left out.
#[track_caller]
fn check(sources: &str, expected: &[&str]) {
    check_project(&Project::new(sources), expected);
}

#[track_caller]
fn check_project(project: &Project, expected: &[&str]) {
    let model = Model::new(project.view());
    let found = completion(&model, project.file, project.offset).unwrap_or_default();
    let own = found.items.iter().filter(|item| !item.detail.ends_with("pytest"));
    let shown: Vec<String> = own.map(|item| format!("{} ({})", item.label, item.detail)).collect();
    assert_eq!(shown, expected);
}

const FIXTURES: &str = "#- conftest.py
import pytest
@pytest.fixture(scope='session')
def wide(): pass
@pytest.fixture
def narrow(): pass
@pytest.fixture
def _private(): pass
#- test_a.py
import pytest
@pytest.fixture
def near(): pass
";

#[test]
fn nearest_first_and_not_twice() {
    check(
        &format!("{FIXTURES}def test_x(wide, $0): pass\n"),
        &[
            "near (function · test_a.py)",
            "narrow (function · conftest.py)",
            "_private (function · conftest.py)",
        ],
    );
    check(
        &format!("{FIXTURES}def test_x(na$0, wide): pass\n"),
        &[
            "near (function · test_a.py)",
            "narrow (function · conftest.py)",
            "_private (function · conftest.py)",
        ],
    );
}

#[test]
fn a_wide_fixture_is_offered_wide_ones_first() {
    check(
        &format!("{FIXTURES}@pytest.fixture(scope='module')\ndef own($0): pass\n"),
        &[
            "wide (session · conftest.py)",
            "near (function · test_a.py)",
            "narrow (function · conftest.py)",
            "_private (function · conftest.py)",
        ],
    );
}

#[test]
fn half_typed_signatures_are_understood() {
    let all = [
        "near (function · test_a.py)",
        "narrow (function · conftest.py)",
        "wide (session · conftest.py)",
        "_private (function · conftest.py)",
    ];
    check(&format!("{FIXTURES}def test_x($0"), &all);
    check(&format!("{FIXTURES}async def test_x(\n    n$0\n\ndef test_y(wide): pass\n"), &all);
    check(&format!("{FIXTURES}def test_x(a: $0): pass\n"), &[]);
    check(&format!("{FIXTURES}def test_x(a=$0): pass\n"), &[]);
    check(&format!("{FIXTURES}def helper($0): pass\n"), &[]);
    check(&format!("{FIXTURES}test_x($0)\n"), &[]);
}

#[test]
fn strings_are_completed() {
    check(
        &format!("{FIXTURES}@pytest.mark.usefixtures('wide', '$0')\ndef test_x(): pass\n"),
        &[
            "near (function · test_a.py)",
            "narrow (function · conftest.py)",
            "_private (function · conftest.py)",
        ],
    );
    check(
        &format!("{FIXTURES}def test_x(request):\n    request.getfixturevalue(\"n$0\n"),
        &[
            "near (function · test_a.py)",
            "narrow (function · conftest.py)",
            "wide (session · conftest.py)",
            "_private (function · conftest.py)",
        ],
    );
    check(&format!("{FIXTURES}def test_x(request):\n    print('$0')\n"), &[]);
}

#[test]
fn arguments_of_parametrize_are_completed_both_ways() {
    check(
        "import pytest\n@pytest.mark.parametrize('one, two', [(1, 2)])\ndef test_x(one, $0): pass\n",
        &["two (argument of parametrize)"],
    );
    check(
        "import pytest\n@pytest.mark.parametrize('one, $0', [(1, 2)])\n\
         def test_x(one, two, tmp_path, three=1): pass\n",
        &["two (parameter of test_x)", "tmp_path (parameter of test_x)"],
    );
    check(
        "import pytest\n@pytest.mark.parametrize(['one', '$0'], [(1, 2)])\n\
         def test_x(one, two): pass\n",
        &["two (parameter of test_x)"],
    );
}

#[test]
fn marks_are_completed_registered_ones_first() {
    let mut project = Project::new("import pytest\n@pytest.mark.s$0\ndef test_x(): pass\n");
    project.markers = vec!["slow: takes long".to_owned(), "env(name): needs it".to_owned()];
    check_project(
        &project,
        &[
            "slow (takes long)",
            "env (needs it)",
            "parametrize (runs the test once for each set of values)",
            "skip (never runs the test)",
            "skipif (does not run the test where a condition holds)",
            "xfail (expects the test to fail)",
            "usefixtures (uses fixtures without their values)",
            "filterwarnings (adds a warning filter)",
        ],
    );
}
