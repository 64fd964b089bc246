//! A run in a terminal, told to the client as one of ours.

use std::time::{Duration, Instant};

use fastest_runner::relay::Told;
use tokio::sync::mpsc::UnboundedReceiver;

use super::batch::Batch;
use super::task::{Account, Shared, milliseconds};
use super::translate::Translator;
use crate::event::{Event as LoopEvent, Events};
use crate::outbox::Outbox;
use crate::protocol::runs::{EndOutcome, RunEnded, RunStarted};
use crate::state::news::RunNews;

/// A run that is followed.
#[derive(Debug)]
pub struct Following {
    /// Our id of it.
    pub run_id: String,
    /// What is told of it first.
    pub started: RunStarted,
    /// Tells of it.
    pub translator: Translator,
    /// What its process tells.
    pub told: UnboundedReceiver<Told>,
    /// Whether the client wants runs' notifications.
    pub wanted: bool,
    /// What is shown of it.
    pub account: Account,
}

/// Follows a run to its end, or that of its process.
pub fn follow(following: Following, out: Outbox, events: Events) {
    let runtime = out.runtime().clone();
    runtime.spawn(async move {
        let (run_id, wanted) = (following.run_id.clone(), following.wanted);
        if wanted {
            out.notify("fastest/runStarted", &following.started);
        }
        let ended = drive(following, out.clone(), events.clone()).await;
        // The loop is told first, as of our own runs.
        events.send(LoopEvent::RunNews(RunNews::Ended { run_id }));
        if wanted {
            out.notify("fastest/runEnded", &ended);
        }
    });
}

async fn drive(following: Following, out: Outbox, events: Events) -> RunEnded {
    let Following { run_id, started, mut translator, mut told, wanted, account } = following;
    let begun = Instant::now();
    let mut batch = Batch::new(out, run_id.clone(), wanted);
    batch.release();
    let mut shared = Shared::of(batch, events, account);
    let title = started.title.unwrap_or_default();
    shared.say(format!("This runs in a terminal: {title}\r\n"));
    let mut exit = None;
    loop {
        let due = shared.due_in();
        tokio::select! {
            biased;
            next = told.recv() => match next {
                Some(Told::Event(event)) => {
                    let told = translator.on(&event);
                    shared.tell(told);
                }
                Some(Told::Ended { exit: code }) => exit = Some(code),
                Some(Told::Hello { .. }) => {}
                None => break,
            },
            () = tokio::time::sleep(due.unwrap_or(Duration::MAX)), if due.is_some() => {
                shared.flush();
            }
        }
    }
    let left = translator.end();
    shared.tell(left);
    shared.flush();
    let gone = || "the run's process ended before the run did".to_owned();
    RunEnded {
        run_id,
        outcome: if exit.is_some() { EndOutcome::Completed } else { EndOutcome::Error },
        exit_code: exit,
        message: translator.broken.or_else(|| exit.is_none().then(gone)),
        duration_ms: milliseconds(begun.elapsed()),
        counts: translator.counts,
        lost: translator.lost,
    }
}
