use std::fs;
use std::time::{Duration, SystemTime};

use fastest_model::Span;
use fastest_syntax::outline::SyntaxProblem;
use proptest::prelude::*;
use tempfile::TempDir;

use super::load::load_files;
use super::*;
use crate::walk::file_entry;

/// An outline that no scan would give, so that it can only come from the cache.
fn marked(mark: &str) -> Outline {
    let problem = SyntaxProblem { span: Span::default(), message: mark.to_owned() };
    Outline { statements: Vec::new(), problems: vec![problem] }
}

/// A project with a cache directory.
struct Project(TempDir);

impl Project {
    /// Files that were last changed so many seconds ago.
    fn new(files: &[&str], age: u64) -> Self {
        let project = Self(TempDir::new().expect("a temporary directory"));
        for file in files {
            project.write(file, "a = 1\n", age);
        }
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str, age: u64) {
        let path = self.path(name);
        fs::write(&path, text).expect("a file");
        self.set_time(name, SystemTime::now() - Duration::from_secs(age));
    }

    fn set_time(&self, name: &str, time: SystemTime) {
        let file = fs::File::options().write(true).open(self.path(name)).expect("a file");
        file.set_modified(time).expect("a time");
    }

    fn open(&self) -> Cache {
        Cache::open(&self.path(".pytest_cache"), self.0.path())
    }

    fn entry(&self, name: &str) -> FileEntry {
        file_entry(&self.path(name)).expect("a file")
    }

    /// Puts `marked(name)` in for each file and saves.
    fn remember(&self, files: &[&str], is_settled: bool) {
        let cache = self.open();
        for name in files {
            let bytes = fs::read(self.path(name)).expect("a file");
            let content = xxhash_rust::xxh3::xxh3_64(&bytes);
            cache.put(&self.entry(name), content, is_settled, &Arc::new(marked(name)));
        }
        assert!(cache.save());
    }

    /// Whether loading a file gives what was remembered.
    fn is_remembered(&self, name: &str) -> bool {
        self.is_remembered_by(&self.open(), name)
    }

    fn is_remembered_by(&self, cache: &Cache, name: &str) -> bool {
        let loaded = load_files(&[&self.entry(name)], cache);
        *loaded[0].1 == marked(name)
    }

    fn cache_file(&self) -> PathBuf {
        place::file_in(&self.path(".pytest_cache"))
    }
}

#[test]
fn a_file_as_it_was_is_not_read_again() {
    let project = Project::new(&["a.py", "b.py"], 60);
    project.remember(&["a.py", "b.py"], true);
    let time = fs::metadata(project.path("a.py")).and_then(|m| m.modified()).expect("a time");
    // Same size, same time: only reading it would tell.
    project.write("a.py", "b = 2\n", 60);
    project.set_time("a.py", time);
    assert!(project.is_remembered("a.py"));
    project.write("b.py", "a = 11\n", 60);
    assert!(!project.is_remembered("b.py"));
    project.write("b.py", "a = 1\n", 30);
    assert!(!project.is_remembered("b.py"));
}

#[test]
fn a_young_time_is_checked_by_content() {
    let project = Project::new(&["a.py", "b.py"], 60);
    project.remember(&["a.py", "b.py"], false);
    let time = fs::metadata(project.path("a.py")).and_then(|m| m.modified()).expect("a time");
    project.write("a.py", "b = 2\n", 60);
    project.set_time("a.py", time);
    assert!(!project.is_remembered("a.py"));
    // Once it was checked at a settled time, it is trusted without reading.
    let cache = project.open();
    assert!(project.is_remembered_by(&cache, "b.py"));
    assert!(cache.save());
    let cache = project.open();
    assert!(project.is_remembered_by(&cache, "b.py"));
    assert!(!cache.save());
}

#[test]
fn what_was_scanned_too_early_is_stored_as_unsettled() {
    let project = Project::new(&["a.py"], 0);
    let cache = project.open();
    let _ = load_files(&[&project.entry("a.py")], &cache);
    assert!(cache.save());
    let reopened = project.open();
    assert!(matches!(reopened.get(&project.entry("a.py")), Cached::IfContent(..)));
    // Nothing new is learned of a file that is still young: nothing is written.
    let _ = load_files(&[&project.entry("a.py")], &reopened);
    assert!(!reopened.save());
}

#[test]
fn nothing_is_written_when_nothing_changed() {
    let project = Project::new(&["a.py"], 60);
    assert!(!project.open().save());
    assert!(!project.path(".pytest_cache").exists());
    project.remember(&["a.py"], true);
    let cache = project.open();
    assert!(project.is_remembered_by(&cache, "a.py"));
    assert!(!cache.save());
}

#[test]
fn entries_of_files_that_are_gone_are_dropped() {
    let project = Project::new(&["a.py", "b.py", "c.py"], 60);
    project.remember(&["a.py", "b.py"], true);
    fs::remove_file(project.path("a.py")).expect("a file");
    project.remember(&["c.py"], true);
    let cache = project.open();
    let store = &cache.before().store;
    let mut keys: Vec<&str> = store.entries().iter().map(|e| store.key(e)).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["b.py", "c.py"]);
    assert!(project.is_remembered("b.py"));
}

