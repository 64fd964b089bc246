//! Paths as Python's `os.path` handles them: by their text, links not followed.

use std::path::{Component, Path, PathBuf};

/// `os.path.abspath`: joined to `directory`, with `.` and `..` taken out of the text.
#[must_use]
pub fn absolute(directory: &Path, path: impl AsRef<Path>) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in directory.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            _ => normal.push(component),
        }
    }
    normal
}

/// pytest's `get_common_ancestor`: the deepest directory above all of `paths` that exist, or
/// `invocation_dir` when none does.
#[must_use]
pub fn common_ancestor(invocation_dir: &Path, paths: &[PathBuf]) -> PathBuf {
    let mut existing = paths.iter().filter(|path| path.exists());
    let Some(first) = existing.next() else { return invocation_dir.to_owned() };
    let shared = existing.fold(first.clone(), |shared, path| common(&shared, path));
    match shared.parent() {
        Some(parent) if shared.is_file() => parent.to_owned(),
        _ => shared,
    }
}

fn common(a: &Path, b: &Path) -> PathBuf {
    let shared: PathBuf =
        a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    // On Windows, paths on two drives share nothing; pytest then keeps the first.
    if shared.as_os_str().is_empty() { a.to_owned() } else { shared }
}

/// Whether a path is the root of its file system.
#[must_use]
pub fn is_root(path: &Path) -> bool {
    path.has_root() && path.parent().is_none()
}
