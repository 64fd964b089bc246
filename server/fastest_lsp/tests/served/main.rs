//! The server's handlers, asked over streams in memory: no process, and nothing left over when a
//! client has said goodbye (`fastest_tests::client::Client::shut_down`).

mod beside;
mod knowledge;
mod memory;
mod order;
mod runs;
mod watchful;
