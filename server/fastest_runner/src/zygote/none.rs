//! Where there is no fork.

use std::io;

use super::{Preload, ZygoteLaunch};

/// A zygote that cannot be: [`Zygote::start`] says so.
#[derive(Clone, Debug)]
pub struct Zygote(std::convert::Infallible);

impl Zygote {
    /// # Errors
    /// Always: this system has no fork.
    pub fn start(_launch: ZygoteLaunch) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Nothing can be preloaded.
    pub fn preload(&self, _preload: Preload) {
        match self.0 {}
    }

    /// There is none.
    pub(crate) fn bundle(&self) -> Option<std::sync::Arc<crate::Bundle>> {
        match self.0 {}
    }

    /// No process is.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        match self.0 {}
    }
}
