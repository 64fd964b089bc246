//! From the start of the process to the answer of `initialize`, and from `initialized` to items.

use std::path::Path;
use std::time::{Duration, Instant};

use fastest_tests::client::uri;
use serde_json::json;

use super::{Server, is_answer, row};
use crate::bench::forget;
use crate::shell::Done;

/// What the first items may take.
const FIRST_ITEMS: &str = "< 100 ms at 1,000 tests";

/// So many starts without our cache, and as many with it, in turn.
pub fn measure(server: &Server, tests: u32, folder: &Path, runs: usize) -> Done {
    let (mut greeted, mut cold, mut cached) = (Vec::new(), Vec::new(), Vec::new());
    // Once for the file system's cache.
    once(server, folder);
    for _ in 0..runs.max(1) {
        forget(folder)?;
        for items in [&mut cold, &mut cached] {
            let (answered, listed) = once(server, folder);
            greeted.push(answered);
            items.push(listed);
        }
    }
    row(&format!("start to `initialize` answered, {tests} tests"), greeted, "< 50 ms");
    row(&format!("`initialized` to first items, {tests} tests, no cache"), cold, FIRST_ITEMS);
    row(&format!("`initialized` to first items, {tests} tests, cached"), cached, FIRST_ITEMS);
    Ok(())
}

/// From start to answer, and from `initialized` to the root's children.
fn once(server: &Server, folder: &Path) -> (Duration, Duration) {
    let started = Instant::now();
    let mut client = server.start();
    let answered = server.greet(&mut client, folder) - started;
    let started = Instant::now();
    client.notify("initialized", json!({}));
    let id = client.ask("fastest/discoverTests", json!({"itemId": uri(folder)}));
    let listed = client.arrival(|message| is_answer(message, id)).0 - started;
    client.shut_down();
    (answered, listed)
}
