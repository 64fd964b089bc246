//! What makes a warm process the same as a fresh one: everything that a process takes over from
//! the one that starts it, and what it loads.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use crate::{
    ZygoteLaunch,
    bundle::{FILES, hash},
};

/// Variables that shells change from one command to the next and that no library reads.
const VOLATILE: [&str; 7] = ["_", "OLDPWD", "PWD", "SHLVL", "COLUMNS", "LINES", "ATUIN_HISTORY_ID"];

/// What a process takes over besides its environment, by its names in `/proc/self/status`.
const TAKEN_OVER: [&str; 14] = [
    "Umask:",
    "Uid:",
    "Gid:",
    "Groups:",
    "SigBlk:",
    "SigIgn:",
    "CapInh:",
    "CapPrm:",
    "CapEff:",
    "CapBnd:",
    "CapAmb:",
    "NoNewPrivs:",
    "Seccomp:",
    "Cpus_allowed:",
];

/// The same for whatever is a folder or a file in `/proc/self`.
const SPACES: [&str; 8] =
    ["ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/user", "ns/uts", "root"];

/// Which process serves a run, and what it must have been started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// The name of its socket: one for each interpreter, root, and session of a terminal.
    pub(super) name: String,
    /// What it must have been started with: where that is something else, it is stale.
    pub(super) terms: String,
    pub(super) rootdir: PathBuf,
}

impl Grounds {
    /// For a zygote that this process would start now for a project; `roots` are the folders of
    /// what is installed. `None` where nothing can be kept: a pipe or socket was handed to this
    /// process that others may wait for the end of, or the system does not tell enough.
    #[must_use]
    pub fn of(launch: &ZygoteLaunch, rootdir: &Path, roots: &[PathBuf]) -> Option<Self> {
        if !launch.bundle.stays() {
            return None;
        }
        let mut place = Facts::default();
        place.add("python", launch.python.as_os_str().as_encoded_bytes());
        place.add("root", rootdir.as_os_str().as_encoded_bytes());
        place.add("boot", &fs::read("/proc/sys/kernel/random/boot_id").ok()?);
        place.add("session", session()?.as_bytes());
        let mut terms = Facts::default();
        program(launch, &mut terms);
        installed(roots, &mut terms);
        environment(launch, &mut terms);
        process(&mut terms)?;
        Some(Self { name: place.digest(), terms: terms.digest(), rootdir: rootdir.to_owned() })
    }
}

/// Named facts, each told apart from the next.
#[derive(Default)]
struct Facts(Vec<u8>);

impl Facts {
    fn add(&mut self, name: &str, value: &[u8]) {
        self.0.extend(name.len().to_le_bytes());
        self.0.extend(name.as_bytes());
        self.0.extend(value.len().to_le_bytes());
        self.0.extend(value);
    }

    /// When a file was changed, and its size.
    fn stamp(&mut self, path: &Path) {
        let stamp = fs::metadata(path).ok().and_then(|found| {
            let changed = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            Some(format!("{} {}", changed.as_nanos(), found.len()))
        });
        self.add(&path.to_string_lossy(), stamp.unwrap_or_default().as_bytes());
    }

    fn digest(&self) -> String {
        let forth = hash(self.0.iter().copied());
        let back = hash(self.0.iter().rev().copied());
        format!("{forth:016x}{back:016x}")
    }
}

/// Ourselves, the interpreter and its environment.
fn program(launch: &ZygoteLaunch, terms: &mut Facts) {
    terms.add("version", env!("CARGO_PKG_VERSION").as_bytes());
    for (path, text) in FILES {
        terms.add(path, text.as_bytes());
    }
    let python = &launch.python;
    terms.stamp(python);
    let folder = python.parent().and_then(Path::parent);
    terms.stamp(&folder.unwrap_or(python).join("pyvenv.cfg"));
    terms.add("dir", launch.dir.as_os_str().as_encoded_bytes());
}

/// What is installed: a folder changes with each package, files in it that extend the path do not.
fn installed(roots: &[PathBuf], terms: &mut Facts) {
    for root in roots {
        terms.stamp(root);
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let mut extending: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|ending| ending == "pth")).collect();
        extending.sort();
        extending.iter().for_each(|path| terms.stamp(path));
    }
}

fn environment(launch: &ZygoteLaunch, terms: &mut Facts) {
    let mut variables: Vec<(OsString, OsString)> = std::env::vars_os()
        .filter(|(name, _)| launch.env.iter().all(|(set, _)| set != name))
        .chain(launch.env.iter().cloned())
        .filter(|(name, _)| VOLATILE.iter().all(|volatile| name != volatile))
        .collect();
    variables.sort();
    for (name, value) in variables {
        terms.add(&name.to_string_lossy(), value.as_encoded_bytes());
    }
}

/// What this process hands on that no variable says; `None` if that cannot be told, or kept.
fn process(terms: &mut Facts) -> Option<()> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let taken = status.lines().filter(|line| TAKEN_OVER.iter().any(|name| line.starts_with(name)));
    taken.for_each(|line| terms.add("status", line.as_bytes()));
    terms.add("limits", &fs::read("/proc/self/limits").ok()?);
    terms.add("cgroup", &fs::read("/proc/self/cgroup").unwrap_or_default());
    for space in SPACES {
        let target = fs::read_link(Path::new("/proc/self").join(space)).ok()?;
        terms.add(space, target.as_os_str().as_encoded_bytes());
    }
    let nice = rustix::process::getpriority_process(None).ok()?;
    terms.add("nice", nice.to_string().as_bytes());
    for (number, target) in handed_on()? {
        let target = target.to_string_lossy().into_owned();
        if target.starts_with("pipe:") || target.starts_with("socket:") {
            return None;
        }
        terms.add(&number, target.as_bytes());
    }
    Some(())
}

/// Descriptors besides the standard ones that a process which this one starts would hold too.
fn handed_on() -> Option<Vec<(String, PathBuf)>> {
    /// `O_CLOEXEC` in the flags that Linux tells, which are octal.
    const CLOSED: u32 = 0o2_000_000;
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc/self/fd").ok()?.flatten() {
        let number = entry.file_name().to_string_lossy().into_owned();
        // The folder that is being read is gone by now.
        let Ok(info) = fs::read_to_string(format!("/proc/self/fdinfo/{number}")) else { continue };
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let flags = u32::from_str_radix(flags.trim(), 8).ok()?;
        if flags & CLOSED == 0 && !["0", "1", "2"].contains(&&*number) {
            found.push((number, fs::read_link(entry.path()).ok()?));
        }
    }
    found.sort();
    Some(found)
}

/// The session of this process's terminal, through which tests can reach it; a word if it has
/// none.
fn session() -> Option<String> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // After the name of the program, which may hold anything: state, parent, group, session,
    // terminal.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(3);
    let (session, terminal) = (fields.next()?, fields.next()?);
    Some(if terminal == "0" { "none".to_owned() } else { session.to_owned() })
}
