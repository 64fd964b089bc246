//! Node ids of files: pytest's `FSCollector.__init__`.

use std::path::{Path, PathBuf};

use fastest_index::collect::{below, node_path};

/// A file's node id: its path from the rootdir, or from the nearest of the paths that were given
/// where it lies outside; empty for a file outside that was itself given.
pub(super) fn node_id(path: &Path, rootdir: &Path, given: &[PathBuf]) -> String {
    if let Some(below) = below(path, rootdir) {
        return below.to_owned();
    }
    if path.starts_with(rootdir) {
        return node_path(path, rootdir);
    }
    let nearest = path.ancestors().find(|above| given.iter().any(|given| given == above));
    // Whatever is visited was reached from something that was given.
    nearest.map_or_else(|| node_path(path, rootdir), |nearest| node_path(path, nearest))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::node_id;

    fn check(path: &str, rootdir: &str, given: &[&str], expected: &str) {
        let given: Vec<PathBuf> = given.iter().map(PathBuf::from).collect();
        assert_eq!(node_id(Path::new(path), Path::new(rootdir), &given), expected);
    }

    #[test]
    fn files_below_the_rootdir_count_from_there() {
        check("/p/tests/test_a.py", "/p", &["/p/tests"], "tests/test_a.py");
    }

    #[test]
    fn files_outside_count_from_the_nearest_argument() {
        check("/q/tests/sub/test_a.py", "/p", &["/q/tests", "/q"], "sub/test_a.py");
        check("/q/test_a.py", "/p", &["/q/test_a.py", "/q"], "");
    }
}
