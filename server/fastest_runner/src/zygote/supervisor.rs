//! The handle of a zygote, and the thread that listens to its process.

use std::{
    ffi::OsString,
    io,
    net::Shutdown,
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use tokio::sync::oneshot;

use crate::Bundle;

#[cfg(target_os = "linux")]
use super::adoption;
use super::{
    Preload, ZygoteLaunch,
    memory::{self, Unfit},
    process::{self, Process, Streams},
    state::{Errand, Forked, Phase, State},
    wire::{FromZygote, bytewise},
};

/// How often a process is started anew because of what it preloaded: once to find out which
/// modules are unfit, once without them, and the same again for what only shows then.
const MOST_RESTARTS: u32 = 4;

/// Why a module is unfit that nothing more was heard after.
const FATAL: &str = "ends the interpreter";

/// A warm process that workers are forked from. Clones are handles of the same process, which
/// ends, with its workers, when the last of them is dropped.
#[derive(Clone, Debug)]
pub struct Zygote(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    launch: ZygoteLaunch,
    state: Arc<Mutex<State>>,
    supervisor: Option<JoinHandle<()>>,
}

impl Zygote {
    /// Start a process and return at once; it warms up by itself.
    ///
    /// # Errors
    /// When the interpreter cannot be started.
    pub fn start(launch: ZygoteLaunch) -> io::Result<Self> {
        let (stream, process) = process::start(&launch)?;
        Self::with(launch, stream, process)
    }

    /// Take over a process that is warm already.
    pub(crate) fn with(
        launch: ZygoteLaunch,
        stream: UnixStream,
        process: Process,
    ) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::new(stream.try_clone()?)));
        let own = matches!(process, Process::Own(_));
        // Only Linux ends a process whose starter is gone, and lets forks be adopted.
        lock(&state).leaves = cfg!(target_os = "linux") && own && launch.for_one_run;
        let supervisor = Supervisor {
            launch: launch.clone(),
            state: Arc::clone(&state),
            restarts: 0,
            careful: false,
        };
        let thread = std::thread::Builder::new().name("zygote".to_owned());
        let supervisor = Some(thread.spawn(move || supervisor.watch(stream, process))?);
        Ok(Self(Arc::new(Handle { launch, state, supervisor })))
    }

    /// Say what to import before the first fork. Once something is preloaded, only what is new
    /// counts; forks that run already go without.
    pub fn preload(&self, mut preload: Preload) {
        let unfit = memory::recall(&self.0.launch.python, &preload.roots);
        memory::leave_out(&mut preload, &unfit);
        let mut state = lock(&self.0.state);
        if state.phase == Phase::Serving && !preload.modules.is_empty() {
            state.preload = preload;
            state.order(false);
        }
    }

    /// Whether there is a process to fork from.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        lock(&self.0.state).phase != Phase::Over
    }

    /// The harness's files, if they are still there.
    pub(crate) fn bundle(&self) -> Option<Arc<Bundle>> {
        let bundle = &self.0.launch.bundle;
        bundle.path().is_dir().then(|| Arc::clone(bundle))
    }

    /// Use it no more: it does not answer.
    pub(crate) fn distrust(&self) {
        lock(&self.0.state).stale = true;
    }

    /// Whether it is of no more use: what it has read has changed, or it does not answer.
    pub(crate) fn is_stale(&self) -> bool {
        lock(&self.0.state).stale
    }

    /// A new worker with these streams, in this folder, with these variables besides this
    /// process's own, one of `starters` that are started at once. The process of a single run
    /// becomes the worker where one is all, and leaves when it has forked them otherwise.
    ///
    /// # Errors
    /// When there is no process any more.
    pub(crate) async fn fork(
        &self,
        streams: Streams,
        dir: &Path,
        env: &[(OsString, OsString)],
        starters: usize,
    ) -> io::Result<Forked> {
        let (reply, answer) = oneshot::channel();
        let errand = Errand { dir: bytewise(dir.as_os_str()), env: environment(env), starters };
        lock(&self.0.state).ask(streams, errand, reply);
        answer.await.map_err(io::Error::other)?
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.kill();
        // The thread sees the end of the stream, and kills and reaps the process.
        let _closed = state.stream.shutdown(Shutdown::Both);
        drop(state);
        let _panicked = self.supervisor.take().map(JoinHandle::join);
    }
}

