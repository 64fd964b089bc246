//! What a change recomputes, and what it does not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastest_syntax::scan;

use super::*;
use crate::id_set::work;

pub(super) fn file(path: &str, text: &str) -> File {
    File {
        path: Arc::from(Path::new("/p").join(path)),
        module: path.trim_end_matches(".py").replace('/', ".").as_str().into(),
        is_package: false,
        outline: Arc::new(scan(text)),
    }
}

pub(super) fn path(path: &str) -> PathBuf {
    Path::new("/p").join(path)
}

/// An index of these files; those named `test_…` are tests. Modules are what the files are.
pub(super) fn index(files: &[(&str, &str)]) -> Index {
    let mut index = Index::new(Settings::new("/p"));
    let mut changes = Vec::new();
    for (name, text) in files {
        if name.contains("test_") {
            changes.push(Change::Test(path(name), true));
        }
        let file = file(name, text);
        changes.push(Change::Import(file.module.clone(), file));
    }
    index.apply(changes);
    index
}

fn names(index: &Index, delta: &Delta) -> Vec<String> {
    let name = |id: &FileId| {
        let path = index.world().file(*id).map(|file| file.path.to_path_buf());
        path.and_then(|path| Some(path.strip_prefix("/p").ok()?.display().to_string()))
    };
    delta.changed.iter().filter_map(name).collect()
}

#[track_caller]
fn check(index: &mut Index, change: Change, recomputed: usize, changed: &[&str]) {
    let delta = index.apply([change]);
    assert_eq!(
        (delta.recomputed, names(index, &delta)),
        (recomputed, changed.iter().map(|&name| name.to_owned()).collect())
    );
}

const BASE: &str = "class Base:\n def test_b(self): pass\n";

fn project() -> Index {
    index(&[
        ("conftest.py", "import pytest\n@pytest.fixture\ndef fx(): pass\n"),
        ("base.py", BASE),
        ("test_a.py", "from base import Base\nclass TestA(Base): pass\n"),
        ("test_b.py", "def test_b(fx): pass\n"),
        ("sub/conftest.py", "x = 1\n"),
        ("sub/test_c.py", "def test_c(): pass\n"),
    ])
}

#[test]
fn an_edited_test_file_recomputes_itself_alone() {
    let mut index = project();
    let edit = file("test_b.py", "def test_b(fx): pass\ndef test_new(): pass\n");
    check(&mut index, Change::File(edit), 1, &["test_b.py"]);
}

#[test]
fn the_same_outline_recomputes_nothing() {
    let mut index = project();
    check(&mut index, Change::File(file("test_b.py", "def test_b(fx): pass\n")), 0, &[]);
}

#[test]
fn a_base_class_recomputes_its_subclasses() {
    let mut index = project();
    let edit = file("base.py", "class Base:\n def test_b(self): pass\n def test_z(self): pass\n");
    check(&mut index, Change::File(edit), 1, &["test_a.py"]);
}

#[test]
fn a_conftest_recomputes_what_lies_below_it() {
    let mut index = project();
    check(&mut index, Change::File(file("sub/conftest.py", "x = 2\n")), 1, &[]);
    let params = "import pytest\n@pytest.fixture(params=[1, 2])\ndef fx(request): pass\n";
    check(&mut index, Change::File(file("conftest.py", params)), 3, &["test_b.py"]);
}

#[test]
fn a_conftest_in_which_things_only_move_recomputes_nothing() {
    let mut index = project();
    let moved = "# a comment\nimport pytest\n@pytest.fixture\ndef fx(): pass\n";
    check(&mut index, Change::File(file("conftest.py", moved)), 0, &[]);
    // Nor does what is said within a body.
    let longer = "# a comment\nimport pytest\n@pytest.fixture\ndef fx(): pass; return 1\n";
    check(&mut index, Change::File(file("conftest.py", longer)), 0, &[]);
    // What is computed from then on is computed of the moved text.
    let edit = file("test_b.py", "def test_b(fx): pass\ndef test_c(fx): pass\n");
    check(&mut index, Change::File(edit), 1, &["test_b.py"]);
}

#[test]
fn a_test_file_in_which_things_only_move_is_collected_again() {
    let mut index = project();
    check(
        &mut index,
        Change::File(file("test_b.py", "\ndef test_b(fx): pass\n")),
        1,
        &["test_b.py"],
    );
}

#[test]
fn who_tells_places_of_a_moved_file_is_collected_again() {
    let base = "import pytest\nclass Base:\n @pytest.mark.slow\n def test_b(self): pass\n";
    let mut index = index(&[
        ("base.py", base),
        ("test_a.py", "from base import Base\nclass TestA(Base): pass\n"),
    ]);
    let moved = file("base.py", &format!("# a comment\n{base}"));
    check(&mut index, Change::File(moved), 1, &["test_a.py"]);
}

