//! The language server: `docs/test-protocol.md` and the Language Server Protocol over the rooms
//! below.
//!
//! One thread owns all state ([`state`]) and takes one closed [`event::Event`] after the other.
//! Handlers only pass events to it; what is slow (reading a root, running tests) happens
//! elsewhere and comes back as an event. Nothing awaits the client.
//!
//! Reading order: [`event`], [`state`], `root` (a workspace folder), `items` (what the editor is
//! shown of it), `runs`, then the shell: `transport`, `backend`, [`serve`].
//!
//! It deliberately knows no rule of pytest's and no terminal.

mod backend;
pub mod event;
mod items;
mod options;
mod outbox;
mod protocol;
mod roots;
mod runs;
mod serve;
pub mod state;
mod text;
mod transport;
mod uris;

pub use options::{Channel, ServeOptions};
pub use serve::{Served, serve, serve_streams};
