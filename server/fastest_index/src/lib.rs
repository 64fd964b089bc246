//! Outlines and configuration in, the test tree out, exactly as pytest collects it.
//!
//! Files are *pushed* into a [`World`]; this room never reads one. Where a file imports a module
//! that the world does not hold, collecting says so ([`names::Query::into_record`]), the shell
//! that owns the disk pushes it, and what depends on it is collected again.
//!
//! Reading order: [`world`] (what is known), [`names`] (what a name denotes at run time),
//! [`values`] (what an expression's value and pytest's id for it are), [`collect`] (pytest's
//! collection rules), [`select`] (`-k`, `-m`, node ids).

pub mod collect;
pub mod id_set;
pub mod incremental;
pub mod names;
pub mod select;
pub mod values;
pub mod world;

pub use incremental::{Change, Delta, Index, Snapshot};
pub use world::{FileId, Settings, World};
