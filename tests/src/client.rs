//! A scripted client of the language server: the real binary over its standard streams.
//!
//! Made for tests and benchmarks: what goes wrong panics.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longer than anything takes on a busy machine; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server and the client that speaks to it.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<(Instant, Value)>,
    /// Messages that came and that nobody has asked for yet, and when each was there.
    pub seen: VecDeque<(Instant, Value)>,
    next_id: u64,
    /// Whether requests of the server are answered.
    pub answers: bool,
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
        let (sender, messages) = channel();
        let output = child.stdout.take().expect("it has an output");
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
        let mut errors = child.stderr.take().expect("it has an error stream");
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = errors.read_to_string(&mut text);
            // Of a test shown only where it fails.
            eprint!("{text}");
        });
        let input = child.stdin.take();
        Self {
            child,
            input,
            messages,
            seen: VecDeque::new(),
            next_id: 0,
            answers: true,
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
        let answer = client.request("initialize", initialize(&[folder], capabilities, options));
        client.notify("initialized", json!({}));
        (client, answer["result"].clone())
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the input is open");
        // A server that has ended reads no more.
        let _ = input.write_all(bytes).and_then(|()| input.flush());
    }

    pub fn send(&mut self, message: &Value) {
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
    pub fn shut_down(mut self) -> ExitStatus {
        let answer = self.request("shutdown", Value::Null);
        assert!(answer.get("error").is_none(), "{answer}");
        self.notify("exit", Value::Null);
        self.ended()
    }

    /// Closes the server's input without a word.
    pub fn vanish(&mut self) {
        self.input = None;
    }

    /// Waits for the server's end.
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server does not end")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
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

/// A folder with files, canonical.
pub struct Project {
    pub dir: PathBuf,
    _keep: tempfile::TempDir,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let keep = tempfile::tempdir().expect("a folder can be made");
        let dir = keep.path().canonicalize().expect("it is there").join("shop");
        std::fs::create_dir(&dir).expect("a folder can be made");
        let project = Self { dir, _keep: keep };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.join(name);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
        std::fs::write(&path, text).expect("it can be written");
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The item id of a node id.
    pub fn id(&self, node_id: &str) -> String {
        if node_id.is_empty() { uri(&self.dir) } else { format!("{}//{node_id}", uri(&self.dir)) }
    }
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
