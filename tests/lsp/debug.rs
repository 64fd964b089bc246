//! Debugging: a real debugpy, and a client that speaks its protocol.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, PATIENCE, Project, explorer, read_message};
use crate::runs::Told;

/// A client of debugpy.
struct Debugger {
    stream: TcpStream,
    input: BufReader<TcpStream>,
    seq: u64,
    seen: Vec<Value>,
}

impl Debugger {
    fn connect(configuration: &Value) -> Self {
        assert_eq!(configuration["connect"]["host"], "127.0.0.1");
        let port = u16::try_from(configuration["connect"]["port"].as_u64().expect("as agreed"))
            .expect("as agreed");
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("as agreed");
        stream.set_read_timeout(Some(PATIENCE)).expect("as agreed");
        let input = BufReader::new(stream.try_clone().expect("as agreed"));
        Self { stream, input, seq: 0, seen: Vec::new() }
    }

    fn send(&mut self, command: &str, arguments: Value) -> u64 {
        self.seq += 1;
        let body =
            json!({"seq": self.seq, "type": "request", "command": command, "arguments": arguments});
        let body = body.to_string();
        write!(self.stream, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("as agreed");
        self.seq
    }

    fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.seen.iter().position(&wanted) {
            return self.seen.remove(at);
        }
        loop {
            let message = read_message(&mut self.input).expect("the debugger says something");
            if wanted(&message) {
                return message;
            }
            self.seen.push(message);
        }
    }

    fn request(&mut self, command: &str, arguments: Value) -> Value {
        let seq = self.send(command, arguments);
        let answer = self.wait_for(|m| m["type"] == "response" && m["request_seq"] == seq);
        assert_eq!(answer["success"], true, "{answer}");
        answer["body"].clone()
    }

    fn event(&mut self, name: &str) -> Value {
        self.wait_for(|m| m["type"] == "event" && m["event"] == name)["body"].clone()
    }

    /// Attaches, with a breakpoint, and lets it go.
    fn attach(&mut self, path: &Path, line: u32) {
        self.request("initialize", json!({"adapterID": "debugpy", "clientID": "test"}));
        let attach = self.send("attach", json!({"justMyCode": true}));
        self.event("initialized");
        let breakpoints = json!({"source": {"path": path}, "breakpoints": [{"line": line}]});
        self.request("setBreakpoints", breakpoints);
        self.request("setExceptionBreakpoints", json!({"filters": ["uncaught"]}));
        self.request("configurationDone", json!({}));
        self.wait_for(|m| m["type"] == "response" && m["request_seq"] == attach);
    }

    /// It ends, and stops nowhere before.
    fn ends(&mut self) {
        self.wait_for(|m| m["type"] == "event" && m["event"] == "terminated");
        let stop = self.seen.iter().find(|m| m["event"] == "stopped");
        assert!(stop.is_none(), "{stop:?}");
    }

    /// Where it has stopped: why, and the innermost line.
    fn stopped(&mut self) -> (String, u64, Value) {
        let body = self.event("stopped");
        let thread = body["threadId"].clone();
        let trace = self.request("stackTrace", json!({"threadId": thread, "levels": 1}));
        let line = trace["stackFrames"][0]["line"].as_u64().expect("as agreed");
        (body["reason"].as_str().expect("as agreed").to_owned(), line, thread)
    }
}

const SOURCE: &str = "\
def test_good():
    answer = 42
    print(answer)


def test_bad():
    wanted = 3
    assert wanted == 4
";

fn start(project: &Project, python: &Path) -> Client {
    let (mut client, _) =
        Client::open_with(&project.dir, explorer(), json!({"interpreter": python}));
    client.settings = json!({"interpreter": python});
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    client
}

#[test]
fn a_debugger_stops_at_breakpoints_and_where_a_test_fails() {
    for python in fastest_tests::full_pythons() {
        eprintln!("debugging on {}", python.display());
        stops_at_breakpoints_and_where_a_test_fails(&python);
    }
}

fn stops_at_breakpoints_and_where_a_test_fails(python: &Path) {
    let project =
        Project::new(&[("pytest.ini", "[pytest]\naddopts = --cov=.\n"), ("test_x.py", SOURCE)]);
    let mut client = start(&project, python);
    let answer = client.result("fastest/runTests", json!({"runId": "1", "mode": "debug"}));
    assert_eq!((&answer["accepted"], &answer["total"]), (&json!(true), &json!(2)), "{answer}");
    let mut debugger = Debugger::connect(&answer["debug"]);
    debugger.attach(&project.path("test_x.py"), 3);
    let (reason, line, thread) = debugger.stopped();
    assert_eq!((reason.as_str(), line), ("breakpoint", 3));
    debugger.request("continue", json!({"threadId": thread}));
    let (reason, line, thread) = debugger.stopped();
    assert_eq!((reason.as_str(), line), ("exception", 8));
    debugger.request("continue", json!({"threadId": thread}));
    debugger.ends();
    let told = Told::hear(&mut client, "1");
    assert_eq!(told.outcome(&project.id("test_x.py::test_good")), "passed");
    assert_eq!(told.outcome(&project.id("test_x.py::test_bad")), "failed");
    // Again, as a restart does, by the other way.
    let asked = json!({"itemId": project.id("test_x.py::test_good")});
    let answer = client.result("fastest/resolveDebug", asked);
    let run_id = answer["runId"].as_str().expect("as agreed").to_owned();
    let mut debugger = Debugger::connect(&answer["configuration"]);
    debugger.attach(&project.path("test_x.py"), 2);
    let (_, line, thread) = debugger.stopped();
    assert_eq!(line, 2);
    debugger.request("continue", json!({"threadId": thread}));
    assert_eq!(Told::hear(&mut client, &run_id).ended["counts"]["passed"], 1);
    assert!(client.shut_down().success());
}

#[test]
fn a_debug_run_that_nobody_attaches_to_can_be_cancelled() {
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", SOURCE)]);
    let Some(python) = fastest_tests::full_python() else { return };
    let mut client = start(&project, &python);
    client.result("fastest/runTests", json!({"runId": "1", "mode": "debug"}));
    client.result("fastest/cancelRun", json!({"runId": "1", "force": true}));
    assert_eq!(Told::hear(&mut client, "1").ended["outcome"], "cancelled");
    assert!(client.shut_down().success());
}

#[test]
fn without_debugpy_the_sentence_says_how_to_install_it() {
    let project = Project::new(&[("pytest.ini", "[pytest]\n"), ("test_x.py", SOURCE)]);
    let Some(settings) = crate::runs::settings() else { return };
    let mut client = crate::runs::open(&project, &settings);
    client.result("fastest/discoverTests", json!({"depth": "all"}));
    let answer = client.result("fastest/runTests", json!({"runId": "1", "mode": "debug"}));
    assert_eq!((&answer["accepted"], &answer["reason"]), (&json!(false), &json!("noDebugger")));
    let message = answer["message"].as_str().expect("as agreed");
    assert!(message.contains("-m pip install debugpy"), "{message}");
    client.idle(Duration::from_millis(300));
    assert!(!client.seen.iter().any(|(_, m)| m["params"]["runId"] == "1"), "{:?}", client.seen);
    assert!(client.shut_down().success());
}
