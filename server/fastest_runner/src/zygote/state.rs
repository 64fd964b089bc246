//! What is known of a zygote and its forks.

use std::{
    collections::BTreeMap,
    io,
    os::unix::{net::UnixStream, process::ExitStatusExt},
    process::ExitStatus,
};

use tokio::sync::oneshot;

#[cfg(target_os = "linux")]
use super::adoption::Adoption;
use super::{
    Preload,
    process::{self, Streams},
    wire::ToZygote,
};
use crate::group::kill_group;

/// A worker that was forked. Its streams are with whoever asked.
#[derive(Debug)]
pub struct Forked {
    pub pid: u32,
    pub end: oneshot::Receiver<ExitStatus>,
}

pub type Reply = oneshot::Sender<io::Result<Forked>>;

/// Where a zygote's process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It imports what was ordered, or will when it has started; forks wait.
    Preloading,
    /// It forks, as soon as it has started.
    Serving,
    /// There is none, and there will be none.
    Over,
}

/// A fork that was asked for.
#[derive(Debug)]
struct Asked {
    /// Until they are sent.
    streams: Option<Streams>,
    leash: Option<UnixStream>,
    errand: Errand,
    reply: Reply,
}

/// What a worker is to find.
#[derive(Clone, Debug)]
pub struct Errand {
    pub dir: String,
    pub env: Vec<(String, String)>,
    /// How many workers are started at once.
    pub starters: usize,
}

/// A fork that was made.
#[derive(Debug)]
struct Running {
    pid: u32,
    end: oneshot::Sender<ExitStatus>,
    _leash: Option<UnixStream>,
}

#[derive(Debug)]
pub struct State {
    pub stream: UnixStream,
    pub phase: Phase,
    pub preload: Preload,
    /// Whether the process is of no use once the first workers of a run are there, and they do
    /// without it: it becomes the only one, or ends. How its forks end, only their parent is told.
    pub leaves: bool,
    /// What it became.
    given: Option<u64>,
    /// It is leaving.
    #[cfg(target_os = "linux")]
    adoption: Option<Adoption>,
    /// How many forks were made.
    made: usize,
    /// With how many workers the run begins.
    starters: usize,
    /// Whether it has refused a fork because something has changed, or does not answer.
    pub stale: bool,
    asked: BTreeMap<u64, Asked>,
    running: BTreeMap<u64, Running>,
    next: u64,
}

