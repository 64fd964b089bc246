//! Files in pytest's cache directory.

use std::fs::{self, File};
use std::io::{self, IoSlice, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Tells writers within this process apart.
static TURN: AtomicU32 = AtomicU32::new(0);

/// Where the outlines are below pytest's `cache_dir`.
pub(super) fn file_in(directory: &Path) -> PathBuf {
    directory.join("d").join("fastest").join("outlines")
}

/// Where the last answer is.
pub(super) fn answer_in(directory: &Path) -> PathBuf {
    directory.join("d").join("fastest").join("answer")
}

/// Writes the file in one step: whoever reads meanwhile sees the old one or the new one.
pub(crate) fn write(directory: &Path, file: &Path, bytes: &[u8]) -> io::Result<()> {
    write_pieces(directory, file, &mut [IoSlice::new(bytes)])
}

/// The same for bytes that lie in several places.
pub(super) fn write_pieces(
    directory: &Path,
    file: &Path,
    pieces: &mut [IoSlice<'_>],
) -> io::Result<()> {
    let parent = file.parent().unwrap_or(directory);
    if !parent.is_dir() {
        make_directory(directory)?;
        fs::create_dir_all(parent)?;
    }
    replace_pieces(file, pieces)
}

/// Writes a file in one step, in a folder that exists.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_pieces(file, &mut [IoSlice::new(bytes)])
}

fn replace_pieces(file: &Path, pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
    let parent = file.parent().unwrap_or(Path::new("."));
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let temporary = parent.join(format!("{name}.{}.{turn}.tmp", std::process::id()));
    let written = File::create(&temporary)
        .and_then(|mut out| write_all(&mut out, pieces))
        .and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        // Nothing more can be done if that fails too.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_all(out: &mut File, mut pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
    // Empty ones would look like a file that takes no more.
    IoSlice::advance_slices(&mut pieces, 0);
    while !pieces.is_empty() {
        match out.write_vectored(pieces) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => IoSlice::advance_slices(&mut pieces, count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Makes pytest's cache directory with the files that pytest itself puts there: it adds none to a
/// directory that exists.
fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    fs::write(directory.join(".gitignore"), "# Made for pytest's cache.\n*\n")?;
    fs::write(
        directory.join("CACHEDIR.TAG"),
        "Signature: 8a477f597d28d172789f06886806bc55\n\
         # This directory holds a cache. See https://bford.info/cachedir/spec.html\n",
    )?;
    fs::write(
        directory.join("README.md"),
        "# pytest cache directory\n\nWhat pytest and Fastest remember from run to run.\n\
         Do not commit it; it can be removed at any time.\n",
    )
}
