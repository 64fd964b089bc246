//! Runs tests and prints every event, one a line: for looking at what a run does.
//!
//! `cargo run -p fastest_runner --example events -- PYTHON WORKERS [pytest arguments]`
//!
//! With the variable `EVENTS_CWD_ON_PATH` the run is that of `python -m pytest`; with
//! `EVENTS_OUTCOMES` it prints each test's outcome at the end instead of the events.

use std::{collections::BTreeMap, error::Error, process::ExitCode};

use fastest_model::run::{Outcome, Phase, RunEvent};
use fastest_runner::{RunRequest, Workers, cancellation, run};
use tokio::sync::mpsc::unbounded_channel;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let python = args.next().ok_or("the interpreter is missing")?;
    let workers = args.next().ok_or("the number of workers is missing")?.parse()?;
    let request = RunRequest {
        workers: Workers::Count(workers),
        pytest_args: args.collect(),
        cwd_on_path: std::env::var_os("EVENTS_CWD_ON_PATH").is_some(),
        ..RunRequest::new(python, std::env::current_dir()?)
    };
    let (events, mut heard) = unbounded_channel();
    let (canceller, cancels) = cancellation();
    let quiet = std::env::var_os("EVENTS_OUTCOMES").is_some();
    let mut outcomes = BTreeMap::new();
    let listen = tokio::spawn(async move {
        while let Some(event) = heard.recv().await {
            match (quiet, event) {
                (false, event) => println!("{event:?}"),
                (true, RunEvent::PhaseEnded { report, .. }) => {
                    let decides = report.phase == Phase::Call || report.outcome != Outcome::Passed;
                    let known = outcomes.get(&report.node_id);
                    let failed = matches!(known, Some(Outcome::Failed | Outcome::Error));
                    if decides && (!failed || report.outcome == Outcome::Error) {
                        outcomes.insert(report.node_id, report.outcome);
                    }
                }
                (true, _) => {}
            }
        }
        for (node_id, outcome) in outcomes {
            println!("OUTCOME {} {node_id}", format!("{outcome:?}").to_lowercase());
        }
    });
    let keys = tokio::spawn(canceller.on_signals());
    let summary = run(request, events, cancels).await?;
    listen.await?;
    keys.abort();
    eprintln!("{summary:#?}");
    Ok(ExitCode::from(u8::try_from(summary.exit)?))
}
