//! The kept processes of one root, and how one comes to be.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::{Wanted, is_within};
use crate::{
    frame,
    group::kill_group,
    wire::{FromWorker, ToWorker},
    worker::Launch,
    zygote::{Zygote, ZygoteLaunch, process::Process},
};

/// So many are kept of a root, the least recently used goes first. Each holds 15 MB that it does
/// not share, and 23 MB in a fork that waits (a small project, pytest 9, Python 3.11).
const MOST: usize = 5;

/// How long one is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// How long a file may take until it is collected.
const PATIENCE: Duration = Duration::from_secs(60);

/// When it is tried again to keep a process that could not be.
const AGAIN: Duration = Duration::from_secs(10 * 60);

/// One more is kept of a root for each of so many KiB that the machine can give, and none where
/// it has less.
const MEMORY_EACH: u64 = 1024 * 1024;

/// The processes that are kept of a root. Clones are handles of the same; the processes end when
/// the last handle is dropped.
#[derive(Clone, Debug, Default)]
pub struct Templates(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// The most recently used last.
    entries: Vec<Entry>,
    /// What could not be kept, by its terms, and since when.
    refused: BTreeMap<String, Instant>,
    /// What is being made, by its terms.
    making: Option<String>,
    /// Rises when everything is forgotten, which what is being made then is of.
    generation: u64,
}

#[derive(Debug)]
struct Entry {
    terms: String,
    pid: u32,
    /// The node ids of the file's tests.
    items: Vec<String>,
    zygote: Zygote,
    used: Instant,
    /// The other ends of its standard streams, in which it writes nothing.
    _streams: [io::PipeReader; 2],
}

/// What became of an attempt.
enum Made {
    Entry(Entry),
    /// Why it may not be kept, and whether that may soon be otherwise.
    Unfit(Vec<String>, bool),
}

impl Templates {
    /// The process that a run's worker can be forked from.
    pub(crate) fn find(&self, wanted: &Wanted) -> Option<Zygote> {
        let mut kept = self.lock();
        let at = kept.entries.iter().position(|entry| entry.terms == wanted.terms)?;
        let mut entry = kept.entries.remove(at);
        if !entry.zygote.is_alive() || entry.zygote.is_stale() {
            return None;
        }
        let fits = entry.items.iter().any(|node_id| is_within(node_id, &wanted.within));
        entry.used = Instant::now();
        let zygote = entry.zygote.clone();
        if fits {
            tracing::info!("a fork of process {} runs `{}`", entry.pid, wanted.within);
        }
        kept.entries.push(entry);
        fits.then_some(zygote)
    }

