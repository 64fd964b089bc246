//! What is due at a time: tests that have taken too long, and a run that has.

use std::{collections::BTreeMap, time::Duration};

use fastest_schedule::WorkerId;
use tokio::time::Instant;

/// How long a process may take to tell where it hangs before it is killed. Dumping the stacks of
/// hundreds of threads takes milliseconds; this is for a machine that swaps.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// How long a run whose time is up may take to end its running tests and their teardown.
const WINDING_UP: Duration = Duration::from_secs(10);

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Have this worker dump its stacks and die.
    Abort(WorkerId),
    /// Kill it, which did not.
    Kill(WorkerId),
    /// The run's time is up.
    Run,
}

/// The time a test has.
#[derive(Debug)]
struct Deadline {
    at: Instant,
    limit: Duration,
    aborted: bool,
}

/// All that is due at some time.
#[derive(Debug, Default)]
pub struct Clock {
    tests: BTreeMap<WorkerId, Deadline>,
    run: Option<Instant>,
    run_is_over: bool,
}

impl Clock {
    /// A clock for a run that may take so long.
    pub fn new(limit: Option<Duration>) -> Self {
        Self { run: limit.map(|limit| Instant::now() + limit), ..Self::default() }
    }

    /// A worker's test starts, which may take so many seconds.
    pub fn arm(&mut self, worker: WorkerId, seconds: f64) {
        if let Ok(limit) = Duration::try_from_secs_f64(seconds)
            && let Some(at) = Instant::now().checked_add(limit)
        {
            self.tests.insert(worker, Deadline { at, limit, aborted: false });
        }
    }

    /// A worker's test has ended, or the worker; why we ended it, if we did.
    pub fn disarm(&mut self, worker: WorkerId) -> Option<String> {
        let aborted = self.tests.remove(&worker).filter(|deadline| deadline.aborted);
        let of_test = aborted.map(|test| format!("timed out after {} s", test.limit.as_secs_f64()));
        let of_run = || self.run_is_over.then(|| "the run has taken as long as it may".to_owned());
        of_test.or_else(of_run)
    }

    /// Whether we are ending a worker because its test takes too long.
    pub fn is_ending(&self, worker: WorkerId) -> bool {
        self.tests.get(&worker).is_some_and(|test| test.aborted)
    }

    /// Wait until something is due.
    pub async fn wait(&self) {
        match self.tests.values().map(|test| test.at).chain(self.run).min() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// What is due now.
    pub fn due(&mut self) -> Vec<Due> {
        let now = Instant::now();
        let mut due = Vec::new();
        for (&worker, test) in &mut self.tests {
            if test.at <= now {
                let again = std::mem::replace(&mut test.aborted, true);
                due.push(if again { Due::Kill(worker) } else { Due::Abort(worker) });
                test.at = now + LAST_WORDS;
            }
        }
        if self.run.is_some_and(|at| at <= now) {
            self.run = (!std::mem::replace(&mut self.run_is_over, true)).then(|| now + WINDING_UP);
            due.push(Due::Run);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_test_is_aborted_then_killed() {
        let mut clock = Clock::new(Some(Duration::from_secs(60)));
        clock.arm(1, 5.0);
        clock.arm(3, f64::NAN);
        let mut seen = Vec::new();
        for _ in 0..4 {
            clock.wait().await;
            seen.extend(clock.due());
            if seen.len() == 2 {
                assert_eq!(clock.disarm(1), Some("timed out after 5 s".to_owned()));
            }
        }
        assert_eq!(seen, [Due::Abort(1), Due::Kill(1), Due::Run, Due::Run]);
        assert_eq!(clock.disarm(2), Some("the run has taken as long as it may".to_owned()));
    }
}
