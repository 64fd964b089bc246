//! A run in a terminal, told to the editors that have its project open.
//!
//! An editor's server listens on loopback, and leaves word of it, with a secret, in a folder of
//! the user's cache that nobody else may read. A run looks there for its rootdir, and tells what
//! it tells the terminal. Nobody waits for anybody: an editor that does not read is left alone.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use fastest_model::RunEvent;
use serde::{Deserialize, Serialize};

use crate::{bundle, frame, transport::random};

/// What both sides speak: that of this very version, for either may be older.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The cache's folder with an entry for each listening editor.
const FOLDER: &str = "editors";

/// How long an editor may take to let a run in, and to read what it is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a run tells an editor.
#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    /// First of all.
    Hello {
        /// Of the entry.
        secret: String,
        /// The directory that node ids are relative to.
        rootdir: PathBuf,
        /// What was asked for, for people: the arguments.
        title: String,
    },
    /// Something happened.
    Event(Box<RunEvent>),
    /// The run is over; what its process exits with.
    Ended {
        /// An [`fastest_model::ExitCode`], or what `pytest.exit` asked for.
        exit: i32,
    },
}

/// Where an editor listens.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    version: String,
    port: u16,
    secret: String,
}

/// An editor that hears of runs; forgotten when dropped.
#[derive(Debug)]
pub struct Editor {
    entry: Entry,
    places: Vec<PathBuf>,
    closed: Arc<AtomicBool>,
}

/// A run that an editor hears of.
#[derive(Debug)]
pub struct Heard {
    /// The directory that node ids are relative to.
    pub rootdir: PathBuf,
    /// What was asked for, for people.
    pub title: String,
    stream: TcpStream,
}

impl Editor {
    /// Listens; `meet` is called for each run, on a thread of the run's own.
    ///
    /// # Errors
    /// If there is no loopback to listen on.
    pub fn listen(meet: impl Fn(Heard) + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let secret = format!("{:016x}{:016x}", random(), random());
        let (known, meet) = (secret.clone(), Arc::new(meet));
        let closed = Arc::new(AtomicBool::new(false));
        let is_closed = Arc::clone(&closed);
        thread::Builder::new().name("relay".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_closed.load(Ordering::SeqCst) {
                    break;
                }
                let (known, meet) = (known.clone(), Arc::clone(&meet));
                thread::spawn(move || {
                    if let Some(heard) = let_in(stream, &known) {
                        meet(heard);
                    }
                });
            }
        })?;
        let version = VERSION.to_owned();
        Ok(Self { entry: Entry { version, port, secret }, places: Vec::new(), closed })
    }

    /// Leaves word for the runs of these projects, and of no others.
    ///
    /// # Errors
    /// If the cache cannot be written, or others may write to it.
    pub fn follow<'a>(&mut self, rootdirs: impl Iterator<Item = &'a Path>) -> io::Result<()> {
        let name = format!("{}.json", std::process::id());
        let folder = bundle::private_folder(FOLDER)?;
        let wanted: Vec<PathBuf> =
            rootdirs.map(|rootdir| place(&folder, rootdir).join(&name)).collect();
        self.places.iter().filter(|old| !wanted.contains(old)).for_each(|old| forget(old));
        for path in wanted.iter().filter(|path| !self.places.contains(path)) {
            leave(path, &self.entry)?;
        }
        self.places = wanted;
        Ok(())
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.places.iter().for_each(|place| forget(place));
        self.closed.store(true, Ordering::SeqCst);
        // The listener waits for somebody to come.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.entry.port));
        let _woken = TcpStream::connect_timeout(&address, PATIENCE);
    }
}

/// What is told, until nothing more comes: the run is over, or its process gone.
impl Iterator for Heard {
    type Item = Told;

    fn next(&mut self) -> Option<Told> {
        frame::read(&mut self.stream).ok().flatten()
    }
}

/// A run's greeting, if it knows the secret.
fn let_in(mut stream: TcpStream, known: &str) -> Option<Heard> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let hello = frame::read_short(&mut stream).ok()??;
    let Told::Hello { secret, rootdir, title } = hello else { return None };
    if !is_same(secret.as_bytes(), known.as_bytes()) {
        return None;
    }
    stream.set_read_timeout(None).ok()?;
    Some(Heard { rootdir, title, stream })
}

