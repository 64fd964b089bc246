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
        let mut ends = Ends::new();
        loop {
            tokio::select! {
                pressed = tokio::signal::ctrl_c() => if pressed.is_err() { return },
                () = ends.next() => {}
            }
            self.cancel();
        }
    }
}

impl Canceller {
    /// Take no notice of Ctrl-C, for as long as the future is polled: a worker in the foreground
    /// is interrupted by the terminal itself, as pytest is.
    pub async fn leave_ctrl_c(self) {
        while tokio::signal::ctrl_c().await.is_ok() {}
    }
}

/// The signals by which a system asks a process to end.
#[cfg(unix)]
struct Ends(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Ends {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::terminate(), SignalKind::hangup()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        match &mut self.0[..] {
            [first, second] => {
                tokio::select! { _ = first.recv() => {}, _ = second.recv() => {} }
            }
            _ => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
struct Ends;

#[cfg(not(unix))]
impl Ends {
    const fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        std::future::pending().await
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