#[test]
fn the_directory_is_made_as_pytest_makes_it() {
    let project = Project::new(&["a.py"], 60);
    project.remember(&["a.py"], true);
    let mut names: Vec<String> = fs::read_dir(project.path(".pytest_cache"))
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(names, [".gitignore", "CACHEDIR.TAG", "README.md", "d"]);
    // Temporary files do not stay.
    let beside = fs::read_dir(project.path(".pytest_cache/d/fastest")).expect("a directory");
    assert_eq!(beside.count(), 1);
}

#[test]
fn no_cache_where_none_can_be() {
    let project = Project::new(&["a.py", ".pytest_cache"], 60);
    let cache = project.open();
    let loaded = load_files(&[&project.entry("a.py")], &cache);
    assert_eq!(loaded.len(), 1);
    assert!(!cache.save());
    let none = Cache::none();
    let _ = load_files(&[&project.entry("a.py")], &none);
    assert!(!none.save());
}

#[test]
fn unreadable_and_undecodable_files_are_problems() {
    let project = Project::new(&["a.py"], 60);
    let entry = project.entry("a.py");
    fs::write(project.path("a.py"), b"x = '\xff'\n").expect("a file");
    let loaded = load_files(&[&project.entry("a.py")], &Cache::none());
    assert_eq!(loaded[0].1.problems.len(), 1);
    fs::remove_file(project.path("a.py")).expect("a file");
    let loaded = load_files(&[&entry], &Cache::none());
    assert_eq!(loaded[0].1.problems.len(), 1);
}

#[test]
fn caches_of_other_builds_and_formats_are_thrown_away() {
    let project = Project::new(&["a.py"], 60);
    project.remember(&["a.py"], true);
    let good = fs::read(project.cache_file()).expect("the cache");
    // Magic, format, build.
    for at in [0, 8, 12] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert!(Store::parse(bytes).is_none());
    }
    assert!(Store::parse(good).is_some());
}

#[test]
fn concurrent_writers_leave_a_whole_cache() {
    let names: Vec<String> = (0..8).map(|index| format!("{index}.py")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let project = Project::new(&names, 60);
    std::thread::scope(|scope| {
        for name in &names {
            let project = &project;
            scope.spawn(move || {
                for _ in 0..20 {
                    let cache = project.open();
                    cache.put(&project.entry(name), 0, true, &Arc::new(marked(name)));
                    assert!(cache.save());
                    let bytes = fs::read(project.cache_file()).expect("the cache");
                    assert!(Store::parse(bytes).is_some());
                }
            });
        }
    });
}

/// The bytes of a cache with a few outlines.
fn sample() -> (Vec<u8>, Vec<(String, Outline)>) {
    let outlines: Vec<(String, Outline)> =
        (0..5).map(|index| (format!("{index}.py"), marked(&"x".repeat(index * 7)))).collect();
    let entries: Vec<NewEntry<'_>> = outlines
        .iter()
        .map(|(key, outline)| {
            let (blob, checksum) = store::encode(outline).expect("it encodes");
            let blob = blob.into();
            NewEntry { key, size: 3, mtime_ns: 4, content: 5, is_settled: true, checksum, blob }
        })
        .collect();
    let mut bytes = store::compose_head(&entries);
    entries.iter().for_each(|entry| bytes.extend_from_slice(&entry.blob));
    (bytes, outlines)
}

/// Whatever is still taken from a damaged cache is what was put in.
fn check_damaged(bytes: Vec<u8>, outlines: &[(String, Outline)]) {
    let Some(store) = Store::parse(bytes) else { return };
    for (key, outline) in outlines {
        let Some(position) = store.position(key) else { continue };
        let entry = &store.entries()[position];
        assert_eq!((entry.size, entry.mtime_ns, entry.content), (3, 4, 5));
        if let Some(found) = store.outline(entry) {
            assert_eq!(found, *outline);
        }
    }
}

#[test]
fn a_cut_cache_is_survived() {
    let (good, outlines) = sample();
    for length in 0..good.len() {
        check_damaged(good[..length].to_vec(), &outlines);
    }
}

proptest! {
    #[test]
    fn a_damaged_cache_is_survived(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (mut bytes, outlines) = sample();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check_damaged(bytes, &outlines);
    }

    #[test]
    fn anything_may_stand_in_its_place(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_damaged(bytes, &sample().1);
    }
}

#[test]
fn an_answer_is_read_as_it_was_kept_or_not_at_all() {
    let answer = Answer {
        body: vec!["tests/test_ä.py::".to_owned(), "test\n".to_owned()],
        summary: Some("1 test collected".to_owned()),
        errors: String::new(),
        code: 0,
    };
    let rest = answer::compose(7, Vec::new(), &answer).expect("it encodes");
    let bytes = [answer.body.concat().as_bytes(), &rest].concat();
    let read = answer::parse(bytes.clone()).expect("it is whole");
    let in_one = Answer { body: vec![answer.body.concat()], ..answer };
    assert_eq!((read.question, read.answer), (7, in_one));
    for at in 0..bytes.len() {
        assert!(answer::parse(bytes[..at].to_vec()).is_none());
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(answer::parse(damaged).is_none());
    }
}
