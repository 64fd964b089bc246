//! What a run adds up to, and the exit code that follows.

use std::{collections::HashSet, time::Duration};

use fastest_model::{ExitCode, Learned};
use fastest_schedule::Ending;

use crate::request::{PlanDifferences, PlannedUnit, RunSummary};

/// What is counted while a run goes on.
#[derive(Debug, Default)]
pub struct Tally {
    pub collected: Vec<String>,
    pub deselected: Vec<String>,
    pub lost: Vec<String>,
    pub crashes: usize,
    /// Nothing was left of what was collected; the workers do not know.
    pub nothing_chosen: bool,
    pub workers_lost: usize,
    /// A worker ended before any could list what there is.
    pub refused: bool,
    /// The exit codes of sessions that ended in good order, in that order.
    exits: Vec<i32>,
    /// The exit code and the reason of the first that ended early of its own accord.
    stopped: Option<(i32, String)>,
    interruptions: Vec<String>,
}

impl Tally {
    /// A session ended.
    pub fn finished(&mut self, exit: i32, reason: Option<String>) {
        self.exits.push(exit);
        if self.stopped.is_none() {
            self.stopped = reason.map(|reason| (exit, reason));
        }
    }

    /// A session was interrupted, and where as pytest says it; empty if that says nothing.
    pub fn interrupted(&mut self, place: String) {
        if !place.is_empty() && !self.interruptions.contains(&place) {
            self.interruptions.push(place);
        }
    }

    /// The end of it.
    pub fn summary(
        self,
        ending: Ending,
        workers: usize,
        duration: Duration,
        plan: &[PlannedUnit],
        max_failures: Option<usize>,
    ) -> RunSummary {
        let exit = self.exit(ending);
        // pytest says nothing more after an internal error.
        let is_cut =
            exit == code(ExitCode::InternalError) && matches!(ending, Ending::CollectionFailed(_));
        let reason = stop_reason(ending, self.stopped.map(|(_, reason)| reason), max_failures);
        RunSummary {
            exit,
            ending,
            stop_reason: reason.filter(|_| !is_cut),
            interruptions: self.interruptions,
            collected: self.collected.len(),
            plan_differences: differences(plan, &self.collected, &self.deselected),
            lost: self.lost,
            workers_lost: self.workers_lost,
            workers,
            duration,
            learned: Learned::default(),
        }
    }

    fn exit(&self, ending: Ending) -> i32 {
        match ending {
            Ending::Complete => self.exit_of_complete(),
            // In pytest too the session goes on to an internal error after errors of collection.
            Ending::CollectionFailed(_) if self.exits.contains(&code(ExitCode::InternalError)) => {
                code(ExitCode::InternalError)
            }
            Ending::CollectionFailed(_) | Ending::Cancelled => code(ExitCode::Interrupted),
            Ending::MaxFailures(_) | Ending::MaxRestarts(_) | Ending::TimedOut => {
                code(ExitCode::TestsFailed)
            }
            Ending::StoppedByWorker => self.exit_of_stopped(),
            Ending::NeverStarted => code(ExitCode::InternalError),
        }
    }

    /// The code of the one that stopped the others; one that pytest refused has no reason.
    fn exit_of_stopped(&self) -> i32 {
        let early = self.stopped.as_ref().map(|(exit, _)| *exit);
        let odd = || self.exits.iter().copied().find(|&exit| !is_ordinary(exit));
        let any = || self.exits.first().copied();
        early.or_else(odd).or_else(any).unwrap_or(code(ExitCode::InternalError))
    }

    /// pytest's code of the whole from those of the parts. A part's own code already says what
    /// plugins made of it.
    fn exit_of_complete(&self) -> i32 {
        if let Some(&odd) = self.exits.iter().find(|&&exit| !is_ordinary(exit)) {
            return odd;
        }
        let bad = self.crashes > 0 || self.workers_lost > 0 || !self.lost.is_empty();
        if bad || self.exits.contains(&code(ExitCode::TestsFailed)) {
            return code(ExitCode::TestsFailed);
        }
        if self.exits.contains(&code(ExitCode::Ok)) && !self.nothing_chosen {
            return code(ExitCode::Ok);
        }
        code(ExitCode::NoTestsCollected)
    }
}

