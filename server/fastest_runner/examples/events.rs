//! Runs tests and prints every event, one a line: for looking at what a run does.
//!
//! `cargo run -p fastest_runner --example events -- PYTHON WORKERS [pytest arguments]`
//!
//! With the variable `EVENTS_CWD_ON_PATH` the run is that of `python -m pytest`.

use std::{error::Error, process::ExitCode};

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
    let listen = tokio::spawn(async move {
        while let Some(event) = heard.recv().await {
            println!("{event:?}");
        }
    });
    let keys = tokio::spawn(canceller.on_ctrl_c());
    let summary = run(request, events, cancels).await?;
    listen.await?;
    keys.abort();
    eprintln!("{summary:#?}");
    Ok(ExitCode::from(u8::try_from(summary.exit)?))
}
