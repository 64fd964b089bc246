//! Runs tests and reports them as pytest does: for looking at output side by side.
//!
//! `cargo run -p fastest_runner --example report -- PYTHON WORKERS VERBOSITY [pytest arguments]`
//!
//! With `REPORT_LIVE` there is a progress bar, with `REPORT_COLOR` there are colours.

use std::{error::Error, process::ExitCode};

use fastest_report::{End, Reporter, Style, report_chars};
use fastest_runner::{RunRequest, Workers, cancellation, run};
use tokio::sync::mpsc::unbounded_channel;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let python = args.next().ok_or("the interpreter is missing")?;
    let workers = args.next().ok_or("the number of workers is missing")?.parse()?;
    let verbosity = args.next().ok_or("the verbosity is missing")?.parse()?;
    let request = RunRequest {
        workers: Workers::Count(workers),
        pytest_args: args.collect(),
        ..RunRequest::new(python, std::env::current_dir()?)
    };
    let chars = request.pytest_args.iter().find_map(|arg| arg.strip_prefix("-r"));
    let style = Style {
        verbosity,
        report_chars: report_chars(chars.unwrap_or_default(), true),
        live: std::env::var_os("REPORT_LIVE").is_some(),
        color: std::env::var_os("REPORT_COLOR").is_some(),
        invocation_dir: request.invocation_dir.clone(),
        own_line: format!("fastest-{}, {workers} workers", env!("CARGO_PKG_VERSION")),
        ..Style::default()
    };
    let mut reporter = Reporter::new(style, std::io::stdout());
    let (events, mut heard) = unbounded_channel();
    let (canceller, cancels) = cancellation();
    let keys = tokio::spawn(canceller.on_ctrl_c());
    let report = async {
        while let Some(event) = heard.recv().await {
            reporter.on(event)?;
        }
        Ok::<_, std::io::Error>(reporter)
    };
    let (summary, reporter) = tokio::join!(run(request, events, cancels), report);
    let summary = summary?;
    reporter?.finish(&End { duration: summary.duration, stop_reason: summary.stop_reason })?;
    keys.abort();
    Ok(ExitCode::from(u8::try_from(summary.exit)?))
}
