//! The byte stream between us and a worker. Tests own a worker's standard streams, so it is a
//! socket of its own.

use std::{
    hash::{BuildHasher, RandomState},
    io,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::{TcpListener, TcpStream},
    process::Command,
};

use crate::request::Transport;

pub type Reader = Box<dyn AsyncRead + Send + Unpin>;
pub type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// The variable that holds the secret of a loopback connection; others may read arguments.
const SECRET_VARIABLE: &str = "FASTEST_HARNESS_SECRET";

/// Our end, before the worker has taken the other.
pub enum Offer {
    #[cfg(unix)]
    Inherited(tokio::net::UnixStream),
    Loopback {
        listener: TcpListener,
        secret: String,
    },
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
    pub async fn connect(self) -> io::Result<(Reader, Writer)> {
        match self {
            #[cfg(unix)]
            Self::Inherited(stream) => {
                let (reader, writer) = stream.into_split();
                Ok((Box::new(reader), Box::new(writer)))
            }
            Self::Loopback { listener, secret } => {
                let (reader, writer) = accept(&listener, &secret).await?.into_split();
                Ok((Box::new(reader), Box::new(writer)))
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
    ours.set_nonblocking(true)?;
    Ok((Offer::Inherited(tokio::net::UnixStream::from_std(ours)?), theirs.into()))
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
            stream.set_nodelay(true)?;
            return Ok(stream);
        }
    }
}
