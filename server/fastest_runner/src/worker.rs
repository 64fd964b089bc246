//! One worker process: started, spoken with, watched until it is gone.

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use fastest_schedule::WorkerId;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use crate::{
    frame,
    request::Transport,
    transport::{self, Offer, Reader, Writer},
    wire::{FromWorker, ToWorker},
};

/// What Python runs: the harness is found first and takes its folder off `sys.path` itself.
/// With `-c`, `sys.path` starts with an empty entry unless the interpreter is told otherwise.
const BOOT: &str = "import sys; sys.path[:1 if sys.path[:1] == [''] else 0] = [sys.argv[1]]; \
                    from fastest_harness.worker import main; main(sys.argv[2])";

/// How long a process may live on after its session ended or its channel closed. Python waits
/// for threads and runs `atexit` functions in this time.
const FAREWELL: Duration = Duration::from_secs(10);

/// How long to wait for the last bytes of a process that is gone: a child process of a test may
/// hold its streams open for as long as it likes.
const DRAIN: Duration = Duration::from_millis(300);

/// What all workers of a run have in common.
#[derive(Clone, Debug)]
pub struct Launch {
    pub python: PathBuf,
    pub harness: PathBuf,
    pub dir: PathBuf,
    pub env: Vec<(OsString, OsString)>,
    pub transport: Transport,
}

/// What a worker lets be known.
#[derive(Debug)]
pub enum News {
    Message(FromWorker),
    /// It does not speak the protocol.
    Broken(String),
    Output {
        stderr: bool,
        text: String,
    },
    /// The process is gone; nothing of this worker follows.
    Gone(io::Result<ExitStatus>),
}

pub type NewsSender = UnboundedSender<(WorkerId, News)>;

/// A running worker. Dropping it leaves the process to its watcher.
#[derive(Debug)]
pub struct Worker {
    pub pid: u32,
    commands: UnboundedSender<ToWorker>,
    kill: Arc<Notify>,
}

impl Worker {
    /// Tell it something; a worker that is gone hears nothing.
    pub fn send(&self, message: ToWorker) {
        // Its end is reported by its watcher.
        let _gone = self.commands.send(message);
    }

    /// Interrupt it as Ctrl-C does.
    pub fn interrupt(&self) {
        interrupt(self.pid, self);
    }

    /// Kill it and the processes that it started.
    pub fn kill(&self) {
        self.kill.notify_one();
    }
}

/// Start a worker; its tasks live in `tasks`, and with them the process.
pub async fn start(
    id: WorkerId,
    launch: &Launch,
    news: &NewsSender,
    tasks: &mut JoinSet<()>,
) -> io::Result<Worker> {
    let (offer, mut child) = spawn(launch).await?;
    let pid = child.id().unwrap_or(0);
    let group = Group { pid };
    let (commands, inbox) = unbounded_channel();
    let (kill, closed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let out = child.stdout.take().map(|out| tasks.spawn(read_output(id, false, out, news.clone())));
    let err = child.stderr.take().map(|err| tasks.spawn(read_output(id, true, err, news.clone())));
    let talk = tasks.spawn(talk(id, offer, inbox, news.clone(), closed.clone()));
    let readers: Vec<AbortHandle> = out.into_iter().chain(err).chain([talk]).collect();
    let signals = Signals { kill: kill.clone(), closed };
    tasks.spawn(watch(id, child, group, readers, signals, news.clone()));
    Ok(Worker { pid, commands, kill })
}

async fn spawn(launch: &Launch) -> io::Result<(Offer, Child)> {
    let mut command = Command::new(&launch.python);
    command
        .args(["-c", BOOT])
        .arg(&launch.harness)
        .current_dir(&launch.dir)
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // Ctrl-C in the terminal is for us: we say what becomes of the workers.
    #[cfg(unix)]
    command.process_group(0);
    let offer = transport::offer(launch.transport, &mut command).await?;
    let child = command.spawn()?;
    Ok((offer, child))
}

/// Both directions of the conversation, until the worker closes it.
async fn talk(
    id: WorkerId,
    offer: Offer,
    inbox: UnboundedReceiver<ToWorker>,
    news: NewsSender,
    closed: Arc<Notify>,
) {
    let result = match offer.connect().await {
        Ok((reader, writer)) => converse(id, reader, writer, inbox, &news).await,
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        report(&news, id, News::Broken(error.to_string()));
    }
    closed.notify_one();
}

async fn converse(
    id: WorkerId,
    mut reader: Reader,
    mut writer: Writer,
    mut inbox: UnboundedReceiver<ToWorker>,
    news: &NewsSender,
) -> io::Result<()> {
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

async fn read_output(id: WorkerId, stderr: bool, mut from: impl AsyncRead + Unpin, to: NewsSender) {
    let mut buffer = vec![0; 16 * 1024];
    let mut kept = Vec::new();
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..count]);
        let text = take_text(&mut kept);
        if !text.is_empty() {
            report(&to, id, News::Output { stderr, text });
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

/// What makes a watcher end its process.
struct Signals {
    kill: Arc<Notify>,
    closed: Arc<Notify>,
}

impl Signals {
    /// A worker is to be killed when somebody says so. One that no longer speaks is of no use
    /// either, but may need a moment to end by itself.
    async fn due(&self) {
        let farewell = async {
            self.closed.notified().await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! { () = self.kill.notified() => {}, () = farewell => {} }
    }
}

/// Wait for the process to end, or end it; then let its readers have the last bytes.
async fn watch(
    id: WorkerId,
    mut child: Child,
    mut group: Group,
    readers: Vec<AbortHandle>,
    signals: Signals,
    news: NewsSender,
) {
    let status = tokio::select! {
        status = child.wait() => status,
        () = signals.due() => {
            group.kill();
            child.wait().await
        }
    };
    group.disarm();
    let drained = async {
        while !readers.iter().all(AbortHandle::is_finished) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    // Whatever a grandchild still holds open is not waited for.
    let _open = timeout(DRAIN, drained).await;
    readers.iter().for_each(AbortHandle::abort);
    report(&news, id, News::Gone(status));
}

fn report(news: &NewsSender, id: WorkerId, what: News) {
    // A driver that is gone has no use for news.
    let _over = news.send((id, what));
}

/// The process group of a worker, killed when it is dropped armed: a run that is abandoned
/// leaves no process behind.
struct Group {
    pid: u32,
}

impl Group {
    fn kill(&self) {
        kill_group(self.pid);
    }

    fn disarm(&mut self) {
        self.pid = 0;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(unix)]
fn kill_group(pid: u32) {
    signal(pid, rustix::process::Signal::KILL, rustix::process::kill_process_group);
}

#[cfg(unix)]
fn interrupt(pid: u32, _worker: &Worker) {
    signal(pid, rustix::process::Signal::INT, rustix::process::kill_process);
}

#[cfg(unix)]
fn signal(
    pid: u32,
    signal: rustix::process::Signal,
    send: fn(rustix::process::Pid, rustix::process::Signal) -> rustix::io::Result<()>,
) {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // A process that is gone already needs no signal.
        let _gone = send(pid, signal);
    }
}

/// Without process groups, `kill_on_drop` ends the worker itself.
#[cfg(not(unix))]
const fn kill_group(_pid: u32) {}

/// Without signals, a worker ends after its running test.
#[cfg(not(unix))]
fn interrupt(_pid: u32, worker: &Worker) {
    worker.send(ToWorker::Stop);
}
