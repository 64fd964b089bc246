//! What is known of a zygote and its forks.

use std::{
    collections::BTreeMap,
    io,
    os::unix::{net::UnixStream, process::ExitStatusExt},
    process::ExitStatus,
};

use tokio::sync::oneshot;

use super::{
    Preload,
    process::{self, STREAMS, Streams},
    wire::ToZygote,
};
use crate::{group::kill_group, worker::boot};

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
    errand: Errand,
    reply: Reply,
}

/// What a worker is to find.
#[derive(Clone, Debug)]
pub struct Errand {
    pub dir: String,
    pub env: Vec<(String, String)>,
    /// Whether no other worker is expected beside it: the process may become the worker itself.
    pub alone: bool,
}

#[derive(Debug)]
pub struct State {
    pub stream: UnixStream,
    pub phase: Phase,
    pub preload: Preload,
    /// Whether the process may become a worker itself: how that ends, only its parent is told.
    pub gives_itself: bool,
    /// What it became.
    given: Option<u64>,
    /// Whether it has refused a fork because something has changed, or does not answer.
    pub stale: bool,
    asked: BTreeMap<u64, Asked>,
    running: BTreeMap<u64, (u32, oneshot::Sender<ExitStatus>)>,
    next: u64,
}

impl State {
    pub fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            phase: Phase::Serving,
            preload: Preload::default(),
            gives_itself: false,
            given: None,
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
        self.asked.insert(id, Asked { streams: Some(streams), errand, reply });
        if self.phase == Phase::Serving {
            self.send_asked();
        }
    }

    /// Send every fork that waits. A process that cannot take it is dying, and its end tells.
    fn send_asked(&mut self) {
        for (&id, asked) in &mut self.asked {
            let Some(streams) = asked.streams.take() else { continue };
            let Errand { dir, env, alone } = asked.errand.clone();
            let in_place = alone && self.gives_itself && self.running.is_empty();
            if in_place {
                self.given = Some(id);
                self.phase = Phase::Over;
            }
            let message = ToZygote::Fork { id, descriptors: STREAMS, dir, env, in_place };
            let _dying = process::send(&self.stream, &message, Some(&streams));
        }
    }

    pub fn forked(&mut self, id: u64, pid: u32) {
        let Some(asked) = self.asked.remove(&id) else { return };
        let (sender, end) = oneshot::channel();
        self.running.insert(id, (pid, sender));
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
        if let Some((_, end)) = self.running.remove(&id) {
            let _given_up = end.send(ExitStatus::from_raw(status));
        }
    }

    /// Whether the process has become a worker.
    pub fn is_given(&self) -> bool {
        self.given.is_some_and(|id| self.running.contains_key(&id))
    }

    /// The process that has become a worker is gone.
    pub fn given_ended(&mut self, status: ExitStatus) {
        if let Some((_, end)) = self.given.and_then(|id| self.running.remove(&id)) {
            let _given_up = end.send(status);
        }
    }

    /// Let it rest, while its forks run.
    pub fn rest(&self) {
        if self.phase == Phase::Serving && self.asked.is_empty() && !self.running.is_empty() {
            let message = ToZygote::Rest { boot: boot("zygote") };
            let _dying = process::send(&self.stream, &message, None);
        }
    }

    /// Whether anything runs that was forked.
    pub fn is_used(&self) -> bool {
        !self.running.is_empty()
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
        self.running.values().for_each(|(pid, _)| kill_group(*pid));
        self.end();
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the process that workers are forked from is gone")
}
