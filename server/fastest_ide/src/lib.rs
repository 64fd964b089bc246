//! What an editor asks about tests and fixtures: where a fixture is defined, who uses it, what it
//! is, what may be written here, what is wrong, and how names are changed everywhere.
//!
//! Every question is a pure function over a [`View`]: the index's world at one moment, and the
//! texts of its files. Answers are plain values with byte spans. This room does not know the
//! Language Server Protocol, the disk, or time.
//!
//! Reading order: [`view`] (what is asked), [`fixtures`] (which fixtures are visible where),
//! [`usages`] (where they are named), [`at`] (what stands at a cursor), then one module for each
//! question.

pub mod at;
pub mod body;
pub mod builtin;
pub mod completion;
pub mod definition;
pub mod diagnostics;
pub mod fixtures;
pub mod folding;
pub mod hierarchy;
pub mod hover;
pub mod literal;
pub mod references;
pub mod rename;
pub mod sites;
pub mod symbols;
pub mod usages;
pub mod view;

pub use fixtures::Model;
pub use view::{Edit, Target, Texts, View};

#[cfg(test)]
mod tests;
