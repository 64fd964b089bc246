//! Work-done progress of runs, for clients that have no test explorer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tower_lsp::lsp_types::request::WorkDoneProgressCreate;
use tower_lsp::lsp_types::{NumberOrString, WorkDoneProgressCreateParams};

use crate::outbox::Outbox;

/// A bar need not move more often than this.
const INTERVAL: Duration = Duration::from_millis(100);

/// The bar of one run.
#[derive(Debug)]
pub struct Progress {
    out: Outbox,
    token: String,
    /// Whether the client has made the bar.
    begun: Arc<AtomicBool>,
    told: Instant,
}

impl Progress {
    /// Asks the client for a bar; it begins when the client has made it.
    pub fn begin(out: &Outbox, token: String, title: String) -> Self {
        let begun = Arc::new(AtomicBool::new(false));
        let (sender, has_begun, of) = (out.clone(), Arc::clone(&begun), token.clone());
        let params = WorkDoneProgressCreateParams { token: NumberOrString::String(token.clone()) };
        out.ask::<WorkDoneProgressCreate>(params, move |made| {
            if made.is_some() && !has_begun.swap(true, Ordering::SeqCst) {
                let value =
                    json!({"kind": "begin", "title": title, "cancellable": true, "percentage": 0});
                sender.notify("$/progress", &json!({"token": of, "value": value}));
            }
        });
        Self { out: out.clone(), token, begun, told: Instant::now() }
    }

    /// So many tests of so many have ended.
    pub fn report(&mut self, done: usize, total: usize, failed: usize) {
        if self.told.elapsed() < INTERVAL || !self.begun.load(Ordering::SeqCst) {
            return;
        }
        self.told = Instant::now();
        let message = match failed {
            0 => format!("{done}/{total}"),
            failed => format!("{done}/{total}, {failed} failed"),
        };
        let percentage = (done * 100).checked_div(total).unwrap_or(0).min(100);
        self.tell(&json!({"kind": "report", "message": message, "percentage": percentage}));
    }

    /// The run is over.
    pub fn end(self, message: &str) {
        // A bar that was not made yet is not begun any more.
        if self.begun.swap(true, Ordering::SeqCst) {
            self.tell(&json!({"kind": "end", "message": message}));
        }
    }

    fn tell(&self, value: &serde_json::Value) {
        self.out.notify("$/progress", &json!({"token": self.token, "value": value}));
    }
}
