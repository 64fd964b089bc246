//! The messages between us and a process that stays (`docs/harness-protocol.md`, "The resident
//! process").

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What it is started with besides the program.
#[derive(Debug, Serialize)]
pub struct Terms<'a> {
    /// The descriptor of the socket that it listens at.
    pub listener: i32,
    /// Where that socket is.
    pub path: &'a Path,
    /// What every run must have been started with.
    pub grounds: &'a str,
    pub rootdir: &'a Path,
    /// Seconds until it goes if nobody uses it.
    pub idle: f64,
}

/// The first message of a connection.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToResident<'a> {
    /// A zygote is wanted, if it is what a fresh one would be.
    Attach {
        grounds: &'a str,
    },
    Status,
    Stop,
}

/// The answer.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromResident {
    /// From now on the connection is that of a zygote.
    Ready {
        protocol: u32,
        pid: u32,
    },
    /// It is not what a fresh one would be, and ends.
    Stale,
    Stopping {
        pid: u32,
    },
    Status {
        pid: u32,
        python: PathBuf,
        rootdir: PathBuf,
        running: usize,
        idle: f64,
        limit: f64,
    },
}
