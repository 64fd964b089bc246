use super::Project;
use crate::Model;
use crate::hover::{Markup, hover};

#[track_caller]
fn check(sources: &str, expected: &str) {
    let project = Project::new(sources);
    let model = Model::new(project.view());
    let at = |markup| hover(&model, project.file, project.offset, markup).map(|(_, text)| text);
    let found = at(Markup::Markdown);
    let marks = ["```python\n", "```\n", "---\n\n"];
    let plain = marks.iter().fold(found.clone(), |text, mark| Some(text?.replace(mark, "")));
    assert_eq!(at(Markup::Plain), plain.map(|text| text.replace("  \n", "\n")));
    assert_eq!(found.unwrap_or_default().replace("  \n", "\n").trim_end(), expected.trim_end());
}

#[test]
fn a_fixture_is_described() {
    check(
        "#- conftest.py
import pytest
@pytest.fixture
def db(): pass
#- sub/conftest.py
import pytest
@pytest.fixture(scope='module', autouse=True, params=[1, 2])
def db(
    db, tmp_path_factory
) -> 'Database':
    '''A database.

    With tables:
        - one
    '''
    yield 1
#- sub/test_a.py
def test_x(d$0b): pass
",
        "```python
@pytest.fixture(scope=\"module\", autouse=True, params=…)
def db(
    db, tmp_path_factory
) -> 'Database'
```

A database.

With tables:
    - one

---

fixture of `sub/conftest.py`
scope `module`
used by every test that sees it (`autouse`)
2 parameters
requests `db`, `tmp_path_factory`
overrides the one of `conftest.py`
",
    );
}

#[test]
fn a_method_is_described_from_its_indented_text() {
    check(
        "import pytest
class TestA:
    class TestB:
        @pytest.fixture
        def db(self):
            \"\"\"Inside.\"\"\"
        def test_x(self, d$0b): pass
",
        "```python
@pytest.fixture
def db(self)
```

Inside.

---

fixture of `TestB` in `test_a.py`
scope `function`
",
    );
}

#[test]
fn builtin_fixtures_show_the_installed_docstring() {
    check(
        "def test_x(tmp_$0path): pass\n",
        "```python
@pytest.fixture
def tmp_path(request, tmp_path_factory) -> Path
```

A folder.

---

fixture of pytest
scope `function`
requests `request`, `tmp_path_factory`
",
    );
}

#[test]
fn builtin_fixtures_are_known_by_heart() {
    check(
        "def test_x(caps$0ys): pass\n",
        "```python
@pytest.fixture
def capsys(request)
```

What is written to `sys.stdout` and `sys.stderr`, as text: `capsys.readouterr()`.

---

fixture of pytest
scope `function`
requests `request`
",
    );
}

#[test]
fn an_argument_shows_its_values() {
    check(
        "import pytest
@pytest.mark.parametrize('a, b', [(1, 'x'), pytest.param(f(), \"y\", id='z')])
def test_x(a, b):
    assert $0b
",
        "```python
(parameter) b
```

argument of `parametrize`, 2 values

- `'x'`
- `\"y\"`
",
    );
}
