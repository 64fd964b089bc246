//! What the editor is shown of a root: items, what changed of them, what became of them.
//!
//! Reading order: [`render`] (a file's items), [`levels`] (folders), [`known`] (what is new to
//! the client), [`shown`] and [`order`] (what an edit leaves of that), [`found`] (items that only
//! runs know), [`results`].

pub mod found;
pub mod known;
pub mod levels;
pub mod order;
pub mod render;
pub mod results;
pub mod shown;
