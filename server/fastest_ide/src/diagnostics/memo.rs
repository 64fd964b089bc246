//! What functions' texts hold, remembered from one look at a file to the next: after a keystroke
//! only the function that it changed is parsed again.

use std::sync::Arc;

use fastest_index::world::FileId;
use fastest_model::Span;
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::body::{self, Body};

/// What functions' texts hold.
#[derive(Debug, Default)]
pub struct Bodies {
    files: FxHashMap<FileId, File>,
}

/// What one file's functions hold, by the hash of their texts. Spans count from the function.
#[derive(Debug, Default)]
struct File {
    known: FxHashMap<u64, (Arc<Body>, bool)>,
    /// How many texts were parsed for it, ever.
    parsed: usize,
}

impl Bodies {
    /// What the function at `span` of a file's text holds. Spans count from `span.start`.
    pub fn read(&mut self, file: FileId, text: &str, span: Span) -> Arc<Body> {
        let file = self.files.entry(file).or_default();
        let own = text.get(span.range()).unwrap_or_default();
        let hash = xxh3_64(own.as_bytes());
        if let Some((body, is_fresh)) = file.known.get_mut(&hash) {
            *is_fresh = true;
            return Arc::clone(body);
        }
        file.parsed += 1;
        let body = Arc::new(body::read(text, span).relative_to(span.start));
        file.known.insert(hash, (Arc::clone(&body), true));
        body
    }

    /// Forgets what the last look at a file did not ask for.
    pub fn sweep(&mut self, file: FileId) {
        if let Some(file) = self.files.get_mut(&file) {
            file.known.retain(|_, (_, is_fresh)| std::mem::take(is_fresh));
        }
    }

    /// Forgets a file.
    pub fn forget(&mut self, file: FileId) {
        self.files.remove(&file);
    }

    /// How many texts of a file were parsed so far.
    #[must_use]
    pub fn parsed(&self, file: FileId) -> usize {
        self.files.get(&file).map_or(0, |file| file.parsed)
    }
}
