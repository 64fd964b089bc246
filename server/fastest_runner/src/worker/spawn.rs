//! A worker that is a new process of the interpreter.

use std::{io, process::Stdio};

use tokio::process::Command;

use super::{Launch, Process, Started, boot};
use crate::transport;

pub async fn spawn(launch: &Launch) -> io::Result<Started> {
    let mut command = Command::new(&launch.python);
    command
        .args(["-c", &boot("worker")])
        .arg(launch.bundle.path())
        .current_dir(&launch.dir)
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // Ctrl-C in the terminal is for us: we say what becomes of the workers.
    #[cfg(unix)]
    command.process_group(0);
    let offer = transport::offer(launch.transport, &mut command).await?;
    let mut child = command.spawn()?;
    let missing = || io::Error::other("a standard stream is not a pipe");
    Ok(Started {
        pid: child.id().unwrap_or(0),
        offer,
        out: Box::new(child.stdout.take().ok_or_else(missing)?),
        err: Box::new(child.stderr.take().ok_or_else(missing)?),
        process: Process::Spawned(child),
    })
}
