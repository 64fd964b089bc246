//! From options and the terminal to the look of the report.

use std::io::IsTerminal;

use fastest_report::{ShowCapture, Style, report_chars};
use fastest_runner::RunRequest;
use fastest_workspace::options::{Color, Traceback};
use fastest_workspace::project::Project;

/// How pytest looks where there is no terminal.
const DEFAULT_WIDTH: usize = 80;

/// The look of a run's report.
pub(super) fn style(project: &Project, request: &RunRequest) -> Style {
    let display = &project.config.options.display;
    let terminal = std::io::stdout().is_terminal();
    let workers = request.workers.resolve(None);
    let plural = if workers == 1 { "" } else { "s" };
    let verbosity = i32::try_from(display.verbosity).unwrap_or(0);
    Style {
        verbosity,
        width: width(terminal),
        color: colored(display.color, terminal),
        live: terminal && verbosity >= 0 && std::env::var_os("CI").is_none(),
        report_chars: report_chars(&display.report, !display.no_warnings),
        show_capture: show_capture(&display.show_capture),
        tracebacks: display.traceback != Traceback::No,
        header: !display.no_header,
        summary: !display.no_summary,
        warnings: !display.no_warnings,
        full_lines: std::env::var_os("CI").is_some() || verbosity >= 2,
        collect_only: false,
        invocation_dir: project.config.invocation_dir.clone(),
        own_line: format!("fastest-{}, {workers} worker{plural}", env!("CARGO_PKG_VERSION")),
    }
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
fn colored(option: Color, terminal: bool) -> bool {
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