/// In a time that tells nothing of where they differ.
fn is_same(given: &[u8], known: &[u8]) -> bool {
    let differences = given.iter().zip(known).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == known.len() && differences == 0
}

fn place(folder: &Path, rootdir: &Path) -> PathBuf {
    let real = rootdir.canonicalize().unwrap_or_else(|_| rootdir.to_owned());
    let bytes = real.as_os_str().as_encoded_bytes();
    folder.join(format!("{:016x}", bundle::hash(bytes.iter().copied())))
}

fn leave(path: &Path, entry: &Entry) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    fs::create_dir_all(folder)?;
    // Complete when it is there. The folder above is private, whatever this one is.
    let draft = path.with_extension(bundle::unique());
    fs::write(&draft, serde_json::to_vec(entry)?)?;
    fs::rename(&draft, path)
}

fn forget(path: &Path) {
    let _gone_already = fs::remove_file(path);
    // Others may be there still.
    let _others = path.parent().map(fs::remove_dir);
}

/// The editors that are told of a run.
#[derive(Debug, Default)]
pub struct Editors(Vec<Teller>);

#[derive(Debug)]
struct Teller {
    told: mpsc::Sender<Told>,
    thread: thread::JoinHandle<()>,
}

impl Editors {
    /// Those that have the project open. Costs a look into a folder where there are none.
    #[must_use]
    pub fn of(rootdir: &Path, title: &str) -> Self {
        let Ok(folder) = bundle::private_folder(FOLDER) else { return Self::default() };
        let entries = fs::read_dir(place(&folder, rootdir)).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let paths = paths.filter(|path| path.extension().is_some_and(|is| is == "json"));
        Self(paths.filter_map(|path| Teller::to(&path, rootdir, title)).collect())
    }

    /// Tells all of an event.
    pub fn on(&mut self, event: &RunEvent) {
        // A teller whose editor is gone has ended.
        self.0.retain(|teller| teller.told.send(Told::Event(Box::new(event.clone()))).is_ok());
    }

    /// Tells all that the run is over, and waits until they know.
    pub fn finish(self, exit: i32) {
        for Teller { told, thread } in self.0 {
            let _gone = told.send(Told::Ended { exit });
            drop(told);
            let _panicked = thread.join();
        }
    }
}

impl Teller {
    fn to(path: &Path, rootdir: &Path, title: &str) -> Option<Self> {
        let entry: Entry = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        if entry.version != VERSION {
            return None;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, entry.port));
        let Ok(mut stream) = TcpStream::connect_timeout(&address, PATIENCE) else {
            // Its process is gone and could not say so.
            forget(path);
            return None;
        };
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        stream.set_nodelay(true).ok()?;
        let (rootdir, title) = (rootdir.to_owned(), title.to_owned());
        let hello = Told::Hello { secret: entry.secret, rootdir, title };
        let (told, heard) = mpsc::channel();
        let thread = thread::spawn(move || {
            let all = std::iter::once(hello).chain(heard);
            // An editor that does not read in time is told nothing more.
            let _gone = all.map(|told| frame::write(&mut stream, &told)).find(Result::is_err);
        });
        Some(Self { told, thread })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_compared_whole() {
        assert!(is_same(b"abc", b"abc"));
        for other in [&b"abd"[..], b"ab", b"abcd", b""] {
            assert!(!is_same(other, b"abc"));
        }
    }

    #[test]
    fn whoever_does_not_know_the_secret_is_not_heard() {
        let (sender, met) = mpsc::channel();
        let editor = Editor::listen(move |heard| sender.send(heard.title).unwrap()).unwrap();
        let greet = |secret: &str, title: &str| {
            let mut stream = TcpStream::connect(("127.0.0.1", editor.entry.port)).unwrap();
            let (secret, title) = (secret.to_owned(), title.to_owned());
            let hello = Told::Hello { secret, rootdir: PathBuf::from("/"), title };
            frame::write(&mut stream, &hello).unwrap();
        };
        greet("guessed", "a stranger's");
        let mut garbage = TcpStream::connect(("127.0.0.1", editor.entry.port)).unwrap();
        io::Write::write_all(&mut garbage, &[0xff; 64]).unwrap();
        greet(&editor.entry.secret, "the user's");
        assert_eq!(met.recv_timeout(Duration::from_secs(30)).unwrap(), "the user's");
        assert!(met.recv_timeout(Duration::from_millis(100)).is_err());
    }
}
