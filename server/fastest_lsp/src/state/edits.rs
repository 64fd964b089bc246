//! Open documents: what they say goes into the index before it is saved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastest_index::Delta;
use fastest_syntax::document::TextChange;
use fastest_syntax::outline::Outline;

use super::State;

/// So long a client that never stops typing is told nothing: a few frames of a screen.
const PATIENCE: Duration = Duration::from_millis(50);

/// Edits of which the index and the client do not know yet.
#[derive(Debug, Default)]
pub(super) struct Untold {
    paths: BTreeSet<PathBuf>,
    /// When the first of them was made.
    since: Option<Instant>,
}

impl Untold {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

impl State {
    /// `textDocument/didOpen`
    pub(super) fn opened(&mut self, uri: &str, version: i32, text: &str) {
        let Some(path) = self.documents.open(uri, version, text) else { return };
        self.put_document(&path);
        self.introduce(&path);
        if self.documents.unsaved().contains(&path)
            && let Some(at) = self.root_of(&path)
        {
            self.read_root(at);
        }
        for root in &mut self.roots {
            if let Some(loaded) = &mut root.loaded {
                loaded.project.index.expect_edits(&path);
            }
        }
        self.diagnose_later([path]);
    }

    /// `textDocument/didChange`: what it says is taken in at once, unless the next edit waits
    /// already, which is then told of together with it.
    pub(super) fn changed(&mut self, uri: &str, version: i32, changes: &[TextChange]) {
        let encoding = self.profile.encoding;
        let behind = &self.untold;
        let is_told = |path: &Path| !behind.paths.contains(path);
        let changed = self.documents.change(uri, version, changes, encoding, is_told);
        let Some((path, edits)) = changed else {
            tracing::warn!("`{uri}` was changed and is not open");
            return;
        };
        for root in &mut self.roots {
            edits.iter().for_each(|edit| root.results.shift(&path, *edit));
        }
        let since = *self.untold.since.get_or_insert_with(Instant::now);
        self.untold.paths.insert(path);
        if !self.events.edit_waits() || since.elapsed() > PATIENCE {
            self.tell_edits();
        }
    }

    /// Tells of the edits that were made since they were last told of.
    pub(super) fn tell_edits(&mut self) {
        for path in std::mem::take(&mut self.untold).paths {
            self.tell_edit(path);
        }
    }

    fn tell_edit(&mut self, path: PathBuf) {
        // Before the file is told of: its diagnostics are not to be looked at with its items.
        self.diagnose_later([path.clone()]);
        self.put_document(&path);
        let is_test = |root: &crate::roots::Root| {
            root.loaded.as_ref().is_some_and(|loaded| loaded.at_path(&path).is_some())
        };
        if !self.roots.iter().any(is_test) {
            // What a conftest says concerns every document that sees it.
            let open: Vec<PathBuf> = self.documents.iter().map(|(path, _)| path.clone()).collect();
            self.diagnose_later(open);
        }
        self.edited(&path);
    }

    /// `textDocument/didSave`
    pub(super) fn saved(&mut self, uri: &str) {
        let Some(path) = self.documents.save(uri) else { return };
        let read = |root: &crate::roots::Root| {
            root.loaded.as_ref().is_some_and(|l| l.project.index.world().file_at(&path).is_some())
        };
        // A new file, or one whose hooks and variables pytest reads before anything else.
        let is_conftest = path.file_name().is_some_and(|name| name == "conftest.py");
        let unread = !self.roots.iter().any(read);
        if let Some(at) = self.root_of(&path)
            && (is_conftest || (unread && path.extension().is_some_and(|end| end == "py")))
        {
            self.read_root(at);
        } else if unread {
            self.files_changed(vec![path.clone()]);
        }
        self.saved_file(&path);
    }

    /// `textDocument/didClose`: the file on disk counts again.
    pub(super) fn closed(&mut self, uri: &str) {
        let Some(path) = self.documents.close(uri) else { return };
        for at in 0..self.roots.len() {
            self.reread(at, std::slice::from_ref(&path));
        }
        // It was never written, or is gone: nothing is left of it.
        if let Some(at) = self.root_of(&path).filter(|_| !path.exists()) {
            self.read_root(at);
        }
        self.undiagnosed.insert(path);
    }

    /// Why there is nothing to run.
    pub(super) fn why_nothing(&self, include: Option<&[String]>) -> String {
        let unsaved = |id: &String| {
            let (at, node_id) = self.find(id)?;
            let loaded = self.roots[at].loaded.as_ref()?;
            let slot = &loaded.files[loaded.at_node_id(crate::roots::file_of(&node_id))?];
            loaded.is_unsaved(slot).then(|| slot.node_id.clone())
        };
        match include.into_iter().flatten().find_map(unsaved) {
            Some(file) => format!("`{file}` was never saved, and pytest runs files; save it first"),
            None => "there is no such test any more".to_owned(),
        }
    }

    /// Puts what a document says into every root that knows its file.
    fn put_document(&mut self, path: &Path) {
        let Some(open) = self.documents.get(path) else { return };
        let outline = Arc::clone(open.document.outline());
        for at in 0..self.roots.len() {
            let Some(loaded) = &mut self.roots[at].loaded else { continue };
            let delta = loaded.project.put([(path, &outline)]);
            self.take_delta(at, &delta, &[path.to_path_buf()]);
        }
    }

    /// Puts all open documents into a root that was just read; the client is told afterwards.
    pub(super) fn put_open_documents(&mut self, at: usize) {
        let open: Vec<(PathBuf, Arc<Outline>)> = self
            .documents
            .iter()
            .map(|(path, open)| (path.clone(), Arc::clone(open.document.outline())))
            .collect();
        let Some(loaded) = &mut self.roots[at].loaded else { return };
        let delta = loaded.project.put(open.iter().map(|(path, outline)| (&**path, outline)));
        let changed: Vec<usize> = loaded.places(&delta);
        for place in changed {
            loaded.refresh(place);
        }
    }

    /// Reads files again that have changed on disk.
    pub(super) fn reread(&mut self, at: usize, paths: &[PathBuf]) {
        let Some(loaded) = &mut self.roots[at].loaded else { return };
        let delta = loaded.project.reread(paths.iter().map(PathBuf::as_path));
        self.take_delta(at, &delta, paths);
    }

    /// Tells the client what a change of the index did; `touched` are files whose texts changed.
    fn take_delta(&mut self, at: usize, delta: &Delta, touched: &[PathBuf]) {
        let Some(loaded) = &mut self.roots[at].loaded else { return };
        let mut places = loaded.places(delta);
        for place in &places {
            loaded.refresh(*place);
        }
        places.extend(touched.iter().filter_map(|path| loaded.at_path(path)));
        places.sort_unstable();
        places.dedup();
        self.tell_files(at, &places);
    }
}
