//! The shell: a channel to the client, the service that reads its messages, the loop behind it.
//!
//! tower-lsp-server's own `Server` runs at most four handlers at once, queues 100 messages, and
//! lets a notification overtake a response. Its `LspService` does the protocol's work here; the
//! messages are passed to it, and written, by us: every handler runs up to its first wait in the
//! order of the messages, nothing is bounded, and one queue orders all that goes out.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;
use tower::Service;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tower_lsp::{ClientSocket, ExitedError, LspService};

use crate::backend::{self, Backend};
use crate::event::Event;
use crate::options::{Channel, ServeOptions};
use crate::outbox::Outbox;
use crate::state;
use crate::transport::{self, Frame, Outgoing};

/// How long runs have to end their processes once the client is gone.
const FAREWELL: Duration = Duration::from_secs(3);

/// How long tasks have to end that wait for nothing any more: ten times what a busy machine needs.
const SETTLING: Duration = Duration::from_millis(100);

tokio::task_local! {
    /// What is to happen once the response of the request at hand is on its way.
    static AFTERWARDS: RefCell<Vec<Box<dyn FnOnce() + Send>>>;
}

/// Has something done once the response of the request at hand is on its way to the client.
/// To be called from a request's handler.
pub(crate) fn after_response(act: impl FnOnce() + Send + 'static) {
    let act: Box<dyn FnOnce() + Send> = Box::new(act);
    // Outside a request there is no response to wait for.
    let _ = AFTERWARDS.try_with(|acts| acts.borrow_mut().push(act));
}

/// Serves one client until it says `exit`, goes away, or its process ends. The exit code:
/// 0 after `shutdown`, else 1.
pub fn serve(options: &ServeOptions) -> u8 {
    if let Err(error) = crate::serve::log_to(options) {
        eprintln!("ERROR: the log file cannot be written: {error}");
        return 1;
    }
    let result = match &options.channel {
        Channel::Stdio => serve_streams(io::stdin(), io::stdout()),
        Channel::Socket(address) => TcpStream::connect(address).and_then(|stream| {
            stream.set_nodelay(true)?;
            serve_streams(stream.try_clone()?, stream)
        }),
    };
    result.map_or_else(
        |error| {
            eprintln!("ERROR: the language server cannot start: {error}");
            1
        },
        |served| served.code,
    )
}

/// How a server has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// The exit code: 0 after `shutdown`, else 1.
    pub code: u8,
    /// Tasks that had not ended by themselves when the loop had.
    pub tasks: usize,
}

/// Serves one client over two streams until it says `exit` or its stream ends.
///
/// # Errors
/// When there can be no threads.
pub fn serve_streams(
    from: impl io::Read + Send + 'static,
    to: impl io::Write + Send + 'static,
) -> io::Result<Served> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("fastest pool")
        .enable_all()
        .build()?;
    run(runtime, from, to)
}

/// Sends the log to a file or to standard error.
fn log_to(options: &ServeOptions) -> io::Result<()> {
    let builder = tracing_subscriber::fmt().with_ansi(false).with_target(false);
    let done = match &options.log_file {
        Some(path) => {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
            builder.with_writer(std::sync::Mutex::new(file)).try_init()
        }
        None => builder.with_writer(io::stderr).try_init(),
    };
    // Only one log can be; a second server in one process writes to the first one's.
    drop(done);
    Ok(())
}

fn run(
    runtime: Runtime,
    from: impl io::Read + Send + 'static,
    to: impl io::Write + Send + 'static,
) -> io::Result<Served> {
    let (outgoing, writer) = transport::write(to)?;
    let frames = transport::read(from)?;
    let (events, inbox) = crate::event::channel();
    let handle = runtime.handle().clone();
    let mut outbox = None;
    let (service, socket) = backend::build(events.clone(), |client| {
        outbox = Some(Outbox::new(outgoing.clone(), client, handle.clone()));
    });
    let Some(outbox) = outbox else { return Err(io::ErrorKind::NotConnected.into()) };
    let owner = state::start(outbox, events.clone(), inbox)?;
    let code = runtime.block_on(converse(frames, service, socket, outgoing));
    events.send(Event::Stop);
    let _ended = owner.join();
    let tasks = settle(&runtime);
    runtime.shutdown_timeout(FAREWELL);
    // The last messages; a client that has stopped reading gets none.
    if code == 0 {
        let _written = writer.join();
    }
    Ok(Served { code, tasks })
}

