//! A worker that is a new process of the interpreter.

use std::{io, process::Stdio};

use tokio::{
    io::{AsyncRead, empty},
    process::Command,
};

use super::{Launch, Process, Started, boot};
use crate::transport;

pub async fn spawn(launch: &Launch) -> io::Result<Started> {
    let mut command = Command::new(&launch.python);
    command
        .args(["-c", &boot("worker")])
        .arg(launch.bundle.path())
        .current_dir(&launch.dir)
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .kill_on_drop(true);
    if !launch.foreground {
        apart(&mut command);
    }
    let offer = transport::offer(launch.transport, &mut command).await?;
    let mut child = command.spawn()?;
    Ok(Started {
        pid: child.id().unwrap_or(0),
        offer,
        out: reader(child.stdout.take()),
        err: reader(child.stderr.take()),
        process: Process::Spawned(child),
    })
}

/// Streams that we read, and a process group of its own: Ctrl-C in the terminal is for us, who
/// say what becomes of the workers. One in the foreground reads the terminal and takes its Ctrl-C
/// itself, which only a process of the terminal's group can.
fn apart(command: &mut Command) {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    command.process_group(0);
}

fn reader(stream: Option<impl AsyncRead + Send + Unpin + 'static>) -> super::Reader {
    match stream {
        Some(stream) => Box::new(stream),
        None => Box::new(empty()),
    }
}
