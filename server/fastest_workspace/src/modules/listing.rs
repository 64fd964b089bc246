//! What a directory of `sys.path` holds, by Python's `FileFinder`.

use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use crate::modules::Found;
use crate::trail::Trail;

/// What a name is within a directory.
pub(super) enum Probe {
    Module(Found),
    /// A package and its directory.
    Package(Found, PathBuf),
    /// A directory without `__init__`.
    Portion(PathBuf),
    Nothing,
}

/// The kinds of entries of one name.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    directory: bool,
    source: bool,
    /// An extension module for this version of Python.
    extension: bool,
    /// A `.pyc` beside where its source would be.
    bytecode: bool,
}

type Listing = FxHashMap<CompactString, Kinds>;

/// Listed directories.
#[derive(Debug)]
pub(super) struct Listings {
    python: (u16, u16),
    listed: Mutex<FxHashMap<PathBuf, Arc<Listing>>>,
    trail: Arc<Trail>,
}

impl Listings {
    pub(super) fn new(python: (u16, u16), trail: Arc<Trail>) -> Self {
        Self { python, listed: Mutex::default(), trail }
    }

    /// Notes that something is looked at that no listing shows.
    pub(super) fn doubt(&self) {
        self.trail.doubt();
    }

    pub(super) fn forget(&self) {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A package wins over a module, an extension module over a source file.
    pub(super) fn probe(&self, directory: &Path, name: &str) -> Probe {
        let Some(kinds) = self.kinds(directory, name) else { return Probe::Nothing };
        if kinds.directory {
            let path = directory.join(name);
            let init = self.kinds(&path, "__init__").unwrap_or_default();
            if let Some(found) = regular(init, || path.join("__init__.py"), true) {
                return Probe::Package(found, path);
            }
        }
        if let Some(found) = regular(kinds, || directory.join(format!("{name}.py")), false) {
            return Probe::Module(found);
        }
        if kinds.directory { Probe::Portion(directory.join(name)) } else { Probe::Nothing }
    }

    fn kinds(&self, directory: &Path, name: &str) -> Option<Kinds> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = listed.get(directory) {
            return listing.get(name).copied();
        }
        let listing = Arc::new(self.list(directory));
        let kinds = listing.get(name).copied();
        listed.insert(directory.to_owned(), listing);
        kinds
    }

    fn list(&self, directory: &Path) -> Listing {
        self.trail.look(directory);
        let mut listing = Listing::default();
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            self.add(&mut listing, &entry);
        }
        listing
    }

    fn add(&self, listing: &mut Listing, entry: &DirEntry) {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { return };
        let (stem, suffix) = name.split_once('.').unwrap_or((name, ""));
        let is_module = matches!(suffix, "py" | "pyc") || self.is_extension(suffix);
        if !is_module && !suffix.is_empty() {
            // No module's name has a dot, not even a directory's.
            return;
        }
        let Some(is_directory) = is_directory(entry) else { return self.trail.doubt() };
        let kinds = listing.entry(CompactString::from(stem)).or_default();
        match (is_directory, suffix) {
            (true, "") => kinds.directory = true,
            (false, "py") => kinds.source = true,
            (false, "pyc") => kinds.bytecode = true,
            (false, suffix) if !suffix.is_empty() => kinds.extension = true,
            _ => {}
        }
    }

    /// `so`, `abi3.so`, `cpython-311-x86_64-linux-gnu.so`, `cp311-win_amd64.pyd`
    fn is_extension(&self, suffix: &str) -> bool {
        let (tag, kind) = suffix.rsplit_once('.').unwrap_or(("", suffix));
        let (major, minor) = self.python;
        let is_ours = |rest: &str| {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..digits] == format!("{major}{minor}")
        };
        let tag_fits = tag.is_empty()
            || tag == "abi3"
            || tag.strip_prefix("cpython-").or_else(|| tag.strip_prefix("cp")).is_some_and(is_ours);
        matches!(kind, "so" | "pyd") && tag_fits
    }
}

fn is_directory(entry: &DirEntry) -> Option<bool> {
    let kind = entry.file_type().ok()?;
    if kind.is_symlink() {
        return std::fs::metadata(entry.path()).ok().map(|metadata| metadata.is_dir());
    }
    Some(kind.is_dir())
}

/// Python tries extension modules first, then source, then bytecode.
fn regular(kinds: Kinds, source: impl FnOnce() -> PathBuf, is_package: bool) -> Option<Found> {
    if kinds.extension {
        Some(Found::Binary)
    } else if kinds.source {
        Some(Found::Source { path: Arc::from(source()), is_package })
    } else {
        kinds.bytecode.then_some(Found::Binary)
    }
}

/// Modules that are compiled into every CPython that pytest runs on (`sys.builtin_module_names`
/// common to 3.9 to 3.14 on all systems): found before anything on `sys.path`.
pub(super) fn is_builtin(name: &str) -> bool {
    const NAMES: [&str; 23] = [
        "_abc",
        "_ast",
        "_codecs",
        "_collections",
        "_functools",
        "_imp",
        "_io",
        "_locale",
        "_operator",
        "_signal",
        "_sre",
        "_stat",
        "_string",
        "_symtable",
        "_thread",
        "_tracemalloc",
        "_warnings",
        "_weakref",
        "atexit",
        "builtins",
        "errno",
        "sys",
        "time",
    ];
    const MORE: [&str; 7] = ["faulthandler", "gc", "itertools", "marshal", "nt", "posix", "pwd"];
    NAMES.contains(&name) || MORE.contains(&name)
}
