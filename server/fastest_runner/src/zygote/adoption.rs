//! The forks of a process that leaves become this process's own children, which it then reaps.
//!
//! What a zygote has in memory it shares less and less with its workers, the more they change
//! theirs. So it is gone as soon as it is not needed. Linux gives the children of a process that
//! ends to the nearest ancestor that has asked for them (`PR_SET_CHILD_SUBREAPER`, `prctl(2)`).
//! That is asked for only meanwhile: what tests leave behind goes where it always goes.

use std::{
    os::fd::OwnedFd,
    sync::{Mutex, PoisonError},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
    process::{Pid, PidfdFlags, WaitOptions, getpid, pidfd_open, set_child_subreaper, waitpid},
};

/// How many processes are leaving: this process may have several runs.
static LEAVING: Mutex<usize> = Mutex::new(0);

/// Children of others are this process's when their parent ends, as long as there is one of these.
#[derive(Debug)]
pub struct Adoption(());

impl Adoption {
    /// From now on; `None` where the system cannot.
    pub fn begin() -> Option<Self> {
        let mut leaving = LEAVING.lock().unwrap_or_else(PoisonError::into_inner);
        set_child_subreaper(Some(getpid())).ok()?;
        *leaving += 1;
        Some(Self(()))
    }
}

impl Drop for Adoption {
    fn drop(&mut self) {
        let mut leaving = LEAVING.lock().unwrap_or_else(PoisonError::into_inner);
        *leaving -= 1;
        if *leaving == 0 {
            // It was set before, so that it can be taken back.
            let _set = set_child_subreaper(None);
        }
    }
}

/// Wait until all of these children, known by numbers of their own, have ended; each is told with
/// its status as `waitpid` gives it, `None` if that cannot be known.
pub fn reap(children: Vec<(u64, u32)>, ended: impl Fn(u64, Option<i32>)) {
    let mut left: Vec<Child> = Vec::new();
    for (id, pid) in children {
        match Child::of(id, pid) {
            Some(child) => left.push(child),
            None => ended(id, None),
        }
    }
    while !left.is_empty() {
        let mut ends: Vec<_> = left.iter().map(|child| child.poll()).collect();
        match poll(&mut ends, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => break,
        }
        let over: Vec<bool> = ends.iter().map(|end| !end.revents().is_empty()).collect();
        let mut over = over.into_iter();
        let gone = left.extract_if(.., |_| over.next() == Some(true));
        gone.for_each(|child| ended(child.id, child.status()));
    }
    left.iter().for_each(|child| ended(child.id, None));
}

struct Child {
    id: u64,
    pid: Pid,
    end: OwnedFd,
}

impl Child {
    fn of(id: u64, pid: u32) -> Option<Self> {
        let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
        Some(Self { id, pid, end: pidfd_open(pid, PidfdFlags::empty()).ok()? })
    }

    fn poll(&self) -> PollFd<'_> {
        PollFd::new(&self.end, PollFlags::IN)
    }

    /// How it has ended.
    fn status(&self) -> Option<i32> {
        let (_, status) = waitpid(Some(self.pid), WaitOptions::empty()).ok()??;
        Some(status.as_raw())
    }
}
