//! News of an edited file, block by block: what an edit leaves alone is neither rendered nor
//! compared again.

use std::ops::Range;

use rustc_hash::FxHashSet;

use super::State;
use super::view::show;
use crate::items::known::{Known, key_of, keys};
use crate::items::render::{View, items_of};
use crate::items::shown::{Block, Left, Shown, Touched, groups};
use crate::protocol::items::{TestItem, TestsReport};
use crate::text::Text;

impl State {
    /// Notes what the client was shown of an open file, so that the next edit need not look at
    /// all of it.
    pub(super) fn keep_shown(&mut self, at: usize, place: usize, items: Vec<TestItem>) {
        let root = &mut self.roots[at];
        let Some(loaded) = &root.loaded else { return };
        let slot = &loaded.files[place];
        let Some(open) = self.documents.get(&slot.path) else { return };
        let collected = &slot.collected;
        if collected.fails() {
            return;
        }
        // What runs have found stands between what the sources tell.
        if !root.found.of(&slot.node_id).is_empty() {
            return;
        }
        let file = root.item_id(&slot.node_id);
        let groups = groups(collected, &slot.shown(&loaded.selection));
        if let Some(shown) = Shown::new(open.version, collected.clone(), groups, items, &file) {
            root.good.remove(&slot.node_id);
            root.shown.insert(slot.node_id.clone(), shown);
        }
    }

    /// Tells of the blocks of a file that an edit concerns; `None`, and nothing is done, where
    /// the file must be looked at as a whole.
    pub(super) fn add_block_news(
        &mut self,
        at: usize,
        place: usize,
        report: &mut TestsReport,
    ) -> Option<()> {
        let root = &self.roots[at];
        let loaded = root.loaded.as_ref()?;
        let slot = &loaded.files[place];
        let open = self.documents.get(&slot.path)?;
        let (touched, shown) = (open.touched?, root.shown.get(&slot.node_id)?);
        let now = &*slot.collected;
        let follows = shown.version == touched.since
            && shown.collected.marks == now.marks
            && root.found.of(&slot.node_id).is_empty();
        if !follows {
            return None;
        }
        let session = slot.shown(&loaded.selection);
        let groups = groups(now, &session);
        let left = shown.left(now, &groups, touched);
        let (version, uri) = show(&self.documents, slot);
        let view = View {
            root: &root.id,
            slot,
            text: &Text::Open(&open.document),
            uri: &uri,
            version,
            selection: &loaded.selection,
            encoding: self.profile.encoding,
            found: &[],
        };
        let between = left.above..groups.len() - left.below;
        let blocks = groups[between].iter().map(|group| Block {
            group: group.clone(),
            items: items_of(&view, &session, &group.places),
        });
        let blocks: Vec<Block> = blocks.collect();
        let known = root.known.get(&slot.node_id)?;
        let keys = keys_between(shown, left, &blocks, known)?;
        if now.fails() && loses_any(shown, left, &blocks) {
            return None;
        }
        let edit = Edit { touched, version: open.version, stale: now.fails(), left };
        let (collected, node_id) = (slot.collected.clone(), slot.node_id.clone());
        let root = &mut self.roots[at];
        let mut shown = root.shown.remove(&node_id)?;
        if edit.stale && !shown.stale {
            root.good.insert(node_id.clone(), shown.items().cloned().collect());
        } else if !edit.stale {
            root.good.remove(&node_id);
        }
        let known = root.known.entry(node_id.clone()).or_default();
        edit.tell(&mut shown, blocks, &keys, known, report);
        for (block, group) in shown.blocks.iter_mut().zip(groups) {
            block.group = group;
        }
        shown.collected = collected;
        root.shown.insert(node_id, shown);
        Some(())
    }
}

/// An edit of a file that is shown.
struct Edit {
    touched: Touched,
    /// The document's version after it.
    version: i32,
    /// Whether the file does not parse after it.
    stale: bool,
    /// What it left alone.
    left: Left,
}

impl Edit {
    /// Puts the blocks in that the edit concerns, and tells what is new. `keys` are those of
    /// their first items.
    fn tell(
        &self,
        shown: &mut Shown,
        mut blocks: Vec<Block>,
        keys: &[u64],
        known: &mut Known,
        report: &mut TestsReport,
    ) {
        let flips = shown.stale != self.stale;
        let behind = shown.blocks.len() - self.left.below;
        let (above, rest) = shown.blocks.split_at_mut(self.left.above);
        let (gone, below) = rest.split_at_mut(behind - self.left.above);
        if flips {
            above.iter_mut().for_each(|block| self.renew(block, None, known, report));
        }
        let (mut fresh, mut removed) = known.replace(gone, &mut blocks, keys);
        report.removed.append(&mut removed);
        report.items.append(&mut fresh);
        if flips || self.touched.lines != 0 {
            let moved = Some(self.touched);
            below.iter_mut().for_each(|block| self.renew(block, moved, known, report));
        }
        shown.blocks.splice(self.left.above..behind, blocks);
        shown.stale = self.stale;
        shown.version = self.version;
    }

    /// Tells of a block that the edit left alone, and that moves or becomes stale with the file.
    fn renew(
        &self,
        block: &mut Block,
        moved: Option<Touched>,
        known: &mut Known,
        report: &mut TestsReport,
    ) {
        for item in &mut block.items {
            if let Some(touched) = moved {
                touched.moved(item);
            }
            item.stale = self.stale;
            item.version = Some(self.version);
            known.renew(item);
            report.items.push(item.clone());
        }
    }
}

/// The keys of blocks that come in the place of others; `None` where other blocks would have to
/// get new ones.
fn keys_between(shown: &Shown, left: Left, blocks: &[Block], known: &Known) -> Option<Vec<u64>> {
    let behind = shown.blocks.len() - left.below;
    let kept = |block: &Block| block.items.first().map(key_of);
    let between = blocks.iter().map(|block| known.key(&block.items.first()?.id));
    let above = shown.blocks[..left.above].iter().map(kept);
    let below = shown.blocks[behind..].iter().map(kept);
    let before: Vec<Option<u64>> = above.chain(between).chain(below).collect();
    let after = keys(&before);
    let end = left.above + blocks.len();
    let is_kept = |range: Range<usize>| {
        before[range.clone()].iter().zip(&after[range]).all(|(old, new)| *old == Some(*new))
    };
    (is_kept(0..left.above) && is_kept(end..before.len())).then(|| after[left.above..end].to_vec())
}

/// Whether an item of the blocks that others replace is not among those.
fn loses_any(shown: &Shown, left: Left, blocks: &[Block]) -> bool {
    let behind = shown.blocks.len() - left.below;
    let ids: FxHashSet<&str> =
        blocks.iter().flat_map(|block| &block.items).map(|item| &*item.id).collect();
    let mut gone = shown.blocks[left.above..behind].iter().flat_map(|block| &block.items);
    gone.any(|item| !ids.contains(&*item.id))
}
