//! Finding, using, leaving and ending processes that stay.

use std::{
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{
            fs::PermissionsExt as _,
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::{
    Grounds, IDLE, Status,
    wire::{FromResident, Terms, ToResident},
};
use crate::{
    Zygote, ZygoteLaunch, bundle, frame,
    zygote::process::{CHILD_FD, Process, command},
};

/// How long a run waits for an answer. A process that is warm answers in 5 ms, one that is still
/// warming up in less than a fresh one takes (Python 3.11, 2 cores, measured); after this time it
/// is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// The same where nobody waits to run tests.
const MUCH_PATIENCE: Duration = Duration::from_secs(10);

/// A socket that nobody listens at and that is older than this belongs to nobody.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// A zygote from the process that stays, if there is one that is what a fresh one would be.
#[must_use]
pub fn attach(grounds: &Grounds, launch: ZygoteLaunch) -> Option<Zygote> {
    let path = folder().ok()?.join(socket_name(grounds));
    let stream = UnixStream::connect(&path).ok()?;
    match ask(&stream, &ToResident::Attach { grounds: &grounds.terms }, PATIENCE) {
        Ok(FromResident::Ready { protocol, pid }) if protocol == crate::wire::PROTOCOL => {
            stream.set_read_timeout(None).ok()?;
            let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
            let process = Process::Lent(pidfd_open(pid, PidfdFlags::empty()).ok()?);
            Zygote::with(launch, stream, process).ok()
        }
        Ok(_) => None,
        Err(_) => {
            // It hangs or makes no sense: nobody else is to wait for it.
            let _gone = fs::remove_file(&path);
            None
        }
    }
}

/// Starts a process that stays, in the place of any that there is, and returns at once.
///
/// # Errors
/// If it cannot be started.
pub fn leave(grounds: &Grounds, launch: &ZygoteLaunch) -> io::Result<()> {
    let path = folder()?.join(socket_name(grounds));
    let draft = path.with_extension(bundle::unique());
    let listener = UnixListener::bind(&draft)?;
    let placed = fs::set_permissions(&draft, fs::Permissions::from_mode(0o600))
        .and_then(|()| fs::rename(&draft, &path));
    if let Err(error) = placed.and_then(|()| start(grounds, launch, listener, &path)) {
        let _gone = fs::remove_file(&draft).or_else(|_| fs::remove_file(&path));
        return Err(error);
    }
    Ok(())
}

fn start(
    grounds: &Grounds,
    launch: &ZygoteLaunch,
    listener: UnixListener,
    path: &Path,
) -> io::Result<()> {
    let terms = Terms {
        listener: CHILD_FD,
        path,
        grounds: &grounds.terms,
        rootdir: &grounds.rootdir,
        idle: IDLE.as_secs_f64(),
    };
    let terms = serde_json::to_string(&terms)?;
    command(launch, "resident", &terms, OwnedFd::from(listener))?.spawn().map(drop)
}

/// All processes of this user's that stay.
#[must_use]
pub fn status() -> Vec<Status> {
    let answers = sockets().into_iter().filter_map(|path| question(&path, &ToResident::Status));
    let status = answers.filter_map(|answer| match answer {
        FromResident::Status { pid, python, rootdir, running, idle, limit } => {
            let seconds = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default();
            let (idle, limit) = (seconds(idle), seconds(limit));
            Some(Status { pid, python, rootdir, running, idle, limit })
        }
        _ => None,
    });
    status.collect()
}

/// Ends all processes of this user's that stay; their ids. Runs that they helped to start go on.
#[must_use]
pub fn stop() -> Vec<u32> {
    let answers = sockets().into_iter().filter_map(|path| {
        let answer = question(&path, &ToResident::Stop);
        // Whatever becomes of it, nobody finds it any more.
        let _gone = fs::remove_file(&path);
        answer
    });
    let stopped = answers.filter_map(|answer| match answer {
        FromResident::Stopping { pid } => Some(pid),
        _ => None,
    });
    stopped.collect()
}

/// Asks whoever listens at a socket; a socket that nobody has listened at for long is removed.
fn question(path: &Path, question: &ToResident<'_>) -> Option<FromResident> {
    let Ok(stream) = UnixStream::connect(path) else {
        let changed = fs::metadata(path).and_then(|found| found.modified());
        let age = changed.ok().and_then(|changed| SystemTime::now().duration_since(changed).ok());
        if age.is_some_and(|age| age > FORGOTTEN) {
            let _gone = fs::remove_file(path);
        }
        return None;
    };
    ask(&stream, question, MUCH_PATIENCE).ok()
}

fn ask(
    mut stream: &UnixStream,
    question: &ToResident<'_>,
    patience: Duration,
) -> io::Result<FromResident> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    frame::write(&mut stream, question)?;
    stream.set_write_timeout(None)?;
    frame::read(&mut stream)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn sockets() -> Vec<PathBuf> {
    let entries = folder().and_then(fs::read_dir).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "sock")).collect()
}

fn socket_name(grounds: &Grounds) -> String {
    format!("{}.sock", &grounds.name[..16])
}

/// The folder of sockets, which only this user may enter.
fn folder() -> io::Result<PathBuf> {
    bundle::private_folder("daemon")
}
