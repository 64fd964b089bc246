//! Paths and node ids as seen from where the command was given.

use std::path::{Component, Path, PathBuf};

/// A node id seen from a folder: pytest's `cwd_relative_nodeid`.
pub fn node_id(node_id: &str, rootdir: &str, from: &Path) -> String {
    if rootdir.is_empty() || Path::new(rootdir) == from {
        return node_id.to_owned();
    }
    let (path, rest) = match node_id.find("::") {
        Some(at) => node_id.split_at(at),
        None => (node_id, ""),
    };
    format!("{}{rest}", relative(&Path::new(rootdir).join(path), from))
}

/// An absolute path seen from a folder, through `..` where it must be: pytest's `bestrelpath`.
pub fn relative(path: &Path, from: &Path) -> String {
    if !path.is_absolute() {
        return path.to_string_lossy().into_owned();
    }
    let theirs: Vec<Component<'_>> = path.components().collect();
    let ours: Vec<Component<'_>> = from.components().collect();
    let common = theirs.iter().zip(&ours).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n(Component::ParentDir, ours.len() - common);
    let way: PathBuf = up.chain(theirs[common..].iter().copied()).collect();
    if way.as_os_str().is_empty() { ".".to_owned() } else { way.to_string_lossy().into_owned() }
}

/// The file of a node id.
pub fn file(node_id: &str) -> &str {
    node_id.split("::").next().unwrap_or(node_id)
}
