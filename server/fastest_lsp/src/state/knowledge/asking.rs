//! Putting a question to the root that a document belongs to.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use fastest_ide::body::dynamic;
use fastest_ide::diagnostics::memo::Bodies;
use fastest_ide::{Model, Texts, View};
use fastest_index::FileId;
use fastest_syntax::document::Position;
use ropey::Rope;
use rustc_hash::FxHashMap;
use tower_lsp::lsp_types::TextDocumentPositionParams;

use super::super::State;

/// How many rounds of modules that import fixtures from one another are read.
const ROUNDS: usize = 32;

/// What is remembered between questions, for each root by its id.
#[derive(Debug, Default)]
pub struct Knowledge {
    roots: FxHashMap<String, OfRoot>,
    /// Names that closed files request at run time.
    pub(super) requested: Requests,
}

/// Names that closed files request at run time, by path.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests(Arc<Mutex<FxHashMap<PathBuf, Requested>>>);

/// What is remembered of a root.
#[derive(Debug, Default)]
struct OfRoot {
    /// The reading for which plugins were read.
    epoch: Option<u64>,
    /// The folder of pytest's own modules.
    pytest: Option<PathBuf>,
    /// Registered marks, as completion shows them.
    markers: Rc<[String]>,
    /// The marks that may be used, where others are an error.
    registered: Option<Rc<[String]>>,
    /// What functions' texts hold.
    bodies: Rc<RefCell<Bodies>>,
}

/// The names that a file requests at run time, as of a state of the file.
#[derive(Debug)]
struct Requested {
    stamp: (Option<SystemTime>, u64),
    names: Box<[String]>,
}

/// Texts for one question: open documents as they are, other files from the disk.
pub(super) struct Buffers {
    pub open: FxHashMap<PathBuf, Rope>,
    pub pytest: Option<PathBuf>,
    pub requested: Requests,
    /// Whether nobody waits for the answer any more.
    pub given_up: Box<dyn Fn() -> bool + Send>,
}

/// What goes with a question.
pub struct Asked<'a> {
    /// What pytest collects from the document.
    pub collected: Option<&'a fastest_index::collect::Collected>,
    /// The marks that may be used, where others are an error.
    pub registered: Option<&'a [String]>,
    /// What functions' texts hold.
    pub bodies: &'a RefCell<Bodies>,
}

impl State {
    /// The document and the offset that a request names.
    pub(super) fn offset(&self, at: &TextDocumentPositionParams) -> Option<(PathBuf, u32)> {
        let path = crate::uris::to_path(at.text_document.uri.as_str())?;
        let document = &self.documents.get(&path)?.document;
        let position = Position::new(at.position.line, at.position.character);
        let offset = document.offset_at(position, self.profile.encoding);
        Some((path, offset))
    }

    /// Asks something about a file of the root that it belongs to.
    pub(super) fn ask<T>(
        &mut self,
        path: &Path,
        question: impl for<'w> FnOnce(&Model<'w>, FileId, Asked<'_>) -> T,
    ) -> Option<T> {
        let root = self.root_of(path)?;
        self.ask_root(root, Some(path), |model, file, asked| Some(question(model, file?, asked)))?
    }

    /// Asks something about a root, and perhaps a file of it.
    pub(super) fn ask_root<T>(
        &mut self,
        at: usize,
        path: Option<&Path>,
        question: impl for<'w> FnOnce(&Model<'w>, Option<FileId>, Asked<'_>) -> T,
    ) -> Option<T> {
        let texts = Rc::new(self.buffers_for(at, Box::new(|| false))?);
        let root = &mut self.roots[at];
        let known = self.knowledge.roots.get(&root.id)?;
        let loaded = root.loaded.as_mut()?;
        let file = path.and_then(|path| loaded.project.index.world().file_at(path));
        let collected = file.and_then(|file| loaded.project.index.collected(file)).cloned();
        let asked = Asked {
            collected: collected.as_deref(),
            registered: known.registered.as_deref(),
            bodies: &known.bodies,
        };
        let markers = Rc::clone(&known.markers);
        Some(loaded.project.index.ask(|world, memory| {
            let view = View { world, texts, markers };
            question(&Model::sharing(view, Arc::clone(memory)), file, asked)
        }))
    }

    /// The texts for a question about a root.
    pub(super) fn buffers_for(
        &mut self,
        at: usize,
        given_up: Box<dyn Fn() -> bool + Send>,
    ) -> Option<Buffers> {
        self.learn(at)?;
        let open = self.documents.iter();
        Some(Buffers {
            open: open.map(|(p, open)| (p.clone(), open.document.text().clone())).collect(),
            pytest: self.knowledge.roots.get(&self.roots[at].id)?.pytest.clone(),
            requested: self.knowledge.requested.clone(),
            given_up,
        })
    }

    /// Reads what plugins define, once for each reading of a root, when it is first asked about.
    fn learn(&mut self, at: usize) -> Option<()> {
        let root = &mut self.roots[at];
        let loaded = root.loaded.as_mut()?;
        let known = self.knowledge.roots.entry(root.id.clone()).or_default();
        if known.epoch == Some(root.epoch) {
            return Some(());
        }
        let project = &mut loaded.project;
        for _ in 0..ROUNDS {
            let wanted = fastest_ide::fixtures::wanted(project.index.world());
            if !project.learn(&wanted) {
                break;
            }
        }
        known.epoch = Some(root.epoch);
        let own = project.path_of("_pytest.fixtures");
        known.pytest = own.and_then(|path| path.parent().map(Path::to_owned));
        known.markers = project.marker_lines().into();
        known.registered = project.registered_marks().map(Rc::from);
        known.bodies = Rc::default();
        Some(())
    }
}

impl Texts for Buffers {
    fn text(&self, path: &Path) -> Option<Arc<str>> {
        match self.open.get(path) {
            Some(text) => Some(String::from(text).into()),
            None => read(path),
        }
    }

    fn may_request(&self, path: &Path, name: &str) -> bool {
        if self.open.contains_key(path) {
            return true;
        }
        let Ok(metadata) = std::fs::metadata(path) else { return false };
        let stamp = (metadata.modified().ok(), metadata.len());
        let mut requested = self.requested.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = requested.get(path).filter(|known| known.stamp == stamp);
        if let Some(known) = known {
            return known.names.iter().any(|known| known == name);
        }
        let text = read(path).unwrap_or_default();
        let names: Box<[String]> =
            dynamic::requests(&text).map(|request| request.name.to_owned()).collect();
        let is_requested = names.iter().any(|known| known == name);
        requested.insert(path.to_owned(), Requested { stamp, names });
        is_requested
    }

    fn is_given_up(&self) -> bool {
        (self.given_up)()
    }

    fn installed(&self, dotted: &str) -> Option<(PathBuf, Arc<str>)> {
        let module = dotted.strip_prefix("_pytest.")?;
        let path = self.pytest.as_ref()?.join(module.replace('.', "/")).with_extension("py");
        let text = read(&path)?;
        Some((path, text))
    }
}

fn read(path: &Path) -> Option<Arc<str>> {
    let bytes = std::fs::read(path).ok()?;
    Some((&*fastest_syntax::decode::decode(&bytes).ok()?).into())
}
