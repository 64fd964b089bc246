//! Work-done progress of runs, for clients that have no test explorer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tower_lsp::lsp_types::request::WorkDoneProgressCreate;
use tower_lsp::lsp_types::{NumberOrString, WorkDoneProgressCreateParams};

use crate::outbox::Outbox;

/// A bar need not move more often than this.
const INTERVAL: Duration = Duration::from_millis(100);

/// The bar of one run. It ends with this, whatever becomes of the run.
#[derive(Debug)]
pub struct Progress {
    bar: Arc<Bar>,
    told: Instant,
}

#[derive(Debug)]
struct Bar {
    out: Outbox,
    token: String,
    state: Mutex<BarState>,
}

/// Where a bar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BarState {
    /// The client was asked to make it.
    Asked,
    /// It is there.
    Begun,
    /// It is gone, or never comes.
    Ended,
}

impl Bar {
    /// Moves on, and tells the client of it before anybody else moves on.
    fn go(&self, from: BarState, to: BarState, value: &Value) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == from {
            *state = to;
            self.tell(value);
        }
    }

    fn tell(&self, value: &Value) {
        self.out.notify("$/progress", &json!({"token": self.token, "value": value}));
    }

    /// Ends it; one that was not made yet does not begin any more.
    fn end(&self, value: &Value) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *state, BarState::Ended) == BarState::Begun {
            self.tell(value);
        }
    }
}

impl Progress {
    /// Asks the client for a bar; it begins when the client has made it.
    pub fn begin(out: &Outbox, token: String, title: String) -> Self {
        let params = WorkDoneProgressCreateParams { token: NumberOrString::String(token.clone()) };
        let bar = Arc::new(Bar { out: out.clone(), token, state: Mutex::new(BarState::Asked) });
        let made = Arc::clone(&bar);
        out.ask::<WorkDoneProgressCreate>(params, move |answer| {
            let value =
                json!({"kind": "begin", "title": title, "cancellable": true, "percentage": 0});
            if answer.is_some() {
                made.go(BarState::Asked, BarState::Begun, &value);
            }
        });
        Self { bar, told: Instant::now() }
    }

    /// So many tests of so many have ended.
    pub fn report(&mut self, done: usize, total: usize, failed: usize) {
        if self.told.elapsed() < INTERVAL {
            return;
        }
        self.told = Instant::now();
        let message = match failed {
            0 => format!("{done}/{total}"),
            failed => format!("{done}/{total}, {failed} failed"),
        };
        let percentage = (done * 100).checked_div(total).unwrap_or(0).min(100);
        let value = json!({"kind": "report", "message": message, "percentage": percentage});
        self.bar.go(BarState::Begun, BarState::Begun, &value);
    }

    /// The run is over.
    pub fn end(self, message: &str) {
        self.bar.end(&json!({"kind": "end", "message": message}));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.end(&json!({"kind": "end"}));
    }
}
