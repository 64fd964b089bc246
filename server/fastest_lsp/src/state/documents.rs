//! Open documents.

use std::path::{Path, PathBuf};

use fastest_model::Span;
use fastest_syntax::document::{Document, PositionEncoding, TextChange};
use rustc_hash::FxHashMap;

use crate::items::results::LineEdit;
use crate::items::shown::Change;

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
    /// From which line on it moved what stands there, and by how many lines; one after the other.
    pub moved: Vec<(u32, i32)>,
    /// What it replaced, if that is one part of the text.
    pub change: Option<Change>,
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
        let document = Document::new(text);
        let uri = uri.to_owned();
        self.revisions += 1;
        let (revision, edit) = (self.revisions, Edit::default());
        let open = OpenDocument { uri, version, document, dirty, revision, edit };
        self.open.insert(path.clone(), open);
        Some(path)
    }

    /// Makes changes; the path, and what they did in lines. `None` if it is not open.
    pub fn change(
        &mut self,
        uri: &str,
        version: i32,
        changes: &[TextChange],
        encoding: PositionEncoding,
    ) -> Option<(PathBuf, Vec<LineEdit>)> {
        let path = crate::uris::to_path(uri)?;
        let open = self.open.get_mut(&path)?;
        let edits = changes.iter().filter_map(line_edit).collect();
        open.version = version;
        self.revisions += 1;
        let since = std::mem::replace(&mut open.revision, self.revisions);
        open.edit = apply(&mut open.document, since, changes, encoding);
        open.dirty = true;
        Some((path, edits))
    }

    /// The document was written to its file.
    pub fn save(&mut self, uri: &str) -> Option<PathBuf> {
        let path = crate::uris::to_path(uri)?;
        self.open.get_mut(&path)?.dirty = false;
        Some(path)
    }

    /// Closes a document.
    pub fn close(&mut self, uri: &str) -> Option<PathBuf> {
        let path = crate::uris::to_path(uri)?;
        self.open.remove(&path).map(|_| path)
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

    /// The texts of documents that differ from their files.
    pub fn dirty(&self) -> Vec<(PathBuf, String)> {
        let dirty = self.open.iter().filter(|(_, open)| open.dirty);
        dirty.map(|(path, open)| (path.clone(), String::from(open.document.text()))).collect()
    }
}

/// Makes changes; says what they did.
fn apply(
    document: &mut Document,
    since: u64,
    changes: &[TextChange],
    encoding: PositionEncoding,
) -> Edit {
    let [TextChange { range: Some((start, end)), .. }] = changes else {
        document.apply(changes, encoding);
        let moved = changes.iter().map(|change| line_edit(change).map(moved_lines)).collect();
        return Edit { since, moved: Option::unwrap_or_default(moved), change: None };
    };
    let old = Span::new(
        document.offset_at(*start.min(end), encoding),
        document.offset_at(*start.max(end), encoding),
    );
    let before = document.text().clone();
    document.apply(changes, encoding);
    let count = |text: &ropey::Rope| {
        let small = |size| u32::try_from(size).unwrap_or(u32::MAX);
        (small(text.len_bytes()), small(text.len_lines()))
    };
    let ((bytes, lines), (old_bytes, old_lines)) = (count(document.text()), count(&before));
    let change = Change { old, bytes: bytes.wrapping_sub(old_bytes) };
    let from_line = line_edit(&changes[0]).map_or(0, |edit| moved_lines(edit).0);
    let lines = lines.wrapping_sub(old_lines).cast_signed();
    Edit { since, moved: vec![(from_line, lines)], change: Some(change) }
}

/// From which line on an edit moves places, and by how many lines.
fn moved_lines(edit: LineEdit) -> (u32, i32) {
    let end = edit.first.saturating_add(edit.removed);
    let from_line = end.saturating_add(u32::from(!edit.whole_lines));
    (from_line, edit.added.wrapping_sub(edit.removed).cast_signed())
}

/// `None` where the whole text is replaced, which moves nothing that could be told.
fn line_edit(change: &TextChange) -> Option<LineEdit> {
    let (start, end) = change.range?;
    let (start, end) = (start.min(end), start.max(end));
    let added = change.text.matches('\n').count();
    Some(LineEdit {
        first: start.line,
        at_start: start.column == 0,
        whole_lines: end.column == 0
            && (change.text.ends_with('\n') || (change.text.is_empty() && start.column == 0)),
        removed: end.line - start.line,
        added: u32::try_from(added).unwrap_or(u32::MAX),
    })
}
