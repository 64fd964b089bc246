//! The harness's files, carried inside the binary and put where Python can import them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../python-harness/src/", $path)))),*]
    };
}

/// Every file of the harness by its path; a test compares the list with the folder.
pub const FILES: &[(&str, &str)] = &files![
    "fastest/__init__.py",
    "fastest/py.typed",
    "fastest_harness/__init__.py",
    "fastest_harness/breakpoints.py",
    "fastest_harness/channel.py",
    "fastest_harness/clocks.py",
    "fastest_harness/collection.py",
    "fastest_harness/compat.py",
    "fastest_harness/compat_around.py",
    "fastest_harness/compat_cache.py",
    "fastest_harness/compat_config.py",
    "fastest_harness/compat_coverage.py",
    "fastest_harness/compat_failures.py",
    "fastest_harness/compat_fixtures.py",
    "fastest_harness/compat_junit.py",
    "fastest_harness/compat_narrow.py",
    "fastest_harness/compat_replay.py",
    "fastest_harness/compat_rewrite.py",
    "fastest_harness/compat_runtest.py",
    "fastest_harness/compat_scopes.py",
    "fastest_harness/compat_template.py",
    "fastest_harness/compat_terminal.py",
    "fastest_harness/contract.py",
    "fastest_harness/control.py",
    "fastest_harness/coroutines.py",
    "fastest_harness/coverage_details.py",
    "fastest_harness/coverage_report.py",
    "fastest_harness/coverage_run.py",
    "fastest_harness/debugger.py",
    "fastest_harness/direct.py",
    "fastest_harness/engine.py",
    "fastest_harness/exclusive.py",
    "fastest_harness/failures.py",
    "fastest_harness/fitness.py",
    "fastest_harness/folders.py",
    "fastest_harness/fresh.py",
    "fastest_harness/grounds.py",
    "fastest_harness/guard.py",
    "fastest_harness/guests.py",
    "fastest_harness/harmless.py",
    "fastest_harness/hooks.py",
    "fastest_harness/leaving.py",
    "fastest_harness/limits.py",
    "fastest_harness/mutations.py",
    "fastest_harness/neighbours.py",
    "fastest_harness/overlay.py",
    "fastest_harness/plain.py",
    "fastest_harness/preload.py",
    "fastest_harness/py.typed",
    "fastest_harness/report_log.py",
    "fastest_harness/reports.py",
    "fastest_harness/reruns.py",
    "fastest_harness/resident.py",
    "fastest_harness/scopes.py",
    "fastest_harness/settings.py",
    "fastest_harness/spare.py",
    "fastest_harness/teller.py",
    "fastest_harness/template.py",
    "fastest_harness/transport.py",
    "fastest_harness/watching.py",
    "fastest_harness/ways.py",
    "fastest_harness/worker.py",
    "fastest_harness/worker_fixtures.py",
    "fastest_harness/zygote.py",
];

/// The harness on disk: a folder for `sys.path`.
#[derive(Debug)]
pub struct Bundle {
    path: PathBuf,
    /// Whether the folder is this run's own and goes with it.
    temporary: bool,
}

impl Bundle {
    /// The harness under the user's cache folder, written there unless it is there already; or,
    /// where that folder cannot be used or holds something else, in a temporary one.
    ///
    /// # Errors
    /// If the temporary folder cannot be written either.
    pub fn unpack() -> io::Result<Self> {
        if let Some(path) = cache_dir().and_then(|cache| in_cache(&cache).ok()) {
            return Ok(Self { path, temporary: false });
        }
        let path = std::env::temp_dir().join(format!("fastest-harness-{}", unique()));
        write(&path)?;
        Ok(Self { path, temporary: true })
    }

    /// Whether the folder is there when this process is gone.
    #[must_use]
    pub const fn stays(&self) -> bool {
        !self.temporary
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        if self.temporary {
            // What is left behind in the temporary folder is the system's to clear.
            let _left_behind = fs::remove_dir_all(&self.path);
        }
    }
}

/// The folder named by its content, complete: it appears by one rename.
fn in_cache(cache: &Path) -> io::Result<PathBuf> {
    let harness = cache.join("harness");
    let path = harness.join(format!("{:016x}", digest()));
    if is_intact(&path) {
        return Ok(path);
    }
    let draft = harness.join(format!("draft-{}", unique()));
    write(&draft)?;
    let renamed = fs::rename(&draft, &path);
    if renamed.is_err() {
        fs::remove_dir_all(&draft)?;
    }
    // Another process may have been first, which is as good, or the place is spoilt.
    if is_intact(&path) { Ok(path) } else { renamed.and(Err(io::ErrorKind::InvalidData.into())) }
}

fn is_intact(folder: &Path) -> bool {
    FILES
        .iter()
        .all(|(path, text)| fs::read(folder.join(path)).is_ok_and(|found| found == text.as_bytes()))
}

fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.parent().unwrap_or(folder))?;
    private_dir(folder)?;
    for (path, text) in FILES {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// Make a folder that nobody else can put anything in; it must not exist yet.
#[cfg(unix)]
pub(crate) fn private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(crate) fn private_dir(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// A folder of the user's cache that nobody else can look into.
///
/// # Errors
/// If there is none, or somebody else can.
pub(crate) fn private_folder(name: &str) -> io::Result<PathBuf> {
    let cache = cache_dir().ok_or(io::ErrorKind::NotFound)?;
    let folder = cache.join(name);
    if !folder.exists() {
        fs::create_dir_all(&cache)?;
        private_dir(&folder).or_else(|error| if folder.exists() { Ok(()) } else { Err(error) })?;
    }
    if is_private(&folder)? { Ok(folder) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

#[cfg(unix)]
fn is_private(folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(folder)?;
    let own = rustix::process::getuid().as_raw();
    Ok(found.is_dir() && found.uid() == own && found.mode() & 0o077 == 0)
}

/// What is below a user's own folder is that user's.
#[cfg(not(unix))]
fn is_private(folder: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(folder)?.is_dir())
}

/// A name that no other process and no other call has.
pub(crate) fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{count}-{:016x}", std::process::id(), crate::transport::random())
}

/// Of paths and texts, the same in every build, unlike the standard library's hasher.
fn digest() -> u64 {
    let bytes = FILES.iter().flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]);
    hash(bytes.flatten().copied())
}

/// FNV-1a.
pub(crate) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Where this user's caches are; `None` where the environment does not say.
pub(crate) fn cache_dir() -> Option<PathBuf> {
    let from = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        from("LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        from("HOME")?.join("Library/Caches")
    } else {
        from("XDG_CACHE_HOME").or_else(|| Some(from("HOME")?.join(".cache")))?
    };
    Some(base.join("fastest-lsp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(folder: &Path, below: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() && entry.file_name() != "__pycache__" {
                listed(&path, below, found);
            } else if path.is_file() {
                let path = path.strip_prefix(below).unwrap();
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_is_carried() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python-harness/src");
        let mut found = Vec::new();
        listed(&source, &source, &mut found);
        found.sort();
        let carried: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(carried, found);
    }

    #[test]
    fn a_spoilt_cache_is_not_used() {
        let cache = tempfile::tempdir().unwrap();
        let path = in_cache(cache.path()).unwrap();
        assert!(is_intact(&path));
        assert_eq!(in_cache(cache.path()).unwrap(), path);
        fs::write(path.join("fastest_harness/worker.py"), "something else").unwrap();
        assert!(in_cache(cache.path()).is_err());
    }
}
