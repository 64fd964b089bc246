//! The versions of a world, and what is known of it across them.
//!
//! Shared results refer to the outlines that they were made of. Those live as long as the results
//! do, because every version of the world that was asked about is kept beside the memory; what a
//! change touches is forgotten, so that all that is left is true of the newest version.

use std::sync::Arc;

use elsa::sync::FrozenVec;
use self_cell::self_cell;

use crate::names::{Memory, Touched};
use crate::world::World;

/// After how many versions the old ones are dropped, and with them all that is remembered. A
/// version of a world of 2,000 files takes 16 kB besides the outlines that only it has.
const LIMIT: usize = 1_000;

type Shared<'w> = Arc<Memory<'w>>;

self_cell!(
    struct Cell {
        owner: FrozenVec<Box<World>>,
        #[not_covariant]
        dependent: Shared,
    }
);

/// The versions of a world that were asked about, and what was found out.
pub(super) struct Versions(Cell);

impl Default for Versions {
    fn default() -> Self {
        Self(Cell::new(FrozenVec::new(), |_| Arc::default()))
    }
}

impl std::fmt::Debug for Versions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Versions").field(&self.0.borrow_owner().len()).finish()
    }
}

impl Versions {
    /// Asks about a world that differs from the version before by what is touched.
    pub fn with<T>(
        &mut self,
        world: &World,
        touched: &Touched,
        ask: impl for<'w> FnOnce(&'w World, &Arc<Memory<'w>>) -> T,
    ) -> T {
        if self.0.borrow_owner().len() >= LIMIT {
            *self = Self::default();
        }
        self.touch(touched);
        self.0.with_dependent(|versions, memory| {
            let world = versions.push_get(Box::new(world.clone()));
            ask(world, memory)
        })
    }

    /// Forgets what a change touches.
    pub fn touch(&mut self, touched: &Touched) {
        if !touched.is_empty() {
            self.0.with_dependent(|_, memory| memory.forget(touched));
        }
    }
}
