//! A worker that is forked from a warm process.

use std::io;

use tokio::net::unix::pipe::Receiver;

use super::{Launch, Process, Started};
use crate::{transport, zygote::Zygote};

pub async fn fork(zygote: &Zygote, launch: &Launch) -> io::Result<Started> {
    let (offer, channel) = transport::pair()?;
    let (out, to_out) = io::pipe()?;
    let (err, to_err) = io::pipe()?;
    let streams = vec![channel, to_out.into(), to_err.into()];
    let forked = zygote.fork(streams, &launch.dir, &launch.env, launch.starters).await?;
    Ok(Started {
        pid: forked.pid,
        offer,
        out: Box::new(Receiver::from_owned_fd(out.into())?),
        err: Box::new(Receiver::from_owned_fd(err.into())?),
        process: Process::Forked(forked.end),
    })
}
