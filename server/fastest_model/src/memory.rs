//! What runs leave for the next one: durations, and what pytest's own cache holds.

use std::collections::{BTreeSet, HashMap, HashSet};

/// How long tests took, in microseconds, by node id; a file's node id stands for collecting it,
/// which took 0 where it failed.
pub type Durations = HashMap<String, u64>;

/// What earlier runs left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// How long things took.
    pub durations: Durations,
    /// Tests and collectors that failed (pytest's `cache/lastfailed`).
    pub last_failed: BTreeSet<String>,
    /// Tests that are not new (pytest's `cache/nodeids`).
    pub node_ids: BTreeSet<String>,
}

/// What a run leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// How long things took in it.
    pub durations: Durations,
    /// Files that were collected whole: tests of theirs that are not present are gone.
    pub files: BTreeSet<String>,
    /// Tests that there are, whether they ran or not.
    pub present: HashSet<String>,
    /// What `cache/lastfailed` is to hold; `None` where pytest has seen to that itself.
    pub last_failed: Option<BTreeSet<String>>,
    /// What `cache/nodeids` is to hold; `None` where pytest has seen to that itself.
    pub node_ids: Option<BTreeSet<String>>,
}
