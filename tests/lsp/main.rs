//! The language server as editors see it: the real binary over standard input and output.

mod buffers;
mod clicks;
mod continuous;
mod coverage;
mod debug;
mod edits;
mod items;
mod order;
mod page;
mod runs;
mod sessions;
mod terminals;
mod unkept;

use fastest_tests::client;
