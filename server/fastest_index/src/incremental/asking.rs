//! Questions from outside, which share what collecting found out.

use std::sync::Arc;

use super::Index;
use crate::names::{Memory, Touched};
use crate::world::World;

impl Index {
    /// Asks something about the world as it is now, with the memory of what is known of it: make
    /// a [`crate::names::Query`] of both.
    pub fn ask<T>(&mut self, question: impl for<'w> FnOnce(&'w World, &Arc<Memory<'w>>) -> T) -> T {
        self.versions.with(&self.world, &Touched::default(), question)
    }
}
