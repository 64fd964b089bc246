//! One worker process: forked or spawned, spoken with, watched until it is gone.
//!
//! Reading order: this file, `fork` and `spawn` (how it comes to be), `talk`.

#[cfg(unix)]
mod fork;
mod spawn;
mod talk;

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    process::ExitStatus,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fastest_schedule::WorkerId;
use tokio::{
    io::AsyncRead,
    process::Child,
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::JoinSet,
    time::timeout,
};

use crate::{
    bundle::Bundle,
    group::{Group, abort, interrupt},
    request::Transport,
    transport::Offer,
    wire::{FromWorker, ToWorker},
    zygote::Zygote,
};

/// How long a process may live on after its session ended or its channel closed. Python waits
/// for threads and runs `atexit` functions in this time.
const FAREWELL: Duration = Duration::from_secs(10);

/// How long to wait for a fork of a process that has nothing else to do. It takes milliseconds, and
/// a second where files are slow to look at; without it the worker takes as long as it always did.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to wait for the last bytes of a process that is gone: a child process of a test may
/// hold its streams open for as long as it likes.
const DRAIN: Duration = Duration::from_millis(300);

/// What all workers of a run have in common.
#[derive(Clone, Debug)]
pub struct Launch {
    pub python: PathBuf,
    pub bundle: Arc<Bundle>,
    pub dir: PathBuf,
    pub env: Vec<(OsString, OsString)>,
    pub transport: Transport,
    /// Whether the worker has this process's standard streams.
    pub foreground: bool,
    /// What workers are forked from; without it they are spawned.
    pub zygote: Option<Zygote>,
    /// How many workers are started at once, when the run begins.
    #[cfg_attr(not(unix), expect(dead_code, reason = "nothing is forked there"))]
    pub starters: usize,
    /// What is forked in the first place, the first that can be: it has collected the tests
    /// already, or begun their session.
    pub templates: Vec<Zygote>,
}

/// What a worker lets be known.
#[derive(Debug)]
pub enum News {
    /// It is there.
    Started {
        pid: u32,
    },
    /// It could not be started; nothing of this worker follows.
    NotStarted(io::Error),
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

/// A worker, from the moment that it was asked for.
#[derive(Debug)]
pub struct Worker {
    commands: UnboundedSender<ToWorker>,
    controls: Arc<Controls>,
}

/// What the worker's task and its handle share.
#[derive(Debug, Default)]
struct Controls {
    pid: OnceLock<u32>,
    kill: Notify,
    closed: Notify,
    /// How many tests it was told to run that have not ended.
    held: AtomicUsize,
}

impl Controls {
    fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    fn hold(&self, count: usize) {
        self.held.fetch_add(count, Ordering::Relaxed);
    }

    fn end_one(&self) {
        // Nobody but its listener takes one away; a worker that says too much is not believed.
        let one_less = |held: usize| Some(held.saturating_sub(1));
        let _held = self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    }
}

impl Worker {
    /// Tell it something; a worker that is gone hears nothing.
    pub fn send(&self, message: ToWorker) {
        if let ToWorker::Run { items, .. } = &message {
            self.controls.hold(items.len());
        }
        // Its end is reported by its task.
        let _gone = self.commands.send(message);
    }

    /// Interrupt it as Ctrl-C does; where that cannot be, it ends after its running test.
    pub fn interrupt(&self) {
        if !self.controls.pid.get().is_some_and(|&pid| interrupt(pid)) {
            self.send(ToWorker::Stop);
        }
    }

    /// Have it dump its stacks and die; where that cannot be, kill it.
    pub fn abort(&self) {
        if !self.controls.pid.get().is_some_and(|&pid| abort(pid)) {
            self.kill();
        }
    }

