//! Asking a run to end.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A way to cancel one run; the first time orderly, the second time at once.
#[derive(Clone, Debug)]
pub struct Canceller(UnboundedSender<()>);

/// The run's end of it.
#[derive(Debug)]
pub struct Cancels(UnboundedReceiver<()>);

/// Both ends.
#[must_use]
pub fn cancellation() -> (Canceller, Cancels) {
    let (sender, receiver) = unbounded_channel();
    (Canceller(sender), Cancels(receiver))
}

impl Canceller {
    /// Cancel; does nothing once the run is over.
    pub fn cancel(&self) {
        // A run that is over has dropped its end, and has nothing left to cancel.
        let _over = self.0.send(());
    }

    /// Cancel each time the user presses Ctrl-C, or the system wants the process to end (SIGTERM,
    /// SIGHUP), for as long as the future is polled.
    pub async fn on_signals(self) {
        let mut signals = Signals::new();
        loop {
            if signals.next().await != Signal::Resume {
                self.cancel();
            }
        }
    }

    /// Take no notice of Ctrl-C, for as long as the future is polled: a worker in the foreground
    /// is interrupted by the terminal itself, as pytest is.
    pub async fn leave_ctrl_c(self) {
        while tokio::signal::ctrl_c().await.is_ok() {}
    }
}

/// What a system tells a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// The end of the process is wanted (SIGTERM), or its terminal is gone (SIGHUP).
    End,
    /// It goes on after it was stopped (Ctrl-Z).
    Resume,
}

/// The signals that a process is sent, from when this is made on: none gets lost between two
/// questions, and none has its usual effect any more.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
    hangup: Option<tokio::signal::unix::Signal>,
    resume: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Listen; in a runtime.
    #[must_use]
    pub fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).ok();
        Self {
            interrupt: listen(SignalKind::interrupt()),
            terminate: listen(SignalKind::terminate()),
            hangup: listen(SignalKind::hangup()),
            resume: listen(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw())),
        }
    }

    /// The next signal; forever, if none can be heard.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            () = heard(&mut self.interrupt) => Signal::Interrupt,
            () = heard(&mut self.terminate) => Signal::End,
            () = heard(&mut self.hangup) => Signal::End,
            () = heard(&mut self.resume) => Signal::Resume,
        }
    }
}

#[cfg(unix)]
async fn heard(signal: &mut Option<tokio::signal::unix::Signal>) {
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending().await
}

/// Ctrl-C, which is all that there is.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Listen; in a runtime.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    /// The next signal; forever, if none can be heard.
    pub async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

impl Default for Signals {
    fn default() -> Self {
        Self::new()
    }
}

impl Cancels {
    /// Wait for the next request; forever, if nobody can make one any more.
    pub async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
