//! A scripted client of the language server: of the real binary over its standard streams, or of
//! whatever else a test has made ([`Client::attach`]).
//!
//! Made for tests and benchmarks: what goes wrong panics, and so does what is left over at the end
//! ([`Client::shut_down`]).

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ledger::Ledger;
pub use crate::project::Project;

/// Longer than anything takes on a busy machine; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What a server tells unasked at times that no test can know; of progress the ledger knows all.
const BACKGROUND: [&str; 4] =
    ["$/progress", "fastest/status", "fastest/testsChanged", "textDocument/publishDiagnostics"];

/// A server, as far as its client has to do with more than messages.
pub trait Server {
    /// How it has ended, if it has.
    fn ended(&mut self) -> Option<Exit>;

    /// Ends it, whatever it does.
    fn kill(&mut self);

    /// Its process.
    fn pid(&self) -> u32;

    /// What it has left behind once it has ended, a sentence each; `None` where neither that nor
    /// messages that nobody has asked for are looked at.
    fn left(&mut self) -> Option<Vec<String>> {
        None
    }
}

/// How a server has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub Option<i32>);

impl Exit {
    /// The exit code, if there is one.
    #[must_use]
    pub const fn code(self) -> Option<i32> {
        self.0
    }

    /// Whether all went well.
    #[must_use]
    pub fn success(self) -> bool {
        self.0 == Some(0)
    }
}

impl Server for Child {
    fn ended(&mut self) -> Option<Exit> {
        let status = self.try_wait().expect("it can be waited for");
        status.map(|status| Exit(status.code()))
    }

    fn kill(&mut self) {
        // It has ended already where the test went well.
        let _ = Self::kill(self);
        let _ = self.wait();
    }

    fn pid(&self) -> u32 {
        self.id()
    }
}

/// A server and the client that speaks to it.
pub struct Client {
    server: Box<dyn Server>,
    input: Option<Box<dyn Write>>,
    messages: Receiver<(Instant, Value)>,
    /// Messages that came and that nobody has asked for yet, and when each was there.
    pub seen: VecDeque<(Instant, Value)>,
    ledger: Ledger,
    next_id: u64,
    /// Whether requests of the server are answered.
    pub answers: bool,
    /// Requests of the server that were not.
    withheld: Vec<Value>,
    /// The settings that `workspace/configuration` is answered with.
    pub settings: Value,
}

