//! Reading directories, in parallel.

use std::cmp::Ordering;
use std::fs::{DirEntry, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{self, AtomicUsize};

use compact_str::CompactString;
use fastest_model::problem::{Problem, Severity};
use rayon::prelude::*;

use crate::walk::rules::Rules;
use crate::walk::{Directory, Entry, FileEntry, FileKind, WalkOptions};

/// How many directories are entered through more than one symbolic link.
///
/// pytest follows links that lead back up until the system refuses a path with too many of them
/// (40 on Linux). So do we; but where several links lead back up, their combinations have no end
/// in practice (2 to the 40th), and pytest hangs. Real trees stay far below this limit.
const NESTED_LINKS: usize = 10_000;

pub(super) struct Walker<'o> {
    options: &'o WalkOptions,
    rules: Rules<'o>,
    nested_links: AtomicUsize,
}

/// What one `readdir` says of a directory.
#[derive(Default)]
struct Listing {
    files: Vec<FileEntry>,
    directories: Vec<Subdirectory>,
    conftest: Option<FileEntry>,
    has_init: bool,
    is_virtualenv: bool,
}

struct Subdirectory {
    path: PathBuf,
    name: CompactString,
    is_link: bool,
}

/// An entry whose links are followed.
struct Seen {
    name: CompactString,
    kind: FileType,
    is_link: bool,
    /// Known already where a link had to be followed.
    metadata: Option<Metadata>,
}

impl<'o> Walker<'o> {
    pub(super) fn new(options: &'o WalkOptions) -> Self {
        Self { options, rules: Rules::new(options), nested_links: AtomicUsize::new(0) }
    }

    pub(super) fn root(&self, path: &Path) -> Directory {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let listing = self.list(path);
        self.directory(Arc::from(path), CompactString::from(name), listing, 0)
    }

    /// A directory that is not an argument itself; `None` if there is nothing to visit.
    fn below(&self, sub: &Subdirectory, links: u32) -> Option<Directory> {
        let path = sub.path.as_path();
        let links = links + u32::from(sub.is_link);
        if sub.is_link && links > 1 && self.too_many_links() {
            return Some(link_problem(sub));
        }
        let listing = self.list(path);
        if let Ok(listing) = &listing
            && listing.is_virtualenv
            && !self.rules.leads_to_initial(path)
        {
            return None;
        }
        let directory = self.directory(Arc::from(path), sub.name.clone(), listing, links);
        let is_empty = directory.entries.is_empty()
            && directory.conftest.is_none()
            && directory.problem.is_none();
        (!is_empty).then_some(directory)
    }

    fn too_many_links(&self) -> bool {
        self.nested_links.fetch_add(1, atomic::Ordering::Relaxed) >= NESTED_LINKS
    }

    fn directory(
        &self,
        path: Arc<Path>,
        name: CompactString,
        listing: io::Result<Listing>,
        links: u32,
    ) -> Directory {
        let (listing, problem) = match listing {
            Ok(listing) => (listing, None),
            Err(error) => (Listing::default(), Some(list_problem(&path, &error))),
        };
        let subdirectories = self.subdirectories(&listing.directories, links);
        let files = listing.files.into_iter().map(Entry::File);
        let mut entries: Vec<Entry> =
            files.chain(subdirectories.into_iter().map(Entry::Directory)).collect();
        let order = Order { package: listing.has_init, files_first: self.options.pytest < (8, 0) };
        entries.sort_unstable_by(|a, b| order.compare(a, b));
        Directory {
            path,
            name,
            package: listing.has_init,
            conftest: listing.conftest,
            entries,
            problem,
        }
    }

    fn subdirectories(&self, found: &[Subdirectory], links: u32) -> Vec<Directory> {
        let below = |sub: &Subdirectory| self.below(sub, links);
        if found.len() < 2 {
            return found.iter().filter_map(below).collect();
        }
        found.par_iter().filter_map(below).collect()
    }

