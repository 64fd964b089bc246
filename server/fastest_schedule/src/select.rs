//! Which of the collected tests run, and in which order: `--lf`, `--ff` and `--nf`, exactly as
//! pytest's cacheprovider has them (`_pytest/cacheprovider.py`), but over all workers' tests.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::unit::Unit;

/// What the options ask for, and what pytest's cache holds.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// `--lf`.
    pub last_failed_only: bool,
    /// `--ff`.
    pub failed_first: bool,
    /// `--nf`.
    pub new_first: bool,
    /// `--lfnf=none`.
    pub nothing_without_failures: bool,
    /// Tests and collectors that failed last time.
    pub last_failed: BTreeSet<String>,
    /// Tests that are not new.
    pub node_ids: BTreeSet<String>,
    /// When files were changed last, by unit, in any unit of time.
    pub changed: HashMap<String, u64>,
    /// Units that the command line names themselves, not their folders.
    pub named: HashSet<String>,
}

/// Which files are collected.
#[derive(Debug, Default)]
pub struct Files {
    /// Those with failures, or all, in pytest's order.
    pub first: Vec<usize>,
    /// The others, which are collected only where the first hold no known failure.
    pub later: Vec<usize>,
}

/// What is left of the collected tests.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Units and items in the order in which they run.
    pub kept: Vec<(usize, usize)>,
    /// The node ids of those that were taken out.
    pub deselected: Vec<String>,
    /// What `run-last-failure:` says.
    pub note: Option<String>,
}

