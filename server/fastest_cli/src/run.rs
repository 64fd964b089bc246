//! `--run`: the tests that the command line means, in parallel workers.

mod arrange;
mod coverage;
mod explain;
mod junit;
mod listeners;
mod observer;
mod plan;
mod style;
mod verify;
mod warm;
mod watch;

use fastest_model::{ExitCode, RunEvent};
use fastest_report::{End, Style, junit::Logging};
use fastest_runner::{
    Canceller, Cancels, RunRequest, RunSummary, Workers, cancellation, run as run_tests,
};
use fastest_schedule::Ending;
use fastest_workspace::config::ArgsSource;
use fastest_workspace::memory::Places;
use fastest_workspace::options;
use fastest_workspace::project::{Discovery, Project};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::allocator;
use crate::invocation::{Invocation, refuse, refuse_problem};
use listeners::Listeners;
use warm::Warm;
pub use watch::restore_terminal;

/// Runs the tests and reports them; the process's exit code.
pub fn run(invocation: Invocation) -> u8 {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ERROR: failed to start the runtime: {error}");
            return ExitCode::Crash.code();
        }
    };
    if invocation.project.config.options.own.watch {
        return watch::watch(invocation, &runtime);
    }
    let mut warm = Warm::once();
    let prepared = match Prepared::new(invocation, &mut warm) {
        Ok(prepared) => prepared,
        Err(code) => return code,
    };
    let foreground = prepared.request.foreground;
    let exit = prepared.run(&runtime, async move |canceller| match foreground {
        true => canceller.leave_ctrl_c().await,
        false => canceller.on_signals().await,
    });
    warm.leave();
    exit
}

/// How a run ended.
struct Done {
    /// What the process is to exit with.
    exit: u8,
    /// Whether the user ended it.
    cancelled: bool,
}

/// What is to run, and how it is shown.
struct Prepared {
    request: RunRequest,
    listeners: Listeners,
    places: Places,
    explains: bool,
    verifies: bool,
}

impl Prepared {
    /// From what the process was called with; an exit code, if nothing is to be run.
    fn new(mut invocation: Invocation, warm: &mut Warm) -> Result<Self, u8> {
        let python = match &invocation.project.environment {
            Ok(environment) => environment.python.clone(),
            Err(problem) => return Err(refuse_problem(problem).code()),
        };
        let own = &invocation.project.config.options.own;
        let (explains, verifies) = (own.explain, own.verify);
        let foreground = plan::needs_terminal(&invocation.project.config.options);
        if !foreground {
            warm.start(&invocation.project, &python);
        }
        // Static discovery plans; what it cannot make sense of, pytest itself will refuse or run.
        let found = invocation.project.discover().is_ok();
        if found && let Err(error) = invocation.project.check_options() {
            return Err(refuse(&error).code());
        }
        let plan = invocation.project.session().ok().filter(|_| found);
        let mut request = request(&invocation.project, python, plan.as_ref());
        let places = arrange::arrange(&mut request, &invocation.project);
        let places = places.map_err(|error| refuse(&error).code())?;
        request.standard_modules = warm.preload(&invocation.project, request.starters());
        let style = style::style(&invocation.project, &request);
        let mut style = style.map_err(|error| refuse(&error).code())?;
        style.live &= !foreground;
        request.markup = style.color;
        request.columns = style.width;
        request.zygote = if foreground { None } else { warm.zygote() };
        let listeners = listen(&invocation.project, &mut request, style);
        let listeners = listeners.map_err(|error| refuse(&error).code())?;
        invocation.project.save_cache();
        drop(invocation);
        allocator::give_back();
        Ok(Self { request, listeners, places, explains, verifies })
    }

    /// Runs the tests and reports them, and does something beside that until they are done; the
    /// exit code.
    fn run(mut self, runtime: &Runtime, beside: impl AsyncFnOnce(Canceller)) -> u8 {
        let seen = (self.explains || self.verifies).then(|| self.listeners.observe());
        let again = self.verifies.then(|| self.request.clone());
        let explains = self.explains;
        let Done { exit, cancelled } = runtime.block_on(self.drive(beside));
        let Some(seen) =
            seen.and_then(|seen| seen.lock().ok().map(|mut s| std::mem::take(&mut *s)))
        else {
            return exit;
        };
        if explains {
            print!("{}", explain::text(&seen));
        }
        match again.filter(|_| !cancelled) {
            Some(request) => runtime.block_on(verify::check(&request, exit, &seen)),
            None => exit,
        }
    }

    async fn drive(self, beside: impl AsyncFnOnce(Canceller)) -> Done {
        let Self { request, listeners, places, .. } = self;
        let (events, heard) = unbounded_channel();
        let (canceller, cancels) = cancellation();
        let report = tokio::task::spawn_blocking(move || hear(listeners, heard));
        let beside = async {
            beside(canceller).await;
            std::future::pending().await
        };
        tokio::select! {
            done = run_and_report(request, events, cancels, report, &places) => done,
            never = beside => never,
        }
    }
}

