//! The folders between a root and its test files.

use rustc_hash::FxHashMap;

/// What a level holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Child {
    /// A folder, by its node id.
    Dir(String),
    /// A file, by its place among the files.
    File(usize),
}

/// All levels, in pytest's order.
#[derive(Debug, Default)]
pub struct Levels {
    children: FxHashMap<String, Vec<Child>>,
    tests: FxHashMap<String, usize>,
}

impl Levels {
    /// The levels that lead to files, given by their node ids and counts of tests.
    pub fn new<'f>(files: impl IntoIterator<Item = (&'f str, usize)>) -> Self {
        let mut levels = Self::default();
        levels.children.insert(String::new(), Vec::new());
        for (at, (node_id, tests)) in files.into_iter().enumerate() {
            levels.add(node_id, at);
            levels.count(node_id, 0, tests);
        }
        levels
    }

    fn add(&mut self, node_id: &str, at: usize) {
        let mut child = Child::File(at);
        let mut below = node_id;
        loop {
            let level = parent(below);
            let is_new = !self.children.contains_key(level);
            self.children.entry(level.to_owned()).or_default().push(child);
            if !is_new {
                return;
            }
            child = Child::Dir(level.to_owned());
            below = level;
        }
    }

    /// Takes in that a file has so many tests.
    pub fn count(&mut self, node_id: &str, before: usize, now: usize) {
        for level in above(node_id) {
            let tests = self.tests.entry(level.to_owned()).or_default();
            *tests = (*tests + now).saturating_sub(before);
        }
    }

    /// What a level holds; `None` if it is none.
    pub fn children(&self, level: &str) -> Option<&[Child]> {
        self.children.get(level).map(Vec::as_slice)
    }

    /// How many tests are below a level.
    pub fn tests(&self, level: &str) -> usize {
        self.tests.get(level).copied().unwrap_or(0)
    }
}

/// The level that a folder or file is on; that of the root is `""`.
pub fn parent(node_id: &str) -> &str {
    node_id.rsplit_once('/').map_or("", |(above, _)| above)
}

/// The levels above a folder or file, nearest first, down to `""`.
pub fn above(node_id: &str) -> impl Iterator<Item = &str> {
    let first = (!node_id.is_empty()).then(|| parent(node_id));
    std::iter::successors(first, |level| (!level.is_empty()).then(|| parent(level)))
}

#[cfg(test)]
mod tests {
    use super::{Child, Levels, above};

    #[test]
    fn folders_come_in_the_order_of_their_first_files() {
        let files = ["b/x/test_1.py", "test_0.py", "a/test_2.py", "b/test_3.py"];
        let levels = Levels::new(files.map(|file| (file, 2)));
        let dir = |name: &str| Child::Dir(name.to_owned());
        assert_eq!(levels.children("").unwrap(), [dir("b"), Child::File(1), dir("a")]);
        assert_eq!(levels.children("b").unwrap(), [dir("b/x"), Child::File(3)]);
        assert_eq!((levels.tests(""), levels.tests("b"), levels.tests("b/x")), (8, 4, 2));
        assert_eq!(levels.children("c"), None);
    }

    #[test]
    fn everything_above_a_file() {
        assert_eq!(above("a/b/t.py").collect::<Vec<_>>(), ["a/b", "a", ""]);
        assert_eq!(above("t.py").collect::<Vec<_>>(), [""]);
        assert_eq!(above("").count(), 0);
    }
}
