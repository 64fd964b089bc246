//! Frames: a big-endian length of four bytes, then that many bytes of a JSON object.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

/// The largest frame that is taken, in bytes. pytest itself needs several copies of a failure's
/// text in memory; one of this size has ended the worker before it is sent.
const MAX_FRAME: u32 = 1 << 30;

/// The largest frame that is taken of somebody who is not known yet.
const MAX_SHORT: u32 = 1 << 16;

/// The next message; `None` where the stream ends between two frames.
pub fn read<M: DeserializeOwned>(stream: &mut impl Read) -> io::Result<Option<M>> {
    read_at_most(stream, MAX_FRAME)
}

/// The same of somebody who is not known yet.
pub fn read_short<M: DeserializeOwned>(stream: &mut impl Read) -> io::Result<Option<M>> {
    read_at_most(stream, MAX_SHORT)
}

fn read_at_most<M: DeserializeOwned>(stream: &mut impl Read, most: u32) -> io::Result<Option<M>> {
    let Some(length) = length(stream, most)? else { return Ok(None) };
    let mut body = Vec::new();
    stream.take(length.into()).read_to_end(&mut body)?;
    if body.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&body)?))
}

/// Write one message.
pub fn write(stream: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend(body);
    stream.write_all(&frame)
}

fn length(stream: &mut impl Read, most: u32) -> io::Result<Option<u32>> {
    let mut bytes = [0; 4];
    match stream.read_exact(&mut bytes) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_be_bytes(bytes);
    if length > most {
        return Err(io::Error::other(format!("a frame of {length} bytes; at most {most}")));
    }
    Ok(Some(length))
}
