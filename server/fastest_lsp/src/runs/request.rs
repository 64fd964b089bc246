//! A root's configuration and a selection in the runner's words.

use std::ffi::OsString;
use std::path::PathBuf;

use fastest_runner::coverage::Contexts;
use fastest_runner::{Coverage, Debugging, RunRequest, Workers};
use fastest_workspace::config::{ArgsSource, Config, Env, load};
use fastest_workspace::options::{self, Options};

use super::selection::Selected;
use crate::roots::{Loaded, Root};

/// What one run adds to a root's configuration.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// pytest's options, after all others.
    pub args: Vec<String>,
    /// How many workers.
    pub workers: Option<usize>,
    /// Whether coverage is measured.
    pub measured: bool,
    /// Whether, and how, it is debugged; then one process runs everything.
    pub debug: Option<Debugging>,
    /// Texts that run instead of files.
    pub overlay: Vec<(PathBuf, String)>,
    /// Whether it is likely to be asked for again as it is, so that a process is kept for it.
    pub repeats: bool,
}

/// The request of a run.
///
/// # Errors
/// A sentence: there is no interpreter, or an option cannot be read.
pub fn request(
    root: &Root,
    loaded: &Loaded,
    selected: &Selected,
    extra: &Extra,
) -> Result<RunRequest, String> {
    let environment = loaded.project.environment.as_ref();
    let python = environment.map_err(|problem| problem.message.clone())?.python.clone();
    let config = config(root, loaded, extra)?;
    let mut pytest_args = vec!["-o".to_owned(), "addopts=".to_owned()];
    pytest_args.extend(config.options.passthrough.iter().cloned());
    pytest_args.extend(config.options.unknown.iter().cloned());
    // An editor has room for all of a difference.
    if config.version >= (8, 1) {
        pytest_args.extend(["-o".to_owned(), "verbosity_assertions=2".to_owned()]);
    }
    if extra.debug.is_some() && pytest_args.iter().any(|argument| argument.starts_with("--cov")) {
        // Coverage and the debugger both trace, and the last one wins.
        pytest_args.push("--no-cov".to_owned());
    }
    pytest_args.extend(selected.arguments.clone().unwrap_or_else(|| given_paths(&config)));
    let running = &config.options.running;
    Ok(RunRequest {
        pytest_args,
        env: environment_of(root),
        plan: selected.plan.clone(),
        workers: workers(root, &config.options, extra),
        max_failures: usize::try_from(running.max_fail).ok().filter(|&max| max > 0),
        // In an editor a file that cannot be imported shows so at its place, and hides no other.
        continue_on_collection_errors: true,
        markup: true,
        passed_output: true,
        overlay: extra.overlay.clone(),
        standard_modules: root.standard_modules.clone(),
        debug: extra.debug.clone(),
        coverage: extra.measured.then(|| coverage(&config)),
        // What a process has imported before it is measured would look as if it had not run.
        zygote: root.zygote.clone().filter(|_| !extra.measured),
        templates: extra.repeats.then(|| root.templates.clone()),
        ..RunRequest::new(python, &config.invocation_dir)
    })
}

/// What is measured: as the project's configuration says; where it says nothing, everything below
/// the folder that pytest is started in.
fn coverage(config: &Config) -> Coverage {
    let given = &config.options.covering;
    let sources = (!given.sources.is_empty()).then(|| given.sources.iter().cloned().collect());
    Coverage {
        source: sources.flatten(),
        fallback: vec![config.invocation_dir.to_string_lossy().into_owned()],
        branch: given.branch,
        config_file: given.config_file.clone().unwrap_or_else(|| ".coveragerc".to_owned()),
        contexts: Some(Contexts::Test),
        ..Coverage::default()
    }
}

/// Variables for a root's Python processes. Options of `PYTEST_ADDOPTS` are among the arguments.
pub fn environment_of(root: &Root) -> Vec<(OsString, OsString)> {
    let own = root.settings.env.iter().map(|(name, value)| (name.into(), value.into()));
    own.chain([("PYTEST_ADDOPTS".into(), OsString::new())]).collect()
}

fn config(root: &Root, loaded: &Loaded, extra: &Extra) -> Result<Config, String> {
    let config = &loaded.project.config;
    if extra.args.is_empty() {
        return Ok(config.clone());
    }
    let argv: Vec<String> = root.settings.args.iter().chain(&extra.args).cloned().collect();
    let texts = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let env = Env::new(texts.chain(root.settings.env.clone()));
    load(&config.invocation_dir, &argv, &env, config.version).map_err(|error| error.to_string())
}

/// The paths that the arguments name; none where pytest finds them by itself.
fn given_paths(config: &Config) -> Vec<String> {
    match config.args_source {
        ArgsSource::Args => config.options.args.clone(),
        _ => Vec::new(),
    }
}

fn workers(root: &Root, options: &Options, extra: &Extra) -> Workers {
    let running = &options.running;
    if extra.debug.is_some()
        || running.pdb
        || running.trace
        || running.capture == options::Capture::No
    {
        return Workers::Count(1);
    }
    let asked = match running.workers {
        Some(options::Workers::Exactly(count)) => Some(count as usize),
        _ => None,
    };
    let count = extra.workers.or(asked).or(root.settings.workers);
    count.map_or(Workers::Auto, Workers::Count)
}

/// The command line of a run in a terminal, after the program.
pub fn command_line(
    root: &Root,
    loaded: &Loaded,
    selected: &Selected,
    extra: &[String],
) -> Vec<String> {
    let mut args = vec!["--run".to_owned()];
    if let Some(interpreter) = &root.settings.interpreter {
        args.extend(["--python".to_owned(), interpreter.clone()]);
    }
    let dir = &loaded.project.config.invocation_dir;
    let paths = selected.arguments.iter().flatten().map(|argument| shorter(argument, dir));
    // Paths of the settings are for everything.
    let own = root.settings.args.iter().filter(|argument| {
        selected.arguments.is_none()
            || argument.starts_with('-')
            || !dir.join(crate::roots::file_of(argument)).exists()
    });
    args.extend(own.cloned());
    args.extend(extra.iter().cloned());
    args.extend(paths);
    args
}

/// A path below a folder as it is seen from there.
fn shorter(argument: &str, dir: &std::path::Path) -> String {
    let prefix = format!("{}{}", dir.display(), std::path::MAIN_SEPARATOR);
    argument.strip_prefix(&prefix).unwrap_or(argument).to_owned()
}

/// The binary of this server.
pub fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| "fastest-lsp".into())
}
