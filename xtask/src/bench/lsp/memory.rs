//! What the server holds, as its share of physical memory (PSS), on Linux.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::edits::Session;
use super::edits::kinds::KINDS;
use super::{Server, Workspace};
use crate::bench::forget;
use crate::shell::Done;

/// How often it is looked at: looking stops the process for a moment, so nothing is timed
/// meanwhile.
const INTERVAL: Duration = Duration::from_millis(10);

/// When everything that an edit brings about is over.
const SETTLED: Duration = Duration::from_secs(3);

/// A session that reads the workspace without a cache, opens the long file and edits it.
pub fn measure(server: &Server, workspace: &Workspace) -> Done {
    forget(&workspace.folder)?;
    let mut session = Session::open(server, workspace)?;
    let pid = session.client.pid();
    let over = AtomicBool::new(false);
    let (peak, settled) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| highest(pid, &over));
        for (at, kind) in KINDS.iter().enumerate() {
            session.edit(kind, at);
        }
        session.client.idle(SETTLED);
        over.store(true, Ordering::Relaxed);
        (watching.join().expect("looking does not panic"), share(pid))
    });
    let highest_resident = field(&process(pid).join("status"), "VmHWM:");
    line("memory settled (PSS), long file open and edited", settled);
    line("memory at most while it was edited (PSS)", peak);
    line("memory at most since the start (resident, shared pages too)", highest_resident);
    line(
        "its warm Python besides, settled (PSS)",
        Some(children(pid).into_iter().filter_map(share).sum()),
    );
    session.client.shut_down();
    Ok(())
}

fn line(what: &str, kibibytes: Option<u64>) {
    let shown = kibibytes.filter(|size| *size > 0).map(|size| size as f64 / 1024.0);
    let shown = shown.map_or("not measured".to_owned(), |size| format!("{size:.1} MB"));
    println!("{what:65} {shown:>28}  < 150 MB");
}

fn highest(pid: u32, over: &AtomicBool) -> Option<u64> {
    let mut highest = None;
    while !over.load(Ordering::Relaxed) {
        highest = highest.max(share(pid));
        std::thread::sleep(INTERVAL);
    }
    highest
}

fn process(pid: u32) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}

/// A process's share of physical memory, in KiB; `None` where the system does not tell.
fn share(pid: u32) -> Option<u64> {
    field(&process(pid).join("smaps_rollup"), "Pss:")
}

/// A number of a file of lines such as `Pss:  1234 kB`.
fn field(file: &Path, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The processes that a process has started, and those that these have.
fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(process(pid).join("task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    let own: Vec<u32> = lists
        .flat_map(|list| {
            list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()
        })
        .collect();
    own.into_iter().flat_map(|child| std::iter::once(child).chain(children(child))).collect()
}