/// What the runner is asked for. `addopts` and `$PYTEST_ADDOPTS` are already among the options,
/// so the workers are kept from reading them again.
fn request(project: &Project, python: std::path::PathBuf, plan: Option<&Discovery>) -> RunRequest {
    let mut request = base_request(project, python);
    request.pytest_args.extend(given_paths(project));
    request.plan = plan.map(plan::units).unwrap_or_default();
    request
}

/// The paths and node ids that were given, as they were given.
pub(crate) fn given_paths(project: &Project) -> Vec<String> {
    match project.config.args_source {
        ArgsSource::Args => project.config.options.args.clone(),
        _ => Vec::new(),
    }
}

/// What the runner is asked for, without paths and plan.
pub(crate) fn base_request(project: &Project, python: std::path::PathBuf) -> RunRequest {
    let config = &project.config;
    let given = &config.options;
    let mut pytest_args = vec!["-o".to_owned(), "addopts=".to_owned()];
    pytest_args.extend(given.passthrough.iter().cloned());
    pytest_args.extend(given.unknown.iter().cloned());
    if plan::needs_terminal(given) {
        pytest_args.extend(given.terminal.iter().cloned());
    }
    let max_failures = usize::try_from(given.running.max_fail).ok().filter(|&max| max > 0);
    let workers = plan::workers(given);
    if let (Workers::Count(0 | 1), Some(max)) = (workers, max_failures) {
        // The only worker sees every failure, and stops without having to be told.
        pytest_args.push(format!("--maxfail={max}"));
    }
    RunRequest {
        pytest_args,
        env: environment(),
        foreground: plan::needs_terminal(given),
        workers,
        max_failures,
        continue_on_collection_errors: given.collecting.continue_on_errors,
        ..RunRequest::new(python, &config.invocation_dir)
    }
}

/// What is set in the workers besides our own variables.
fn environment() -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    vec![("PYTEST_ADDOPTS".into(), String::new().into())]
}

/// Who listens, and what the workers must tell them.
fn listen(
    project: &Project,
    request: &mut RunRequest,
    mut style: Style,
) -> Result<Listeners, options::UsageError> {
    let config = &project.config;
    request.passed_output = style.report_chars.contains('P');
    request.report_log = config.options.display.report_log.is_some();
    request.coverage = coverage::measured(config)?;
    if let Some(path) = junit::path(config)? {
        request.passed_output |= junit::logging(config)? != Logging::No;
        request.junit_family = Some(junit::family(config)?);
        style.generated.push(format!("generated xml file: {}", path.display()));
    }
    if let Some(path) = &config.options.display.report_log {
        style.generated.push(format!("generated report log file: {path}"));
    }
    Listeners::new(project, style, request.foreground)
}

type Events = tokio::sync::mpsc::UnboundedSender<RunEvent>;
type Report = tokio::task::JoinHandle<Listeners>;

async fn run_and_report(
    request: RunRequest,
    events: Events,
    cancels: Cancels,
    report: Report,
    places: &Places,
) -> Done {
    let after = coverage::After::of(&request);
    match run_tests(request, events, cancels).await {
        Ok(mut summary) => {
            let exit = match report.await {
                Ok(listeners) => finish(&mut summary, after, listeners).await,
                Err(_) => ExitCode::Crash.code().into(),
            };
            name_lost(&summary);
            places.save(&summary.learned);
            let exit = u8::try_from(exit).unwrap_or(ExitCode::InternalError.code());
            Done { exit, cancelled: summary.ending == Ending::Cancelled }
        }
        Err(error) => {
            eprintln!("ERROR: {error}");
            Done { exit: error.exit_code().code(), cancelled: false }
        }
    }
}

/// Ends the reports of a run that is over; what the process is to exit with.
async fn finish(
    summary: &mut RunSummary,
    after: Option<coverage::After>,
    mut listeners: Listeners,
) -> i32 {
    if let Some(after) = after {
        match after.report(summary, &mut listeners).await {
            Ok(exit) => summary.exit = exit,
            Err(error) => {
                eprintln!("ERROR: failed to report coverage: {error}");
                summary.exit = error.exit_code().code().into();
            }
        }
    }
    listeners.finish(&end(summary))
}

/// Passes events on until the run is over.
fn hear(mut listeners: Listeners, mut heard: UnboundedReceiver<RunEvent>) -> Listeners {
    while let Some(event) = heard.blocking_recv() {
        listeners.on(event);
    }
    listeners
}

fn end(summary: &RunSummary) -> End {
    let RunSummary { duration, exit, .. } = *summary;
    let interruptions = summary.interruptions.clone();
    End { duration, stop_reason: summary.stop_reason.clone(), interruptions, exit }
}

/// A test that was to run and has no outcome is named: it is a defect, never silence.
fn name_lost(summary: &RunSummary) {
    for node_id in &summary.lost {
        eprintln!("ERROR: {node_id} has no outcome: it was lost");
    }
}
