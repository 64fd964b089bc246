//! Watching folders of the file system for files that are written, made or removed.
//!
//! What happens within a moment is told together: a branch switch is one call, not thousands.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

/// What happens within this time of the last change is told together with it.
const QUIET: Duration = Duration::from_millis(50);

/// However much goes on, something is told after this time.
const LONGEST: Duration = Duration::from_millis(500);

/// Folders that hold nothing of the project's own, and of which there may be very many: on Linux
/// each one watched takes a piece of a small number that all programs share.
const SKIPPED: [&str; 6] =
    ["node_modules", "__pycache__", "site-packages", "build", "dist", "target"];

/// A watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    messages: Sender<Message>,
}

#[derive(Debug)]
enum Message {
    Event(notify::Result<Event>),
    Stop,
}

impl Watch {
    /// Watches folders and all below them; `tell` is called with the paths of what changed, on a
    /// thread of the watch's own. A folder's own path means that anything below may have changed.
    ///
    /// # Errors
    /// A sentence: the system cannot watch, or not so much.
    pub fn start(
        folders: &[PathBuf],
        tell: impl Fn(Vec<PathBuf>) + Send + 'static,
    ) -> Result<Self, String> {
        let (messages, inbox) = channel();
        let sender = messages.clone();
        let mut watcher = notify::recommended_watcher(move |event| {
            // A watch that was dropped tells nobody.
            let _over = sender.send(Message::Event(event));
        })
        .map_err(|error| format!("failed to watch files: {error}"))?;
        for folder in folders {
            add(&mut watcher, folder)?;
        }
        let folders = folders.to_vec();
        std::thread::spawn(move || gather(&inbox, &mut watcher, &folders, &tell));
        Ok(Self { messages })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A thread that has ended needs no word.
        let _ended = self.messages.send(Message::Stop);
    }
}

/// Tells what comes, gathered, until it is stopped.
fn gather(
    inbox: &Receiver<Message>,
    watcher: &mut RecommendedWatcher,
    folders: &[PathBuf],
    tell: &dyn Fn(Vec<PathBuf>),
) {
    while let Ok(first) = inbox.recv() {
        let mut paths = BTreeSet::new();
        let deadline = Instant::now() + LONGEST;
        let mut next = Ok(first);
        loop {
            match next {
                Ok(Message::Event(event)) => take(event, watcher, folders, &mut paths),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => break,
            }
            let left = deadline.saturating_duration_since(Instant::now());
            next = inbox.recv_timeout(QUIET.min(left));
        }
        if !paths.is_empty() {
            tell(paths.into_iter().collect());
        }
    }
}

fn take(
    event: notify::Result<Event>,
    watcher: &mut RecommendedWatcher,
    folders: &[PathBuf],
    paths: &mut BTreeSet<PathBuf>,
) {
    let event = match event {
        Ok(event) if !event.need_rescan() => event,
        // Events were lost: anything may have happened.
        _ => {
            paths.extend(folders.iter().cloned());
            return;
        }
    };
    if matches!(event.kind, EventKind::Access(_)) {
        return;
    }
    for path in event.paths {
        let is_new_folder = !matches!(event.kind, EventKind::Remove(_)) && path.is_dir();
        if is_new_folder && cfg!(target_os = "linux") {
            // Where it cannot be watched, it is at least told of now.
            let _unwatched = add(watcher, &path);
        }
        if !is_skipped(&path) {
            paths.insert(path);
        }
    }
}

/// Watches a folder with all below it.
fn add(watcher: &mut RecommendedWatcher, folder: &Path) -> Result<(), String> {
    let watch = |watcher: &mut RecommendedWatcher, folder: &Path, mode| {
        watcher
            .watch(folder, mode)
            .map_err(|error| format!("failed to watch `{}`: {error}", folder.display()))
    };
    if !cfg!(target_os = "linux") {
        return watch(watcher, folder, RecursiveMode::Recursive);
    }
    watch(watcher, folder, RecursiveMode::NonRecursive)?;
    for below in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = below.file_type().is_ok_and(|kind| kind.is_dir());
        let path = below.path();
        if is_folder && !is_skipped(&path) {
            add(watcher, &path)?;
        }
    }
    Ok(())
}

/// The Python files below a folder, those left out that a watch would not tell of.
#[must_use]
pub fn python_files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !is_skipped(&path) {
                files.extend(python_files_below(&path));
            }
        } else if path.extension().is_some_and(|ending| ending == "py") {
            files.push(path);
        }
    }
    files
}

/// Whether a path, by its own name, is none of the project's sources.
fn is_skipped(path: &Path) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return false };
    let hidden = name.starts_with('.') && path.is_dir();
    hidden || SKIPPED.contains(&&*name) || path.join("pyvenv.cfg").exists()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::Watch;

    #[test]
    fn what_changes_is_told_together() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("node_modules/x")).unwrap();
        let (sender, told) = channel();
        let watch = Watch::start(std::slice::from_ref(&root), move |paths| {
            let _ = sender.send(paths);
        })
        .unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("node_modules/x/test_no.py"), "").unwrap();
        std::thread::sleep(Duration::from_millis(200));
        std::fs::write(root.join("a/b/test_x.py"), "").unwrap();
        let mut seen = Vec::new();
        while !seen.contains(&root.join("a/b/test_x.py")) {
            seen.extend(told.recv_timeout(Duration::from_secs(20)).unwrap());
        }
        assert!(seen.contains(&root.join("a")), "{seen:?}");
        assert!(!seen.iter().any(|path| path.starts_with(root.join("node_modules/x"))), "{seen:?}");
        drop(watch);
        assert!(told.recv_timeout(Duration::from_secs(20)).is_err());
    }
}
