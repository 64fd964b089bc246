//! Questions that take long: asked of one moment, and answered on the pool, beside the loop.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use fastest_ide::{Model, View};
use fastest_index::world::{FileId, World};
use fastest_syntax::document::PositionEncoding;
use rustc_hash::FxHashMap;
use tower_lsp::lsp_types::TextDocumentPositionParams;

use super::super::State;
use super::asking::Buffers;
use super::places::{Desk, Places};
use crate::event::Reply;
use crate::text::{Text, WholeText};

/// A place of a document at one moment, and all that a question about it may look at.
pub(super) struct Moment {
    world: World,
    texts: Buffers,
    /// Of open documents.
    uris: FxHashMap<PathBuf, String>,
    encoding: PositionEncoding,
    file: FileId,
    offset: u32,
}

/// What an answer depends on: documents, and for each root its reading and the changes since.
#[derive(Debug, PartialEq, Eq)]
pub struct Edition {
    documents: u64,
    roots: Vec<(u64, u64)>,
}

impl State {
    /// The moment of a request; `None` where nothing is known of its document. What is asked gives
    /// up when nobody waits for the reply any more.
    pub(super) fn moment<T: Send + 'static>(
        &mut self,
        at: &TextDocumentPositionParams,
        reply: &Arc<Reply<T>>,
    ) -> Option<Moment> {
        let (path, offset) = self.offset(at)?;
        let root = self.root_of(&path)?;
        let waits = Arc::clone(reply);
        let texts = self.buffers_for(root, Box::new(move || waits.is_cancelled()))?;
        let world = self.roots[root].loaded.as_ref()?.project.index.world().clone();
        let file = world.file_at(&path)?;
        let uris = self.documents.iter().map(|(path, open)| (path.clone(), open.uri.clone()));
        let (uris, encoding) = (uris.collect(), self.profile.encoding);
        Some(Moment { world, texts, uris, encoding, file, offset })
    }

    /// What answers that are given now depend on.
    pub(super) fn edition(&self) -> Edition {
        let roots = self.roots.iter().map(|root| {
            let index = root.loaded.as_ref().map(|loaded| &loaded.project.index);
            (root.epoch, index.map_or(0, |index| index.snapshot().generation))
        });
        Edition { documents: self.documents.revision(), roots: roots.collect() }
    }
}

impl Moment {
    /// Asks something, and makes the answer of what was found.
    pub fn ask<F, T>(
        self,
        question: impl for<'w> FnOnce(&Model<'w>, FileId, u32) -> F,
        answer: impl FnOnce(F, &mut Places<'_, Closed>) -> T,
    ) -> T {
        let Self { world, texts, uris, encoding, file, offset } = self;
        let texts = Rc::new(texts);
        let view =
            View { world: &world, texts: Rc::<Buffers>::clone(&texts), markers: Rc::default() };
        let found = question(&Model::new(view), file, offset);
        let closed = Closed { texts, uris, encoding };
        answer(found, &mut Places::new(&closed))
    }
}

/// The texts of a moment.
pub(super) struct Closed {
    texts: Rc<Buffers>,
    uris: FxHashMap<PathBuf, String>,
    encoding: PositionEncoding,
}

impl Desk for Closed {
    fn text(&self, path: &Path) -> Text<'_> {
        let open = self.texts.open.get(path);
        Text::Whole(open.map_or_else(|| WholeText::read(path), |o| WholeText::new(o.to_string())))
    }

    fn uri(&self, path: &Path) -> String {
        self.uris.get(path).cloned().unwrap_or_else(|| crate::uris::from_path(path))
    }

    fn encoding(&self) -> PositionEncoding {
        self.encoding
    }
}

/// Sends the answer, once nothing else looks at whether it is waited for.
pub(super) fn send<T>(reply: Arc<Reply<T>>, answer: tower_lsp::jsonrpc::Result<T>) {
    if let Some(reply) = Arc::into_inner(reply) {
        reply.send(answer);
    }
}
