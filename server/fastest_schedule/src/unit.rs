//! What is known of one unit.

use crate::{
    blocks::blocks,
    event::{Dist, Found},
    weigh::{Recent, Weigher},
};

/// A test of a unit.
#[derive(Debug)]
pub struct Item {
    pub node_id: String,
    /// How long it took last time.
    pub known: Option<u64>,
    /// How many of its runs have no outcome yet.
    pub open: usize,
    /// Items of one block run in one worker.
    pub block: u32,
    /// `xdist_group`.
    pub group: Option<String>,
}

/// A file.
#[derive(Debug)]
pub struct Unit {
    pub id: String,
    /// How long it is expected to run, before its items are known.
    pub weight: u64,
    /// Whether some worker has collected it, or died of it.
    pub known: bool,
    /// Whether it could not be collected, or not whole.
    pub failed: bool,
    /// Its tests, as the worker that collected it first says.
    pub items: Vec<Item>,
    /// Whether any of them is of an `xdist_group`.
    pub has_groups: bool,
    /// The node ids of those that are not to run.
    pub deselected: Vec<String>,
    /// How long collecting it took.
    pub cost: u64,
    /// How long the last of its tests took of which nothing was known.
    pub recent: Recent,
}

impl Unit {
    pub const fn new(id: String, weight: u64) -> Self {
        Self {
            id,
            weight,
            known: false,
            failed: false,
            items: Vec::new(),
            has_groups: false,
            deselected: Vec::new(),
            cost: 0,
            recent: Recent::new(),
        }
    }

    /// Fill it with what was found, each test to be run so many times.
    pub fn fill(&mut self, found: Vec<Found>, dist: Dist, weigher: &Weigher, runs: usize) {
        let blocks = blocks(&found, dist);
        let item = |(found, block): (Found, u32)| Item {
            known: weigher.recorded(&found.node_id),
            node_id: found.node_id,
            open: runs,
            block,
            group: found.group,
        };
        self.has_groups = found.iter().any(|found| found.group.is_some());
        self.items = found.into_iter().zip(blocks).map(item).collect();
        self.known = true;
    }

    /// Where the items of another worker's list are in that list, if it is not the same list.
    ///
    /// Collecting may depend on the process: a set of strings has another order in each.
    pub fn places_in(&self, found: &[Found]) -> Option<Vec<Option<usize>>> {
        let same = self.items.len() == found.len()
            && self.items.iter().zip(found).all(|(item, found)| item.node_id == found.node_id);
        if same {
            return None;
        }
        let mut taken = vec![false; found.len()];
        let mut place = |item: &Item| {
            let at =
                (0..found.len()).find(|&at| !taken[at] && found[at].node_id == item.node_id)?;
            taken[at] = true;
            Some(at)
        };
        Some(self.items.iter().map(&mut place).collect())
    }
}
