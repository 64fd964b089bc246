//! Files to outlines: from the cache where it holds, else read, decoded and scanned, in parallel.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use fastest_model::Span;
use fastest_syntax::decode::decode;
use fastest_syntax::outline::{Outline, SyntaxProblem};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::cache::{Cache, Cached};
use crate::walk::FileEntry;

/// How old a time of modification must be to be trusted: file systems count time in steps of up
/// to two seconds (FAT), and two changes within one step look the same.
pub(super) const SETTLED_NS: u64 = 2_000_000_000;

/// The outlines of files, in their order.
///
/// A file that cannot be read or decoded has an outline without statements and with one problem.
#[must_use]
pub fn load_files(files: &[&FileEntry], cache: &Cache) -> Vec<(Arc<Path>, Arc<Outline>)> {
    load_files_as(files, cache, |file, outline| (Arc::clone(&file.path), outline))
}

/// What a function makes of the files' outlines, in their order. It is asked on any thread, right
/// after a file is read.
pub(crate) fn load_files_as<T: Send>(
    files: &[&FileEntry],
    cache: &Cache,
    make: impl Fn(&FileEntry, Arc<Outline>) -> T + Sync,
) -> Vec<T> {
    let now = now_ns();
    let load = |file: &&FileEntry| make(file, load_file(file, cache, now));
    // A single file is not worth waking the pool.
    if files.len() < 2 {
        files.iter().map(load).collect()
    } else {
        files.par_iter().map(load).collect()
    }
}

fn load_file(file: &FileEntry, cache: &Cache, now: u64) -> Arc<Outline> {
    let cached = cache.get(file);
    if let Cached::Outline(outline) = cached {
        return outline;
    }
    let bytes = match read(file) {
        Ok(bytes) => bytes,
        Err(error) => return Arc::new(failed(error.to_string(), None)),
    };
    let content = xxh3_64(&bytes);
    let is_settled = file.mtime_ns != 0 && file.mtime_ns.saturating_add(SETTLED_NS) < now;
    let outline = match cached {
        Cached::IfContent(expected, outline) if expected == content => {
            // What is still too young stays as it is stored.
            if is_settled {
                cache.put(file, content, is_settled, &outline);
            }
            return outline;
        }
        _ => Arc::new(outline_of(&bytes)),
    };
    cache.put(file, content, is_settled, &outline);
    outline
}

/// The outline of a file's bytes.
#[must_use]
pub fn outline_of(bytes: &[u8]) -> Outline {
    match decode(bytes) {
        Ok(text) => fastest_syntax::scan(&text),
        Err(problem) => failed(problem.message, problem.offset),
    }
}

/// What stands for a file that has no text; `offset` is that of the byte to blame.
fn failed(message: String, offset: Option<usize>) -> Outline {
    let start = offset.and_then(|offset| u32::try_from(offset).ok()).unwrap_or(0);
    let span = Span { start, end: start };
    Outline { statements: Vec::new(), problems: vec![SyntaxProblem { span, message }] }
}

/// Reads a file whose size is known: one `read` where the size still holds, for a regular file
/// that gives less than it was asked for is at its end.
fn read(file: &FileEntry) -> io::Result<Vec<u8>> {
    let mut source = File::open(&file.path)?;
    let expected = usize::try_from(file.size).unwrap_or(0);
    let mut bytes = vec![0; expected + 1];
    let mut filled = 0;
    while filled < bytes.len() {
        match source.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if filled == expected {
            break;
        }
    }
    bytes.truncate(filled);
    if filled > expected {
        source.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

pub(super) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
