//! What runs tell the loop.

use crate::items::found::FoundItem;
use crate::items::results::TestResult;
use crate::runs::covered::Covered;

/// What a run tells the loop.
#[derive(Debug)]
pub enum RunNews {
    /// A test of a root ended.
    Result {
        /// The root.
        root: String,
        /// The test.
        node_id: String,
        /// How.
        result: Box<TestResult>,
    },
    /// A file was collected: these are all its tests.
    Collected {
        /// The root.
        root: String,
        /// Their node ids.
        node_ids: Vec<String>,
    },
    /// An item that the sources do not show.
    Found {
        /// The root.
        root: String,
        /// It.
        item: FoundItem,
    },
    /// A run has measured coverage.
    Covered {
        /// Which.
        run_id: String,
        /// What is kept of it.
        covered: Covered,
    },
    /// A run is over.
    Ended {
        /// Which.
        run_id: String,
    },
}
