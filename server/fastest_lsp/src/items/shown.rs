//! What the client was shown of an open file, by what stands at its top level, so that an edit
//! renders and compares what it concerns and nothing else.

use std::ops::Range;
use std::sync::Arc;

use fastest_index::collect::Collected;
use fastest_index::collect::session::{Session, SessionFile, SessionItem};
use fastest_model::Span;
use fastest_syntax::document::Replacement;
use rustc_hash::FxHashMap;

use super::known::{key_of, keys};
use super::order::{Step, plan};
use crate::protocol::items::{Moved, TestItem};

/// What the client was shown of an open file.
#[derive(Debug)]
pub struct Shown {
    /// What the items are made of.
    pub made: Arc<Made>,
    /// The items, by top-level class or function.
    pub blocks: Vec<Block>,
}

/// A class or function at the top level, with all below it.
#[derive(Debug)]
pub struct Block {
    /// What it is made of, and its place there.
    pub group: (Arc<Made>, usize),
    /// By how many bytes it has moved since; it wraps.
    by: u32,
    /// Where it stands; `None` where an edit has touched it.
    stand: Option<Stand>,
    /// Its items, parents first, as the client knows them but for the version.
    pub items: Vec<TestItem>,
    /// What they were when the file was last whole, where they are others.
    pub good: Option<Vec<TestItem>>,
    /// Whether a file that is broken has lost it.
    pub is_lost: bool,
}

/// Where a block stands.
#[derive(Clone, Copy, Debug)]
struct Stand {
    bytes: Span,
    first: u32,
    last: u32,
}

/// What the classes and functions at the top level of a file are made of.
#[derive(Debug)]
pub struct Made {
    /// What the file holds.
    pub collected: Arc<Collected>,
    order: Arc<Order>,
}

/// In what order tests stand, and what they belong to.
#[derive(Debug)]
struct Order {
    groups: Vec<Group>,
    /// Tests in the order of the session, by group: the function, counted from the group's first,
    /// and the case.
    tests: Vec<(usize, Option<usize>)>,
    /// The same, by their places among all tests of the session.
    places: Vec<usize>,
}

/// What one of them is made of.
#[derive(Debug)]
struct Group {
    /// Its functions, by their places among those of the file.
    functions: Range<usize>,
    /// Its tests.
    tests: Range<usize>,
}

impl Shown {
    /// What is shown, if it can be told from which tests each item is.
    pub fn new(made: Arc<Made>, items: Vec<TestItem>, file: &str) -> Option<Self> {
        let mut lists: Vec<Vec<TestItem>> = Vec::with_capacity(made.order.groups.len());
        let mut list_of: FxHashMap<String, usize> = FxHashMap::default();
        for item in items {
            let parent = item.parent.as_deref()?;
            let at = if parent == file { lists.len() } else { *list_of.get(parent)? };
            list_of.insert(item.id.clone(), at);
            match lists.get_mut(at) {
                Some(list) => list.push(item),
                None => lists.push(vec![item]),
            }
        }
        let named = |(at, items): (usize, &Vec<TestItem>)| made.name(at) == Some(&*items[0].label);
        if lists.len() != made.order.groups.len() || !lists.iter().enumerate().all(named) {
            return None;
        }
        let block = |(at, items)| Block::new(&made, at, items);
        let blocks = lists.into_iter().enumerate().map(block).collect();
        Some(Self { made, blocks })
    }

    /// All items.
    pub fn items(&self) -> impl Iterator<Item = &TestItem> {
        self.blocks.iter().flat_map(|block| &block.items)
    }

    /// The same, without what they were shown by.
    pub fn into_items(self) -> impl Iterator<Item = TestItem> {
        self.blocks.into_iter().flat_map(|block| block.items)
    }

    /// The items as they were when the file was last whole.
    pub fn good_items(&self) -> impl Iterator<Item = &TestItem> {
        self.blocks.iter().flat_map(|block| block.good.as_ref().unwrap_or(&block.items))
    }