/// Gives tasks that have what they waited for the moment that they need to end; how many do not.
fn settle(runtime: &Runtime) -> usize {
    let deadline = Instant::now() + SETTLING;
    loop {
        let tasks = runtime.metrics().num_alive_tasks();
        if tasks == 0 || Instant::now() > deadline {
            return tasks;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reads messages until there are no more; the exit code.
async fn converse(
    mut frames: UnboundedReceiver<Frame>,
    mut service: LspService<Backend>,
    socket: ClientSocket,
    outgoing: Outgoing,
) -> u8 {
    let (mut requests, mut responses) = socket.split();
    let ours = outgoing.clone();
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            send(&ours, &request);
        }
    });
    let mut shut_down = false;
    while let Some(frame) = frames.recv().await {
        let message = match frame {
            Frame::Body(body) => serde_json::from_slice::<Value>(&body),
            Frame::Malformed(what) => {
                tracing::warn!("{what}");
                refuse(&outgoing, ErrorCode::ParseError, what);
                continue;
            }
        };
        match message.map(read_message) {
            Ok(Message::Response(response)) => {
                // An answer to a question that nobody has asked is dropped.
                let _unasked = responses.send(response).await;
            }
            Ok(Message::Request(request)) => {
                let method = request.method().to_owned();
                shut_down |= method == "shutdown";
                if hand_over(&mut service, request, &outgoing).await.is_err() || method == "exit" {
                    break;
                }
            }
            Ok(Message::Invalid(what)) => refuse(&outgoing, ErrorCode::InvalidRequest, what),
            Err(error) => refuse(&outgoing, ErrorCode::ParseError, error.to_string()),
        }
    }
    u8::from(!shut_down)
}

enum Message {
    Request(Request),
    Response(Response),
    Invalid(String),
}

fn read_message(mut value: Value) -> Message {
    let is_request = value.get("method").is_some();
    // Some clients give these two `null` or `{}`, which tower-lsp refuses.
    if matches!(value["method"].as_str(), Some("shutdown" | "exit"))
        && let Some(message) = value.as_object_mut()
    {
        message.remove("params");
    }
    if let Some(workspace) = value.pointer_mut("/params/capabilities/workspace") {
        name_as_read(workspace);
    }
    let read = if is_request {
        serde_json::from_value(value).map(Message::Request)
    } else {
        serde_json::from_value(value).map(Message::Response)
    };
    read.unwrap_or_else(|error| Message::Invalid(error.to_string()))
}

/// lsp-types 0.97 reads `workspace.diagnostics` by another name than LSP 3.17 gives it.
fn name_as_read(workspace: &mut Value) {
    if let Some(declared) = workspace.get("diagnostics").cloned() {
        workspace["diagnostic"] = declared;
    }
}

/// Gives a request or notification to its handler, which runs up to its first wait before the
/// next message is looked at. `initialize` is waited for.
async fn hand_over(
    service: &mut LspService<Backend>,
    request: Request,
    outgoing: &Outgoing,
) -> Result<(), ExitedError> {
    poll_fn(|cx| service.poll_ready(cx)).await?;
    let is_initialize = request.method() == "initialize";
    let answer = service.call(request);
    let outgoing = outgoing.clone();
    let mut handler = Box::pin(AFTERWARDS.scope(RefCell::default(), async move {
        if let Ok(Some(response)) = answer.await {
            send(&outgoing, &response);
        }
        let acts = AFTERWARDS.with(RefCell::take);
        acts.into_iter().for_each(|act| act());
    }));
    if is_initialize {
        handler.await;
    } else if poll_fn(|cx| Poll::Ready(Pin::new(&mut handler).poll(cx))).await.is_pending() {
        tokio::spawn(handler);
    }
    Ok(())
}

fn refuse(outgoing: &Outgoing, code: ErrorCode, message: String) {
    let error = Error { code, message: message.into(), data: None };
    send(outgoing, &Response::from_error(Id::Null, error));
}

fn send(outgoing: &Outgoing, message: &impl serde::Serialize) {
    match serde_json::to_vec(message) {
        Ok(body) => outgoing.send(body),
        Err(error) => {
            tracing::error!("failed to write a message: {error}");
            let sorry = json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32603,
                "message": "a message could not be written"}});
            outgoing.send(sorry.to_string().into_bytes());
        }
    }
}
