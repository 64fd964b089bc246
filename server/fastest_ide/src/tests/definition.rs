use super::Project;
use crate::Model;
use crate::definition::{definition, implementation};

#[track_caller]
fn check(sources: &str, expected: &str) {
    let project = Project::new(sources);
    let model = Model::new(project.view());
    let found = definition(&model, project.file, project.offset);
    let targets = found.map(|(_, targets)| targets).unwrap_or_default();
    let shown: Vec<String> = targets.iter().map(|target| project.shown(target)).collect();
    assert_eq!(shown.join("\n"), expected);
}

const DB: &str = "#- conftest.py
import pytest
@pytest.fixture
def db():
    return 1
";

#[test]
fn a_parameter_leads_to_the_conftest() {
    check(&format!("{DB}#- test_a.py\ndef test_x(d$0b): pass\n"), "conftest.py:3: def «db»():");
}

#[test]
fn the_nearest_definition_wins() {
    let near = "#- sub/conftest.py\nimport pytest\n@pytest.fixture\ndef db(db): return db\n";
    check(
        &format!("{DB}{near}#- sub/test_a.py\ndef test_x(d$0b): pass\n"),
        "sub/conftest.py:3: def «db»(db): return db",
    );
}

#[test]
fn an_overriding_fixture_leads_to_the_overridden_one() {
    let near = "#- sub/conftest.py\nimport pytest\n@pytest.fixture\ndef d$0b(db): return db\n";
    check(&format!("{DB}{near}"), "conftest.py:3: def «db»():");
    let near = "#- sub/conftest.py\nimport pytest\n@pytest.fixture\ndef db(d$0b): return db\n";
    check(&format!("{DB}{near}"), "conftest.py:3: def «db»():");
}

#[test]
fn a_class_has_fixtures_of_its_own() {
    check(
        &format!(
            "{DB}#- test_a.py\nimport pytest\nclass TestA:\n    @pytest.fixture\n    def db(self): \
             pass\n    def test_x(self, $0db): pass\n"
        ),
        "test_a.py:4: def «db»(self): pass",
    );
}

#[test]
fn an_inherited_class_fixture_is_found() {
    check(
        "#- base.py
import pytest
class Base:
    @pytest.fixture
    def inherited(self): pass
#- test_a.py
from base import Base
class TestA(Base):
    def test_x(self, inh$0erited): pass
",
        "base.py:4: def «inherited»(self): pass",
    );
}

#[test]
fn strings_lead_there_too() {
    check(
        &format!(
            "{DB}#- test_a.py\nimport pytest\n@pytest.mark.usefixtures('d$0b')\ndef test_x(): pass\n"
        ),
        "conftest.py:3: def «db»():",
    );
    check(
        &format!(
            "{DB}#- test_a.py\nimport pytest\npytestmark = [pytest.mark.usefixtures('d$0b')]\n"
        ),
        "conftest.py:3: def «db»():",
    );
    check(
        &format!("{DB}#- test_a.py\ndef test_x(request):\n    request.getfixturevalue('db$0')\n"),
        "conftest.py:3: def «db»():",
    );
    check(
        &format!(
            "{DB}#- test_a.py\nimport pytest\n@pytest.mark.parametrize('x, d$0b', [(1, 2)], \
             indirect=['db'])\ndef test_x(x, db): pass\n"
        ),
        "conftest.py:3: def «db»():",
    );
}

#[test]
fn a_use_in_the_body_leads_to_the_fixture() {
    check(
        &format!("{DB}#- test_a.py\ndef test_x(db):\n    assert d$0b\n"),
        "conftest.py:3: def «db»():",
    );
    check(&format!("{DB}#- test_a.py\ndef test_x(db):\n    assert x.d$0b\n"), "");
}

#[test]
fn an_argument_of_parametrize_is_no_fixture() {
    let test = "#- test_a.py\nimport pytest\n@pytest.mark.parametrize('x, db', [(1, 2)])\n";
    check(
        &format!("{DB}{test}def test_x(x, d$0b): pass\n"),
        "test_a.py:2: @pytest.mark.parametrize('x, «db»', [(1, 2)])",
    );
    check(
        &format!("{DB}{}def test_x(x, db): pass\n", test.replace("db'", "d$0b'")),
        "test_a.py:3: def test_x(x, «db»): pass",
    );
}

#[test]
fn a_name_given_to_the_decorator_counts() {
    check(
        "import pytest\n@pytest.fixture(name='db')\ndef make(): pass\ndef test_x(d$0b): pass\n",
        "test_a.py:2: @pytest.fixture(name='«db»')",
    );
}

#[test]
fn fixtures_in_conditional_blocks_are_found() {
    check(
        "import pytest, os\nif os.environ.get('A'):\n    @pytest.fixture\n    def db(): pass\n\
         def test_x(d$0b): pass\n",
        "test_a.py:4: def «db»(): pass",
    );
}

#[test]
fn imported_fixtures_are_found() {
    let lib = "#- lib.py\nimport pytest\n@pytest.fixture\ndef db(): pass\n";
    check(
        &format!("{lib}#- test_a.py\nfrom lib import db\ndef test_x(d$0b): pass\n"),
        "lib.py:3: def «db»(): pass",
    );
    check(
        &format!("{lib}#- test_a.py\nfrom lib import d$0b\ndef test_x(db): pass\n"),
        "lib.py:3: def «db»(): pass",
    );
    check(
        &format!("{lib}#- conftest.py\nfrom lib import *\n#- test_a.py\ndef test_x(d$0b): pass\n"),
        "lib.py:3: def «db»(): pass",
    );
}

#[test]
fn plugins_have_fixtures() {
    check(
        "#- site-packages/plugin_x.py\nimport pytest\n@pytest.fixture\ndef mocker(): pass\n\
         #- test_a.py\ndef test_x(mo$0cker): pass\n",
        "plugin_x.py:3: def «mocker»(): pass",
    );
    check(
        "#- lib/fx.py\nimport pytest\n@pytest.fixture\ndef db(): pass\n\
         #- conftest.py\npytest_plugins = ['lib.fx']\n#- test_a.py\ndef test_x(d$0b): pass\n",
        "lib/fx.py:3: def «db»(): pass",
    );
}

#[test]
fn builtin_fixtures_lead_into_the_installed_pytest() {
    check(
        "def test_x(tmp_$0path): pass\n",
        "_pytest/tmpdir.py:3: def «tmp_path»(request, tmp_path_factory) -> Path:",
    );
}

#[test]
fn what_is_no_fixture_is_left_alone() {
    check("def helper(d$0b): pass\n", "");
    check(&format!("{DB}#- test_a.py\ndef helper(d$0b): pass\n"), "");
    check(
        &format!(
            "{DB}#- test_a.py\nimport unittest\nclass TestX(unittest.TestCase):\n    def \
             test_x(self, d$0b): pass\n"
        ),
        "",
    );
    check(&format!("{DB}#- test_a.py\ndef test_x(d$0b=1): pass\n"), "");
}

#[test]
fn an_implementation_is_the_yield() {
    let project = Project::new(
        "import pytest\nclass TestA:\n    @pytest.fixture\n    def db(self):\n        x = 1\n        \
         yield x\n    def test_x(self, d$0b): pass\n",
    );
    let model = Model::new(project.view());
    let (_, targets) = implementation(&model, project.file, project.offset).expect("a fixture");
    let shown: Vec<String> = targets.iter().map(|target| project.shown(target)).collect();
    assert_eq!(shown, ["test_a.py:6: «yield x»"]);
}
