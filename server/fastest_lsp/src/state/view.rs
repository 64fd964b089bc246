//! A file of a root as it is to be shown: with its text, open or not.

use crate::items::levels::{file_item, is_broken};
use crate::items::render::{View, items, keep_lost};
use crate::protocol::items::TestItem;
use crate::roots::{Loaded, Root, Slot};
use crate::text::{Text, WholeText};

use super::State;
use super::documents::Documents;
use super::profile::Profile;

/// A file's text, as it is in the editor or on disk.
pub fn text<'d>(documents: &'d Documents, slot: &Slot) -> Text<'d> {
    match documents.get(&slot.path) {
        Some(open) => Text::Open(&open.document),
        None => Text::Whole(WholeText::read(&slot.path)),
    }
}

/// A file's version, if it is open, and its URI.
pub fn show(documents: &Documents, slot: &Slot) -> (Option<i32>, String) {
    let version = documents.get(&slot.path).map(|open| open.version);
    (version, documents.uri(&slot.path))
}

/// The items below a file, parents first, without their order.
fn file_items(
    root: &mut Root,
    at: usize,
    documents: &Documents,
    profile: &Profile,
) -> Vec<TestItem> {
    let Some(loaded) = &root.loaded else { return Vec::new() };
    let slot = &loaded.files[at];
    let text = text(documents, slot).whole();
    let (version, uri) = show(documents, slot);
    let view = View {
        root: &root.id,
        slot,
        text: &text,
        uri: &uri,
        version,
        selection: &loaded.selection,
        encoding: profile.encoding,
        found: root.found.of(&slot.node_id),
    };
    let mut items = items(&view);
    if slot.collected.fails() {
        if let Some(good) = root.good.get(&slot.node_id) {
            items = keep_lost(items, good);
        }
    } else if documents.get(&slot.path).is_some() {
        root.good.insert(slot.node_id.clone(), items.clone());
    }
    items
}

/// The item of a file.
pub fn item_of_file(
    root: &Root,
    loaded: &Loaded,
    at: usize,
    documents: &Documents,
    profile: &Profile,
) -> TestItem {
    let slot = &loaded.files[at];
    let (version, uri) = show(documents, slot);
    let place = |span| text(documents, slot).range(span, profile.encoding);
    let mut item = file_item(root, slot, version, uri, &place);
    // What is left of a file that does not parse are its tests still.
    if is_broken(slot) {
        item.test_count = None;
    }
    item
}

impl State {
    /// The items below a file of a root.
    pub(super) fn items_of(&mut self, root: usize, at: usize) -> Vec<TestItem> {
        if let Some(loaded) = &self.roots[root].loaded
            && let Some(shown) = self.roots[root].shown.get(&loaded.files[at].node_id)
            && let Some(open) = self.documents.get(&loaded.files[at].path)
        {
            let version = Some(open.version);
            return shown.items().map(|item| TestItem { version, ..item.clone() }).collect();
        }
        file_items(&mut self.roots[root], at, &self.documents, &self.profile)
    }
}
