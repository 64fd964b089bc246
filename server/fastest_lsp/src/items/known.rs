//! What the client has been told of one level or file, so that only what is new is sent.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::shown::Block;
use crate::protocol::items::TestItem;

/// The distance of neighbours' keys when a list is numbered for the first time: room for a
/// score of insertions at one place before everything is numbered again.
const GAP: u64 = 1 << 20;

/// What the client has been told.
#[derive(Debug, Default)]
pub struct Known {
    entries: FxHashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    parent: Option<String>,
    key: u64,
    hash: u64,
}

/// All items of a level or file, and which of them are new to the client.
#[derive(Debug, Default, PartialEq)]
pub struct Update {
    /// All items, parents first, and whether the client does not know them as they are.
    pub items: Vec<(TestItem, bool)>,
    /// Ids of items that are gone, without those below them.
    pub removed: Vec<String>,
}

impl Update {
    /// The items that the client does not know as they are.
    pub fn news(&self) -> impl Iterator<Item = &TestItem> {
        self.items.iter().filter(|(_, fresh)| *fresh).map(|(item, _)| item)
    }

    /// All items.
    pub fn all(self) -> Vec<TestItem> {
        self.items.into_iter().map(|(item, _)| item).collect()
    }
}

impl Known {
    /// Takes in all items of the level or file, parents first; fills in their `sort_text`. Says
    /// what the client does not know yet.
    pub fn update(&mut self, mut items: Vec<TestItem>) -> Update {
        self.number(&mut items);
        let mut before = std::mem::take(&mut self.entries);
        self.entries.reserve(items.len());
        let mut update = Update::default();
        for mut item in items {
            let hash = take_hash(&mut item);
            let key = key_of(&item);
            let known = before.remove_entry(&item.id);
            let fresh = known.as_ref().is_none_or(|(_, entry)| entry.hash != hash);
            let (id, parent) = match known {
                Some((id, entry)) => (id, entry.parent),
                None => (item.id.clone(), item.parent.clone()),
            };
            self.entries.insert(id, Entry { parent, key, hash });
            update.items.push((item, fresh));
        }
        update.removed = topmost(before);
        update
    }

    /// Takes in some blocks of a file in the place of others, while all else stays; `keys` are
    /// those of the blocks' first items. Says which items are new to the client, and what is gone.
    pub fn replace(
        &mut self,
        gone: &[Block],
        blocks: &mut [Block],
        keys: &[u64],
    ) -> (Vec<TestItem>, Vec<String>) {
        for (block, key) in blocks.iter_mut().zip(keys) {
            self.number(&mut block.items);
            if let Some(first) = block.items.first_mut() {
                first.sort_text = text_of(*key);
            }
        }
        let gone = gone.iter().flat_map(|block| &block.items);
        let mut before: FxHashMap<String, Entry> =
            gone.filter_map(|item| self.entries.remove_entry(&item.id)).collect();
        let mut fresh = Vec::new();
        for item in blocks.iter_mut().flat_map(|block| &mut block.items) {
            let (hash, key) = (take_hash(item), key_of(item));
            if before.remove(&item.id).is_none_or(|entry| entry.hash != hash) {
                fresh.push(item.clone());
            }
            let parent = item.parent.clone();
            self.entries.insert(item.id.clone(), Entry { parent, key, hash });
        }
        (fresh, topmost(before))
    }

    /// Takes in an item that is known and has changed; its key stays.
    pub fn renew(&mut self, item: &mut TestItem) {
        let hash = take_hash(item);
        if let Some(entry) = self.entries.get_mut(&item.id) {
            entry.hash = hash;
        }
    }

    /// The key of an item.
    pub fn key(&self, id: &str) -> Option<u64> {
        self.entries.get(id).map(|entry| entry.key)
    }

    /// The same as a text.
    pub fn sort_text(&self, id: &str) -> Option<String> {
        self.entries.get(id).map(|entry| text_of(entry.key))
    }

    /// Takes in one item that is known already or not, and leaves the others.
    pub fn update_one(&mut self, mut item: TestItem) -> Option<TestItem> {
        let before = self.entries.get_mut(&item.id)?;
        item.sort_text = text_of(before.key);
        let hash = take_hash(&mut item);
        (std::mem::replace(&mut before.hash, hash) != hash).then_some(item)
    }

    /// Gives each item a key between its neighbours'. Items that were told of before keep theirs
    /// as long as their order is the same: an insertion changes no other item.
    fn number(&self, items: &mut [TestItem]) {
        let mut families: FxHashMap<Option<&str>, Vec<usize>> = FxHashMap::default();
        for (at, item) in items.iter().enumerate() {
            families.entry(item.parent.as_deref()).or_default().push(at);
        }
        let families: Vec<Vec<usize>> = families.into_values().collect();
        for siblings in families {
            let known: Vec<Option<u64>> = siblings
                .iter()
                .map(|&at| self.entries.get(&items[at].id).map(|entry| entry.key))
                .collect();
            let keys = keys(&known);
            for (at, key) in siblings.into_iter().zip(keys) {
                items[at].sort_text = text_of(key);
            }
        }
    }
}

