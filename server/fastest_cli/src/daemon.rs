//! `fastest-lsp daemon status|stop`: the warm processes that runs have left for the next ones.

use std::time::Duration;

use fastest_model::ExitCode;
use fastest_runner::resident::{Status, status, stop};

/// What is asked of them.
#[derive(Clone, Copy, Debug)]
pub enum Question {
    /// Which there are.
    Status,
    /// That they end.
    Stop,
}

impl Question {
    /// What a whole command line asks, if it asks this.
    pub fn of(arguments: &[String]) -> Option<Self> {
        match arguments {
            [command, what] if command == "daemon" => match what.as_str() {
                "status" => Some(Self::Status),
                "stop" => Some(Self::Stop),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Asks, and prints the answer.
pub fn ask(question: Question) -> ExitCode {
    match question {
        Question::Status => match &status()[..] {
            [] => println!("no warm process is there; a run in a terminal leaves one"),
            all => all.iter().for_each(|one| println!("{}", told(one))),
        },
        Question::Stop => match &stop()[..] {
            [] => println!("no warm process is there"),
            all => all.iter().for_each(|pid| println!("stopped process {pid}")),
        },
    }
    ExitCode::Ok
}

fn told(one: &Status) -> String {
    let Status { pid, python, rootdir, running, idle, limit } = one;
    let state = match running {
        0 => format!("ends in {}", rounded(limit.saturating_sub(*idle))),
        1 => "1 run goes on".to_owned(),
        _ => format!("{running} runs go on"),
    };
    format!("process {pid}: {} in {} ({state})", python.display(), rootdir.display())
}

fn rounded(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}
