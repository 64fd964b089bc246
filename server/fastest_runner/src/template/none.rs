//! Where no process is kept.

use std::path::{Path, PathBuf};

use super::Wanted;
use crate::{worker::Launch, zygote::Zygote};

/// None at all.
#[derive(Clone, Debug, Default)]
pub struct Templates(());

impl Templates {
    /// Nothing is kept.
    pub(crate) fn find(&self, _wanted: &Wanted) -> Vec<Zygote> {
        Vec::new()
    }

    /// Nothing is kept.
    pub(crate) fn keep(&self, _wanted: Wanted, _launch: Launch) {}

    /// Nothing is kept.
    #[must_use]
    pub fn outdate(&self, _path: &Path) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Nothing is kept.
    pub fn clear(&self) {}
}
