//! From options, configuration and the terminal to the look of the report.

use std::io::IsTerminal;

use fastest_report::{Durations, ProgressKind, ShowCapture, Style, Tracebacks, report_chars};
use fastest_runner::RunRequest;
use fastest_workspace::config::{Config, ini::Setting};
use fastest_workspace::options::{Capture, Color, Display, Traceback, UsageError};
use fastest_workspace::project::Project;

/// How pytest looks where there is no terminal.
const DEFAULT_WIDTH: usize = 80;

/// The look of a run's report.
///
/// # Errors
/// If the configuration says something that its option does not take.
pub(super) fn style(project: &Project, request: &RunRequest) -> Result<Style, UsageError> {
    let config = &project.config;
    let display = &config.options.display;
    let terminal = std::io::stdout().is_terminal();
    let live_log = has_live_log(config)?;
    let verbosity = i32::try_from(display.verbosity).unwrap_or(0);
    let case_verbosity = own_verbosity(config, "verbosity_test_cases")?;
    Ok(Style {
        verbosity,
        case_verbosity,
        subtest_verbosity: own_verbosity(config, "verbosity_subtests")?,
        width: width(terminal),
        color: colored(display.color, terminal),
        live: !live_log && is_live(terminal, case_verbosity.unwrap_or(verbosity), config),
        progress: progress(config)?,
        live_log,
        report_chars: report_chars(&display.report, !display.no_warnings),
        fold_skipped: display.fold_skipped,
        show_capture: show_capture(&display.show_capture),
        tracebacks: tracebacks(display.traceback),
        xfail_tracebacks: display.xfail_traceback,
        full_trace: display.full_trace,
        durations: durations(display),
        header: !display.no_header,
        summary: !display.no_summary,
        warnings: !display.no_warnings,
        max_warnings: max_warnings(config)?,
        full_lines: (std::env::var_os("CI").is_some() || verbosity >= 2)
            && !display.force_short_summary,
        collect_only: false,
        invocation_dir: config.invocation_dir.clone(),
        generated: Vec::new(),
        own_line: own_line(request),
    })
}

fn own_line(request: &RunRequest) -> String {
    let workers = request.worker_count();
    let plural = if workers == 1 { "" } else { "s" };
    format!("fastest-{}, {workers} worker{plural}", env!("CARGO_PKG_VERSION"))
}

/// Whether progress is a bar: on a terminal that can redraw, unless each test has its line.
fn is_live(terminal: bool, case_verbosity: i32, config: &Config) -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let shown = config.options.running.capture == Capture::No;
    terminal && !dumb && !shown && case_verbosity == 0 && std::env::var_os("CI").is_none()
}

/// `--log-cli-level` or `log_cli`.
fn has_live_log(config: &Config) -> Result<bool, UsageError> {
    let given = config.options.passthrough.iter().any(|arg| arg.starts_with("--log-cli-level"));
    Ok(given || config.getini("log_cli")? == Setting::Bool(true))
}

/// What a `verbosity_*` option says instead of `-v`.
fn own_verbosity(config: &Config, name: &str) -> Result<Option<i32>, UsageError> {
    Ok(match config.getini(name)? {
        Setting::Int(level) => i32::try_from(level).ok(),
        Setting::Text(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// `console_output_style`; without capture, and where fixtures are shown
/// (`--setup-show`, `--setup-plan`), there is nothing at the edge.
fn progress(config: &Config) -> Result<ProgressKind, UsageError> {
    let Setting::Text(style) = config.getini("console_output_style")? else {
        return Ok(ProgressKind::Percent);
    };
    let shown = config.options.running.capture == Capture::No;
    let is_setup = |arg: &String| ["--setup-show", "--setupshow"].contains(&arg.as_str());
    let options = &config.options;
    let setup = options.asked.setup_only || options.passthrough.iter().any(is_setup);
    if setup || shown && style != "progress-even-when-capture-no" {
        return Ok(ProgressKind::Classic);
    }
    Ok(match &*style {
        "classic" => ProgressKind::Classic,
        "count" => ProgressKind::Count,
        "times" => ProgressKind::Times,
        _ => ProgressKind::Percent,
    })
}

const fn tracebacks(option: Traceback) -> Tracebacks {
    match option {
        Traceback::No => Tracebacks::No,
        Traceback::Line => Tracebacks::Line,
        _ => Tracebacks::Whole,
    }
}

fn durations(display: &Display) -> Option<Durations> {
    let count = usize::try_from(display.durations?).unwrap_or(0);
    let min = display.durations_min.as_ref().and_then(|min| min.trim().parse().ok());
    Some(Durations { count, min })
}

/// `--max-warnings`, else the configuration.
fn max_warnings(config: &Config) -> Result<Option<usize>, UsageError> {
    if let Some(most) = config.options.running.max_warnings {
        return Ok(usize::try_from(most).ok());
    }
    Ok(match config.getini("max_warnings")? {
        Setting::Int(most) => usize::try_from(most).ok(),
        Setting::Text(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// `$COLUMNS`, else the terminal's width, else 80.
fn width(terminal: bool) -> usize {
    let of_terminal = || terminal.then(|| usize::from(console::Term::stdout().size().1));
    std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .or_else(of_terminal)
        .filter(|&columns| columns > 0)
        .unwrap_or(DEFAULT_WIDTH)
}

/// `--color`, then `PY_COLORS`, `NO_COLOR`, `FORCE_COLOR` as pytest asks them, then the terminal.
pub(super) fn colored(option: Color, terminal: bool) -> bool {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match option {
        Color::Yes => true,
        Color::No => false,
        Color::Auto => match variable("PY_COLORS").as_deref() {
            Some("1") => true,
            Some("0") => false,
            _ if variable("NO_COLOR").is_some() => false,
            _ if variable("FORCE_COLOR").is_some() => true,
            _ => terminal && variable("TERM").as_deref() != Some("dumb"),
        },
    }
}

fn show_capture(option: &str) -> ShowCapture {
    match option {
        "no" => ShowCapture::No,
        "stdout" => ShowCapture::Stdout,
        "stderr" => ShowCapture::Stderr,
        "log" => ShowCapture::Log,
        _ => ShowCapture::All,
    }
}
