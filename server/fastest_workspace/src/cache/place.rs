//! Files in pytest's cache directory.

use std::fs;
use std::io;
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
    make_directory(directory)?;
    fs::create_dir_all(file.parent().unwrap_or(directory))?;
    replace(file, bytes)
}

/// Writes a file in one step, in a folder that exists.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = file.parent().unwrap_or(Path::new("."));
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let temporary = parent.join(format!("{name}.{}.{turn}.tmp", std::process::id()));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        // Nothing more can be done if that fails too.
        let _ = fs::remove_file(&temporary);
    }
    written
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