    /// Kill it and the processes that it started.
    pub fn kill(&self) {
        self.controls.kill.notify_one();
    }
}

/// Start a worker; its task lives in `tasks`, and with it the process.
pub fn start(id: WorkerId, launch: &Launch, news: &NewsSender, tasks: &mut JoinSet<()>) -> Worker {
    let (commands, inbox) = unbounded_channel();
    let controls = Arc::new(Controls::default());
    tasks.spawn(live(id, launch.clone(), inbox, news.clone(), Arc::clone(&controls)));
    Worker { commands, controls }
}

/// What Python runs: the harness is found first and takes its folder off `sys.path` itself.
/// With `-c`, `sys.path` starts with an empty entry unless the interpreter is told otherwise.
pub fn boot(module: &str) -> String {
    format!(
        "import sys; sys.path[:1 if sys.path[:1] == [''] else 0] = [sys.argv[1]]; \
         from fastest_harness.{module} import main; main(sys.argv[2])"
    )
}

type Reader = Box<dyn AsyncRead + Send + Unpin>;

/// A process that was started, and our ends of what it holds.
struct Started {
    pid: u32,
    offer: Offer,
    out: Reader,
    err: Reader,
    process: Process,
}

#[cfg_attr(not(unix), expect(dead_code, reason = "nothing is forked there"))]
enum Process {
    Spawned(Child),
    Forked(oneshot::Receiver<ExitStatus>),
    /// What it was forked from is gone, and with that how it will end.
    Orphaned,
}

impl Process {
    /// Kill a process that leads no group.
    fn kill(&mut self) {
        if let Self::Spawned(child) = self {
            // It may be gone already.
            let _gone = child.start_kill();
        }
    }

    /// Its end. Of an orphan it is only known that it is there as long as anybody holds its
    /// streams, `heard`.
    async fn wait(&mut self, heard: bool) -> io::Result<ExitStatus> {
        if let Self::Forked(end) = self {
            match end.await {
                Ok(status) => return Ok(status),
                Err(_) => *self = Self::Orphaned,
            }
        }
        match self {
            Self::Spawned(child) => child.wait().await,
            _ if heard => std::future::pending().await,
            _ => Err(io::Error::other("nobody knows how it ended")),
        }
    }
}

/// A worker's life, from its start until it is gone and everything that it said is passed on.
async fn live(
    id: WorkerId,
    launch: Launch,
    inbox: UnboundedReceiver<ToWorker>,
    news: NewsSender,
    controls: Arc<Controls>,
) {
    let started = tokio::select! {
        started = begin(&launch) => started,
        () = controls.kill.notified() => {
            let killed = io::Error::other("it was killed before it started");
            return report(&news, id, News::Gone(Err(killed)));
        }
    };
    let Started { pid, offer, out, err, process } = match started {
        Ok(started) => started,
        Err(error) => return report(&news, id, News::NotStarted(error)),
    };
    // Nobody else sets it.
    let _first = controls.pid.set(pid);
    report(&news, id, News::Started { pid });
    let listen = async {
        tokio::join!(
            talk::talk(id, offer, inbox, &news, &controls),
            talk::read_output(id, false, out, &news),
            talk::read_output(id, true, err, &news),
        );
    };
    let status = watch(process, Group::new(pid), &controls, listen).await;
    report(&news, id, News::Gone(status));
}

/// Fork if that is possible, else spawn.
async fn begin(launch: &Launch) -> io::Result<Started> {
    #[cfg(unix)]
    for template in &launch.templates {
        match timeout(PATIENCE, fork::fork(template, launch)).await {
            Ok(Ok(started)) => return Ok(started),
            Ok(Err(_)) => {}
            Err(_) => template.distrust(),
        }
    }
    #[cfg(unix)]
    if let Some(zygote) = &launch.zygote
        && let Ok(started) = fork::fork(zygote, launch).await
    {
        return Ok(started);
    }
    spawn::spawn(launch).await
}

/// Listen until the process ends, or end it; then wait a little for its last bytes.
async fn watch(
    mut process: Process,
    mut group: Group,
    controls: &Controls,
    listen: impl Future<Output = ()>,
) -> io::Result<ExitStatus> {
    let mut listen = std::pin::pin!(listen);
    let mut listening = true;
    let mut due = std::pin::pin!(due(controls));
    let mut killed = false;
    let status = loop {
        tokio::select! {
            status = process.wait(listening) => break status,
            () = &mut listen, if listening => listening = false,
            () = &mut due, if !killed => {
                killed = true;
                group.kill();
                process.kill();
            }
        }
    };
    group.disarm();
    if listening {
        // Whatever a grandchild still holds open is not waited for.
        let _open = timeout(DRAIN, listen).await;
    }
    status
}

/// A worker is to be killed when somebody says so. One that no longer speaks is of no use
/// either, but may need a moment to end by itself.
async fn due(controls: &Controls) {
    let farewell = async {
        controls.closed.notified().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! { () = controls.kill.notified() => {}, () = farewell => {} }
}

fn report(news: &NewsSender, id: WorkerId, what: News) {
    // A driver that is gone has no use for news.
    let _over = news.send((id, what));
}
