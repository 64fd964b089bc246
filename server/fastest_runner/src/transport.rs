//! The byte stream between us and a worker. Tests own a worker's standard streams, so it is a
//! socket of its own.

use std::{
    hash::{BuildHasher, RandomState},
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
};

use tokio::{io::AsyncReadExt, net::TcpListener, process::Command};

use crate::request::Transport;

/// The variable that holds the secret of a loopback connection; others may read arguments.
const SECRET_VARIABLE: &str = "FASTEST_HARNESS_SECRET";

/// Our end, before the worker has taken the other.
pub enum Offer {
    #[cfg(unix)]
    Inherited(std::os::unix::net::UnixStream),
    Loopback {
        listener: TcpListener,
        secret: String,
    },
}

/// Our end, which blocks: threads read and write it (`worker/talk.rs`).
pub enum Stream {
    #[cfg(unix)]
    Inherited(std::os::unix::net::UnixStream),
    Loopback(TcpStream),
}

impl Stream {
    /// Another handle of the same stream.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            #[cfg(unix)]
            Self::Inherited(stream) => Self::Inherited(stream.try_clone()?),
            Self::Loopback(stream) => Self::Loopback(stream.try_clone()?),
        })
    }

    /// End it in both directions, for whoever reads or writes it.
    pub fn hang_up(&self) {
        let _gone_already = match self {
            #[cfg(unix)]
            Self::Inherited(stream) => stream.shutdown(Shutdown::Both),
            Self::Loopback(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::Inherited(stream) => stream.read(buffer),
            Self::Loopback(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::Inherited(stream) => stream.write(bytes),
            Self::Loopback(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Neither holds anything back.
        Ok(())
    }
}

/// Make an end for a command that is about to be spawned, and give the command its address as
/// the last argument. The command holds the other end: drop it after spawning.
pub async fn offer(transport: Transport, command: &mut Command) -> io::Result<Offer> {
    match transport {
        #[cfg(unix)]
        Transport::Inherited => inherited(command),
        _ => loopback(command).await,
    }
}

impl Offer {
    /// The stream, once the worker is there.
    pub async fn connect(self) -> io::Result<Stream> {
        match self {
            #[cfg(unix)]
            Self::Inherited(stream) => Ok(Stream::Inherited(stream)),
            Self::Loopback { listener, secret } => {
                Ok(Stream::Loopback(accept(&listener, &secret).await?))
            }
        }
    }
}

/// A number that others cannot guess: the standard library keys its hashers from the system's
/// source of randomness.
pub fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Our end and the descriptor of the other.
#[cfg(unix)]
pub fn pair() -> io::Result<(Offer, std::os::fd::OwnedFd)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    Ok((Offer::Inherited(ours), theirs.into()))
}

#[cfg(unix)]
fn inherited(command: &mut Command) -> io::Result<Offer> {
    use command_fds::{CommandFdExt, FdMapping};

    /// The first descriptor after the standard ones.
    const CHILD_FD: i32 = 3;

    let (offer, theirs) = pair()?;
    command.arg(format!("fd:{CHILD_FD}"));
    command
        .fd_mappings(vec![FdMapping { parent_fd: theirs, child_fd: CHILD_FD }])
        .map_err(io::Error::other)?;
    Ok(offer)
}

async fn loopback(command: &mut Command) -> io::Result<Offer> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let secret = format!("{:016x}{:016x}", random(), random());
    command.arg(format!("tcp:{}", listener.local_addr()?.port()));
    command.env(SECRET_VARIABLE, &secret);
    Ok(Offer::Loopback { listener, secret })
}

/// The first connection that knows the secret; others are dropped.
async fn accept(listener: &TcpListener, secret: &str) -> io::Result<TcpStream> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        let mut said = vec![0; secret.len()];
        if stream.read_exact(&mut said).await.is_ok() && said == secret.as_bytes() {
            let stream = stream.into_std()?;
            stream.set_nonblocking(false)?;
            stream.set_nodelay(true)?;
            return Ok(stream);
        }
    }
}
