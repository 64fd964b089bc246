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

/// Once the old versions take so many bytes they are dropped, and with them all that is
/// remembered but what it takes to collect edited files again. A version takes 16 kB in a world of 2,000 files, and as much again for every 1,000
/// statements of the file that it differs in.
const LIMIT: usize = if cfg!(test) { 4 << 10 } else { 16 << 20 };

type Shared<'w> = Arc<Memory<'w>>;

self_cell!(
    struct Cell {
        owner: FrozenVec<Box<World>>,
        #[not_covariant]
        dependent: Shared,
    }
);

/// The versions of a world that were asked about, and what was found out.
pub(super) struct Versions {
    cell: Cell,
    /// What the versions take, in bytes.
    size: usize,
}

impl Default for Versions {
    fn default() -> Self {
        Self { cell: Cell::new(FrozenVec::new(), |_| Arc::default()), size: 0 }
    }
}

impl std::fmt::Debug for Versions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Versions").field(&self.len()).finish()
    }
}

impl Versions {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.cell.borrow_owner().len()
    }

    /// Asks about a world that differs from the version before by what is touched.
    pub fn with<T>(
        &mut self,
        world: &World,
        touched: &Touched,
        ask: impl for<'w> FnOnce(&'w World, &Arc<Memory<'w>>) -> T,
    ) -> T {
        if self.size >= LIMIT {
            self.renew();
        }
        self.touch(touched);
        let size = &mut self.size;
        self.cell.with_dependent(|versions, memory| {
            let newest = versions.len().checked_sub(1).and_then(|last| versions.get(last));
            let beside = newest.map_or(Some(0), |newest| world.size_beside(newest));
            let world = match (newest, beside) {
                (Some(newest), None) => newest,
                _ => versions.push_get(Box::new(world.clone())),
            };
            *size += beside.unwrap_or(0);
            ask(world, memory)
        })
    }

    /// Begins anew with the newest version. The old ones are let go of elsewhere: millions of
    /// references take longer than an edit may.
    fn renew(&mut self) {
        let old = std::mem::take(self);
        let (newest, edited) = old.cell.with_dependent(|versions, memory| {
            let newest = versions.len().checked_sub(1).and_then(|last| versions.get(last));
            (newest.cloned(), memory.detach())
        });
        if let Some(newest) = newest {
            self.cell.with_dependent(|versions, memory| {
                Memory::attach(memory, versions.push_get(Box::new(newest)), edited);
            });
        }
        rayon::spawn(move || drop(old));
    }

    /// Forgets what a change touches.
    pub fn touch(&mut self, touched: &Touched) {
        if !touched.is_empty() {
            self.cell.with_dependent(|_, memory| memory.forget(touched));
        }
    }
}
