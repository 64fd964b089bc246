//! Where it cannot be told whether a process is what a fresh one would be.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::Status;
use crate::{Zygote, ZygoteLaunch};

/// Nothing can be told.
#[derive(Clone, Debug)]
pub enum Grounds {}

impl Grounds {
    /// None.
    #[must_use]
    pub const fn of(_launch: &ZygoteLaunch, _rootdir: &Path, _roots: &[PathBuf]) -> Option<Self> {
        None
    }
}

/// There is nothing to attach to.
#[must_use]
pub fn attach(grounds: &Grounds, _launch: ZygoteLaunch) -> Option<Zygote> {
    match *grounds {}
}

/// Nothing is left.
///
/// # Errors
/// Never.
pub const fn leave(grounds: &Grounds, _launch: &ZygoteLaunch) -> io::Result<()> {
    match *grounds {}
}

/// There are none.
#[must_use]
pub const fn status() -> Vec<Status> {
    Vec::new()
}

/// There are none.
#[must_use]
pub const fn stop() -> Vec<u32> {
    Vec::new()
}
