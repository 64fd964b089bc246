//! One message of the base protocol: headers, a blank line, a body.

use std::io::{self, BufRead, Read};

/// A header line longer than this is no header. VS Code's longest has 40 bytes.
const LONGEST_HEADER: u64 = 8 * 1024;

/// A body longer than this is not read: 100 times the largest source file of the corpus.
const LARGEST_BODY: usize = 256 * 1024 * 1024;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// A body, not yet looked at.
    Body(Vec<u8>),
    /// Something that is no frame; reading goes on behind it.
    Malformed(String),
}

/// The next frame; `None` at the end of the stream.
pub fn read(from: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.take(LONGEST_HEADER).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        match text.split_once(':') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse::<usize>().ok();
                if length.is_none() {
                    return Ok(Some(malformed(text)));
                }
            }
            Some(_) => {}
            None if text.is_empty() => {
                if let Some(length) = length {
                    return body(from, length);
                }
            }
            None => return Ok(Some(malformed(text))),
        }
    }
}

fn malformed(text: &str) -> Frame {
    let shown: String = text.chars().take(60).collect();
    Frame::Malformed(format!("`{shown}` is no header of a message"))
}

fn body(from: &mut impl BufRead, length: usize) -> io::Result<Option<Frame>> {
    if length > LARGEST_BODY {
        io::copy(&mut from.take(length as u64), &mut io::sink())?;
        let text = format!("a message of {length} bytes is longer than {LARGEST_BODY}");
        return Ok(Some(Frame::Malformed(text)));
    }
    let mut body = vec![0; length];
    match from.read_exact(&mut body) {
        Ok(()) => Ok(Some(Frame::Body(body))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Appends a body as a frame.
pub fn push(buffer: &mut Vec<u8>, body: &[u8]) {
    buffer.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    buffer.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::{Frame, read};

    fn frames(mut bytes: &[u8]) -> Vec<Frame> {
        std::iter::from_fn(|| read(&mut bytes).unwrap()).collect()
    }

    #[test]
    fn bodies_are_taken_by_their_length() {
        let bytes = b"Content-Length: 2\r\n\r\n{}content-length:3\r\nContent-Type: x\r\n\r\n[1]";
        let body = |text: &[u8]| Frame::Body(text.to_vec());
        assert_eq!(frames(bytes), [body(b"{}"), body(b"[1]")]);
    }

    #[test]
    fn what_is_no_frame_is_named_and_passed_over() {
        let bytes = b"hello\r\nContent-Length: x\r\n\r\nContent-Length: 2\r\n\r\n{}Content-Length: 9\r\n\r\n{";
        let found = frames(bytes);
        assert!(
            matches!(&found[..], [Frame::Malformed(_), Frame::Malformed(_), Frame::Body(_),]),
            "{found:?}"
        );
    }
}
