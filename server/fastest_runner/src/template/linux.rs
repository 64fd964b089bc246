//! The kept processes of one root.

mod make;

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::task::AbortHandle;

use self::make::{Attempt, Entry};
use super::{Wanted, is_within};
use crate::{worker::Launch, zygote::Zygote};

/// So many are kept of a root with a file collected, the least recently used goes first. Each
/// holds 15 MB that it does not share, and 23 MB in a fork that waits (a small project, pytest 9,
/// Python 3.11).
const MOST: usize = 5;

/// So many are kept with a session begun: one for each folder with conftests of its own.
const MOST_SESSIONS: usize = 2;

/// How long one is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(5 * 60);

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
    /// Each with a file collected; the most recently used last.
    files: Vec<Entry>,
    /// Each with a session begun; the most recently used last.
    sessions: Vec<Entry>,
    /// What could not be kept, by its terms, and since when.
    refused: BTreeMap<String, Instant>,
    /// The file that one is being made for, and what makes it.
    making: Option<(String, Task)>,
    /// What is to be made then.
    waiting: VecDeque<(Wanted, Launch)>,
    /// Rises when everything is forgotten, which what is being made then is of.
    generation: u64,
}

/// A task that does not outlive what it is for.
#[derive(Debug)]
pub struct Task(AbortHandle);

impl Task {
    fn start(what: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(what).abort_handle())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Templates {
    /// The processes that a run's worker can be forked from, the best first.
    pub(crate) fn find(&self, wanted: &Wanted) -> Vec<Zygote> {
        let mut kept = self.lock();
        let mut found = Vec::new();
        if let Some(entry) = kept.file(wanted)
            && entry.items.iter().any(|node_id| is_within(node_id, &wanted.within))
        {
            tracing::info!("a fork of process {} runs `{}`", entry.pid, wanted.within);
            found.push(entry.zygote.clone());
        }
        if let Some(entry) = kept.session(wanted) {
            if found.is_empty() {
                tracing::info!("a fork of session {} runs `{}`", entry.pid, wanted.path());
            }
            found.push(entry.zygote.clone());
        }
        let gone = kept.remove_useless();
        drop(kept);
        drop(gone);
        found
    }

    /// Have a process for runs like this one, unless there is one that still serves. Returns at
    /// once.
    pub(crate) fn keep(&self, wanted: Wanted, launch: Launch) {
        let mut kept = self.lock();
        let is_there = kept.file(&wanted).is_some();
        if is_there || kept.is_hopeless(&wanted.exactly(&wanted.terms)) || most() == 0 {
            return;
        }
        kept.waiting.retain(|(next, _)| next.terms != wanted.terms);
        kept.waiting.truncate(MOST);
        kept.waiting.push_back((wanted, launch));
        self.make_next(&mut kept);
    }

    /// Let those go that rest on a file, which has changed; the files that they were for, the
    /// most recently used first.
    #[must_use]
    pub fn outdate(&self, path: &Path) -> Vec<PathBuf> {
        let Some(path) = path.to_str() else { return Vec::new() };
        let mut kept = self.lock();
        let mut gone: Vec<_> = kept.files.extract_if(.., |entry| entry.rests_on(path)).collect();
        let being_made = kept.making.iter().map(|(making, _)| making);
        let being_made = being_made.filter(|making| *making == path);
        let outdated = gone.iter().rev().map(|entry| &entry.path).chain(being_made);
        let outdated = outdated.map(PathBuf::from).collect();
        gone.extend(kept.sessions.extract_if(.., |entry| entry.has_read(path)));
        drop(kept);
        drop(gone);
        outdated
    }

    /// Let all processes go: what they rest on is another.
    pub fn clear(&self) {
        let mut kept = self.lock();
        kept.generation += 1;
        kept.refused.clear();
        kept.waiting.clear();
        let gone = (std::mem::take(&mut kept.files), std::mem::take(&mut kept.sessions));
        drop(kept);
        drop(gone);
    }

    /// Begin what waits, unless something is being made.
    fn make_next(&self, kept: &mut Kept) {
        if kept.making.is_some() {
            return;
        }
        let Some((wanted, launch)) = kept.waiting.pop_front() else { return };
        let path = wanted.path().to_owned();
        tracing::info!("collecting {path}");
        let attempt = Attempt { kept: Arc::downgrade(&self.0), generation: kept.generation };
        kept.making = Some((path, Task::start(attempt.make(wanted, launch))));
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The process with the file collected that a run is of.
    fn file(&mut self, wanted: &Wanted) -> Option<&Entry> {
        use_one(&mut self.files, |entry| entry.is_for(&wanted.terms, wanted))
    }

    /// The process with a session begun that a run's file can be collected in.
    fn session(&mut self, wanted: &Wanted) -> Option<&Entry> {
        use_one(&mut self.sessions, |entry| entry.is_for(&wanted.session_terms, wanted))
    }

    /// Takes out what will never serve again.
    fn remove_useless(&mut self) -> Vec<Entry> {
        let both = [&mut self.files, &mut self.sessions];
        both.into_iter().flat_map(|list| list.extract_if(.., |entry| !entry.serves())).collect()
    }

    fn is_hopeless(&self, terms: &str) -> bool {
        self.refused.get(terms).is_some_and(|since| since.elapsed() < AGAIN)
    }

    fn refuse(&mut self, terms: String) {
        self.refused.insert(terms, Instant::now());
    }
}

/// The first that fits, which is the one that was used last from now on.
fn use_one(list: &mut Vec<Entry>, fits: impl Fn(&Entry) -> bool) -> Option<&Entry> {
    let mut entry = list.remove(list.iter().position(fits)?);
    entry.used = Instant::now();
    list.push(entry);
    list.last()
}

/// Puts one in the place of others of the same terms; what has to go for it.
fn put(list: &mut Vec<Entry>, entry: Entry, most: usize) -> Vec<Entry> {
    let mut gone: Vec<_> = list.extract_if(.., |other| other.terms == entry.terms).collect();
    list.push(entry);
    let surplus = list.len().saturating_sub(most);
    gone.extend(list.drain(..surplus));
    gone
}

/// Lets a process go once nobody has used it for long.
async fn expire(templates: Weak<Mutex<Kept>>, pid: u32) {
    let mut rest = IDLE;
    loop {
        tokio::time::sleep(rest).await;
        let Some(kept) = templates.upgrade() else { return };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let both = |kept: &Kept| -> Option<Duration> {
            let entry = kept.files.iter().chain(&kept.sessions).find(|entry| entry.pid == pid)?;
            Some(IDLE.saturating_sub(entry.used.elapsed()))
        };
        let Some(left) = both(&kept) else { return };
        if left.is_zero() {
            let old = |entry: &mut Entry| entry.pid == pid;
            let mut gone: Vec<_> = kept.files.extract_if(.., old).collect();
            gone.extend(kept.sessions.extract_if(.., old));
            drop(kept);
            drop(gone);
            return;
        }
        rest = left;
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