impl Selection {
    /// Whether there is anything to choose.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.last_failed_only || self.failed_first || self.new_first
    }

    /// Which units to collect at first: with `--lf`, those that had failures.
    pub fn files(&self, units: &[Unit]) -> Files {
        let all: Vec<usize> = (0..units.len()).collect();
        if !self.last_failed_only {
            return Files { first: all, later: Vec::new() };
        }
        let failed = self.failed_files();
        let (first, later): (Vec<usize>, Vec<usize>) =
            all.iter().copied().partition(|&unit| failed.contains(&*units[unit].id));
        if first.is_empty() {
            Files { first: all, later: Vec::new() }
        } else {
            Files { first, later }
        }
    }

    /// Which of the later units are collected after all, once the first are known: those that
    /// pytest comes to before it sees the first known failure.
    pub fn needed(&self, units: &[Unit], files: &Files) -> Vec<usize> {
        let order = self.order(units);
        let found = order.iter().position(|&unit| self.has_known_failure(&units[unit]));
        let before = &order[..found.unwrap_or(order.len())];
        files.later.iter().copied().filter(|unit| before.contains(unit)).collect()
    }

    /// What runs of everything that was collected, `skipped` units aside.
    pub fn choose(&self, units: &[Unit], skipped: usize) -> Chosen {
        let last_failed = self.after_collection(units);
        let (kept, deselected) = self.pool(units);
        let mut chosen = Chosen { kept, deselected, note: None };
        if self.last_failed_only || self.failed_first {
            self.choose_failed(units, &last_failed, skipped, &mut chosen);
        }
        if self.new_first {
            self.sort_new_first(units, &mut chosen.kept);
        }
        chosen
    }

    fn choose_failed(
        &self,
        units: &[Unit],
        last_failed: &BTreeSet<String>,
        skipped: usize,
        chosen: &mut Chosen,
    ) {
        let id = |&(unit, item): &(usize, usize)| units[unit].items[item].node_id.clone();
        let pool = std::mem::take(&mut chosen.kept);
        if last_failed.is_empty() {
            let none = self.nothing_without_failures;
            let what = if none { "deselecting all items." } else { "not deselecting items." };
            chosen.note = Some(format!("no previously failed tests, {what}"));
            if none {
                chosen.deselected.extend(pool.iter().map(id));
            } else {
                chosen.kept = pool;
            }
            return;
        }
        let (failed, passed): (Vec<_>, Vec<_>) =
            pool.into_iter().partition(|at| last_failed.contains(&id(at)));
        let mut note = match failed.len() {
            0 => format!("{} known failures not in selected tests", last_failed.len()),
            count => {
                let noun = if count == 1 { "failure" } else { "failures" };
                let suffix = if self.failed_first { " first" } else { "" };
                format!("rerun previous {count} {noun}{suffix}")
            }
        };
        if skipped > 0 {
            let noun = if skipped == 1 { "file" } else { "files" };
            note.push_str(&format!(" (skipped {skipped} {noun})"));
        }
        chosen.note = Some(note);
        if !failed.is_empty() && self.last_failed_only {
            chosen.deselected.extend(passed.iter().map(id));
            chosen.kept = failed;
        } else {
            chosen.kept = failed;
            chosen.kept.extend(passed);
        }
    }

    fn sort_new_first(&self, units: &[Unit], kept: &mut Vec<(usize, usize)>) {
        let item = |&(unit, item): &(usize, usize)| &units[unit].items[item].node_id;
        let mut seen = HashSet::new();
        kept.retain(|at| seen.insert(item(at)));
        let changed = |unit: usize| self.changed.get(&units[unit].id).copied().unwrap_or(0);
        kept.sort_by_key(|at| (self.node_ids.contains(item(at)), std::cmp::Reverse(changed(at.0))));
    }

    /// Everything collected, in the order in which pytest collects, without what `--lf` leaves
    /// out of files that it comes to after the first known failure; and what was deselected.
    fn pool(&self, units: &[Unit]) -> (Vec<(usize, usize)>, Vec<String>) {
        let order =
            if self.last_failed_only { self.order(units) } else { (0..units.len()).collect() };
        let failed = self.failed_files();
        let mut filters = false;
        let (mut pool, mut deselected) = (Vec::new(), Vec::new());
        for at in order {
            let unit = &units[at];
            filters |= self.last_failed_only && self.has_known_failure(unit);
            let filtered = filters && failed.contains(&*unit.id) && !self.named.contains(&unit.id);
            let stays =
                |id: &str| !filtered || self.last_failed.contains(id) || !is_function(&unit.id, id);
            let items = unit.items.iter().enumerate();
            pool.extend(items.filter(|(_, item)| stays(&item.node_id)).map(|(item, _)| (at, item)));
            deselected.extend(unit.deselected.iter().filter(|id| stays(id)).cloned());
        }
        (pool, deselected)
    }

    /// What counts as failed once everything is collected: of a file that could not be collected
    /// last time and now can be, all tests.
    fn after_collection(&self, units: &[Unit]) -> BTreeSet<String> {
        let mut last_failed = self.last_failed.clone();
        for unit in units.iter().filter(|unit| unit.known) {
            if unit.failed {
                last_failed.insert(unit.id.clone());
            } else if last_failed.remove(&unit.id) {
                last_failed.extend(unit.items.iter().map(|item| item.node_id.clone()));
            }
        }
        last_failed
    }

    fn failed_files(&self) -> HashSet<&str> {
        self.last_failed.iter().map(|id| id.split("::").next().unwrap_or(id)).collect()
    }

    /// pytest looks at the children of the file only: functions, not what is in classes.
    fn has_known_failure(&self, unit: &Unit) -> bool {
        let selected = unit.items.iter().map(|item| &item.node_id);
        let mut functions = selected.chain(&unit.deselected).filter(|id| is_function(&unit.id, id));
        functions.any(|id| self.last_failed.contains(id))
    }

    /// The order in which pytest collects with `--lf`: in each folder what had failures first.
    fn order(&self, units: &[Unit]) -> Vec<usize> {
        // A folder counts even if the file in it is gone.
        let failed: HashSet<&str> = self.failed_files().into_iter().flat_map(prefixes).collect();
        failures_first((0..units.len()).collect(), 0, units, &failed)
    }
}

/// A path and the folders that it lies in.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    folders.chain([path])
}

/// What lies in a folder so many levels deep, failures first in it and below it.
fn failures_first(
    members: Vec<usize>,
    depth: usize,
    units: &[Unit],
    failed: &HashSet<&str>,
) -> Vec<usize> {
    let mut entries: Vec<(&str, Vec<usize>)> = Vec::new();
    for unit in members {
        let path = prefixes(&units[unit].id).nth(depth).unwrap_or_default();
        match entries.iter_mut().find(|(known, _)| *known == path) {
            Some((_, members)) => members.push(unit),
            None => entries.push((path, vec![unit])),
        }
    }
    entries.sort_by_key(|(path, _)| !failed.contains(path));
    let below = |(path, members): (&str, Vec<usize>)| {
        let is_file = members.iter().all(|&unit| units[unit].id == path);
        if is_file { members } else { failures_first(members, depth + 1, units, failed) }
    };
    entries.into_iter().flat_map(below).collect()
}

/// Whether a node id names something directly in its file.
fn is_function(file: &str, node_id: &str) -> bool {
    let inside = node_id.strip_prefix(file).and_then(|rest| rest.strip_prefix("::"));
    inside.is_some_and(|rest| !rest.split('[').next().unwrap_or(rest).contains("::"))
}
