use super::{Project, marked};
use crate::Model;
use crate::references::{highlights, references};

#[track_caller]
fn check(sources: &str, expected: &[&str]) {
    let project = Project::new(sources);
    let model = Model::new(project.view());
    let found = references(&model, project.file, project.offset, true).unwrap_or_default();
    let shown: Vec<String> = found.iter().map(|target| project.shown(target)).collect();
    assert_eq!(shown, expected);
}

#[test]
fn every_way_of_naming_a_fixture_is_found() {
    check(
        "#- conftest.py
import pytest
@pytest.fixture
def d$0b(): pass
@pytest.fixture
def other(db): pass
#- test_a.py
import pytest
from conftest import db
pytestmark = pytest.mark.usefixtures('db')
@pytest.mark.usefixtures('x', 'db')
class TestA:
    def test_x(self, db): pass
@pytest.mark.parametrize('x, db', [(1, 2)], indirect=['db'])
def test_indirect(x, db): pass
def test_dynamic(request):
    request.getfixturevalue('db')
    # request.getfixturevalue('db')
@pytest.mark.parametrize('db', [1])
def test_direct(db): pass
def helper(db): pass
#- sub/conftest.py
import pytest
@pytest.fixture
def db(db): pass
#- sub/test_b.py
def test_y(db): pass
",
        &[
            "conftest.py:3: def «db»(): pass",
            "conftest.py:5: def other(«db»): pass",
            "test_a.py:2: from conftest import «db»",
            "test_a.py:3: pytestmark = pytest.mark.usefixtures('«db»')",
            "test_a.py:4: @pytest.mark.usefixtures('x', '«db»')",
            "test_a.py:6: def test_x(self, «db»): pass",
            "test_a.py:7: @pytest.mark.parametrize('x, «db»', [(1, 2)], indirect=['db'])",
            "test_a.py:7: @pytest.mark.parametrize('x, db', [(1, 2)], indirect=['«db»'])",
            "test_a.py:8: def test_indirect(x, «db»): pass",
            "test_a.py:10: request.getfixturevalue('«db»')",
            "sub/conftest.py:3: def db(«db»): pass",
        ],
    );
}

#[test]
fn an_imported_fixture_shadows_the_conftest() {
    check(
        "#- conftest.py
import pytest
@pytest.fixture
def db(): pass
#- test_a.py
import pytest
@pytest.fixture
def db(): pass
def test_x(d$0b): pass
#- test_b.py
def test_y(db): pass
",
        &["test_a.py:3: def «db»(): pass", "test_a.py:4: def test_x(«db»): pass"],
    );
}

#[test]
fn arguments_of_parametrize_have_references() {
    check(
        "import pytest
@pytest.mark.parametrize('one, two', [(1, 2)])
def test_x(one, tw$0o):
    assert one < two
    assert two == f(two=two).two
    [two for two in range(3)]
    lambda: two
",
        &[
            "test_a.py:2: @pytest.mark.parametrize('one, «two»', [(1, 2)])",
            "test_a.py:3: def test_x(one, «two»):",
            "test_a.py:4: assert one < «two»",
            "test_a.py:5: assert «two» == f(two=two).two",
            "test_a.py:5: assert two == f(two=«two»).two",
            "test_a.py:7: lambda: «two»",
        ],
    );
}

#[test]
fn a_mark_of_a_class_is_shared() {
    check(
        "import pytest
@pytest.mark.parametrize('x', [1])
class TestA:
    def test_a(self, $0x):
        assert x
    def test_b(self, x): pass
def test_c(x): pass
",
        &[
            "test_a.py:2: @pytest.mark.parametrize('«x»', [1])",
            "test_a.py:4: def test_a(self, «x»):",
            "test_a.py:5: assert «x»",
            "test_a.py:6: def test_b(self, «x»): pass",
        ],
    );
}

#[test]
fn highlights_stay_in_the_file_and_show_uses() {
    let project = Project::new(
        "#- conftest.py\nimport pytest\n@pytest.fixture\ndef db(): pass\n#- test_a.py\n\
         def test_x(d$0b):\n    assert db\ndef test_y(db): pass\n",
    );
    let model = Model::new(project.view());
    let found = highlights(&model, project.file, project.offset).expect("a fixture");
    let text = project.text_of(project.file);
    let shown: Vec<String> = found.iter().map(|span| marked(text, *span)).collect();
    assert_eq!(shown, ["1: def test_x(«db»):", "2: assert «db»", "3: def test_y(«db»): pass"]);
}
