//! The language server as editors see it: the real binary over standard input and output.

mod client;
mod items;
mod order;
mod runs;