#[test]
fn a_conftest_that_comes_or_goes_recomputes_what_lies_below_it() {
    let mut index = project();
    check(&mut index, Change::Removed(path("sub/conftest.py")), 1, &[]);
    check(&mut index, Change::File(file("sub/conftest.py", "y = 1\n")), 1, &[]);
}

#[test]
fn a_module_that_was_wanted_recomputes_who_wanted_it() {
    let mut index = index(&[
        ("test_a.py", "from later import Base\nclass TestA(Base): pass\n"),
        ("test_b.py", "def test_b(): pass\n"),
    ]);
    let delta = index.apply([Change::Module("later".into(), Module::Absent)]);
    assert_eq!(delta.recomputed, 1);
    let later = file("later.py", BASE);
    check(&mut index, Change::Import("later".into(), later), 1, &["test_a.py"]);
}

#[test]
fn a_file_that_is_no_test_any_more_is_removed() {
    let mut index = project();
    let delta = index.apply([Change::Test(path("test_b.py"), false)]);
    assert_eq!((delta.recomputed, delta.removed.len()), (0, 1));
    assert_eq!(index.snapshot().files.len(), 2);
}

#[test]
fn a_snapshot_does_not_change() {
    let mut index = project();
    let before = index.snapshot();
    index.apply([Change::Removed(path("test_b.py"))]);
    assert_eq!((before.files.len(), index.snapshot().files.len()), (3, 2));
}

#[test]
fn settings_recompute_everything() {
    let mut index = project();
    let settings = Settings { python_functions: vec!["check".to_owned()], ..Settings::new("/p") };
    let change = Change::Settings(Box::new(settings));
    check(&mut index, change, 3, &["test_a.py", "test_b.py", "sub/test_c.py"]);
}

/// Deltas fold to the snapshot: after every change, the files that it names and no other differ.
#[test]
fn deltas_fold_to_the_snapshot() {
    let mut index = project();
    let mut folded = (*index.snapshot().files).clone();
    let texts =
        ["def test_b(fx): pass\n", "def test_b(): pass\nx = 1\n", "", "class TestB(: pass\n"];
    for text in texts.iter().cycle().take(12) {
        let delta = index.apply([Change::File(file("test_b.py", text))]);
        for id in &delta.changed {
            folded.insert(*id, Arc::clone(index.collected(*id).expect("it was collected")));
        }
        for id in &delta.removed {
            folded.remove(id);
        }
        assert_eq!(folded, *index.snapshot().files);
    }
}

/// How many blocks of sets are looked at when so many files come at once, and when all of them
/// are different at once.
fn work_of(files: usize) -> [usize; 2] {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    // What rayon does is counted, too: on the thread that counts.
    one.install(|| {
        let mut index = Index::new(Settings::new("/p"));
        ["def test(): pass\n", "def test(): pass\ndef test_b(): pass\n"].map(|text| {
            let change = |at| {
                let name = format!("test_{at}.py");
                [Change::Test(path(&name), true), Change::File(file(&name, text))]
            };
            let changes: Vec<Change> = (0..files).flat_map(change).collect();
            work::take();
            let delta = index.apply(changes);
            assert_eq!(delta.changed.len(), files);
            work::take()
        })
    })
}

#[test]
fn what_a_file_costs_does_not_grow_with_the_batch() {
    let (few, many) = (work_of(200), work_of(1_600));
    for (few, many) in few.into_iter().zip(many) {
        assert!(many < few * 8 * 2, "{few} looks for 200 files, {many} for 1,600");
    }
}

#[test]
fn old_versions_are_kept_up_to_a_size_and_questions_add_none() {
    let mut index = project();
    let ask = |index: &mut Index| drop(index.ask(|world, _| Arc::clone(&world.settings)));
    ask(&mut index);
    let before = index.versions.len();
    ask(&mut index);
    assert_eq!(index.versions.len(), before);
    let mut outline = scan("x = 1\n");
    outline.statements = vec![outline.statements[0].clone(); 12];
    let mut most = 0;
    for at in 0..60 {
        outline.statements[0].start = at;
        let outline = Arc::new(outline.clone());
        index.apply([Change::File(File { outline, ..file("base.py", "") })]);
        ask(&mut index);
        most = most.max(index.versions.len());
    }
    // Each takes some 200 bytes.
    assert!((2..=25).contains(&most), "{most}");
    index.apply([Change::Removed(path("sub/conftest.py"))]);
    let before = index.versions.len();
    ask(&mut index);
    assert!(index.versions.len() <= before + 1);
}
