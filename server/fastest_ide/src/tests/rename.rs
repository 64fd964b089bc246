use std::collections::BTreeMap;

use super::Project;
use crate::Model;
use crate::rename::{prepare, rename};
use crate::view::Edit;

/// The files that a rename changes, as they are after it; or why it is refused.
#[track_caller]
fn check(sources: &str, name: &str, expected: &str) {
    let project = Project::new(sources);
    let model = Model::new(project.view());
    let shown = match rename(&model, project.file, project.offset, name) {
        Err(reason) => format!("! {reason}"),
        Ok(None) => "nothing".to_owned(),
        Ok(Some(edits)) => applied(&project, edits),
    };
    assert_eq!(shown.trim_end(), expected.trim_end());
}

fn applied(project: &Project, edits: Vec<Edit>) -> String {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for edit in edits.into_iter().rev() {
        let file = project.world.file_at(&edit.path).expect("it is in the world");
        let path = project.view().shown(&edit.path);
        let text = files.entry(path).or_insert_with(|| project.text_of(file).to_owned());
        text.replace_range(edit.span.range(), &edit.text);
    }
    files.into_iter().map(|(path, text)| format!("#- {path}\n{text}")).collect()
}

#[test]
fn a_fixture_is_renamed_everywhere() {
    check(
        "#- conftest.py
import pytest
@pytest.fixture
def d$0b():
    return 'db'
#- test_a.py
import pytest
@pytest.mark.usefixtures('db')
def test_x(db, tmp_path):
    assert db.db and f(db=db)
    def inner(db): return db
#- test_b.py
import pytest
@pytest.fixture
def db(db): return db
def test_y(db): pass
",
        "database",
        "#- conftest.py
import pytest
@pytest.fixture
def database():
    return 'db'
#- test_a.py
import pytest
@pytest.mark.usefixtures('database')
def test_x(database, tmp_path):
    assert database.db and f(db=database)
    def inner(db): return db
#- test_b.py
import pytest
@pytest.fixture
def db(database): return database
def test_y(db): pass
",
    );
}

#[test]
fn a_name_given_to_the_decorator_is_what_changes() {
    check(
        "import pytest\n@pytest.fixture(name='db')\ndef make(): pass\ndef test_x(d$0b): pass\n",
        "base",
        "#- test_a.py\nimport pytest\n@pytest.fixture(name='base')\ndef make(): pass\n\
         def test_x(base): pass\n",
    );
}

#[test]
fn an_argument_is_renamed_in_mark_signature_and_body() {
    check(
        "import pytest\n@pytest.mark.parametrize(('a', 'b'), [(1, 2)])\n\
         def test_x(a, b):\n    assert a$0 == b\n",
        "left",
        "#- test_a.py\nimport pytest\n@pytest.mark.parametrize(('left', 'b'), [(1, 2)])\n\
         def test_x(left, b):\n    assert left == b\n",
    );
}

#[test]
fn what_is_not_ours_is_refused() {
    check(
        "def test_x(tmp_p$0ath): pass\n",
        "folder",
        "! `tmp_path` is one of pytest's own fixtures: it cannot be renamed",
    );
    check(
        "#- site-packages/plugin_x.py\nimport pytest\n@pytest.fixture\ndef mocker(): pass\n\
         #- test_a.py\ndef test_x(mo$0cker): pass\n",
        "mock",
        "! `mocker` is defined by an installed package (`plugin_x.py`): it cannot be renamed",
    );
    check("def helper($0x): pass\n", "y", "nothing");
}

#[test]
fn names_that_would_break_something_are_refused() {
    let db = "import pytest\n@pytest.fixture\ndef db(): pass\n";
    check(&format!("{db}def test_x(d$0b): pass\n"), "a b", "! `a b` is not a Python identifier");
    check(&format!("{db}def test_x(d$0b): pass\n"), "class", "! `class` is a keyword of Python");
    check(
        &format!("{db}def test_x(d$0b, base): pass\n"),
        "base",
        "! `test_x` already has a parameter `base`",
    );
    check(
        &format!("{db}def test_x(d$0b): pass\n"),
        "tmp_path",
        "! there is already a fixture `tmp_path` in sight of what uses `db`",
    );
}

#[test]
fn asking_first_says_what_would_be_renamed() {
    let project =
        Project::new("import pytest\n@pytest.fixture\ndef db(): pass\ndef test_x(d$0b): pass\n");
    let model = Model::new(project.view());
    let span = prepare(&model, project.file, project.offset).expect("it is ours").expect("a name");
    assert_eq!(&project.text_of(project.file)[span.range()], "db");
}
