//! One zygote's process: started, and told things.

use std::{
    io::{self, IoSlice, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Child, Command, ExitStatus, Stdio},
};

use command_fds::{CommandFdExt, FdMapping};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};

use super::{
    ZygoteLaunch,
    wire::{FromZygote, ToZygote},
};
use crate::worker::boot;

/// The channel, stdout and stderr of a worker, and its leash if it has one.
pub type Streams = Vec<OwnedFd>;

/// So many descriptors travel with a message at most.
const MOST_STREAMS: usize = 4;

/// The first descriptor after the standard ones.
pub const CHILD_FD: i32 = 3;

/// A zygote's process, as far as it is ours to end.
#[derive(Debug)]
pub enum Process {
    /// It was started by this one.
    Own(Child),
    /// It is a fork of one that stays, which reaps it.
    #[cfg(target_os = "linux")]
    Lent(OwnedFd),
}

impl Process {
    /// Wait for the end of one that was started by this one; of others nothing is known.
    pub fn wait(&mut self) -> Option<ExitStatus> {
        match self {
            Self::Own(child) => child.wait().ok(),
            #[cfg(target_os = "linux")]
            Self::Lent(_) => None,
        }
    }

    /// End it, if it is not gone already.
    pub fn end(&mut self) {
        match self {
            Self::Own(child) => {
                let _gone_already = child.kill();
                let _reaped = child.wait();
            }
            #[cfg(target_os = "linux")]
            Self::Lent(process) => {
                use rustix::process::{Signal, pidfd_send_signal};
                let _gone_already = pidfd_send_signal(process, Signal::KILL);
            }
        }
    }
}

/// Start a process; it is warm when it says that it is ready.
pub fn start(launch: &ZygoteLaunch) -> io::Result<(UnixStream, Process)> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = command(launch, "zygote", &format!("fd:{CHILD_FD}"), theirs.into())?;
    Ok((ours, Process::Own(command.spawn()?)))
}

/// The command of a process that holds a descriptor, at [`CHILD_FD`], and is of no job that a
/// shell or a terminal knows of.
pub fn command(
    launch: &ZygoteLaunch,
    module: &str,
    argument: &str,
    descriptor: OwnedFd,
) -> io::Result<Command> {
    let mut command = Command::new(&launch.python);
    command
        .args(["-c", &boot(module)])
        .arg(launch.bundle.path())
        .arg(argument)
        .current_dir(&launch.dir)
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        // What is wrong with the interpreter is said by the worker that is spawned instead.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    command
        .fd_mappings(vec![FdMapping { parent_fd: descriptor, child_fd: CHILD_FD }])
        .map_err(io::Error::other)?;
    Ok(command)
}

/// Tell a process something, with the descriptors that belong to it.
pub fn send(
    mut stream: &UnixStream,
    message: &ToZygote,
    streams: Option<&[OwnedFd]>,
) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?.to_be_bytes();
    match streams {
        Some(streams) => send_with(stream, &length, streams)?,
        None => stream.write_all(&length)?,
    }
    stream.write_all(&body)
}

/// Send the four bytes of a length, and descriptors with them.
fn send_with(stream: &UnixStream, length: &[u8; 4], streams: &[OwnedFd]) -> io::Result<()> {
    let descriptors: Vec<BorrowedFd<'_>> = streams.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_STREAMS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    let data = [IoSlice::new(length)];
    let sent = rustix::io::retry_on_intr(|| {
        rustix::net::sendmsg(stream, &data, &mut ancillary, SendFlags::empty())
    })?;
    if sent == length.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// The next message; `None` once the process is gone or makes no sense.
pub fn receive(mut stream: &UnixStream) -> Option<FromZygote> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).ok()?];
    stream.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
