//! The server in this process, over streams in memory, and what it leaves behind.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fastest_lsp::{Served, serve_streams};
use fastest_tests::client::{Client, Exit, PATIENCE, Server};

/// Threads and processes can be told from nobody else's only while there is one server.
static ALONE: Mutex<()> = Mutex::new(());

/// How the server's threads are called; Linux keeps 15 bytes of a name.
const THREADS: [&str; 3] = ["fastest ", "zygote", "relay"];

/// A client of a server in this process.
pub fn client() -> Client {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // The pool that all of a process share stays, and its threads are called after their maker.
    rayon::current_num_threads();
    let ((to_server, from_client), (to_client, from_server)) = (pipe(), pipe());
    let thread = std::thread::spawn(move || serve_streams(from_client, to_client));
    let server = InProcess { thread: Some(thread), served: None, _alone: alone };
    Client::attach(server, to_server, from_server)
}

/// A server that runs in this process.
struct InProcess {
    thread: Option<JoinHandle<io::Result<Served>>>,
    served: Option<Served>,
    _alone: MutexGuard<'static, ()>,
}

impl Server for InProcess {
    fn ended(&mut self) -> Option<Exit> {
        if self.thread.as_ref().is_some_and(JoinHandle::is_finished) {
            let served = self.thread.take()?.join().expect("the server does not panic");
            self.served = Some(served.expect("there are threads"));
        }
        self.served.map(|served| Exit(Some(served.code.into())))
    }

    fn kill(&mut self) {
        // Its client's stream has ended, which ends it too.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    fn pid(&self) -> u32 {
        std::process::id()
    }

    fn left(&mut self) -> Option<Vec<String>> {
        let tasks = self.served.map_or(0, |served| served.tasks);
        let mut left: Vec<_> =
            (tasks > 0).then(|| format!("{tasks} tasks have not ended")).into_iter().collect();
        left.extend(until_none(threads));
        left.extend(until_none(children));
        Some(left)
    }
}

/// What is left for good: ending takes the system a moment.
fn until_none(look: impl Fn() -> Vec<String>) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE / 10;
    loop {
        let found = look();
        if found.is_empty() || Instant::now() > deadline {
            return found;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The server's threads in this process; none where they cannot be listed.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    let ours = names.filter(|name| THREADS.iter().any(|ours| name.starts_with(ours)));
    ours.map(|name| format!("the thread `{}` lives", name.trim_end())).collect()
}

/// The processes that this one has started; none where they cannot be listed.
fn children() -> Vec<String> {
    let own = std::process::id().to_string();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats = all.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    // `pid (name) state parent …`; a name may hold anything.
    let children = stats.filter(|stat| {
        let behind = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        behind.split_whitespace().nth(1) == Some(&own)
    });
    children.map(|stat| format!("the process {} lives", &stat[..stat.len().min(60)])).collect()
}

/// A stream in memory: what is written to the one end is read from the other.
fn pipe() -> (Writer, Reader) {
    let (sender, receiver) = channel();
    (Writer(sender), Reader { receiver, rest: io::Cursor::default() })
}

/// The end that is written to; when it is gone, the stream ends.
struct Writer(Sender<Vec<u8>>);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send(bytes.to_vec());
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The end that is read from.
struct Reader {
    receiver: Receiver<Vec<u8>>,
    rest: io::Cursor<Vec<u8>>,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.rest.read(into)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            match self.receiver.recv() {
                Ok(bytes) => self.rest = io::Cursor::new(bytes),
                Err(_ended) => return Ok(0),
            }
        }
    }
}
