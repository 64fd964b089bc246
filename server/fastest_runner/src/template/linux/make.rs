//! How a kept process comes to be.

use std::{
    collections::BTreeMap,
    io,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::time::timeout;

use super::{Kept, MOST_SESSIONS, Task, Templates, Wanted, expire, most, put};
use crate::{
    frame,
    group::kill_group,
    wire::{FromWorker, ToWorker},
    worker::Launch,
    zygote::{Zygote, ZygoteLaunch, process::Process},
};

/// How long a session may take to begin, or a file to be collected.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a kept process may take to fork: milliseconds, and a second where files are slow to
/// look at.
const TO_FORK: Duration = Duration::from_secs(5);

/// How often a session is begun for a file: again where it changes meanwhile.
const TRIES: usize = 2;

/// A kept process.
#[derive(Debug)]
pub struct Entry {
    pub terms: String,
    /// The file that it was made for.
    pub path: String,
    pub pid: u32,
    /// The node ids of the file's tests, if it is collected.
    pub items: Vec<String>,
    /// What it has read, each with the unsaved text that it has read instead.
    read: BTreeMap<String, Option<String>>,
    pub zygote: Zygote,
    pub used: Instant,
    /// What it was forked from, which takes it along where it ends.
    parent: Zygote,
    /// The other ends of its standard streams, in which it writes nothing.
    _streams: [io::PipeReader; 2],
    /// What lets it go when nobody uses it.
    expiry: Option<Task>,
}

impl Entry {
    /// Whether it may still be of use, as far as is known without asking it.
    pub fn serves(&self) -> bool {
        // What a session rests on, its forks rest on too.
        [&self.zygote, &self.parent].iter().all(|each| each.is_alive() && !each.is_stale())
    }

    /// Whether a change of a file makes it useless, with that file collected.
    pub fn rests_on(&self, path: &str) -> bool {
        self.path == path || self.has_read(path)
    }

    /// Whether it has read a file.
    pub fn has_read(&self, path: &str) -> bool {
        self.read.contains_key(path)
    }

    /// Whether a run of these terms can be forked from it: the run has the unsaved texts, of the
    /// files that it has read, that it has read.
    pub fn is_for(&self, terms: &str, wanted: &Wanted) -> bool {
        let mut read = self.read.iter();
        self.terms == terms
            && self.serves()
            && read.all(|(path, text)| wanted.buffer(path) == text.as_deref())
    }
}

/// What became of an attempt.
enum Made {
    Entry(Entry),
    /// Why it may not be kept, and whether that may soon be otherwise.
    Unfit(Vec<String>, bool),
}

/// What a process is to stay with.
#[derive(Clone, Copy)]
enum Level {
    Session,
    File,
}

/// One attempt to have a process for a file, and one for its session.
pub struct Attempt {
    pub kept: Weak<Mutex<Kept>>,
    /// Of when it was begun.
    pub generation: u64,
}

impl Attempt {
    /// Make them, then what waits to be made.
    pub async fn make(self, wanted: Wanted, launch: Launch) {
        let made = self.make_file(&wanted, &launch).await;
        self.with(|kept| {
            let failed = format!("not kept collected: {}", wanted.path());
            let exactly = wanted.exactly(&wanted.terms);
            let Some(mut entry) = made_or_refused(kept, made, &failed, exactly) else {
                return Vec::new();
            };
            let (pid, tests) = (entry.pid, entry.items.len());
            tracing::info!("process {pid} is kept with {tests} tests of {}", wanted.path());
            entry.expiry = Some(Task::start(expire(self.kept.clone(), pid)));
            put(&mut kept.files, entry, most().max(1))
        });
        if let Some(kept) = self.kept.upgrade() {
            let templates = Templates(kept);
            let mut kept = templates.lock();
            kept.making = None;
            templates.make_next(&mut kept);
        }
    }

    /// From a session if one can be kept, else from the zygote, as a worker is made.
    async fn make_file(&self, wanted: &Wanted, launch: &Launch) -> io::Result<Made> {
        for _ in 0..TRIES {
            let Some(session) = self.session(wanted, launch).await else { break };
            match make(&session, Level::File, wanted, launch).await {
                Err(_) if !session.is_alive() || session.is_stale() => {}
                made => return made,
            }
        }
        let zygote = launch.zygote.as_ref().ok_or(io::ErrorKind::NotFound)?;
        make(zygote, Level::File, wanted, launch).await
    }

    /// The session that is kept for such a file, begun if there is none.
    async fn session(&self, wanted: &Wanted, launch: &Launch) -> Option<Zygote> {
        let mut known = None;
        let mut is_hopeless = true;
        self.with(|kept| {
            known = kept.session(wanted).map(|entry| entry.zygote.clone());
            is_hopeless = kept.is_hopeless(&wanted.exactly(&wanted.session_terms));
            Vec::new()
        });
        if known.is_some() || is_hopeless {
            return known;
        }
        let made = make(launch.zygote.as_ref()?, Level::Session, wanted, launch).await;
        let mut begun = None;
        self.with(|kept| {
            let failed = format!("no session stays begun: {}", wanted.path());
            let exactly = wanted.exactly(&wanted.session_terms);
            let Some(mut entry) = made_or_refused(kept, made, &failed, exactly) else {
                return Vec::new();
            };
            let pid = entry.pid;
            tracing::info!("session {pid} is begun for {}", wanted.path());
            begun = Some(entry.zygote.clone());
            entry.expiry = Some(Task::start(expire(self.kept.clone(), pid)));
            put(&mut kept.sessions, entry, MOST_SESSIONS.min(most()).max(1))
        });
        begun
    }

    /// Changes what is kept, unless it was forgotten meanwhile; what goes is ended afterwards.
    fn with(&self, change: impl FnOnce(&mut Kept) -> Vec<Entry>) {
        let Some(kept) = self.kept.upgrade() else { return };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.generation == self.generation {
            let gone = change(&mut kept);
            drop(kept);
            drop(gone);
        }
    }
}

/// What was made. Of what could not be it is told why, and, unless that may soon be otherwise,
/// kept that it is not to be tried again.
fn made_or_refused(
    kept: &mut Kept,
    made: io::Result<Made>,
    failed: &str,
    exactly: String,
) -> Option<Entry> {
    let (reason, passes) = match made {
        Ok(Made::Entry(entry)) => return Some(entry),
        Ok(Made::Unfit(reasons, passes)) => (reasons.join("; "), passes),
        Err(error) => (error.to_string(), false),
    };
    tracing::info!("{failed}: {reason}");
    if !passes {
        kept.refuse(exactly);
    }
    None
}

/// Fork a process and have it stay.
async fn make(parent: &Zygote, level: Level, wanted: &Wanted, launch: &Launch) -> io::Result<Made> {
    let (ours, theirs) = UnixStream::pair()?;
    let (out, to_out) = io::pipe()?;
    let (err, to_err) = io::pipe()?;
    let streams = vec![theirs.into(), to_out.into(), to_err.into()];
    let asked = parent.fork(streams, &launch.dir, &launch.env, launch.starters);
    let Ok(forked) = timeout(TO_FORK, asked).await else {
        parent.distrust();
        return Err(io::ErrorKind::TimedOut.into());
    };
    let forked = forked?;
    let group = Armed(forked.pid);
    let told = match level {
        Level::Session => ToWorker::Begin(wanted.prepare.clone()),
        Level::File => ToWorker::Prepare(wanted.prepare.clone()),
    };
    let prepared = tokio::task::spawn_blocking(move || converse(ours, &told)).await;
    let Prepared { stream, items, read, unfit, passes } = prepared.map_err(io::Error::other)??;
    if !unfit.is_empty() {
        // It runs its exit functions.
        if timeout(PATIENCE, forked.end).await.is_ok() {
            group.disarm();
        }
        return Ok(Made::Unfit(unfit, passes));
    }
    let zygote = take_over(forked.pid, stream, launch)?;
    group.disarm();
    let terms = match level {
        Level::Session => &wanted.session_terms,
        Level::File => &wanted.terms,
    };
    let read = read.into_iter().map(|path| {
        let text = wanted.buffer(&path).map(str::to_owned);
        (path, text)
    });
    Ok(Made::Entry(Entry {
        terms: terms.clone(),
        path: wanted.path().to_owned(),
        pid: forked.pid,
        items,
        read: read.collect(),
        zygote,
        used: Instant::now(),
        parent: parent.clone(),
        _streams: [out, err],
        expiry: None,
    }))
}

/// The process that has said that it stays, as one to fork from.
fn take_over(pid: u32, stream: UnixStream, launch: &Launch) -> io::Result<Zygote> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let process = pidfd_open(pid.ok_or(io::ErrorKind::NotFound)?, PidfdFlags::empty())?;
    let launch = ZygoteLaunch {
        python: launch.python.clone(),
        dir: launch.dir.clone(),
        env: launch.env.clone(),
        bundle: Arc::clone(&launch.bundle),
        for_one_run: false,
    };
    Zygote::with(launch, stream, Process::Lent(process))
}

/// What a process says that was told to stay, and where more is said to it.
struct Prepared {
    stream: UnixStream,
    items: Vec<String>,
    read: Vec<String>,
    unfit: Vec<String>,
    passes: bool,
}

/// The conversation until the process stays, or says that it cannot.
fn converse(mut stream: UnixStream, told: &ToWorker) -> io::Result<Prepared> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let is_ready = matches!(frame::read(&mut stream)?, Some(FromWorker::Ready { protocol })
        if protocol == crate::wire::PROTOCOL);
    if !is_ready {
        return Err(io::Error::other("the process does not answer"));
    }
    frame::write(&mut stream, told)?;
    match frame::read(&mut stream)? {
        Some(FromWorker::Prepared { items, read, unfit, passes }) => {
            stream.set_read_timeout(None)?;
            Ok(Prepared { stream, items, read, unfit, passes })
        }
        _ => Err(io::Error::other("the file was not collected")),
    }
}

/// Kills a group unless it is told not to.
struct Armed(u32);

impl Armed {
    fn disarm(self) {
        std::mem::forget(self);
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        kill_group(self.0);
    }
}
