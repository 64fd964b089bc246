//! See ARCHITECTURE.md.

pub mod cache;
pub mod config;
pub mod environment;
pub mod memory;
pub mod modules;
pub mod options;
pub mod project;
pub mod rootdir;
mod trail;
pub mod walk;
pub mod watch;
