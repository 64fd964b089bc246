//! What the process was called with.

use std::path::{Path, PathBuf};

use fastest_lsp::ServeOptions;
use fastest_model::{ExitCode, Problem};
use fastest_workspace::config::Env;
use fastest_workspace::environment::Variables;
use fastest_workspace::options::{Shell, UsageError, completions, help};
use fastest_workspace::project::{NEWEST_PYTEST, Project};

/// What the process was called with.
pub struct Invocation {
    /// The project, its configuration read.
    pub project: Project,
    /// Whether tests are to run.
    pub runs: bool,
    /// When the process started.
    pub start: std::time::Instant,
}

/// Reads arguments, environment and configuration.
///
/// # Errors
///
/// What pytest calls a usage error.
pub fn read() -> Result<Invocation, UsageError> {
    read_with(&[])
}

/// The same, with options after those that were given.
///
/// # Errors
///
/// What pytest calls a usage error.
pub fn read_with(options: &[String]) -> Result<Invocation, UsageError> {
    let start = std::time::Instant::now();
    let mut arguments = std::env::args();
    let program = arguments.next().unwrap_or_default();
    let mut argv: Vec<String> = arguments.collect();
    let end = argv.iter().position(|arg| arg == "--").unwrap_or(argv.len());
    argv.splice(end..end, options.iter().cloned());
    let invocation_dir = current_dir()?;
    let env =
        Env::new(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
    let project = Project::open(&invocation_dir, &argv, &Variables::of_process(), &env)?;
    let runs = project.config.options.own.run || is_short_name(&program);
    Ok(Invocation { project, runs, start })
}

/// How to serve an editor, where the arguments ask for that.
pub fn server() -> Option<Result<ServeOptions, UsageError>> {
    let mut arguments = std::env::args();
    let program = arguments.next().unwrap_or_default();
    if is_short_name(&program) {
        return None;
    }
    let arguments: Vec<String> = arguments.collect();
    ServeOptions::parse(&arguments).map(|options| options.map_err(UsageError::new))
}

/// Whether the program goes by the name under which it always runs tests.
fn is_short_name(program: &str) -> bool {
    Path::new(program).file_stem().is_some_and(|name| name == "fastest")
}

/// The working directory as the shell names it: `$PWD` where that is the same place, since pytest
/// keeps symbolic links in it too.
fn current_dir() -> Result<PathBuf, UsageError> {
    std::env::current_dir()
        .map_err(|error| UsageError::new(format!("the working directory cannot be used: {error}")))
}

/// Prints a usage error as pytest does.
pub fn refuse(error: &UsageError) -> ExitCode {
    eprintln!("ERROR: {error}");
    ExitCode::UsageError
}

/// Prints a problem that makes it impossible to go on, as a usage error.
pub fn refuse_problem(problem: &Problem) -> ExitCode {
    let mut error = UsageError::new(problem.message.clone());
    if let Some(hint) = &problem.hint {
        error = error.hint(hint.clone());
    }
    refuse(&error)
}

/// Nothing that this program does was asked for.
pub fn nothing_asked() -> ExitCode {
    eprintln!("ERROR: nothing to do: give `--run` to run tests or `--collect-only` to list them");
    eprintln!("hint: `fastest-lsp --help` shows all options");
    ExitCode::UsageError
}

/// The shell of `fastest-lsp completions SHELL`, if that is the whole command line.
pub fn asked_completions() -> Option<Shell> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments {
        [command, shell] if command == "completions" => Shell::named(shell),
        _ => None,
    }
}

/// Prints the completions of a shell.
pub fn print_completions(shell: Shell) -> ExitCode {
    print!("{}", completions(shell, NEWEST_PYTEST));
    ExitCode::Ok
}

/// Prints the help.
pub fn print_help(invocation: &Invocation) -> ExitCode {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    print!("{}", help("fastest-lsp", invocation.project.config.version, columns.unwrap_or(80)));
    ExitCode::Ok
}

/// Prints the versions.
pub fn print_version(invocation: &Invocation) -> ExitCode {
    println!("fastest {}", env!("CARGO_PKG_VERSION"));
    match &invocation.project.environment {
        Ok(environment) => {
            let pytest = environment.pytest.as_ref();
            let version =
                pytest.map_or_else(|| "not installed".to_owned(), |pytest| pytest.full.clone());
            println!("pytest {version} ({})", environment.python.display());
        }
        Err(problem) => println!("pytest: {}", problem.message),
    }
    println!("rules of pytest {}.{} and older", NEWEST_PYTEST.0, NEWEST_PYTEST.1);
    ExitCode::Ok
}
