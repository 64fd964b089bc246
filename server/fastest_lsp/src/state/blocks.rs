//! News of an edited file, block by block: what an edit leaves alone is neither rendered nor
//! compared again.

use std::cell::OnceCell;
use std::sync::Arc;

use fastest_index::collect::session::{Session, SessionFile};
use fastest_syntax::document::Replacement;
use rustc_hash::FxHashMap;

use super::State;
use crate::items::known::{Known, key_of, number, text_of, topmost};
use crate::items::render::{View, items_of, keep_lost};
use crate::items::shown::{Block, Made, Shown};
use crate::protocol::items::{Moved, TestItem, TestsReport};
use crate::roots::Root;
use crate::text::Text;

impl State {
    /// Notes what the client was shown of an open file, so that the next edit need not look at
    /// all of it.
    pub(super) fn keep_shown(&mut self, at: usize, place: usize, mut items: Vec<TestItem>) {
        let root = &mut self.roots[at];
        let Some(loaded) = &root.loaded else { return };
        let slot = &loaded.files[place];
        if self.documents.get(&slot.path).is_none() || slot.collected.fails() {
            return;
        }
        // What runs have found stands between what the sources tell.
        if !root.found.of(&slot.node_id).is_empty() {
            return;
        }
        let file = root.item_id(&slot.node_id);
        let made = Arc::new(Made::new(&slot.collected, &slot.shown(&loaded.selection)));
        items.iter_mut().for_each(|item| item.version = None);
        if let Some(shown) = Shown::new(made, items, &file) {
            root.good.remove(&slot.node_id);
            // What was told is what is shown.
            if let Some(known) = root.known.get_mut(&slot.node_id) {
                *known = Known::of(known.revision, None);
            }
            root.shown.insert(slot.node_id.clone(), shown);
        }
    }

    /// Tells what an edit of an open file has moved; whether its blocks follow it, so that only
    /// those that it concerns are to be looked at.
    pub(super) fn tell_moves(&mut self, at: usize, place: usize, report: &mut TestsReport) -> bool {
        let root = &mut self.roots[at];
        let Some(loaded) = &root.loaded else { return false };
        let slot = &loaded.files[place];
        let node_id = slot.node_id.clone();
        let open = self.documents.get(&slot.path);
        let Some(known) = root.known.get_mut(&node_id) else { return false };
        let told = std::mem::replace(&mut known.revision, open.map(|open| open.revision));
        let edit = open.filter(|open| told == Some(open.edit.since)).map(|open| &open.edit);
        let (Some(edit), Some(open)) = (edit, open) else {
            root.retire(&node_id);
            if open.is_none() {
                root.good.remove(&node_id);
            }
            return false;
        };
        let id = root.item_id(&node_id);
        let follows = root.found.of(&node_id).is_empty();
        if !follows {
            root.retire(&node_id);
        }
        for replaced in &edit.replaced {
            let &Replacement { from_line, lines, .. } = replaced;
            let moved = Moved { id: id.clone(), version: open.version, from_line, lines };
            let any = match root.shown.get_mut(&node_id) {
                Some(shown) => shown.shift(replaced, &moved),
                None => lines != 0 && root.shift(&node_id, &moved),
            };
            if any {
                report.moved.push(moved);
            }
        }
        follows && root.shown.contains_key(&node_id)
    }