impl State {
    pub fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            phase: Phase::Serving,
            preload: Preload::default(),
            leaves: false,
            given: None,
            #[cfg(target_os = "linux")]
            adoption: None,
            made: 0,
            starters: 0,
            stale: false,
            asked: BTreeMap::new(),
            running: BTreeMap::new(),
            next: 0,
        }
    }

    /// Order the preload from the process that there is now.
    pub fn order(&mut self, careful: bool) {
        let Preload { modules, roots, untouched } = self.preload.clone();
        if modules.is_empty() {
            return self.serve();
        }
        self.phase = Phase::Preloading;
        let roots = roots.iter().map(|root| root.to_string_lossy().into_owned()).collect();
        let message = ToZygote::Preload { modules, roots, untouched, careful };
        let _dying = process::send(&self.stream, &message, None);
    }

    /// Let it fork, from now on.
    pub fn serve(&mut self) {
        self.phase = Phase::Serving;
        self.send_asked();
    }

    /// Fork as soon as that is possible.
    pub fn ask(&mut self, streams: Streams, errand: Errand, reply: Reply) {
        let id = self.next;
        self.next += 1;
        if self.phase == Phase::Over {
            let _given_up = reply.send(Err(gone()));
            return;
        }
        self.asked.insert(id, Asked { streams: Some(streams), leash: None, errand, reply });
        if self.phase == Phase::Serving {
            self.send_asked();
        }
    }

    /// Send every fork that waits. A process that cannot take it is dying, and its end tells.
    fn send_asked(&mut self) {
        for (&id, asked) in &mut self.asked {
            let Some(mut streams) = asked.streams.take() else { continue };
            let Errand { dir, env, starters } = asked.errand.clone();
            self.starters = starters;
            let in_place = starters == 1 && self.leaves && self.running.is_empty();
            if in_place {
                self.given = Some(id);
                self.phase = Phase::Over;
            } else if self.leaves {
                asked.leash = leash(&mut streams);
            }
            let descriptors = streams.len();
            let message = ToZygote::Fork { id, descriptors, dir, env, in_place };
            let _dying = process::send(&self.stream, &message, Some(&streams));
        }
    }

    pub fn forked(&mut self, id: u64, pid: u32) {
        let Some(asked) = self.asked.remove(&id) else { return };
        let (sender, end) = oneshot::channel();
        self.running.insert(id, Running { pid, end: sender, _leash: asked.leash });
        self.made += 1;
        if asked.reply.send(Ok(Forked { pid, end })).is_err() {
            // Whoever asked has given up.
            kill_group(pid);
        }
    }

    pub fn refused(&mut self, id: u64, changed: &str) {
        self.stale = true;
        tracing::info!("a kept process is of no more use: `{changed}` has changed");
        if let Some(asked) = self.asked.remove(&id) {
            let _given_up = asked.reply.send(Err(gone()));
        }
    }

    pub fn ended(&mut self, id: u64, status: i32) {
        if let Some(running) = self.running.remove(&id) {
            let _given_up = running.end.send(ExitStatus::from_raw(status));
        }
    }

    /// A fork is gone, and nobody knows how it ended.
    #[cfg(target_os = "linux")]
    pub fn lost(&mut self, id: u64) {
        self.running.remove(&id);
    }

    /// Whether the process has become a worker.
    pub fn is_given(&self) -> bool {
        self.given.is_some_and(|id| self.running.contains_key(&id))
    }

    /// The process that has become a worker is gone.
    pub fn given_ended(&mut self, status: ExitStatus) {
        if let Some(running) = self.given.and_then(|id| self.running.remove(&id)) {
            let _given_up = running.end.send(status);
        }
    }

    /// Let it leave, if the first workers are there and it is of no more use.
    #[cfg(target_os = "linux")]
    pub fn leave(&mut self) {
        if !self.leaves || self.made < self.starters || !self.asked.is_empty() {
            return;
        }
        self.adoption = Adoption::begin();
        if self.adoption.is_some() {
            self.phase = Phase::Over;
            let _dying = process::send(&self.stream, &ToZygote::Leave, None);
        }
    }

    /// Elsewhere it stays.
    #[cfg(not(target_os = "linux"))]
    pub const fn leave(&self) {}

    /// The forks of a process that has left, by number and process id; `None` if it has not.
    #[cfg(target_os = "linux")]
    pub fn left(&mut self) -> Option<Vec<(u64, u32)>> {
        self.adoption.take()?;
        Some(self.running.iter().map(|(&id, running)| (id, running.pid)).collect())
    }

    /// The process is gone for good.
    pub fn end(&mut self) {
        self.phase = Phase::Over;
        for (_, asked) in std::mem::take(&mut self.asked) {
            let _given_up = asked.reply.send(Err(gone()));
        }
        self.orphan();
    }

    /// The process is gone. Its forks go on; nobody will know how they end.
    pub fn orphan(&mut self) {
        self.running.clear();
    }

    /// Nobody needs it or its forks any more.
    pub fn kill(&mut self) {
        self.running.values().for_each(|running| kill_group(running.pid));
        self.end();
    }
}

/// A socket whose other end goes with a worker: the system kills the worker when ours closes.
fn leash(streams: &mut Streams) -> Option<UnixStream> {
    let (ours, theirs) = UnixStream::pair().ok()?;
    streams.push(theirs.into());
    Some(ours)
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the process that workers are forked from is gone")
}
