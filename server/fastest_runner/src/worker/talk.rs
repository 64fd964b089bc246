//! What goes to and comes from a worker: the conversation, and what its tests write.

use std::{io, sync::Arc};

use fastest_schedule::WorkerId;
use tokio::{
    io::{AsyncRead, AsyncReadExt, BufReader},
    sync::{Notify, mpsc::UnboundedReceiver},
};

use super::{News, NewsSender, report};
use crate::{
    frame,
    transport::{Offer, Reader, Writer},
    wire::ToWorker,
};

/// Both directions of the conversation, until the worker closes it.
pub async fn talk(
    id: WorkerId,
    offer: Offer,
    inbox: UnboundedReceiver<ToWorker>,
    news: &NewsSender,
    closed: &Arc<Notify>,
) {
    let result = match offer.connect().await {
        Ok((reader, writer)) => converse(id, reader, writer, inbox, news).await,
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        report(news, id, News::Broken(error.to_string()));
    }
    closed.notify_one();
}

async fn converse(
    id: WorkerId,
    reader: Reader,
    mut writer: Writer,
    mut inbox: UnboundedReceiver<ToWorker>,
    news: &NewsSender,
) -> io::Result<()> {
    let mut reader = BufReader::new(reader);
    let read = async {
        while let Some(message) = frame::read(&mut reader).await? {
            report(news, id, News::Message(message));
        }
        Ok(())
    };
    let write = async {
        while let Some(message) = inbox.recv().await {
            if frame::write(&mut writer, &message).await.is_err() {
                break;
            }
        }
        std::future::pending::<io::Result<()>>().await
    };
    tokio::select! { result = read => result, result = write => result }
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