    fn list(&self, path: &Path) -> io::Result<Listing> {
        self.options.trail.look(path);
        let entries = match std::fs::read_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Listing::default()),
            entries => entries?,
        };
        let mut listing = Listing::default();
        for entry in entries {
            let entry = entry?;
            match follow(&entry)? {
                Some(seen) => self.add(&mut listing, path, &entry, seen)?,
                // What comes to be at its end is in another folder.
                None => self.options.trail.doubt(),
            }
        }
        for path in self.options.unsaved.iter().filter(|file| file.parent() == Some(path)) {
            self.add_unsaved(&mut listing, path);
        }
        Ok(listing)
    }

    /// Adds a file that is not there yet.
    fn add_unsaved(&self, listing: &mut Listing, path: &Path) {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return };
        let name = CompactString::from(name.to_string_lossy());
        let kind = self.rules.file(directory, &name);
        let entry = |kind| {
            let (path, name) = (Arc::from(path), name.clone());
            FileEntry { path, name, kind, size: 0, mtime_ns: 0 }
        };
        if name == "conftest.py" && listing.conftest.is_none() {
            listing.conftest = Some(entry(FileKind::PlainModule));
        }
        let is_listed = listing.files.iter().any(|file| *file.path == *path);
        if let Some(kind) = kind.filter(|_| !is_listed) {
            listing.files.push(entry(kind));
        }
    }

    fn add(
        &self,
        listing: &mut Listing,
        directory: &Path,
        entry: &DirEntry,
        seen: Seen,
    ) -> io::Result<()> {
        if seen.kind.is_dir() {
            listing.is_virtualenv |= self.marks_virtualenv_dir(directory, &seen.name);
            if self.rules.enters(directory, &seen.name) {
                let Seen { name, is_link, .. } = seen;
                listing.directories.push(Subdirectory { path: entry.path(), name, is_link });
            }
        } else if seen.kind.is_file() {
            listing.has_init |= seen.name == "__init__.py";
            listing.is_virtualenv |= self.marks_virtualenv_file(&seen.name);
            self.add_file(listing, directory, entry, seen)?;
        }
        Ok(())
    }

    fn add_file(
        &self,
        listing: &mut Listing,
        directory: &Path,
        entry: &DirEntry,
        seen: Seen,
    ) -> io::Result<()> {
        let kind = self.rules.file(directory, &seen.name);
        let is_conftest = seen.name == "conftest.py";
        if kind.is_none() && !is_conftest {
            return Ok(());
        }
        let metadata = match seen.metadata {
            Some(metadata) => metadata,
            // It may have gone since it was listed.
            None => match entry.metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                metadata => metadata?,
            },
        };
        let kind_or_plain = kind.unwrap_or(FileKind::PlainModule);
        let file = FileEntry::new(entry.path().into(), seen.name, kind_or_plain, &metadata);
        if is_conftest {
            listing.conftest = Some(FileEntry { kind: FileKind::PlainModule, ..file.clone() });
        }
        if kind.is_some() {
            listing.files.push(file);
        }
        Ok(())
    }

    /// pytest's `_in_venv`: since 8.3 by `pyvenv.cfg` or conda's history file, before by an
    /// `activate` script.
    fn marks_virtualenv_file(&self, name: &str) -> bool {
        !self.options.collect_in_virtualenv && self.options.pytest >= (8, 3) && name == "pyvenv.cfg"
    }

    fn marks_virtualenv_dir(&self, directory: &Path, name: &str) -> bool {
        if self.options.collect_in_virtualenv {
            return false;
        }
        if self.options.pytest >= (8, 3) {
            return name == "conda-meta" && self.is_file(&directory.join("conda-meta/history"));
        }
        let scripts = if cfg!(windows) { "Scripts" } else { "bin" };
        name == scripts && {
            let scripts = directory.join(name);
            self.options.trail.look(&scripts);
            has_activate_script(&scripts)
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.options.trail.look(path);
        path.is_file()
    }
}

fn has_activate_script(directory: &Path) -> bool {
    let names =
        ["activate", "activate.csh", "activate.fish", "Activate", "Activate.bat", "Activate.ps1"];
    names.iter().any(|name| directory.join(name).exists())
}

/// Follows a link; `None` for one that leads nowhere, as pytest's `scandir` skips it.
fn follow(entry: &DirEntry) -> io::Result<Option<Seen>> {
    let name = CompactString::from(entry.file_name().to_string_lossy());
    let kind = entry.file_type()?;
    if !kind.is_symlink() {
        return Ok(Some(Seen { name, kind, is_link: false, metadata: None }));
    }
    match std::fs::metadata(entry.path()) {
        Ok(metadata) => {
            let kind = metadata.file_type();
            Ok(Some(Seen { name, kind, is_link: true, metadata: Some(metadata) }))
        }
        Err(error) if leads_nowhere(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `_ignore_error` of `_pytest/pathlib.py`: ENOENT, ENOTDIR, EBADF, ELOOP, and on Windows "not
/// ready", "invalid name", "cannot resolve".
fn leads_nowhere(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) {
        &[2, 3, 21, 123, 1921]
    } else if cfg!(target_os = "linux") {
        &[2, 20, 9, 40]
    } else {
        &[2, 20, 9, 62]
    };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

fn list_problem(path: &Path, error: &io::Error) -> Problem {
    Problem::new(Severity::CollectError, format!("cannot list the directory: {error}"))
        .in_file(path)
}

fn link_problem(sub: &Subdirectory) -> Directory {
    let text =
        format!("more than {NESTED_LINKS} directories are reached through several symbolic links");
    let problem = Problem::new(Severity::CollectError, text)
        .in_file(&sub.path)
        .hint("exclude links that lead back up with `norecursedirs`");
    Directory {
        path: Arc::from(sub.path.as_path()),
        name: sub.name.clone(),
        package: false,
        conftest: None,
        entries: Vec::new(),
        problem: Some(problem),
    }
}

/// The order in which pytest visits a directory's entries.
struct Order {
    package: bool,
    /// Before pytest 8.
    files_first: bool,
}

impl Order {
    fn compare(&self, a: &Entry, b: &Entry) -> Ordering {
        self.key(a).cmp(&self.key(b))
    }

    fn key<'e>(&self, entry: &'e Entry) -> (bool, bool, &'e str) {
        match entry {
            Entry::File(file) => (!(self.package && file.name == "__init__.py"), false, &file.name),
            Entry::Directory(directory) => (true, self.files_first, &directory.name),
        }
    }
}
