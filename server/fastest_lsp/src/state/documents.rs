//! Open documents.

use std::path::{Path, PathBuf};

use fastest_syntax::document::{Document, PositionEncoding, Replacement, TextChange};
use rustc_hash::FxHashMap;

use crate::items::results::LineEdit;

/// An open document that is a file.
#[derive(Debug)]
pub struct OpenDocument {
    /// As the client writes it.
    pub uri: String,
    /// As of the last change.
    pub version: i32,
    /// The text.
    pub document: Document,
    /// Whether it may differ from the file.
    pub dirty: bool,
    /// Whether the file was there when it was opened or saved.
    pub is_written: bool,
    /// Counts its states, and those of all other documents.
    pub revision: u64,
    /// What the last change did.
    pub edit: Edit,
}

/// What a change of a document did, which may consist of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The document's revision before.
    pub since: u64,
    /// What it replaced, one after the other.
    pub replaced: Vec<Replacement>,
}

/// All open documents, by path.
#[derive(Debug, Default)]
pub struct Documents {
    open: FxHashMap<PathBuf, OpenDocument>,
    revisions: u64,
}

impl Documents {
    /// Opens a document; `None` if it is no file.
    pub fn open(&mut self, uri: &str, version: i32, text: &str) -> Option<PathBuf> {
        let path = crate::uris::to_path(uri)?;
        let on_disk = std::fs::read(&path).ok();
        let dirty = on_disk.as_deref() != Some(text.as_bytes());
        let is_written = on_disk.is_some();
        let document = Document::new(text);
        let uri = uri.to_owned();
        self.revisions += 1;
        let (revision, edit) = (self.revisions, Edit::default());
        let open = OpenDocument { uri, version, document, dirty, is_written, revision, edit };
        self.open.insert(path.clone(), open);
        Some(path)
    }

    /// Makes changes; the path, and what they did in lines. `None` if it is not open. `is_told`
    /// says of a path whether its last edit was told of; if not, this one is part of it.
    pub fn change(
        &mut self,
        uri: &str,
        version: i32,
        changes: &[TextChange],
        encoding: PositionEncoding,
        is_told: impl FnOnce(&Path) -> bool,
    ) -> Option<(PathBuf, Vec<LineEdit>)> {
        let path = crate::uris::to_path(uri)?;
        let open = self.open.get_mut(&path)?;
        let edits = changes.iter().filter_map(line_edit).collect();
        open.version = version;
        self.revisions += 1;
        let since = std::mem::replace(&mut open.revision, self.revisions);
        if is_told(&path) {
            open.edit = Edit { since, replaced: Vec::new() };
        }
        open.edit.replaced.extend(open.document.apply(changes, encoding).replaced);
        open.dirty = true;
        Some((path, edits))
    }

    /// The document was written to its file.
    pub fn save(&mut self, uri: &str) -> Option<PathBuf> {
        let path = crate::uris::to_path(uri)?;
        let open = self.open.get_mut(&path)?;
        (open.dirty, open.is_written) = (false, true);
        Some(path)
    }

    /// Closes a document.
    pub fn close(&mut self, uri: &str) -> Option<PathBuf> {
        let path = crate::uris::to_path(uri)?;
        self.revisions += 1;
        self.open.remove(&path).map(|_| path)
    }

    /// Rises with every change of any document.
    pub const fn revision(&self) -> u64 {
        self.revisions
    }

    /// The document at a path.
    pub fn get(&self, path: &Path) -> Option<&OpenDocument> {
        self.open.get(path)
    }

    /// The document at a path, to ask its tree.
    pub fn get_mut(&mut self, path: &Path) -> Option<&mut OpenDocument> {
        self.open.get_mut(path)
    }

    /// All documents.
    pub fn iter(&self) -> impl Iterator<Item = (&PathBuf, &OpenDocument)> {
        self.open.iter()
    }

    /// The URI of a path: the client's, where the document is open.
    pub fn uri(&self, path: &Path) -> String {
        self.get(path).map_or_else(|| crate::uris::from_path(path), |open| open.uri.clone())
    }

    /// Python files that were never written.
    pub fn unsaved(&self) -> Vec<PathBuf> {
        let is_python = |path: &Path| path.extension().is_some_and(|end| end == "py");
        let unsaved = self.open.iter().filter(|(path, open)| !open.is_written && is_python(path));
        unsaved.map(|(path, _)| path.clone()).collect()
    }

    /// The texts of documents that differ from their files.
    pub fn dirty(&self) -> Vec<(PathBuf, String)> {
        let dirty = self.open.iter().filter(|(_, open)| open.dirty);
        dirty.map(|(path, open)| (path.clone(), String::from(open.document.text()))).collect()
    }
}

/// `None` where the whole text is replaced, which moves nothing that could be told.
fn line_edit(change: &TextChange) -> Option<LineEdit> {
    let (start, end) = change.range?;
    let (start, end) = (start.min(end), start.max(end));
    let added = change.text.matches('\n').count();
    Some(LineEdit {
        first: start.line,
        at_start: start.column == 0,
        removed: end.line - start.line,
        added: u32::try_from(added).unwrap_or(u32::MAX),
    })
}
