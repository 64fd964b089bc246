//! What files share is computed once, and is what each file would have found by itself.

use fastest_syntax::document::{Document, PositionEncoding, TextChange};
use proptest::prelude::*;

use super::tests::{file, index, path};
use super::*;
use crate::collect::collect_file;

const CONFTEST: &str = "\
import pytest
from values import SIZES
@pytest.fixture(params=SIZES)
def size(request): pass
";

/// So many test files under one conftest, with a base class and constants of other modules.
fn project(tests: usize) -> Index {
    let test = "from base import Base\nclass TestA(Base):\n def test_a(self, size): pass\n";
    let names: Vec<String> = (0..tests).map(|number| format!("test_{number}.py")).collect();
    let mut files = vec![
        ("conftest.py", CONFTEST),
        ("values.py", "SIZES = [1, 2]\n"),
        ("base.py", "class Base:\n def test_b(self): pass\n"),
    ];
    files.extend(names.iter().map(|name| (name.as_str(), test)));
    index(&files)
}

#[track_caller]
fn edit(index: &mut Index, name: &str, text: &str, recomputed: usize, shared: usize) {
    let delta = index.apply([Change::File(file(name, text))]);
    assert_eq!((delta.recomputed, delta.shared), (recomputed, shared));
}

#[test]
fn what_files_share_is_computed_once() {
    let shared = |tests: usize| {
        let mut index = project(tests);
        // All of it again: another setting throws everything away.
        let settings = Settings { python_functions: vec!["test_".into()], ..Settings::new("/p") };
        let delta = index.apply([Change::Settings(Box::new(settings))]);
        assert_eq!(delta.recomputed, tests);
        delta.shared
    };
    assert_eq!(shared(30), shared(1));
}

#[test]
fn an_edited_test_file_computes_nothing_that_is_shared() {
    let mut index = project(5);
    edit(&mut index, "test_0.py", "def test_new(size): pass\n", 1, 0);
}

#[test]
fn a_changed_constant_recomputes_what_is_made_of_it() {
    let mut index = project(5);
    // The module and the constant, the fixtures of the conftest and the parameters of one. Base
    // class, conftest body and the rest stay.
    edit(&mut index, "values.py", "SIZES = [1, 2, 3]\n", 5, 4);
    let collected = index.collected(index.world().file_at(&path("test_0.py")).expect("a file"));
    assert_eq!(collected.map(|collected| collected.item_count()), Some(6 - 2));
}

#[test]
fn a_changed_base_recomputes_itself_alone() {
    let mut index = project(5);
    // Its module and its class's body and order.
    edit(&mut index, "base.py", "class Base:\n def test_c(self): pass\n", 5, 3);
}

/// Statements that make modules depend on one another, in circles too.
fn statement(modules: usize) -> impl Strategy<Value = String> {
    (0..11, 0..modules, 0..3u8).prop_map(|(kind, of, name)| match kind {
        0 => format!("from m{of} import *\n"),
        1 => format!("import m{of}\n"),
        2 => format!("from m{of} import A{name}, test_{name}\n"),
        3 => format!("try:\n import m{of}\nexcept ImportError:\n A{name} = [0]\n"),
        4 => format!("try:\n from m{of} import A{name}\nexcept ImportError:\n A{name} = [7]\n"),
        5 => format!("A{name} = [{of}, {name}]\n"),
        6 => format!("import m{of}\nA{name} = m{of}.A{name} + [1]\n"),
        7 => format!(
            "import m{of}\nclass TestC{name}(m{of}.TestC{name}):\n def test_{of}(self): pass\n"
        ),
        8 => format!("class TestC{name}:\n A = 1\n def test_{name}(self): pass\n"),
        9 => format!(
            "import pytest\n@pytest.mark.parametrize('x', A{name})\ndef test_{name}(x): pass\n"
        ),
        _ => format!(
            "from m{of} import FLAG\nif FLAG:\n def test_{name}(): pass\nelse:\n FLAG = {}\n",
            if name == 0 { "True" } else { "False" }
        ),
    })
}

fn module(modules: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(statement(modules), 0..5).prop_map(|statements| statements.concat())
}

/// What a file's items are, without how they were found: where modules go in circles, the circle
/// may be noticed, and the doubt worded, at another place.
fn items(collected: &Collected) -> Collected {
    let mut items = Collected { record: Record::default(), ..collected.clone() };
    for doubt in items.functions.iter_mut().filter_map(|function| function.doubt.as_mut()) {
        *doubt = "a doubt".into();
    }
    items.open.iter_mut().for_each(|open| open.reason = "a doubt".into());
    items.open.dedup();
    items
}

fn check_all(index: &Index) {
    for (id, collected) in &*index.snapshot().files {
        let alone = collect_file(index.world(), *id);
        assert_eq!(items(collected), items(&alone));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Shared = asked alone; after every edit, too.
    #[test]
    fn sharing_changes_nothing(
        texts in prop::collection::vec(module(5), 5),
        edits in prop::collection::vec((0..5usize, module(5), any::<bool>()), 0..6),
    ) {
        let mut index = Index::new(Settings::new("/p"));
        let changes = texts.iter().enumerate().flat_map(|(number, text)| {
            let file = file(&format!("m{number}.py"), text);
            [Change::Test(file.path.to_path_buf(), true), Change::Import(file.module.clone(), file)]
        });
        index.apply(changes.collect::<Vec<_>>());
        check_all(&index);
        let mut open: Vec<Document> = texts.iter().map(|text| Document::new(text)).collect();
        let mut typed = |number: usize, text: &str| {
            let whole = TextChange { range: None, text: text.to_owned() };
            open[number].apply(&[whole], PositionEncoding::Utf8);
            let outline = Arc::clone(open[number].outline());
            File { outline, ..file(&format!("m{number}.py"), "") }
        };
        for (number, text, goes) in edits {
            let file = typed(number, &text);
            if goes {
                index.apply([Change::Removed(file.path.to_path_buf())]);
                check_all(&index);
            }
            let test = Change::Test(file.path.to_path_buf(), true);
            index.apply([test, Change::Import(file.module.clone(), file.clone())]);
            index.apply([Change::File(file)]);
            check_all(&index);
            // Things move, and mean what they meant.
            index.apply([Change::File(typed(number, &format!("# moved\n{text}")))]);
            check_all(&index);
            // Something is typed behind them, and taken back.
            let longer = format!("# moved\n{text}\ndef test_0(): pass\nA1 = [9]\n");
            index.apply([Change::File(typed(number, &longer))]);
            check_all(&index);
            index.apply([Change::File(typed(number, &text))]);
            check_all(&index);
        }
    }
}