fn code(exit: ExitCode) -> i32 {
    exit.code().into()
}

fn is_ordinary(exit: i32) -> bool {
    [ExitCode::Ok, ExitCode::TestsFailed, ExitCode::NoTestsCollected].map(code).contains(&exit)
}

fn stopping_after(count: usize) -> String {
    format!("stopping after {count} failures")
}

/// The lines of pytest's that say so.
fn stop_reason(
    ending: Ending,
    from_worker: Option<String>,
    max_failures: Option<usize>,
) -> Option<String> {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    match ending {
        // A worker that ran alone saw all failures, the last test's too.
        Ending::Complete => from_worker,
        Ending::CollectionFailed(count) => {
            let too_many = max_failures.is_some_and(|max| count >= max.max(1));
            let stopping = if too_many { stopping_after(count) + "\n" } else { String::new() };
            let errors = format!("{count} error{}", plural(count));
            Some(format!("{stopping}Interrupted: {errors} during collection"))
        }
        Ending::MaxFailures(count) => Some(stopping_after(count)),
        Ending::MaxRestarts(0) => Some("a worker was lost and is not replaced".to_owned()),
        Ending::MaxRestarts(count) => Some(format!("maximum crashed workers reached: {count}")),
        Ending::TimedOut => Some("the run has taken as long as it may".to_owned()),
        Ending::StoppedByWorker => from_worker,
        Ending::Cancelled => Some("KeyboardInterrupt".to_owned()),
        Ending::NeverStarted => Some("no worker could list the tests".to_owned()),
    }
}

fn differences(
    plan: &[PlannedUnit],
    collected: &[String],
    deselected: &[String],
) -> PlanDifferences {
    if plan.is_empty() {
        return PlanDifferences::default();
    }
    let found: HashSet<&String> = collected.iter().chain(deselected).collect();
    let planned: HashSet<&String> = plan.iter().flat_map(|unit| &unit.node_ids).collect();
    let uncertain: HashSet<&str> =
        plan.iter().filter(|unit| !unit.certain).map(|unit| &*unit.path).collect();
    let is_certain = |id: &str| !uncertain.contains(id.split("::").next().unwrap_or(id));
    let certain = plan.iter().filter(|unit| unit.certain).flat_map(|unit| &unit.node_ids);
    PlanDifferences {
        missing: certain.filter(|id| !found.contains(id)).cloned().collect(),
        unplanned: collected
            .iter()
            .filter(|id| !planned.contains(id) && is_certain(id))
            .cloned()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(exits: &[i32], ending: Ending, expected: i32) {
        let mut tally = Tally::default();
        for &exit in exits {
            tally.finished(exit, None);
        }
        let summary = tally.summary(ending, 2, Duration::ZERO, &[], None);
        assert_eq!(summary.exit, expected, "{exits:?}");
    }

    #[test]
    fn exit_codes_add_up() {
        check(&[0, 0], Ending::Complete, 0);
        check(&[0, 1], Ending::Complete, 1);
        check(&[5, 0], Ending::Complete, 0);
        check(&[5, 5], Ending::Complete, 5);
        check(&[0, 3], Ending::Complete, 3);
        check(&[4, 4], Ending::StoppedByWorker, 4);
        check(&[42, 1], Ending::StoppedByWorker, 42);
        check(&[1, 0], Ending::CollectionFailed(1), 2);
        check(&[], Ending::NeverStarted, 3);
    }

    #[test]
    fn the_plan_is_compared_with_what_was_found() {
        let unit = |path: &str, ids: &[&str], certain| PlannedUnit {
            path: path.to_owned(),
            node_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            certain,
        };
        let plan = [
            unit("a.py", &["a.py::x", "a.py::y", "a.py::z"], true),
            unit("b.py", &["b.py::x"], false),
        ];
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let collected = ids(&["a.py::x", "a.py::new", "b.py::x[1]"]);
        assert_eq!(
            differences(&plan, &collected, &ids(&["a.py::z"])),
            PlanDifferences { missing: ids(&["a.py::y"]), unplanned: ids(&["a.py::new"]) }
        );
    }
}
