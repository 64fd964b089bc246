use super::*;

fn places(folder: &Path) -> Places {
    Places { cache: Some(folder.join(".pytest_cache")), durations: None }
}

fn learned(ids: &[(&str, u64)], files: &[&str]) -> Learned {
    Learned {
        durations: ids.iter().map(|&(id, took)| (id.to_owned(), took)).collect(),
        files: files.iter().map(|&file| file.to_owned()).collect(),
        present: ids.iter().map(|&(id, _)| id.to_owned()).collect(),
        last_failed: Some(ids.iter().map(|&(id, _)| id.to_owned()).collect()),
        node_ids: Some(ids.iter().map(|&(id, _)| id.to_owned()).collect()),
    }
}

#[test]
fn what_is_saved_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    assert_eq!(places.load(), Memory::default());
    places.save(&learned(&[("a.py::x", 1_500), ("b.py::y", 2)], &[]));
    let memory = places.load();
    assert_eq!(memory.durations, learned(&[("a.py::x", 1_500), ("b.py::y", 2)], &[]).durations);
    assert_eq!(
        Some(memory.last_failed),
        learned(&[("a.py::x", 0), ("b.py::y", 0)], &[]).last_failed
    );
    // As pytest writes it.
    let text = std::fs::read_to_string(folder.path().join(".pytest_cache/v/cache/lastfailed"));
    assert_eq!(text.unwrap(), "{\n  \"a.py::x\": true,\n  \"b.py::y\": true\n}");
    assert!(folder.path().join(".pytest_cache/CACHEDIR.TAG").exists());
}

#[test]
fn durations_of_tests_that_are_gone_go() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    places.save(&learned(&[("a.py::x", 1), ("a.py::y", 2), ("b.py::z", 3)], &[]));
    places.save(&learned(&[("a.py::x", 4)], &["a.py"]));
    let expected = learned(&[("a.py::x", 4), ("b.py::z", 3)], &[]).durations;
    assert_eq!(places.load().durations, expected);
}

#[test]
fn damaged_files_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    let texts = [
        "",
        "{",
        "[]",
        "{\"version\": 2, \"seconds\": {\"a\": 1}}",
        "{\"version\": 1, \"seconds\": {\"a\": -1, \"b\": \"x\", \"c\": 1e300}}",
        "\u{0}",
    ];
    for text in texts {
        for file in ["d/fastest/durations.json", "v/cache/lastfailed", "v/cache/nodeids"] {
            let file = folder.path().join(".pytest_cache").join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let mut memory = places.load();
        memory.last_failed.retain(|id| id != "version" && id != "seconds");
        assert_eq!(memory, Memory::default(), "{text}");
    }
    places.save(&learned(&[("a.py::x", 7)], &[]));
    assert_eq!(places.load().durations.len(), 1);
}

#[test]
fn runs_at_the_same_time_leave_whole_files() {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let places = &places;
            scope.spawn(move || {
                for turn in 0..20 {
                    places.save(&learned(&[(&format!("{writer}.py::t{turn}"), 5)], &[]));
                    assert!(!places.load().durations.is_empty(), "a torn file");
                }
            });
        }
    });
}