    /// Takes in where an edit was made, and moves the lines of all items as the client does;
    /// whether any has moved.
    pub fn shift(&mut self, change: &Replacement, moved: &Moved) -> bool {
        let mut any = false;
        for block in &mut self.blocks {
            let stand = block.stand.take();
            block.stand = stand.and_then(|stand| stand.after(change, moved));
            if stand.is_some_and(|stand| stand.bytes.start >= change.old.end) {
                block.by = block.by.wrapping_add(change.bytes);
            }
            if moved.lines != 0 && stand.is_none_or(|stand| stand.last >= moved.from_line) {
                let good = block.good.iter_mut().flatten();
                let lines = block.items.iter_mut().chain(good).flat_map(TestItem::lines_mut);
                any |= moved.shift(lines);
            }
        }
        any
    }

    /// What becomes of the blocks of a file that is collected again, in order, and the keys of
    /// their first items; `None` where other blocks would have to get new ones, or where names
    /// do not tell which is which.
    pub fn plan(&self, now: &Arc<Made>) -> Option<(Vec<Step>, Vec<u64>)> {
        let same = |block: usize, group: usize| self.blocks[block].is(now, group);
        let old: Vec<(&str, bool)> =
            self.blocks.iter().map(|block| (&*block.items[0].label, block.is_lost)).collect();
        let new: Option<Vec<&str>> = (0..now.order.groups.len()).map(|at| now.name(at)).collect();
        let steps = plan(&old, &new?, now.collected.fails(), same)?;
        let before: Vec<Option<u64>> =
            steps.iter().map(|step| Some(key_of(self.blocks[step.old?].items.first()?))).collect();
        let after = keys(&before);
        let is_kept = |(old, new): (&Option<u64>, &u64)| old.is_none_or(|old| old == *new);
        before.iter().zip(&after).all(is_kept).then_some((steps, after))
    }
}

impl Block {
    /// What is shown of a group; untouched.
    pub fn new(made: &Arc<Made>, at: usize, items: Vec<TestItem>) -> Self {
        let stand = made.collected.reach(made.functions(at)).and_then(|bytes| {
            let ranges = items.iter().filter_map(|item| item.range);
            let lines = ranges.map(|range| (range.start.line, range.end.line));
            let (first, last) = lines.reduce(|one, two| (one.0.min(two.0), one.1.max(two.1)))?;
            Some(Stand { bytes, first, last })
        });
        let group = (Arc::clone(made), at);
        Self { group, by: 0, stand, items, good: None, is_lost: false }
    }

    /// It shows what is there no more: it is looked at again with the next edit.
    pub fn touch(&mut self) {
        self.stand = None;
    }

    /// It is what a group of another collection makes it.
    pub fn confirm(&mut self, made: &Arc<Made>, at: usize) {
        self.group = (Arc::clone(made), at);
        self.by = 0;
        self.is_lost = false;
    }

    /// Whether a group would be shown as this block is.
    fn is(&self, now: &Made, at: usize) -> bool {
        let (made, own) = &self.group;
        self.stand.is_some()
            && now.tests(at) == made.tests(*own)
            && now.collected.has_moved(
                now.functions(at),
                &made.collected,
                made.functions(*own),
                self.by,
            )
    }
}

impl Stand {
    /// After an edit; `None` if that has touched it, or a line that it is on.
    fn after(self, change: &Replacement, moved: &Moved) -> Option<Self> {
        if self.bytes.end <= change.old.start && self.last < moved.from_line {
            return Some(self);
        }
        let is_behind = change.old.end <= self.bytes.start && moved.from_line <= self.first;
        let by = |at: u32| at.wrapping_add(change.bytes);
        let down = |line: u32| line.saturating_add_signed(moved.lines);
        is_behind.then(|| Self {
            bytes: Span::new(by(self.bytes.start), by(self.bytes.end)),
            first: down(self.first),
            last: down(self.last),
        })
    }
}

