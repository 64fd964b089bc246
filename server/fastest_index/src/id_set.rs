//! A set of small numbers, kept as blocks of bits.
//!
//! What collecting looked at is recorded for every test file, and merged wherever a shared result
//! is used: a few blocks are merged and compared much faster than hash sets are.

/// A set of `u32`, small where its members lie close together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdSet {
    /// Number of the block and its bits, by the number.
    blocks: Vec<(u32, u64)>,
}

impl IdSet {
    /// Puts a member in; whether it is new.
    pub fn insert(&mut self, id: u32) -> bool {
        work::count();
        let (block, bit) = place(id);
        match self.blocks.binary_search_by_key(&block, |entry| entry.0) {
            Ok(at) => {
                let before = self.blocks[at].1;
                self.blocks[at].1 |= bit;
                before & bit == 0
            }
            Err(at) => {
                self.blocks.insert(at, (block, bit));
                true
            }
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, id: u32) {
        let (block, bit) = place(id);
        if let Ok(at) = self.blocks.binary_search_by_key(&block, |entry| entry.0) {
            self.blocks[at].1 &= !bit;
            if self.blocks[at].1 == 0 {
                self.blocks.remove(at);
            }
        }
    }

    /// Whether it has a member.
    #[must_use]
    pub fn contains(&self, id: u32) -> bool {
        let (block, bit) = place(id);
        self.blocks
            .binary_search_by_key(&block, |entry| entry.0)
            .is_ok_and(|at| self.blocks[at].1 & bit != 0)
    }

    /// Whether it has no member.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Puts all members of another in.
    pub fn extend(&mut self, other: &Self) {
        if self.blocks.is_empty() {
            self.blocks.clone_from(&other.blocks);
            return;
        }
        let mut at = 0;
        for &(block, bits) in &other.blocks {
            at += self.blocks[at..].partition_point(|entry| entry.0 < block);
            match self.blocks.get_mut(at) {
                Some(entry) if entry.0 == block => entry.1 |= bits,
                _ => self.blocks.insert(at, (block, bits)),
            }
        }
    }

    /// Whether a member is in both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.meets_in(other, |_, bits| bits)
    }

    /// Whether a member other than this one is in both.
    #[must_use]
    pub fn meets_besides(&self, other: &Self, id: u32) -> bool {
        let (besides, bit) = place(id);
        self.meets_in(other, |block, bits| if block == besides { bits & !bit } else { bits })
    }

    /// Whether any of those bits is in both that are left of a block of one of them.
    fn meets_in(&self, other: &Self, left: impl Fn(u32, u64) -> u64) -> bool {
        let (few, many) =
            if self.blocks.len() < other.blocks.len() { (self, other) } else { (other, self) };
        few.blocks.iter().any(|&(block, bits)| {
            work::count();
            many.blocks
                .binary_search_by_key(&block, |entry| entry.0)
                .is_ok_and(|at| many.blocks[at].1 & left(block, bits) != 0)
        })
    }

    /// Whether all its members are another's, too.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.blocks.iter().all(|&(block, bits)| {
            other
                .blocks
                .binary_search_by_key(&block, |entry| entry.0)
                .is_ok_and(|at| other.blocks[at].1 & bits == bits)
        })
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.blocks.iter().inspect(|_| work::count()).flat_map(|&(block, bits)| {
            (0..u64::BITS).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| block * 64 + bit)
        })
    }
}

impl FromIterator<u32> for IdSet {
    fn from_iter<I: IntoIterator<Item = u32>>(ids: I) -> Self {
        let mut set = Self::default();
        for id in ids {
            set.insert(id);
        }
        set
    }
}

const fn place(id: u32) -> (u32, u64) {
    (id / u64::BITS, 1 << (id % u64::BITS))
}

/// Counts, in tests, how many blocks a thread has looked at.
pub(crate) mod work {
    #[cfg(test)]
    thread_local! {
        static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// A block is looked at.
    #[inline]
    pub(super) fn count() {
        #[cfg(test)]
        LOOKED_AT.with(|count| count.set(count.get() + 1));
    }

    /// How many were looked at on this thread since it was last asked.
    #[cfg(test)]
    pub(crate) fn take() -> usize {
        LOOKED_AT.with(|count| count.replace(0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::IdSet;

    proptest! {
        #[test]
        fn it_is_a_set(one: BTreeSet<u16>, other: BTreeSet<u16>) {
            let set = |ids: &BTreeSet<u16>| ids.iter().rev().map(|&id| id.into()).collect::<IdSet>();
            let mut all = set(&one);
            prop_assert_eq!(all.meets(&set(&other)), !one.is_disjoint(&other));
            for &id in &one {
                let besides = one.intersection(&other).any(|&member| member != id);
                prop_assert_eq!(all.meets_besides(&set(&other), id.into()), besides);
            }
            prop_assert!(other.iter().all(|&id| all.contains(id.into()) == one.contains(&id)));
            prop_assert_eq!(all.is_within(&set(&other)), one.is_subset(&other));
            all.extend(&set(&other));
            let mut left = set(&one);
            other.iter().for_each(|&id| left.remove(id.into()));
            prop_assert_eq!(left, set(&one.difference(&other).copied().collect()));
            let union: Vec<u32> = one.union(&other).map(|&id| id.into()).collect();
            prop_assert_eq!(all.iter().collect::<Vec<_>>(), union);
        }
    }
}
