//! Events on their way to the client, gathered for a moment.

use std::time::{Duration, Instant};

use crate::outbox::Outbox;
use crate::protocol::runs::{Event, RunEvents};

/// How long events are gathered: one frame of a screen.
pub const GATHER: Duration = Duration::from_millis(16);

/// So many results of a run are sent as they come: somebody waits for the result of a click.
const PROMPT: usize = 16;

/// The events of one run.
#[derive(Debug)]
pub struct Batch {
    out: Outbox,
    run_id: String,
    /// Whether the client wants them.
    wanted: bool,
    events: Vec<Event>,
    since: Option<Instant>,
    seq: u64,
    /// How many results there were.
    results: usize,
    /// Whether there is a result among the events that is to be sent as soon as possible.
    prompt: bool,
    /// Whether nothing may be sent yet.
    held: bool,
}

impl Batch {
    /// No events yet.
    pub const fn new(out: Outbox, run_id: String, wanted: bool) -> Self {
        let events = Vec::new();
        let (since, seq, results) = (None, 0, 0);
        Self { out, run_id, wanted, events, since, seq, results, prompt: false, held: false }
    }

    /// Adds an event.
    pub fn push(&mut self, event: Event) {
        if !self.wanted {
            return;
        }
        self.since.get_or_insert_with(Instant::now);
        if matches!(event, Event::Finished { .. }) {
            self.results += 1;
            self.prompt |= self.results <= PROMPT;
        }
        if let Event::Output { text, stream: "report", .. } = &event
            && let Some(Event::Output { text: before, stream: "report", .. }) =
                self.events.last_mut()
        {
            before.push_str(text);
            return;
        }
        self.events.push(event);
    }

    /// Sends nothing until it is released.
    pub const fn hold(&mut self) {
        self.held = true;
    }

    /// Forgets everything: the client never hears of the run.
    pub fn discard(&mut self) {
        self.wanted = false;
        self.events.clear();
    }

    /// Sends what has gathered, and goes on as usual.
    pub fn release(&mut self) {
        self.held = false;
        self.flush();
    }

    /// How long until the events are due; `None` while there are none.
    pub fn due_in(&self) -> Option<Duration> {
        let gather = if self.prompt { Duration::ZERO } else { GATHER };
        self.since.filter(|_| !self.held).map(|since| gather.saturating_sub(since.elapsed()))
    }

    /// Sends what there is.
    pub fn flush(&mut self) {
        self.since = None;
        self.prompt = false;
        if self.events.is_empty() || self.held {
            return;
        }
        let events = std::mem::take(&mut self.events);
        let params = RunEvents { run_id: &self.run_id, seq: self.seq, events };
        self.out.notify("fastest/runEvents", &params);
        self.seq += 1;
    }
}
