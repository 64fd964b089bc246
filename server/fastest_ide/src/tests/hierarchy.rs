use super::Project;
use crate::Model;
use crate::hierarchy::{incoming, outgoing, prepare};

const PROJECT: &str = "#- conftest.py
import pytest
@pytest.fixture
def low(): pass
@pytest.fixture
def middle(low, tmp_path_factory): pass
#- test_a.py
class TestA:
    def test_x(self, middle): pass
def test_y(low, middle): pass
";

#[track_caller]
fn check(sources: &str, calls: &[&str], called: &[&str]) {
    let project = Project::new(sources);
    let model = Model::new(project.view());
    prepare(&model, project.file, project.offset).expect("something is there");
    let names = |links: Vec<crate::hierarchy::Link>| {
        links.into_iter().map(|link| link.item.name).collect::<Vec<_>>()
    };
    assert_eq!(names(incoming(&model, project.file, project.offset)), calls);
    assert_eq!(names(outgoing(&model, project.file, project.offset)), called);
}

#[test]
fn fixtures_know_who_requests_them_and_what_they_request() {
    check(&PROJECT.replace("def low", "def l$0ow"), &["middle", "test_y"], &[]);
    check(&PROJECT.replace("def middle", "def mid$0dle"), &["TestA::test_x", "test_y"], &["low"]);
    check(&PROJECT.replace("def test_y", "def test$0_y"), &[], &["low", "middle"]);
}
