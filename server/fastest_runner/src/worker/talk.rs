//! What goes to and comes from a worker: the conversation, and what its tests write.
//!
//! Two threads hold the conversation. A worker that runs short tests says something every few
//! hundred microseconds, and to be woken up each time would take time from the tests; so the thread
//! that listens, where the worker has enough to do, lets some of it come together. What was said
//! is in the system's hands meanwhile, and outlives a worker that dies.

use std::{
    io::{self, BufReader},
    sync::Arc,
    thread,
    time::Duration,
};

use fastest_schedule::WorkerId;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::{mpsc::UnboundedReceiver, oneshot},
};

use super::{Controls, News, NewsSender, report};
use crate::{
    frame,
    transport::{Offer, Stream},
    wire::{FromWorker, ToWorker},
};

/// How long the listener lets messages come together, for each test that the worker holds: less
/// than most tests take, so that it does not run out of them meanwhile.
const PAUSE: Duration = Duration::from_micros(250);

/// For how many tests at most: nobody sees a difference of 4 ms.
const MOST_PAUSES: usize = 16;

/// How many tests a worker must hold for that.
const HOLDS_SOME: usize = 4;

/// How much is read at once, in bytes.
const BUFFER: usize = 32 * 1024;

/// Both directions of the conversation, until the worker closes it.
pub async fn talk(
    id: WorkerId,
    offer: Offer,
    inbox: UnboundedReceiver<ToWorker>,
    news: &NewsSender,
    controls: &Arc<Controls>,
) {
    let result = match offer.connect().await {
        Ok(stream) => converse(id, stream, inbox, news, controls).await,
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        report(news, id, News::Broken(error.to_string()));
    }
    controls.closed.notify_one();
}

/// Ends the threads of a conversation that nobody waits for any more.
struct HangUp(Stream);

impl Drop for HangUp {
    fn drop(&mut self) {
        self.0.hang_up();
    }
}

async fn converse(
    id: WorkerId,
    stream: Stream,
    inbox: UnboundedReceiver<ToWorker>,
    news: &NewsSender,
    controls: &Arc<Controls>,
) -> io::Result<()> {
    let (reader, writer) = (stream.try_clone()?, stream.try_clone()?);
    let _hang_up = HangUp(stream);
    let (done, over) = oneshot::channel();
    let (news, controls) = (news.clone(), Arc::clone(controls));
    let listener = thread::Builder::new().name(format!("gw{id} hears"));
    listener.spawn(move || {
        // Whoever gave up waiting does not want to know.
        let _given_up = done.send(listen(id, reader, &news, &controls));
    })?;
    thread::Builder::new().name(format!("gw{id} says")).spawn(move || speak(writer, inbox))?;
    over.await.unwrap_or(Ok(()))
}

/// Pass on what a worker says, until it says nothing more.
fn listen(id: WorkerId, stream: Stream, news: &NewsSender, controls: &Controls) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER, stream);
    while let Some(message) = frame::read::<FromWorker>(&mut reader)? {
        let started = matches!(message, FromWorker::Started(_));
        if matches!(message, FromWorker::Ended { .. }) {
            controls.end_one();
        }
        report(news, id, News::Message(message));
        let held = controls.held().min(MOST_PAUSES);
        if started && reader.buffer().is_empty() && held >= HOLDS_SOME {
            thread::sleep(PAUSE * u32::try_from(held).unwrap_or(1));
        }
    }
    Ok(())
}

/// Tell a worker what is said to it, until nothing more is or it is gone.
fn speak(mut stream: Stream, mut inbox: UnboundedReceiver<ToWorker>) {
    while let Some(message) = inbox.blocking_recv() {
        if frame::write(&mut stream, &message).is_err() {
            break;
        }
    }
}

/// What a worker writes to one of its standard streams, until nobody holds it open.
pub async fn read_output(
    id: WorkerId,
    stderr: bool,
    mut from: impl AsyncRead + Unpin,
    to: &NewsSender,
) {
    let mut buffer = vec![0; 16 * 1024];
    let mut kept = Vec::new();
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..count]);
        let text = take_text(&mut kept);
        if !text.is_empty() {
            report(to, id, News::Output { stderr, text });
        }
    }
}

/// Take the text out of the bytes, but leave a character that is not complete yet.
fn take_text(bytes: &mut Vec<u8>) -> String {
    let complete = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let rest = bytes.split_off(complete);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}
