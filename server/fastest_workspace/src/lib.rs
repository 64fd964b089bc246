//! See ARCHITECTURE.md.

pub mod cache;
pub mod environment;
pub mod modules;
pub mod walk;
