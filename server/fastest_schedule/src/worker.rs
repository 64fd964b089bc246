//! What is known of one worker. Units and items are indices into the schedule's lists.

use std::collections::{HashMap, HashSet, VecDeque};

/// Items of one unit, in the order in which they run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub unit: usize,
    pub items: VecDeque<usize>,
}

/// An item that a worker was told to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub unit: usize,
    pub item: usize,
    /// How long it was expected to take when it was sent.
    pub weight: u64,
    /// Whether that was a guess.
    pub is_guess: bool,
}

/// A worker that was started and has not ended.
#[derive(Debug, Default)]
pub struct Worker {
    /// It has listed the units and takes commands.
    pub listed: bool,
    /// It was told to finish or stop, and gets no work any more.
    pub closing: bool,
    /// Units to collect, not yet asked for.
    pub to_collect: VecDeque<usize>,
    /// Units it was asked to collect, in order, without an answer.
    pub collecting: VecDeque<usize>,
    /// Units it has collected.
    pub collected: HashSet<usize>,
    /// Where the items of a unit are in its own list, if that is not everybody's.
    pub places: HashMap<usize, Vec<Option<usize>>>,
    /// Work that it was not told yet.
    pub to_run: VecDeque<Share>,
    /// Items it was told to run and that have not ended, in order.
    pub running: VecDeque<Slot>,
    /// The sum of their weights.
    pub ahead: u64,
    /// How many of their weights are guesses.
    pub guesses: usize,
    /// Whether the first of them has started.
    pub started: bool,
    /// Whether the first of them has its outcome.
    pub reported: bool,
    /// Whether it was told to run anything.
    pub has_run: bool,
    /// Whether any unit was collected or test ended here: a worker that dies without would
    /// only die again.
    pub progressed: bool,
}

impl Worker {
    /// Whether somebody else must do something if it ends now.
    pub fn is_idle(&self) -> bool {
        self.to_collect.is_empty()
            && self.collecting.is_empty()
            && self.to_run.is_empty()
            && self.running.is_empty()
    }

    /// It was told to run an item.
    pub fn hold(&mut self, slot: Slot) {
        self.has_run = true;
        self.ahead += slot.weight;
        self.guesses += usize::from(slot.is_guess);
        self.running.push_back(slot);
    }

    /// The first of the items that it was told to run has ended.
    pub fn release(&mut self) -> Option<Slot> {
        let slot = self.running.pop_front()?;
        self.ahead -= slot.weight;
        self.guesses -= usize::from(slot.is_guess);
        Some(slot)
    }

    /// Add items to what it has yet to be told.
    pub fn push(&mut self, unit: usize, item: usize) {
        match self.to_run.back_mut() {
            Some(share) if share.unit == unit => share.items.push_back(item),
            _ => self.to_run.push_back(Share { unit, items: VecDeque::from([item]) }),
        }
    }

    /// The running items and what was to follow them.
    pub fn into_shares(self) -> VecDeque<Share> {
        let mut whole = Self::default();
        for slot in self.running {
            whole.push(slot.unit, slot.item);
        }
        for share in self.to_run {
            for item in share.items {
                whole.push(share.unit, item);
            }
        }
        whole.to_run
    }
}
