//! What the client has been told of one level or file, so that only what is new is sent.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::protocol::items::{Moved, TestItem};

/// The distance of neighbours' keys when a list is numbered for the first time: room for a
/// score of insertions at one place before everything is numbered again.
const GAP: u64 = 1 << 20;

/// What the client has been told.
#[derive(Debug, Default)]
pub struct Known {
    /// The revision of the open document that a file's items were told for.
    pub revision: Option<u64>,
    entries: FxHashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    parent: Option<String>,
    key: u64,
    look: Look,
}

/// What an item says, but for the document's version: that alone is no news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Of all but the lines.
    hash: u64,
    /// The lines of its ranges.
    lines: [u32; 4],
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
    /// What the client was told that knows these items.
    pub fn of(revision: Option<u64>, items: impl IntoIterator<Item = TestItem>) -> Self {
        let entry = |mut item: TestItem| {
            let (look, key) = (look_of(&mut item), key_of(&item));
            (item.id, Entry { parent: item.parent, key, look })
        };
        Self { revision, entries: items.into_iter().map(entry).collect() }
    }

    /// Takes in all items of the level or file, parents first; fills in their `sort_text`. Says
    /// what the client does not know yet.
    pub fn update(&mut self, mut items: Vec<TestItem>) -> Update {
        self.number(&mut items);
        let mut before = std::mem::take(&mut self.entries);
        self.entries.reserve(items.len());
        let mut update = Update::default();
        for mut item in items {
            let look = look_of(&mut item);
            let key = key_of(&item);
            let known = before.remove_entry(&item.id);
            let fresh = known.as_ref().is_none_or(|(_, entry)| entry.look != look);
            let (id, parent) = match known {
                Some((id, entry)) => (id, entry.parent),
                None => (item.id.clone(), item.parent.clone()),
            };
            self.entries.insert(id, Entry { parent, key, look });
            update.items.push((item, fresh));
        }
        let gone = before.into_iter().map(|(id, entry)| (id, entry.parent));
        update.removed = topmost(gone.collect());
        update
    }

    /// Moves the lines of all items, as the client does when it is told; whether it does anything.
    pub fn shift(&mut self, moved: &Moved) -> bool {
        moved.shift(self.entries.values_mut().flat_map(|entry| &mut entry.look.lines))
    }

    /// The same as the text that items are sorted by.
    pub fn sort_text(&self, id: &str) -> Option<String> {
        self.entries.get(id).map(|entry| text_of(entry.key))
    }

    /// Takes in one item that is known already or not, and leaves the others.
    pub fn update_one(&mut self, mut item: TestItem) -> Option<TestItem> {
        let before = self.entries.get_mut(&item.id)?;
        item.sort_text = text_of(before.key);
        let look = look_of(&mut item);
        (std::mem::replace(&mut before.look, look) != look).then_some(item)
    }

    fn number(&self, items: &mut [TestItem]) {
        number(items, |id| self.entries.get(id).map(|entry| entry.key));
    }
}

/// Gives each item a key between its neighbours'. Items that were told of before keep theirs
/// as long as their order is the same: an insertion changes no other item.
pub fn number(items: &mut [TestItem], known: impl Fn(&str) -> Option<u64>) {
    let mut families: FxHashMap<Option<&str>, Vec<usize>> = FxHashMap::default();
    for (at, item) in items.iter().enumerate() {
        families.entry(item.parent.as_deref()).or_default().push(at);
    }
    let families: Vec<Vec<usize>> = families.into_values().collect();
    for siblings in families {
        let known: Vec<Option<u64>> = siblings.iter().map(|&at| known(&items[at].id)).collect();
        for (at, key) in siblings.into_iter().zip(keys(&known)) {
            items[at].sort_text = text_of(key);
        }
    }
}

/// The ids of those that are below no other of them.
pub fn topmost(gone: FxHashMap<String, Option<String>>) -> Vec<String> {
    let is_below =
        |parent: &Option<String>| parent.as_ref().is_some_and(|id| gone.contains_key(id));
    let topmost = gone.iter().filter(|(_, parent)| !is_below(parent));
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

/// The text that sorts like a key.
pub fn text_of(key: u64) -> String {
    format!("{key:010x}")
}

/// What an item says.
pub fn look_at(item: &TestItem) -> Look {
    look_of(&mut item.clone())
}

/// The same without a copy; the item is as it was afterwards.
fn look_of(item: &mut TestItem) -> Look {
    let version = item.version.take();
    let mut lines = [0; 4];
    item.lines_mut().zip(&mut lines).for_each(|(line, kept)| std::mem::swap(line, kept));
    let hash = FxBuildHasher.hash_one(&*item);
    item.lines_mut().zip(lines).for_each(|(line, kept)| *line = kept);
    item.version = version;
    Look { hash, lines }
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
    use crate::protocol::items::{ItemKind, Moved, TestItem};
    use crate::protocol::{Position, Range};

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
        changed.label = "A".to_owned();
        let news = known.update(vec![changed, item("b", "f"), item("c", "f"), item("x", "c")]);
        let news: Vec<TestItem> = news.news().cloned().collect();
        assert_eq!(ids(&news), ["a", "b"]);
        let sorted: Vec<_> = news.iter().map(|item| &item.sort_text).collect();
        assert!(sorted[0] < sorted[1] && *sorted[1] < first[1].sort_text, "{sorted:?}");
        assert_eq!(known.update(vec![item("b", "f")]).removed, ["a", "c"]);
    }

    #[test]
    fn what_has_only_moved_is_no_news() {
        let at = |line: u32| {
            let mut item = item("a", "f");
            let place = Position { line, character: 4 };
            item.range = Some(Range { start: Position { line: 2, character: 0 }, end: place });
            item
        };
        let mut known = Known::default();
        known.update(vec![at(7)]);
        let moved = Moved { id: "f".to_owned(), version: 2, from_line: 5, lines: -2 };
        assert!(known.shift(&moved));
        assert_eq!(known.update(vec![at(5)]).news().count(), 0);
        assert_eq!(known.update(vec![at(7)]).news().count(), 1);
        assert!(!known.shift(&Moved { from_line: 8, ..moved }));
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
