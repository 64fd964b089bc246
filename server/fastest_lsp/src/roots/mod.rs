//! A workspace folder: what it is called, what is known of it, what the editor has been told.

pub mod levels;
pub mod load;

use std::path::{Path, PathBuf};

use fastest_runner::{Templates, Zygote};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::items::found::Found;
use crate::items::known::{Known, Look};
use crate::items::results::Results;
use crate::items::shown::Shown;
use crate::protocol::items::{Moved, TestItem};
use crate::state::settings::Settings;
pub use load::{Loaded, Slot};

/// A workspace folder.
#[derive(Debug)]
pub struct Root {
    /// The item's id: the folder's URI without a slash at its end.
    pub id: String,
    /// The folder.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
    /// What reading it came to; `None` until it was read once.
    pub loaded: Option<Loaded>,
    /// Why it could not be read the last time.
    pub problem: Option<String>,
    /// The reading that counts; older ones are dropped when they come in.
    pub epoch: u64,
    /// Whether it is being read.
    pub loading: bool,
    /// What the client has been told, by the node id of a level (`""`, a folder) or a file.
    pub known: FxHashMap<String, Known>,
    /// Whether the client asked for everything below the root: what is new is told in full.
    pub all: bool,
    /// Items above open files that the client has been told of although it asked for none of
    /// their levels, and the root's own: what they said, by item id.
    pub told: FxHashMap<String, Look>,
    /// The items of open files when these were last whole.
    pub good: FxHashMap<String, Vec<TestItem>>,
    /// What the client was shown of open files.
    pub shown: FxHashMap<String, Shown>,
    /// Items that runs have found, by file.
    pub found: Found,
    /// How tests ended.
    pub results: Results,
    /// The warm process that workers are forked from.
    pub zygote: Option<Zygote>,
    /// Processes that have a file collected, for the next run of its tests.
    pub templates: Templates,
    /// Files that such processes have collected as they are no more.
    pub outdated: FxHashSet<PathBuf>,
    /// What its files import of the standard library.
    pub standard_modules: Vec<String>,
    /// Changed on disk while it was being read.
    pub behind: FxHashSet<PathBuf>,
}

impl Root {
    /// Whether it is being read for the first time.
    pub const fn is_unread(&self) -> bool {
        self.loaded.is_none() && self.loading
    }

    /// A folder of which nothing is known yet.
    pub fn new(uri: &str, path: PathBuf, name: String, settings: Settings) -> Self {
        Self {
            id: uri.trim_end_matches('/').to_owned(),
            path,
            name,
            settings,
            loaded: None,
            problem: None,
            epoch: 0,
            loading: false,
            known: FxHashMap::default(),
            all: false,
            told: FxHashMap::default(),
            good: FxHashMap::default(),
            shown: FxHashMap::default(),
            found: Found::default(),
            results: Results::default(),
            zygote: None,
            templates: Templates::default(),
            outdated: FxHashSet::default(),
            standard_modules: Vec::new(),
            behind: FxHashSet::default(),
        }
    }

    /// The item id of a node id.
    pub fn item_id(&self, node_id: &str) -> String {
        item_id(&self.id, node_id)
    }

    /// The node id of an item id; `None` if the item is another root's.
    pub fn node_id<'i>(&self, item_id: &'i str) -> Option<&'i str> {
        match item_id.strip_prefix(&*self.id)? {
            "" => Some(""),
            rest => rest.strip_prefix("//"),
        }
    }

    /// Whether a file lies in the folder.
    pub fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.path)
    }

    /// The items of an open file when it was last whole.
    pub fn good_items(&self, file: &str) -> Option<Vec<&TestItem>> {
        match self.shown.get(file) {
            Some(shown) => Some(shown.good_items().collect()),
            None => self.good.get(file).map(|items| items.iter().collect()),
        }
    }

    /// What is shown of a file is looked at as a whole again.
    pub fn retire(&mut self, file: &str) {
        let Some(shown) = self.shown.remove(file) else { return };
        self.good.insert(file.to_owned(), shown.good_items().cloned().collect());
        if let Some(known) = self.known.get_mut(file) {
            *known = Known::of(known.revision, shown.into_items());
        }
    }

    /// Moves the lines of a file that is looked at as a whole, as the client does; whether it does
    /// anything.
    pub fn shift(&mut self, file: &str, moved: &Moved) -> bool {
        let good = self.good.get_mut(file).into_iter().flatten();
        moved.shift(good.flat_map(TestItem::lines_mut));
        self.known.get_mut(file).is_some_and(|known| known.shift(moved))
    }

    /// Whether what is shown of a file is at hand.
    pub fn shows(&self, place: usize) -> bool {
        let loaded = self.loaded.as_ref();
        loaded.is_some_and(|loaded| self.shown.contains_key(&loaded.files[place].node_id))
    }

    /// Whether the client is to be told of changes below a level or file.
    pub fn is_known(&self, node_id: &str) -> bool {
        self.known.contains_key(node_id)
    }
}

/// The item id of a root's node id.
pub fn item_id(root: &str, node_id: &str) -> String {
    if node_id.is_empty() { root.to_owned() } else { format!("{root}//{node_id}") }
}

/// The node id of the file that a node lies in.
pub fn file_of(node_id: &str) -> &str {
    node_id.split("::").next().unwrap_or(node_id)
}