/// The ids of those that are below no other of them.
fn topmost(gone: FxHashMap<String, Entry>) -> Vec<String> {
    let is_below = |entry: &Entry| entry.parent.as_ref().is_some_and(|id| gone.contains_key(id));
    let topmost = gone.iter().filter(|(_, entry)| !is_below(entry));
    let mut topmost: Vec<String> = topmost.map(|(id, _)| id.clone()).collect();
    topmost.sort_unstable();
    topmost
}

/// The key of the item at a place of a list that is numbered for the first time.
pub fn sort_text_at(place: usize) -> String {
    text_of((place as u64 + 1) * GAP)
}

/// The key that an item has.
pub fn key_of(item: &TestItem) -> u64 {
    u64::from_str_radix(&item.sort_text, 16).unwrap_or(0)
}

fn text_of(key: u64) -> String {
    format!("{key:010x}")
}

/// What an item says, but for the document's version: that alone is no news.
pub fn hash_of(item: &TestItem) -> u64 {
    take_hash(&mut item.clone())
}

/// The same without a copy; the item is as it was afterwards.
fn take_hash(item: &mut TestItem) -> u64 {
    let version = item.version.take();
    let hash = FxBuildHasher.hash_one(&*item);
    item.version = version;
    hash
}

/// Keys that rise, those that are known kept if possible.
pub fn keys(known: &[Option<u64>]) -> Vec<u64> {
    let kept: Vec<u64> = known.iter().copied().flatten().collect();
    let rises = kept.windows(2).all(|pair| pair[0] < pair[1]);
    let filled = if rises { fill(known) } else { None };
    filled.unwrap_or_else(|| (1..).take(known.len()).map(|at: u64| at * GAP).collect())
}

/// Keys for those that have none, between the others; `None` where there is no room.
fn fill(known: &[Option<u64>]) -> Option<Vec<u64>> {
    let mut keys = Vec::with_capacity(known.len());
    let mut last = 0;
    let mut at = 0;
    while at < known.len() {
        if let Some(key) = known[at] {
            keys.push(key);
            last = key;
            at += 1;
            continue;
        }
        let run = known[at..].iter().take_while(|key| key.is_none()).count();
        let step = match known.get(at + run).copied().flatten() {
            Some(next) => (next - last) / (run as u64 + 1),
            None => GAP,
        };
        if step == 0 {
            return None;
        }
        for _ in 0..run {
            last += step;
            keys.push(last);
        }
        at += run;
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::{GAP, Known, keys};
    use crate::protocol::items::{ItemKind, TestItem};

    fn item(id: &str, parent: &str) -> TestItem {
        TestItem::new(id.to_owned(), Some(parent.to_owned()), ItemKind::Function, id.to_owned())
    }

    fn ids(items: &[TestItem]) -> Vec<&str> {
        items.iter().map(|item| &*item.id).collect()
    }

    #[test]
    fn only_news_are_told() {
        let mut known = Known::default();
        let first = known.update(vec![item("a", "f"), item("c", "f"), item("x", "c")]);
        let first = first.all();
        assert_eq!(ids(&first), ["a", "c", "x"]);
        let mut changed = item("a", "f");
        changed.stale = true;
        let news = known.update(vec![changed, item("b", "f"), item("c", "f"), item("x", "c")]);
        let news: Vec<TestItem> = news.news().cloned().collect();
        assert_eq!(ids(&news), ["a", "b"]);
        let sorted: Vec<_> = news.iter().map(|item| &item.sort_text).collect();
        assert!(sorted[0] < sorted[1] && *sorted[1] < first[1].sort_text, "{sorted:?}");
        assert_eq!(known.update(vec![item("b", "f")]).removed, ["a", "c"]);
    }

    #[test]
    fn keys_rise_whatever_was_known() {
        assert_eq!(keys(&[None, None]), [GAP, 2 * GAP]);
        assert_eq!(keys(&[Some(5), None, Some(9)]), [5, 7, 9]);
        assert_eq!(keys(&[Some(5), None, Some(6)]), [GAP, 2 * GAP, 3 * GAP]);
        assert_eq!(keys(&[Some(9), Some(5)]), [GAP, 2 * GAP]);
        assert_eq!(keys(&[None, Some(GAP), None]), [GAP / 2, GAP, 2 * GAP]);
    }
}