impl Made {
    /// In the order of the session.
    pub fn new(collected: &Arc<Collected>, session: &Session) -> Self {
        let ranges = ranges(collected);
        let mut range_of: Vec<usize> = Vec::with_capacity(collected.functions.len());
        for (at, range) in ranges.iter().enumerate() {
            range_of.resize(range.end, at);
        }
        let mut group_of: Vec<Option<usize>> = vec![None; ranges.len()];
        let mut groups: Vec<Group> = Vec::with_capacity(ranges.len());
        for (function, _) in session.places() {
            let range = range_of[function];
            let at = *group_of[range].get_or_insert(groups.len());
            if at == groups.len() {
                groups.push(Group { functions: ranges[range].clone(), tests: 0..0 });
            }
            groups[at].tests.end += 1;
        }
        let mut end = 0;
        for group in &mut groups {
            let count = group.tests.end;
            group.tests = end..end;
            end += count;
        }
        let mut tests = vec![(0, None); end];
        let mut places = vec![0; end];
        for (place, (function, case)) in session.places().enumerate() {
            let Some(at) = group_of[range_of[function]] else { continue };
            let group = &mut groups[at];
            tests[group.tests.end] = (function - group.functions.start, case);
            places[group.tests.end] = place;
            group.tests.end += 1;
        }
        let order = Arc::new(Order { groups, tests, places });
        Self { collected: Arc::clone(collected), order }
    }

    /// The same order, if the file holds the same in other places, and so no session has to be put
    /// together.
    pub fn of_same(&self, collected: &Arc<Collected>) -> Option<Self> {
        let (old, new) = (&self.collected, collected);
        let is_same = old.functions.len() == new.functions.len()
            && old.classes.len() == new.classes.len()
            && old.classes.iter().zip(&new.classes).all(|(old, new)| old.path == new.path)
            && old
                .functions
                .iter()
                .zip(&new.functions)
                .all(|(old, new)| old.class == new.class && new.is_moved(old))
            && old.skipped == new.skipped;
        is_same.then(|| Self { collected: Arc::clone(collected), order: Arc::clone(&self.order) })
    }

    /// A group's tests, as a session of the whole file has them.
    pub fn items<'s>(
        &'s self,
        at: usize,
        file: &'s SessionFile,
    ) -> impl Iterator<Item = SessionItem<'s>> {
        let functions = self.functions(at);
        self.tests(at).iter().map(move |&(function, case)| {
            let function = &file.collected.functions[functions.start + function];
            let case = case.and_then(|case| function.cases.as_ref()?.get(case));
            SessionItem { file, function, case, is_undecided: false }
        })
    }

    /// The places of a group's tests among all of the session.
    pub fn places(&self, at: usize) -> &[usize] {
        &self.order.places[self.order.groups[at].tests.clone()]
    }

    fn tests(&self, at: usize) -> &[(usize, Option<usize>)] {
        &self.order.tests[self.order.groups[at].tests.clone()]
    }

    fn functions(&self, at: usize) -> Range<usize> {
        self.order.groups[at].functions.clone()
    }

    /// The name at the top level under which a group is found.
    fn name(&self, at: usize) -> Option<&str> {
        let function = self.order.groups[at].functions.start;
        match top_class(&self.collected, function) {
            Some(class) => Some(&self.collected.classes.get(class as usize)?.path),
            None => Some(&self.collected.functions.get(function)?.name),
        }
    }
}

/// The functions of each class or function at the top level, in the order of the file.
fn ranges(collected: &Collected) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut last = None;
    for at in 0..collected.functions.len() {
        let top = top_class(collected, at);
        match ranges.last_mut() {
            Some(range) if top.is_some() && top == last => range.end = at + 1,
            _ => ranges.push(at..at + 1),
        }
        last = top;
    }
    ranges
}

/// The outermost class that holds a function.
fn top_class(collected: &Collected, function: usize) -> Option<u32> {
    let mut top = collected.functions[function].class?;
    while let Some(parent) = collected.classes.get(top as usize)?.parent {
        top = parent;
    }
    Some(top)
}
