//! Signals to the process groups of workers.

/// The process group of a worker, killed when it is dropped armed: a run that is abandoned
/// leaves no process behind.
#[derive(Debug)]
pub struct Group {
    pid: u32,
}

impl Group {
    pub const fn new(pid: u32) -> Self {
        Self { pid }
    }

    pub fn kill(&self) {
        kill_group(self.pid);
    }

    pub const fn disarm(&mut self) {
        self.pid = 0;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kill a process and those that it started; 0 stands for none.
#[cfg(unix)]
pub fn kill_group(pid: u32) {
    signal(pid, rustix::process::Signal::KILL, rustix::process::kill_process_group);
}

/// Interrupt a process as Ctrl-C does; whether it can be.
#[cfg(unix)]
pub fn interrupt(pid: u32) -> bool {
    signal(pid, rustix::process::Signal::INT, rustix::process::kill_process);
    true
}

/// Have a process dump the stacks of its threads and die, for which Python's `faulthandler` (on
/// in every pytest) needs no cooperation of the running code; whether it can be.
#[cfg(unix)]
pub fn abort(pid: u32) -> bool {
    signal(pid, rustix::process::Signal::ABORT, rustix::process::kill_process);
    true
}

#[cfg(unix)]
fn signal(
    pid: u32,
    signal: rustix::process::Signal,
    send: fn(rustix::process::Pid, rustix::process::Signal) -> rustix::io::Result<()>,
) {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // A process that is gone already needs no signal.
        let _gone = send(pid, signal);
    }
}

/// Without process groups, `kill_on_drop` ends the worker itself.
#[cfg(not(unix))]
pub const fn kill_group(_pid: u32) {}

/// Without signals nothing can be interrupted.
#[cfg(not(unix))]
pub const fn interrupt(_pid: u32) -> bool {
    false
}

/// Nor aborted.
#[cfg(not(unix))]
pub const fn abort(_pid: u32) -> bool {
    false
}
