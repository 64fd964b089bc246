use super::Project;
use crate::Model;
use crate::symbols::{DocumentSymbol, document_symbols, workspace_symbols};

fn show(symbols: &[DocumentSymbol], depth: usize, text: &mut String) {
    for symbol in symbols {
        let detail = if symbol.detail.is_empty() { "" } else { " · " };
        text.push_str(&format!(
            "{}{:?} {}{detail}{}\n",
            "  ".repeat(depth),
            symbol.kind,
            symbol.name,
            symbol.detail
        ));
        show(&symbol.children, depth + 1, text);
    }
}

#[test]
fn a_files_definitions_are_listed_as_a_tree() {
    let project = Project::new(
        "import pytest
@pytest.fixture(scope='module', autouse=True, name='db')
def make(): pass
class TestA:
    def test_x(self): pass
    def helper(self): pass
    class TestB:
        if True:
            def test_y(self): pass
def test_z(): pass
",
    );
    let model = Model::new(project.view());
    let mut text = String::new();
    show(&document_symbols(&model, project.file), 0, &mut text);
    assert_eq!(
        text,
        "Fixture db · fixture · module · autouse
Class TestA
  Test test_x
  Function helper
  Class TestB
    Test test_y
Test test_z
"
    );
}

#[test]
fn the_workspace_is_searched_by_letters_in_order() {
    let project = Project::new(
        "#- conftest.py
import pytest
@pytest.fixture
def login(): pass
@property
def logins(): pass
#- test_a.py
class TestLogin:
    def test_logout(self): pass
def test_loxgxin(): pass
def login_helper(): pass
#- site-packages/x.py
def test_login(): pass
",
    );
    let model = Model::new(project.view());
    let found = workspace_symbols(&model, "LogIn", 10);
    let shown: Vec<String> =
        found.iter().map(|symbol| format!("{:?} {}", symbol.kind, symbol.name)).collect();
    assert_eq!(shown, ["Fixture login", "Class TestLogin", "Test test_loxgxin"]);
    assert_eq!(workspace_symbols(&model, "", 2).len(), 2);
}
