//! `--collect-only`: the list of tests, from the sources alone.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::OnceLock;

use fastest_model::{ExitCode, Problem, Severity};
use fastest_workspace::options::{Format, UsageError};
use fastest_workspace::project::{Answer, Discovery, Project, has_errors, problems_of};

use crate::allocator;
use crate::invocation::{Invocation, refuse};
use crate::lines::Lines;
use crate::{exact, json, text};

/// Lists the tests that the command line means.
pub fn collect(mut invocation: Invocation) -> ExitCode {
    let exact = invocation.project.config.options.own.exact;
    if !exact && let Some(answer) = invocation.project.recall() {
        leave(say(&invocation, &answer).into());
    }
    if exact {
        return match discover(&mut invocation.project) {
            Ok(discovery) => exactly(&invocation.project, &discovery),
            Err(error) => refuse(&error),
        };
    }
    // This thread does its share instead of waiting for others to do all, or to begin.
    if let Ok(pool) = rayon::ThreadPoolBuilder::new().use_current_thread().build() {
        std::mem::forget(pool);
    }
    invocation.project.before_reading = Some(allocator::expect);
    if let Err(error) = read(&mut invocation.project) {
        return refuse(&error);
    }
    match list(&invocation) {
        Ok(code) => leave(code.into()),
        Err(error) => refuse(&error),
    }
}

/// Prints what was discovered. What the next run will want to know is written meanwhile.
///
/// # Errors
///
/// What pytest calls a usage error.
fn list(invocation: &Invocation) -> Result<u8, UsageError> {
    let project = &invocation.project;
    let made = OnceLock::new();
    rayon::scope(|scope| {
        scope.spawn(|_| project.save_cache());
        let discovery = project.session()?;
        let answer = made.get_or_init(|| answer(project, &discovery));
        scope.spawn(|_| project.keep_answer(answer));
        let code = say(invocation, answer);
        // It takes longer to free than to leave.
        std::mem::forget(discovery);
        Ok(code)
    })
}

/// What is to be printed.
fn answer(project: &Project, discovery: &Discovery) -> Answer {
    let code = exit_code(project, discovery);
    let (body, summary) = match project.config.options.own.format {
        Format::Json => (vec![json::document(project, discovery, code)], None),
        Format::Text => text::listing(project, discovery),
    };
    Answer { body, summary, errors: report(project, discovery), code: code.code() }
}

/// Prints an answer.
fn say(invocation: &Invocation, answer: &Answer) -> u8 {
    let options = &invocation.project.config.options;
    let took = invocation.start.elapsed();
    let closing = answer.summary.as_ref().map(|line| text::closing(line, options, took));
    let mut out = std::io::stdout().lock();
    #[cfg(target_os = "linux")]
    widen(&out, answer.body.iter().map(String::len).sum());
    // A closed pipe (`… | head`) is the reader's choice, not an error.
    for piece in &answer.body {
        let _ = out.write_all(piece.as_bytes());
    }
    let _ = out.write_all(closing.unwrap_or_default().as_bytes());
    let _ = out.flush();
    eprint!("{}", answer.errors);
    answer.code
}

/// Makes room for a long text in the pipe that it goes through, so that writer and reader need not
/// take turns for every 64 kB. Where that cannot be, they do.
#[cfg(target_os = "linux")]
fn widen(out: &impl std::os::fd::AsFd, length: usize) {
    /// What every user may have, in bytes.
    const WIDEST: usize = 1 << 20;
    if rustix::pipe::fcntl_getpipe_size(out).is_ok_and(|size| size < length.min(WIDEST)) {
        let _as_it_is = rustix::pipe::fcntl_setpipe_size(out, length.min(WIDEST));
    }
}