impl Client {
    /// Starts a server; nothing is said yet.
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(crate::binary());
        Self::spawn(command.args(arguments).env_remove("PYTEST_ADDOPTS"))
    }

    /// Starts a server by a command; nothing is said yet.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut errors = child.stderr.take().expect("it has an error stream");
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = errors.read_to_string(&mut text);
            // Of a test shown only where it fails.
            eprint!("{text}");
        });
        let (input, output) = input.zip(output).expect("it has streams");
        Self::attach(child, input, output)
    }

    /// A client of a server that reads what is written to `input` and writes `output`.
    pub fn attach(
        server: impl Server + 'static,
        input: impl Write + 'static,
        output: impl Read + Send + 'static,
    ) -> Self {
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(body) = read_body(&mut output) {
                // Before it is parsed, which is no fault of the server's.
                let at = Instant::now();
                if sender.send((at, parse(&body))).is_err() {
                    break;
                }
            }
        });
        Self {
            server: Box::new(server),
            input: Some(Box::new(input)),
            messages,
            seen: VecDeque::new(),
            ledger: Ledger::default(),
            next_id: 0,
            answers: true,
            withheld: Vec::new(),
            settings: Value::Null,
        }
    }

    /// Starts a server on a folder and shakes hands; the answer to `initialize`.
    pub fn open(folder: &Path, capabilities: Value) -> (Self, Value) {
        Self::open_with(folder, capabilities, Value::Null)
    }

    /// The same with `initializationOptions`.
    pub fn open_with(folder: &Path, capabilities: Value, options: Value) -> (Self, Value) {
        let mut client = Self::start(&[]);
        let answer = client.shake_hands(folder, capabilities, options);
        (client, answer)
    }

    /// Says what a client says first; the answer to `initialize`.
    pub fn shake_hands(&mut self, folder: &Path, capabilities: Value, options: Value) -> Value {
        let answer = self.request("initialize", initialize(&[folder], capabilities, options));
        self.notify("initialized", json!({}));
        answer["result"].clone()
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the input is open");
        // A server that has ended reads no more.
        let _ = input.write_all(bytes).and_then(|()| input.flush());
    }

    pub fn send(&mut self, message: &Value) {
        self.ledger.said(message);
        let body = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and does not wait; its id.
    pub fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.next_id += 1;
        let id = self.next_id;
        let params = if params.is_null() { json!({}) } else { params };
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// The response to a request.
    pub fn answer(&mut self, id: u64) -> Value {
        self.wait_for(|message| message.get("method").is_none() && message["id"] == id)
    }

    /// Sends a request and waits for the response.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// The result of a request that must succeed.
    pub fn result(&mut self, method: &str, params: Value) -> Value {
        let response = self.request(method, params);
        assert!(response.get("error").is_none(), "{method}: {response}");
        response["result"].clone()
    }

    /// The next notification of a method: its parameters.
    pub fn notification(&mut self, method: &str) -> Value {
        self.wait_for(|message| message["method"] == method)["params"].clone()
    }

    /// The first message, of those that came and those to come, that is wanted; others stay.
    #[track_caller]
    pub fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.arrival(wanted).1
    }

    /// The same, with the time at which it was there in full.
    #[track_caller]
    pub fn arrival(&mut self, wanted: impl Fn(&Value) -> bool) -> (Instant, Value) {
        if let Some(at) = self.seen.iter().position(|(_, message)| wanted(message)) {
            return self.seen.remove(at).expect("it is there");
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok((at, message)) = self.messages.recv_timeout(left) else {
                panic!("nothing came of it; seen: {:#?}", self.seen)
            };
            self.ledger.heard(&message);
            if self.answered(&message) {
                continue;
            }
            if wanted(&message) {
                return (at, message);
            }
            self.seen.push_back((at, message));
        }
    }

    /// Takes in what comes within a while.
    pub fn idle(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while let Ok((at, message)) =
            self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.ledger.heard(&message);
            if !self.answered(&message) {
                self.seen.push_back((at, message));
            }
        }
    }

    /// Answers the server's own requests as an editor does.
    fn answered(&mut self, message: &Value) -> bool {
        let (Some(id), Some(method)) = (message.get("id"), message["method"].as_str()) else {
            return false;
        };
        if !self.answers {
            self.withheld.push(message.clone());
            return true;
        }
        let result = match method {
            "workspace/configuration" => {
                let items = message["params"]["items"].as_array().map_or(0, Vec::len);
                json!(vec![self.settings.clone(); items])
            }
            _ => Value::Null,
        };
        let asked = json!({"asked": method, "params": message["params"]});
        self.seen.push_back((Instant::now(), asked));
        self.send(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
        true
    }

    /// Answers what was not answered, and answers from now on.
    pub fn answer_withheld(&mut self) {
        self.answers = true;
        for message in std::mem::take(&mut self.withheld) {
            self.answered(&message);
        }
    }

    pub fn did_open(&mut self, path: &Path, text: &str) {
        let document =
            json!({"uri": uri(path), "languageId": "python", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Replaces a range, given by lines and characters.
    pub fn did_change(&mut self, path: &Path, version: i64, range: [u32; 4], text: &str) {
        let [a, b, c, d] = range;
        let range =
            json!({"start": {"line": a, "character": b}, "end": {"line": c, "character": d}});
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": {"uri": uri(path), "version": version},
                "contentChanges": [{"range": range, "text": text}],
            }),
        );
    }

    /// Says goodbye; how the server ended.
    ///
    /// # Panics
    /// When anything is left over: a request without an answer, progress or a run without an end,
    /// and of a server that is looked into ([`Server::left`]) what it has left behind, and every
    /// message that the test has not taken and that is none of [`BACKGROUND`].
    #[track_caller]
    pub fn shut_down(mut self) -> Exit {
        self.result("shutdown", Value::Null);
        self.leave()
    }

    /// The rest of it, once the server has answered `shutdown`.
    ///
    /// # Panics
    /// As [`Self::shut_down`].
    #[track_caller]
    pub fn leave(mut self) -> Exit {
        self.notify("exit", Value::Null);
        let exit = self.ended();
        // What the server has said last, up to the end of its stream.
        self.idle(PATIENCE);
        self.vanish();
        let mut left = self.ledger.left(self.answers);
        if let Some(behind) = self.server.left() {
            left.extend(behind);
            left.extend(self.untaken());
        }
        assert!(left.is_empty(), "left over: {left:#?}");
        exit
    }

    /// Messages that nobody has taken, but for those that come at any time.
    fn untaken(&self) -> Vec<String> {
        let untaken = self.seen.iter().map(|(_, message)| message).filter(|message| {
            let method = message["method"].as_str().unwrap_or_default();
            // Questions are noted when they are answered.
            message.get("asked").is_none() && !BACKGROUND.contains(&method)
        });
        untaken.map(|message| format!("nobody has taken {message}")).collect()
    }

    /// Closes the server's input without a word.
    pub fn vanish(&mut self) {
        self.input = None;
    }

    /// Waits for the server's end.
    pub fn ended(&mut self) -> Exit {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(exit) = self.server.ended() {
                return exit;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server does not end")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input = None;
        self.server.kill();
    }
}

/// The next message of a stream; `None` at its end.
///
/// # Panics
/// When it is no message.
pub fn read_message(from: &mut impl BufRead) -> Option<Value> {
    read_body(from).map(|body| parse(&body))
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("bodies are JSON")
}

fn read_body(from: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok()?,
            Some(_) => panic!("not a header: {line}"),
            None if line.trim().is_empty() => break,
            None => panic!("something that is no protocol on stdout: {line}"),
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    Some(body)
}

/// The parameters of `initialize`.
pub fn initialize(folders: &[&Path], capabilities: Value, options: Value) -> Value {
    let folder = |path: &&Path| {
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        json!({"uri": uri(path), "name": name})
    };
    json!({
        "processId": std::process::id(),
        "rootUri": folders.first().map(|path| uri(path)),
        "workspaceFolders": folders.iter().map(folder).collect::<Vec<_>>(),
        "capabilities": capabilities,
        "initializationOptions": options,
    })
}

/// The `file:` URI of a path of plain characters.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// What a client with a test explorer announces.
pub fn explorer() -> Value {
    json!({
        "workspace": {"configuration": true, "workspaceFolders": true,
            "didChangeWatchedFiles": {"dynamicRegistration": true},
            "codeLens": {"refreshSupport": true}},
        "window": {"workDoneProgress": true},
        "textDocument": {
            "publishDiagnostics": {"relatedInformation": true, "versionSupport": true,
                "dataSupport": true, "tagSupport": {"valueSet": [1, 2]}},
            "hover": {"contentFormat": ["markdown"]},
            "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
            "rename": {"prepareSupport": true},
            "codeAction": {"isPreferredSupport": true,
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        },
        "experimental": {"fastest": {"testItems": 2, "testRuns": 1}},
    })
}
