//! What the client was shown of an open file, by what stands at its top level, so that an edit
//! renders and compares what it concerns and nothing else.

use std::ops::Range;
use std::sync::Arc;

use fastest_index::collect::Collected;
use fastest_index::collect::session::Session;
use rustc_hash::FxHashMap;

use crate::protocol::items::TestItem;

/// What the client was shown of an open file.
#[derive(Debug)]
pub struct Shown {
    /// The document's version.
    pub version: i32,
    /// What the items are made of.
    pub collected: Arc<Collected>,
    /// Whether they are shown as what is left of a file that does not parse.
    pub stale: bool,
    /// The items, by top-level class or function.
    pub blocks: Vec<Block>,
}

/// A class or function at the top level, with all below it.
#[derive(Debug)]
pub struct Block {
    /// What it is made of.
    pub group: Group,
    /// Its items, parents first, as the client knows them but for the version.
    pub items: Vec<TestItem>,
}

/// What a class or function at the top level is made of.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its functions, by their places among those of the file.
    pub functions: Range<usize>,
    /// Its tests in the order of the session: the function, counted from the first of these, and
    /// the case.
    pub tests: Vec<(usize, Option<usize>)>,
    /// The same, by their places among all tests of the session.
    pub places: Vec<usize>,
}

/// What an edit of a document touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The document's version before.
    pub since: i32,
    /// Statements that end before this offset are what and where they were.
    pub before: u32,
    /// Statements from this offset on are what they were, and have moved.
    pub behind: u32,
    /// By so many bytes; it wraps.
    pub bytes: u32,
    /// By so many lines.
    pub lines: i64,
}

/// How many blocks an edit left alone, from the top and from the bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// From the top: they stand where they stood.
    pub above: usize,
    /// From the bottom: they have moved.
    pub below: usize,
}

impl Shown {
    /// What is shown, if it can be told from which tests each item is.
    pub fn new(
        version: i32,
        collected: Arc<Collected>,
        groups: Vec<Group>,
        items: Vec<TestItem>,
        file: &str,
    ) -> Option<Self> {
        let mut lists: Vec<Vec<TestItem>> = Vec::with_capacity(groups.len());
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
        let named = |(group, items): (&Group, &Vec<TestItem>)| {
            top_name(&collected, group.functions.start) == Some(&*items[0].label)
        };
        if lists.len() != groups.len() || !groups.iter().zip(&lists).all(named) {
            return None;
        }
        let stale = collected.fails();
        let blocks = groups.into_iter().zip(lists);
        let blocks = blocks.map(|(group, items)| Block { group, items }).collect();
        Some(Self { version, collected, stale, blocks })
    }

    /// All items.
    pub fn items(&self) -> impl Iterator<Item = &TestItem> {
        self.blocks.iter().flat_map(|block| &block.items)
    }

    /// Which blocks are what they were, of a file that is collected again.
    pub fn left(&self, now: &Collected, groups: &[Group], touched: Touched) -> Left {
        let same = |block: &Block, group: &Group, by: u32| {
            block.group.tests == group.tests
                && now.has_moved(
                    group.functions.clone(),
                    &self.collected,
                    block.group.functions.clone(),
                    by,
                )
        };
        let reach = |group: &Group| now.reach(group.functions.clone());
        let stays = |(block, group): &(&Block, &Group)| {
            reach(group).is_some_and(|reach| reach.end <= touched.before) && same(block, group, 0)
        };
        let above = self.blocks.iter().zip(groups).take_while(stays).count();
        let (blocks, groups) = (&self.blocks[above..], &groups[above..]);
        let moves = |(block, group): &(&Block, &Group)| {
            reach(group).is_some_and(|reach| touched.behind <= reach.start)
                && same(block, group, touched.bytes)
        };
        let below = blocks.iter().rev().zip(groups.iter().rev()).take_while(moves).count();
        Left { above, below }
    }
}

/// What each class or function at the top level of a file is made of, in the order of its session.
pub fn groups(collected: &Collected, session: &Session) -> Vec<Group> {
    let ranges = ranges(collected);
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of: Vec<Option<usize>> = vec![None; ranges.len()];
    for (place, (function, case)) in session.places().enumerate() {
        let range = ranges.partition_point(|range| range.end <= function);
        let Some(functions) = ranges.get(range) else { continue };
        let at = *group_of[range].get_or_insert(groups.len());
        if at == groups.len() {
            let functions = functions.clone();
            groups.push(Group { functions, tests: Vec::new(), places: Vec::new() });
        }
        groups[at].tests.push((function - functions.start, case));
        groups[at].places.push(place);
    }
    groups
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

/// The name at the top level under which a function is found.
fn top_name(collected: &Collected, function: usize) -> Option<&str> {
    match top_class(collected, function) {
        Some(class) => Some(&collected.classes.get(class as usize)?.path),
        None => Some(&collected.functions.get(function)?.name),
    }
}

impl Touched {
    /// Moves an item's ranges with its statement.
    pub fn moved(self, item: &mut TestItem) {
        for range in [&mut item.range, &mut item.name_range].into_iter().flatten() {
            for place in [&mut range.start, &mut range.end] {
                place.line = u32::try_from(i64::from(place.line) + self.lines).unwrap_or(0);
            }
        }
    }
}
