//! From static discovery to the runner's plan.

use fastest_runner::{PlannedUnit, Workers};
use fastest_workspace::options::{self, Options};
use fastest_workspace::project::Discovery;
use rustc_hash::FxHashMap;

/// The files of a session in the order of their first items, with the items expected in each.
pub(super) fn units(discovery: &Discovery) -> Vec<PlannedUnit> {
    let mut units: Vec<PlannedUnit> = Vec::new();
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    for item in discovery.session.items() {
        let path = item.file.node_id.as_str();
        let place = *places.entry(path).or_insert_with(|| {
            let certain = item.file.collected.open.is_empty();
            units.push(PlannedUnit { path: path.to_owned(), node_ids: Vec::new(), certain });
            units.len() - 1
        });
        units[place].certain &= item.doubt().is_none();
        units[place].node_ids.push(item.node_id());
    }
    units
}

/// Whether tests are to have the terminal: to talk with whoever sits there, or to write on it.
pub(super) fn needs_terminal(options: &Options) -> bool {
    let running = &options.running;
    running.pdb || running.trace || running.capture == options::Capture::No
}

/// How many workers: `-n`, or one for each core. What needs the terminal to itself gets one, and
/// so does a plan of fixtures and tests, which is read from top to bottom.
pub(super) fn workers(options: &Options) -> Workers {
    let running = &options.running;
    let whole = running.dist.as_deref() == Some("no") && running.workers.is_none();
    let wanted = match running.workers {
        _ if whole || needs_terminal(options) || options.asked.setup_only => Workers::Count(1),
        Some(options::Workers::Exactly(count)) => Workers::Count(count as usize),
        Some(options::Workers::Auto | options::Workers::Logical) | None => Workers::Auto,
    };
    let limit = running.max_workers.and_then(|limit| usize::try_from(limit).ok());
    match limit.filter(|&limit| limit > 0) {
        Some(limit) => Workers::Count(wanted.resolve().min(limit)),
        None => wanted,
    }
}