    /// Have a process for runs like this one, unless there is one that still serves. Returns at
    /// once.
    pub(crate) fn keep(&self, wanted: Wanted, launch: Launch) {
        let generation = {
            let mut kept = self.lock();
            let is_there = kept.entries.iter().any(|entry| {
                entry.terms == wanted.terms && entry.zygote.is_alive() && !entry.zygote.is_stale()
            });
            let is_hopeless =
                kept.refused.get(&wanted.terms).is_some_and(|since| since.elapsed() < AGAIN);
            if is_there || is_hopeless || kept.making.is_some() || most() == 0 {
                return;
            }
            kept.entries.retain(|entry| entry.terms != wanted.terms);
            kept.making = Some(wanted.terms.clone());
            kept.generation
        };
        tracing::info!("collecting {}", wanted.path());
        let templates = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            let made = make(&wanted, &launch).await;
            if let Some(kept) = templates.upgrade() {
                Self(kept).take(wanted, made, generation);
            }
        });
    }

    /// Let all processes go: what they rest on is another.
    pub fn clear(&self) {
        let mut kept = self.lock();
        kept.generation += 1;
        kept.refused.clear();
        let gone = std::mem::take(&mut kept.entries);
        drop(kept);
        drop(gone);
    }

    fn take(&self, wanted: Wanted, made: io::Result<Made>, generation: u64) {
        let mut kept = self.lock();
        kept.making = None;
        if kept.generation != generation {
            return;
        }
        match made {
            Ok(Made::Entry(entry)) => {
                let (pid, tests) = (entry.pid, entry.items.len());
                tracing::info!("process {pid} is kept with {tests} tests of {}", wanted.path());
                kept.entries.push(entry);
                let surplus = kept.entries.len().saturating_sub(most().max(1));
                let gone: Vec<_> = kept.entries.drain(..surplus).collect();
                drop(kept);
                drop(gone);
                tokio::spawn(expire(Arc::downgrade(&self.0), wanted.terms));
            }
            Ok(Made::Unfit(reasons, passes)) => {
                tracing::info!("not kept collected: {}: {}", wanted.path(), reasons.join("; "));
                if !passes {
                    kept.refused.insert(wanted.terms, Instant::now());
                }
            }
            Err(error) => {
                tracing::info!("not kept collected: {}: {error}", wanted.path());
                kept.refused.insert(wanted.terms, Instant::now());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a process go once nobody has used it for long.
async fn expire(templates: Weak<Mutex<Kept>>, terms: String) {
    loop {
        tokio::time::sleep(IDLE).await;
        let Some(kept) = templates.upgrade() else { return };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = kept.entries.iter().position(|entry| entry.terms == terms) else { return };
        if kept.entries[at].used.elapsed() >= IDLE {
            let gone = kept.entries.remove(at);
            drop(kept);
            drop(gone);
            return;
        }
    }
}

/// Fork a worker and have it collect the file.
async fn make(wanted: &Wanted, launch: &Launch) -> io::Result<Made> {
    let zygote = launch.zygote.as_ref().ok_or(io::ErrorKind::NotFound)?;
    let (ours, theirs) = UnixStream::pair()?;
    let (out, to_out) = io::pipe()?;
    let (err, to_err) = io::pipe()?;
    let streams = vec![theirs.into(), to_out.into(), to_err.into()];
    let forked = zygote.fork(streams, &launch.dir, &launch.env, launch.starters).await?;
    let group = Armed(forked.pid);
    let prepare = ToWorker::Prepare(wanted.prepare.clone());
    let collected = tokio::task::spawn_blocking(move || collect(ours, &prepare)).await;
    let (stream, items, unfit, passes) = collected.map_err(io::Error::other)??;
    if !unfit.is_empty() {
        // It runs its exit functions.
        if tokio::time::timeout(PATIENCE, forked.end).await.is_ok() {
            group.disarm();
        }
        return Ok(Made::Unfit(unfit, passes));
    }
    let pid = i32::try_from(forked.pid).ok().and_then(Pid::from_raw);
    let process = pidfd_open(pid.ok_or(io::ErrorKind::NotFound)?, PidfdFlags::empty())?;
    let launch = ZygoteLaunch {
        python: launch.python.clone(),
        dir: launch.dir.clone(),
        env: launch.env.clone(),
        bundle: Arc::clone(&launch.bundle),
        for_one_run: false,
    };
    let zygote = Zygote::with(launch, stream, Process::Lent(process))?;
    group.disarm();
    let (terms, used) = (wanted.terms.clone(), Instant::now());
    let pid = forked.pid;
    Ok(Made::Entry(Entry { terms, pid, items, zygote, used, _streams: [out, err] }))
}

/// The conversation until the file is collected.
fn collect(
    mut stream: UnixStream,
    prepare: &ToWorker,
) -> io::Result<(UnixStream, Vec<String>, Vec<String>, bool)> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let is_ready = matches!(frame::read(&mut stream)?, Some(FromWorker::Ready { protocol })
        if protocol == crate::wire::PROTOCOL);
    if !is_ready {
        return Err(io::Error::other("the process does not answer"));
    }
    frame::write(&mut stream, prepare)?;
    match frame::read(&mut stream)? {
        Some(FromWorker::Prepared { items, unfit, passes }) => {
            stream.set_read_timeout(None)?;
            Ok((stream, items, unfit, passes))
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

/// How many may be kept, given what the machine has.
fn most() -> usize {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let number = available.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    let affordable =
        number.map_or(MOST, |kilobytes| usize::try_from(kilobytes / MEMORY_EACH).unwrap_or(MOST));
    affordable.min(MOST)
}
