//! `--exact`: what the sources do not prove is asked of pytest itself, file by file.

use std::path::PathBuf;

use fastest_index::collect::session::SessionFile;
use fastest_model::{ExitCode, RunEvent};
use fastest_runner::{RunRequest, Workers, cancellation, run as run_tests};
use fastest_workspace::project::{Discovery, Project};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::mpsc::unbounded_channel;

use crate::run::{base_request, given_paths};

/// What pytest lists.
#[derive(Default)]
pub struct Exact {
    /// Node ids in order.
    pub node_ids: Vec<String>,
    /// Collection errors as pytest words them, by node id.
    pub errors: Vec<(String, String)>,
    /// Where pytest did not come to collecting (a conftest that cannot be imported, an option that
    /// it does not know, an internal error): its exit code and what it said.
    pub refusal: Option<(i32, String)>,
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
        Asked::Nothing => Ok(Exact { node_ids: proven(discovery), ..Exact::default() }),
        Asked::Everything => everything(project, request),
        Asked::Files(paths) => {
            let mut named = request.clone();
            named.pytest_args.extend(paths);
            let asked = collect(named)?;
            // A conftest that cannot be imported is the end where a file below it is named, and
            // an error of its folder where none is.
            if asked.refusal.is_some() {
                return everything(project, request);
            }
            Ok(Exact { node_ids: merged(discovery, asked.node_ids), ..asked })
        }
    }
}

fn everything(project: &Project, mut request: RunRequest) -> Result<Exact, String> {
    request.workers = Workers::Count(1);
    request.pytest_args.extend(given_paths(project));
    collect(request)
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

/// Lets workers collect; node ids file by file.
fn collect(request: RunRequest) -> Result<Exact, String> {
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
        let exit = outcome.map_err(|error| error.to_string())?.exit;
        let mut found = Exact::default();
        let (mut words, mut speaker, mut internal) = (String::new(), None, None);
        while let Some(event) = heard.recv().await {
            match event {
                RunEvent::Collected { node_ids } => found.node_ids.extend(node_ids),
                RunEvent::CollectError { node_id, text, .. } => found.errors.push((node_id, text)),
                RunEvent::InternalError { text } => {
                    internal.get_or_insert(text);
                }
                // Each worker says the same.
                RunEvent::Output { worker, text, .. }
                    if *speaker.get_or_insert(worker) == worker =>
                {
                    words.push_str(&text);
                }
                _ => {}
            }
        }
        let collected = [
            ExitCode::Ok,
            ExitCode::TestsFailed,
            ExitCode::Interrupted,
            ExitCode::NoTestsCollected,
        ];
        let refused = collected.iter().all(|code| i32::from(code.code()) != exit);
        found.refusal = refused.then(|| (exit, internal.unwrap_or(words)));
        Ok(found)
    })
}

/// Proven items where they stand, and pytest's in place of the others, file by file.
fn merged(discovery: &Discovery, listed: Vec<String>) -> Vec<String> {
    let mut asked: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for node_id in listed {
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
