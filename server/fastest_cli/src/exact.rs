//! `--exact`: what the sources do not prove is asked of pytest itself, file by file.

use std::path::PathBuf;

use fastest_index::collect::session::SessionFile;
use fastest_model::RunEvent;
use fastest_runner::{RunRequest, Workers, cancellation, run as run_tests};
use fastest_workspace::project::{Discovery, Project};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::mpsc::unbounded_channel;

use crate::run::{base_request, given_paths};

/// What pytest lists.
pub struct Exact {
    /// Node ids in order.
    pub node_ids: Vec<String>,
    /// Collection errors as pytest words them, by node id.
    pub errors: Vec<(String, String)>,
}

/// Which files pytest is asked about.
enum Asked {
    /// None: the sources prove everything.
    Nothing,
    /// These; all others are proven.
    Files(Vec<String>),
    /// All that the command line names, in one process and in pytest's own order: something
    /// besides test files makes items, or hooks decide which files and items count.
    Everything,
}

/// The exact list of a session.
///
/// # Errors
///
/// Why pytest could not be asked, worded for people.
pub fn list(project: &Project, discovery: &Discovery) -> Result<Exact, String> {
    let mut request = match &project.environment {
        Ok(environment) => base_request(project, environment.python.clone()),
        Err(problem) => return Err(problem.message.clone()),
    };
    request.collect_only = true;
    request.continue_on_collection_errors = true;
    request.pytest_args.push("--collect-only".to_owned());
    match asked(project, discovery) {
        Asked::Nothing => Ok(Exact { node_ids: proven(discovery), errors: Vec::new() }),
        Asked::Everything => {
            request.workers = Workers::Count(1);
            request.pytest_args.extend(given_paths(project));
            let (by_file, errors) = collect(request)?;
            Ok(Exact { node_ids: by_file.into_iter().flatten().collect(), errors })
        }
        Asked::Files(paths) => {
            request.pytest_args.extend(paths);
            let (by_file, errors) = collect(request)?;
            Ok(Exact { node_ids: merged(discovery, by_file), errors })
        }
    }
}

fn proven(discovery: &Discovery) -> Vec<String> {
    discovery.session.items().map(|item| item.node_id()).collect()
}

fn asked(project: &Project, discovery: &Discovery) -> Asked {
    let path = |file: &SessionFile| {
        project.index.world().file(file.collected.file).map(|file| file.path.to_path_buf())
    };
    let tests: FxHashSet<PathBuf> = discovery.session.files.iter().filter_map(path).collect();
    let ignored = discovery.session.files.iter().any(|file| file.doubt.is_some());
    let besides = discovery.open.iter().any(|place| !tests.contains(&place.path));
    if ignored || besides || project.hooks_decide() {
        return Asked::Everything;
    }
    let mut arguments = Vec::new();
    for file in discovery.session.files.iter().filter(|file| is_uncertain(file)) {
        let Some(path) = path(file) else { continue };
        let path = path.to_string_lossy().into_owned();
        if file.asked.is_empty() {
            arguments.push(path);
            continue;
        }
        for asked in &file.asked {
            let case = asked.case.as_deref().unwrap_or_default();
            arguments.push(format!("{path}::{}{case}", asked.names.join("::")));
        }
    }
    if arguments.is_empty() { Asked::Nothing } else { Asked::Files(arguments) }
}

fn is_uncertain(file: &SessionFile) -> bool {
    let collected = &file.collected;
    file.doubt.is_some()
        || !collected.open.is_empty()
        || collected.functions.iter().any(|function| function.doubt.is_some())
}

type Found = (Vec<Vec<String>>, Vec<(String, String)>);

/// Lets workers collect; node ids by file.
fn collect(request: RunRequest) -> Result<Found, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("failed to start the runtime: {error}"))?;
    runtime.block_on(async {
        let (events, mut heard) = unbounded_channel();
        let (canceller, cancels) = cancellation();
        let keys = tokio::spawn(canceller.on_signals());
        let outcome = run_tests(request, events, cancels).await;
        keys.abort();
        outcome.map_err(|error| error.to_string())?;
        let (mut by_file, mut errors) = (Vec::new(), Vec::new());
        while let Some(event) = heard.recv().await {
            match event {
                RunEvent::Collected { node_ids } => by_file.push(node_ids),
                RunEvent::CollectError { node_id, text, .. } => errors.push((node_id, text)),
                _ => {}
            }
        }
        Ok((by_file, errors))
    })
}

/// Proven items where they stand, and pytest's in place of the others, file by file.
fn merged(discovery: &Discovery, by_file: Vec<Vec<String>>) -> Vec<String> {
    let mut asked: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for node_id in by_file.into_iter().flatten() {
        let file = node_id.split("::").next().unwrap_or_default().to_owned();
        asked.entry(file).or_default().push(node_id);
    }
    let mut list = Vec::new();
    let uncertain: FxHashSet<&str> = discovery
        .session
        .files
        .iter()
        .filter(|file| is_uncertain(file))
        .map(|file| file.node_id.as_str())
        .collect();
    let mut items = discovery.session.items().peekable();
    for file in &discovery.session.files {
        if uncertain.contains(file.node_id.as_str()) {
            list.extend(asked.remove(&file.node_id).unwrap_or_default());
        }
        while let Some(item) = items.next_if(|item| item.file.node_id == file.node_id) {
            if !uncertain.contains(item.file.node_id.as_str()) {
                list.push(item.node_id());
            }
        }
    }
    // Items that a wide scope moved away from their file's others.
    list.extend(
        items.filter(|item| !uncertain.contains(item.file.node_id.as_str())).map(|i| i.node_id()),
    );
    list
}
