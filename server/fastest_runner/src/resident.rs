//! A warm process that stays between runs, so that the next one starts warm.
//!
//! It is a Python process that listens on a Unix socket in the user's cache folder and gives each
//! run a fork of itself as its [`Zygote`]; from then on the run owns that as if it had started
//! it. A run that has none leaves one for the next. Nothing depends on it: where it does not
//! answer in time, or is not exactly what a fresh one would be ([`Grounds`]), the run starts its
//! own zygote, and the process goes.
//!
//! Only Linux tells enough of a process to be sure of that; elsewhere there is none.

#[cfg(target_os = "linux")]
mod grounds;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod none;
#[cfg(target_os = "linux")]
mod wire;

use std::path::PathBuf;
use std::time::Duration;

#[cfg(target_os = "linux")]
pub use grounds::Grounds;
#[cfg(target_os = "linux")]
pub use linux::{attach, leave, status, stop};
#[cfg(not(target_os = "linux"))]
pub use none::{Grounds, attach, leave, status, stop};

/// How long a process stays that nobody uses.
pub const IDLE: Duration = Duration::from_secs(15 * 60);

/// What a process that stays says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Its process id.
    pub pid: u32,
    /// Its interpreter.
    pub python: PathBuf,
    /// The project that it is for.
    pub rootdir: PathBuf,
    /// How many runs it has helped to start that go on.
    pub running: usize,
    /// How long nobody has used it.
    pub idle: Duration,
    /// After what time of that it goes.
    pub limit: Duration,
}
