//! A project of a test: files in a folder, and places in them.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::client::uri;

/// A folder with files, canonical.
pub struct Project {
    pub dir: PathBuf,
    _keep: tempfile::TempDir,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let keep = tempfile::tempdir().expect("a folder can be made");
        let dir = keep.path().canonicalize().expect("it is there").join("shop");
        std::fs::create_dir(&dir).expect("a folder can be made");
        let project = Self { dir, _keep: keep };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        std::fs::write(&path, text).expect("it can be written");
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// A place as requests name it: that of `$0` in a part of a file, which stands there once
    /// without the `$0`.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn at(&self, name: &str, marked: &str) -> Value {
        let text = std::fs::read_to_string(self.path(name)).expect("the file can be read");
        let (before, after) = marked.split_once("$0").expect("there is a cursor");
        let part = format!("{before}{after}");
        assert_eq!(text.matches(&part).count(), 1, "`{part}` in {name}");
        let offset = text.find(&part).expect("it was counted") + before.len();
        let line = text[..offset].matches('\n').count();
        let character = text[..offset].rsplit('\n').next().map_or(0, |s| s.encode_utf16().count());
        self.place(name, line, character)
    }

    /// A place as requests name it, by line and character, both from 0.
    #[must_use]
    pub fn place(&self, name: &str, line: usize, character: usize) -> Value {
        json!({
            "textDocument": {"uri": uri(&self.path(name))},
            "position": {"line": line, "character": character},
        })
    }

    /// A document as requests name it.
    #[must_use]
    pub fn document(&self, name: &str) -> Value {
        json!({"textDocument": {"uri": uri(&self.path(name))}})
    }

    /// The item id of a node id.
    pub fn id(&self, node_id: &str) -> String {
        if node_id.is_empty() { uri(&self.dir) } else { format!("{}//{node_id}", uri(&self.dir)) }
    }
}