/// The thread's own.
struct Supervisor {
    launch: ZygoteLaunch,
    state: Arc<Mutex<State>>,
    restarts: u32,
    /// Whether the process there is now only looks for unfit modules.
    careful: bool,
}

impl Supervisor {
    /// Listen until there is no process and none is to be started.
    fn watch(mut self, mut stream: UnixStream, mut process: Process) {
        loop {
            let unfit = self.listen(&stream);
            let is_given = lock(&self.state).is_given();
            if is_given && let Some(status) = process.wait() {
                lock(&self.state).given_ended(status);
            }
            // Nothing more of it is wanted, whether or not it is gone.
            process.end();
            #[cfg(target_os = "linux")]
            if self.has_left() {
                return;
            }
            match self.restart(unfit) {
                Some(again) => (stream, process) = again,
                None => return lock(&self.state).end(),
            }
        }
    }

    /// Whether the process has left; then its forks have been waited for.
    #[cfg(target_os = "linux")]
    fn has_left(&self) -> bool {
        let Some(forks) = lock(&self.state).left() else { return false };
        adoption::reap(forks, |id, status| {
            let mut state = lock(&self.state);
            match status {
                Some(status) => state.ended(id, status),
                None => state.lost(id),
            }
        });
        true
    }

    /// Take in what a process says until it is gone or of no use; what it found unfit.
    fn listen(&mut self, stream: &UnixStream) -> Unfit {
        let mut found = Unfit::from([(memory::EVERYTHING.to_owned(), FATAL.to_owned())]);
        while let Some(message) = process::receive(stream) {
            let mut state = lock(&self.state);
            match message {
                FromZygote::Ready { protocol } if protocol != crate::wire::PROTOCOL => break,
                FromZygote::Ready { .. } => {}
                FromZygote::Trying { module, unfit } => {
                    found = unfit;
                    found.insert(module, FATAL.to_owned());
                }
                FromZygote::Preloaded { unfit } if unfit.is_empty() && !self.careful => {
                    state.serve();
                }
                FromZygote::Preloaded { unfit } => return unfit,
                FromZygote::Forked { id, pid } => {
                    state.forked(id, pid);
                    if state.is_given() {
                        break;
                    }
                    state.leave();
                }
                FromZygote::Refused { id, changed } => state.refused(id, &changed),
                FromZygote::Ended { id, status } => state.ended(id, status),
            }
        }
        found
    }

    /// Another process, if the last one came to its end over what it was to preload.
    fn restart(&mut self, unfit: Unfit) -> Option<(UnixStream, Process)> {
        let shared = Arc::clone(&self.state);
        let mut state = lock(&shared);
        if state.phase != Phase::Preloading || self.restarts >= MOST_RESTARTS {
            return None;
        }
        self.restarts += 1;
        state.orphan();
        if self.careful {
            self.learn(&mut state.preload, unfit);
        }
        self.careful = !self.careful;
        if self.restarts == MOST_RESTARTS {
            state.preload.modules.clear();
        }
        let (stream, process) = process::start(&self.launch).ok()?;
        state.stream = stream.try_clone().ok()?;
        state.order(self.careful);
        Some((stream, process))
    }

    /// Leave out what was found unfit, now and next time. Modules that are unfit only together
    /// are unfit all.
    fn learn(&self, preload: &mut Preload, mut unfit: Unfit) {
        if unfit.is_empty() {
            unfit.insert(memory::EVERYTHING.to_owned(), "cannot be told apart".to_owned());
        }
        unfit.extend(memory::recall(&self.launch.python, &preload.roots));
        memory::leave_out(preload, &unfit);
        memory::remember(&self.launch.python, &preload.roots, unfit);
    }
}

/// All variables of a worker: this process's own, and what is set besides.
fn environment(besides: &[(OsString, OsString)]) -> Vec<(String, String)> {
    let own = std::env::vars_os().filter(|(name, _)| besides.iter().all(|(set, _)| set != name));
    let all = own.chain(besides.iter().cloned());
    all.map(|(name, value)| (bytewise(&name), bytewise(&value))).collect()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
