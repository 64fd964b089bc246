//! The messages between us and a zygote (`docs/harness-protocol.md`, "The zygote").

use std::{collections::BTreeMap, ffi::OsStr};

use serde::{Deserialize, Serialize};

/// What a zygote is told.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToZygote {
    Preload {
        modules: Vec<String>,
        roots: Vec<String>,
        untouched: Vec<String>,
        careful: bool,
    },
    Fork {
        id: u64,
        /// How many descriptors travel with the message: channel, stdout, stderr, and a leash
        /// where the process will leave.
        descriptors: usize,
        dir: String,
        env: Vec<(String, String)>,
        /// The process is to become the worker itself, and no more to be forked from.
        in_place: bool,
    },
    /// End, and let the forks go on.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there it stays"))]
    Leave,
}

/// What a zygote says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromZygote {
    Ready {
        protocol: u32,
    },
    /// A careful one is about to import this, and found those before.
    Trying {
        module: String,
        unfit: BTreeMap<String, String>,
    },
    /// Modules that cannot be preloaded, with the reason; where there is any, this process is of
    /// no use any more.
    Preloaded {
        unfit: BTreeMap<String, String>,
    },
    Forked {
        id: u64,
        pid: u32,
    },
    /// No fork is made: what a kept process rests on is no more as it was.
    Refused {
        id: u64,
        changed: String,
    },
    /// A fork is gone, with its status as `waitpid` gives it.
    Ended {
        id: u64,
        status: i32,
    },
}

/// A string of the system's, one character for each byte: JSON holds no others.
pub fn bytewise(text: &OsStr) -> String {
    text.as_encoded_bytes().iter().map(|&byte| char::from(byte)).collect()
}
