//! What the server says on its own: notifications, and requests that nobody waits for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tower_lsp::Client;
use tower_lsp::lsp_types::request::Request;

use crate::transport::Outgoing;

/// How long an answer of the client is waited for. One that never answers costs a task, no more.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way to the client. Cheap to clone; messages go out in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Outbox {
    outgoing: Outgoing,
    /// What waits for the client to be ready; `None` once it is.
    early: Arc<Mutex<Option<Vec<Vec<u8>>>>>,
    /// Whether the client has asked for the end: it is asked for nothing any more, and what it was
    /// asked for is not waited for.
    closing: Arc<watch::Sender<bool>>,
    client: Arc<Client>,
    runtime: Handle,
}

#[derive(Serialize)]
struct Notification<'a, P: Serialize> {
    jsonrpc: &'static str,
    method: &'static str,
    params: &'a P,
}

impl Outbox {
    /// A way to the client; requests are made on the runtime.
    pub fn new(outgoing: Outgoing, client: Client, runtime: Handle) -> Self {
        let early = Arc::new(Mutex::new(Some(Vec::new())));
        let closing = Arc::new(watch::Sender::new(false));
        Self { outgoing, early, closing, client: Arc::new(client), runtime }
    }

    /// The client has had the answer to `initialize`, before which it is to be told nothing.
    pub fn open(&self) {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        early.take().into_iter().flatten().for_each(|body| self.outgoing.send(body));
    }

    /// The client has asked for the end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Sends a notification.
    pub fn notify(&self, method: &'static str, params: &impl Serialize) {
        match serde_json::to_vec(&Notification { jsonrpc: "2.0", method, params }) {
            Ok(body) => match &mut *self.early.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(early) => early.push(body),
                None => self.outgoing.send(body),
            },
            Err(error) => tracing::error!("failed to write `{method}`: {error}"),
        }
    }

    /// Asks the client; `then` gets the answer, or `None` if none comes in time, or none is to come.
    pub fn ask<R: Request>(
        &self,
        params: R::Params,
        then: impl FnOnce(Option<R::Result>) + Send + 'static,
    ) where
        R::Params: Send + Sync + 'static,
        R::Result: Send + 'static,
    {
        let mut closing = self.closing.subscribe();
        let client = Arc::clone(&self.client);
        self.runtime.spawn(async move {
            let answer = tokio::select! {
                biased;
                _closing = closing.wait_for(|closing| *closing) => return then(None),
                answer = tokio::time::timeout(PATIENCE, client.send_request::<R>(params)) => answer,
            };
            match &answer {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!("the client refused `{}`: {error}", R::METHOD),
                Err(_late) => tracing::warn!("the client does not answer `{}`", R::METHOD),
            }
            then(answer.ok().and_then(Result::ok));
        });
    }

    /// The runtime on which slow work happens.
    pub const fn runtime(&self) -> &Handle {
        &self.runtime
    }
}