    /// Tells of the blocks of a file that an edit concerns; `None`, and nothing is done, where
    /// the file must be looked at as a whole.
    pub(super) fn add_block_news(
        &mut self,
        at: usize,
        place: usize,
        report: &mut TestsReport,
    ) -> Option<()> {
        let Root { id, loaded, shown, .. } = &mut self.roots[at];
        let loaded = loaded.as_ref()?;
        let slot = &loaded.files[place];
        let shown = shown.get_mut(&slot.node_id)?;
        if shown.made.collected.marks != slot.collected.marks {
            return None;
        }
        let open = self.documents.get(&slot.path)?;
        let text = Text::Open(&open.document);
        let view = View {
            root: id,
            slot,
            text: &text,
            uri: &open.uri,
            version: None,
            selection: &loaded.selection,
            encoding: self.profile.encoding,
            found: &[],
        };
        let mut looking = Looking {
            file: slot.session_file(&slot.collected),
            view,
            session: OnceCell::new(),
            version: open.version,
            report,
        };
        let same = looking.is_whole().then(|| shown.made.of_same(&slot.collected)).flatten();
        let made = Arc::new(same.unwrap_or_else(|| Made::new(&slot.collected, looking.session())));
        let (steps, keys) = shown.plan(&made)?;
        let mut old: Vec<Option<Block>> = shown.blocks.drain(..).map(Some).collect();
        for (step, key) in steps.into_iter().zip(keys) {
            let before = step.old.and_then(|at| old[at].take());
            let block = match (before, step.new) {
                (Some(mut block), Some(at)) if step.is_same => {
                    block.confirm(&made, at);
                    block.good = block.good.filter(|_| made.collected.fails());
                    Some(block)
                }
                (before, Some(at)) => Some(looking.look(before, (&made, at), key)),
                (Some(block), None) => looking.lose(block),
                (None, None) => None,
            };
            shown.blocks.extend(block);
        }
        for block in old.into_iter().flatten() {
            looking.compare(block.items, &[]);
        }
        shown.made = made;
        Some(())
    }
}

/// Looking at the blocks of a file that an edit concerns.
struct Looking<'l> {
    view: View<'l>,
    file: SessionFile,
    session: OnceCell<Session>,
    /// The document's version.
    version: i32,
    report: &'l mut TestsReport,
}

impl Looking<'_> {
    /// Whether the arguments leave all tests of the file, so that their order does not depend on
    /// marks and keywords.
    fn is_whole(&self) -> bool {
        self.view.selection.is_everything() && self.file.asked.is_empty()
    }

    fn session(&self) -> &Session {
        self.session.get_or_init(|| self.view.slot.shown(self.view.selection))
    }

    /// A group as it now is, its key among others, and what was there before.
    fn look(&mut self, before: Option<Block>, (made, at): (&Arc<Made>, usize), key: u64) -> Block {
        let mut items = if self.is_whole() {
            items_of(&self.view, made.items(at, &self.file))
        } else {
            let places = made.places(at).iter();
            items_of(&self.view, places.filter_map(|&place| self.session().nth(place)))
        };
        let (known, good) = before.map_or_else(Default::default, |old| (old.items, old.good));
        let (seen, mut good) = (items.len(), Some(good.unwrap_or_else(|| known.clone())));
        if made.collected.fails() {
            items = keep_lost(items, good.as_deref().unwrap_or_default());
        } else {
            good = None;
        }
        let keys: FxHashMap<&str, u64> =
            known.iter().map(|item| (&*item.id, key_of(item))).collect();
        number(&mut items, |id| keys.get(id).copied());
        if let Some(first) = items.first_mut() {
            first.sort_text = text_of(key);
        }
        let has_lost = items.len() > seen;
        self.compare(known, &items);
        let mut block = Block::new(made, at, items);
        block.good = good;
        if has_lost {
            block.touch();
        }
        block
    }

    /// A broken file has lost a block: it is as it was when the file was last whole, if it then
    /// was.
    fn lose(&mut self, mut block: Block) -> Option<Block> {
        block.is_lost = true;
        if let Some(good) = block.good.take() {
            let known = std::mem::replace(&mut block.items, good);
            if let (Some(first), Some(old)) = (block.items.first_mut(), known.first()) {
                first.sort_text.clone_from(&old.sort_text);
            }
            self.compare(known, &block.items);
            block.touch();
        }
        (!block.items.is_empty()).then_some(block)
    }

    /// Tells of a block what the client does not know.
    fn compare(&mut self, known: Vec<TestItem>, items: &[TestItem]) {
        let mut gone: FxHashMap<String, TestItem> =
            known.into_iter().map(|item| (item.id.clone(), item)).collect();
        for item in items {
            if gone.remove(&item.id).is_none_or(|known| known != *item) {
                self.report.items.push(TestItem { version: Some(self.version), ..item.clone() });
            }
        }
        let gone = gone.into_iter().map(|(id, item)| (id, item.parent));
        self.report.removed.append(&mut topmost(gone.collect()));
    }
}