/// Lists what pytest lists: what the sources do not prove is asked of pytest.
fn exactly(project: &Project, discovery: &Discovery) -> ExitCode {
    let listed = match exact::list(project, discovery) {
        Ok(listed) => listed,
        Err(message) => return refuse(&UsageError::new(message)),
    };
    if let Some((code, words)) = &listed.refusal {
        eprintln!("{}", words.trim_end());
        leave(*code);
    }
    let _ = std::io::stdout().lock().write_all(text::exact_listing(project, &listed).as_bytes());
    for (node_id, error) in &listed.errors {
        eprintln!("ERROR: {node_id}\n{error}");
    }
    project.save_cache();
    let code = match exit_code(project, discovery) {
        ExitCode::UsageError => ExitCode::UsageError,
        _ if !listed.errors.is_empty() => ExitCode::Interrupted,
        ExitCode::Interrupted => ExitCode::Interrupted,
        _ if listed.node_ids.is_empty() => ExitCode::NoTestsCollected,
        _ => ExitCode::Ok,
    };
    leave(code.code().into())
}

/// Ends the process. Freeing a large session piece by piece would take a good part of the time
/// that listing it took, and the system frees it at once.
fn leave(code: i32) -> ! {
    let _ = std::io::stdout().flush();
    allocator::keep_what_is_freed();
    std::process::exit(code)
}

/// Reads the files and puts the session together.
///
/// # Errors
///
/// What pytest calls a usage error.
pub fn discover(project: &mut Project) -> Result<Discovery, UsageError> {
    read(project)?;
    project.session()
}

/// Reads the files.
fn read(project: &mut Project) -> Result<(), UsageError> {
    project.discover()?;
    project.check_options()
}

/// pytest's exit code for a collection.
fn exit_code(project: &Project, discovery: &Discovery) -> ExitCode {
    let session = &discovery.session;
    if !session.missing.is_empty() {
        ExitCode::UsageError
    } else if has_errors(session) {
        let goes_on = project.config.options.collecting.continue_on_errors;
        if goes_on { ExitCode::TestsFailed } else { ExitCode::Interrupted }
    } else if session.items().len() == 0 && (discovery.open.is_empty() || session.deselected > 0) {
        ExitCode::NoTestsCollected
    } else {
        ExitCode::Ok
    }
}

/// What is wrong, and what only run time can tell: the lines for standard error.
pub fn report(project: &Project, discovery: &Discovery) -> String {
    let mut lines = Lines::new(project);
    let mut text = String::new();
    for (file, asked) in &discovery.session.missing {
        let case = asked.case.as_deref().unwrap_or_default();
        let _ = writeln!(text, "ERROR: not found: {file}::{}{case}", asked.names.join("::"));
    }
    for problem in project.problems.iter().chain(problems_of(&discovery.session)) {
        let _ = writeln!(text, "{}", worded(problem, &mut lines));
    }
    if let Some(note) = uncertain(discovery) {
        let _ = writeln!(text, "{note}");
    }
    text
}

fn worded(problem: &Problem, lines: &mut Lines<'_>) -> String {
    let kind = match problem.severity {
        Severity::Warning => "warning",
        Severity::CollectError | Severity::UsageError => "ERROR",
    };
    let place = problem.path.as_deref().map(|path| match problem.span {
        Some(span) => format!("{}:{}: ", lines.shown(path), lines.line(path, span.start)),
        None => format!("{}: ", lines.shown(path)),
    });
    let hint = problem.hint.as_ref().map(|hint| format!("\nhint: {hint}"));
    format!("{kind}: {}{}{}", place.unwrap_or_default(), problem.message, hint.unwrap_or_default())
}

/// One line about what the sources do not tell.
fn uncertain(discovery: &Discovery) -> Option<String> {
    let functions = discovery.session.uncertain();
    let open = discovery.open.len();
    let parts: Vec<String> = [
        (functions > 0)
            .then(|| counted(functions, "item", "is", "are") + " known only at run time"),
        (open > 0).then(|| counted(open, "place", "may hold", "may hold") + " further tests"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| format!("note: {} (`--exact` asks Python)", parts.join("; ")))
}

fn counted(count: usize, noun: &str, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {noun} {one}") } else { format!("{count} {noun}s {many}") }
}
