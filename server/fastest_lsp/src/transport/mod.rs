//! Frames in, frames out: the base protocol of LSP on two threads that block, so that neither a
//! slow client nor a busy runtime delays the other direction.

mod frame;

use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc;
use std::thread;

use tokio::sync::mpsc as tokio_mpsc;

pub use frame::Frame;

/// Where messages to the client go, in the order in which they are sent. Never waits.
#[derive(Clone, Debug)]
pub struct Outgoing(mpsc::Sender<Vec<u8>>);

impl Outgoing {
    /// Sends the body of a message.
    pub fn send(&self, body: Vec<u8>) {
        // A client that is gone reads nothing more; the reader's end says so.
        let _gone = self.0.send(body);
    }
}

/// Reads frames until the stream ends; then the channel closes.
///
/// # Errors
/// When there can be no thread for it.
pub fn read(from: impl Read + Send + 'static) -> io::Result<tokio_mpsc::UnboundedReceiver<Frame>> {
    let (sender, receiver) = tokio_mpsc::unbounded_channel();
    let named = thread::Builder::new().name("fastest reads".to_owned());
    named.spawn(move || {
        let mut from = BufReader::with_capacity(64 * 1024, from);
        while let Ok(Some(frame)) = frame::read(&mut from) {
            if sender.send(frame).is_err() {
                break;
            }
        }
    })?;
    Ok(receiver)
}

/// Writes bodies as frames. The handle can be joined once every [`Outgoing`] is dropped.
///
/// # Errors
/// When there can be no thread for it.
pub fn write(
    mut to: impl Write + Send + 'static,
) -> io::Result<(Outgoing, thread::JoinHandle<()>)> {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    let named = thread::Builder::new().name("fastest writes".to_owned());
    let handle = named.spawn(move || {
        let mut buffer = Vec::new();
        while let Ok(first) = receiver.recv() {
            frame::push(&mut buffer, &first);
            for body in receiver.try_iter() {
                frame::push(&mut buffer, &body);
            }
            if to.write_all(&buffer).and_then(|()| to.flush()).is_err() {
                break;
            }
            buffer.clear();
        }
    })?;
    Ok((Outgoing(sender), handle))
}
