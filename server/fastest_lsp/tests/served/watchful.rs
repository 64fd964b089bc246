//! The client itself: what a server leaves over is found.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fastest_tests::client::{Client, Exit, Project, Server, explorer};
use serde_json::{Value, json};

/// A server that says what it is told to, once it has answered `shutdown`.
struct Script {
    left: Vec<String>,
}

impl Server for Script {
    fn ended(&mut self) -> Option<Exit> {
        Some(Exit(Some(0)))
    }

    fn kill(&mut self) {}

    fn pid(&self) -> u32 {
        0
    }

    fn left(&mut self) -> Option<Vec<String>> {
        Some(self.left.clone())
    }
}

/// What a client complains of that is sent these messages; nothing where it is content.
fn complaint(messages: &[Value], left: &[&str]) -> Option<String> {
    let answers = [json!({"id": 1, "result": {}}), json!({"id": 2, "result": null})];
    let mut bytes = Vec::new();
    for message in answers.iter().chain(messages) {
        let body = message.to_string();
        bytes.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes());
    }
    let script = Script { left: left.iter().map(|&text| text.to_owned()).collect() };
    let mut client = Client::attach(script, std::io::sink(), std::io::Cursor::new(bytes));
    client.shake_hands(&Project::new(&[]).dir, explorer(), Value::Null);
    let done = catch_unwind(AssertUnwindSafe(|| client.shut_down()));
    done.err().map(|panic| *panic.downcast::<String>().expect("a sentence"))
}

#[test]
fn what_a_server_leaves_over_is_named() {
    let progress = |kind: &str| json!({"method": "$/progress", "params": {"token": 1, "value": {"kind": kind}}});
    let begun = [progress("begin")];
    let over = [json!({"method": "fastest/runEvents", "params": {"runId": "1", "events": []}})];
    let told = [json!({"method": "window/showMessage", "params": {"message": "hello"}})];
    let answer = [json!({"id": 7, "result": null})];
    for (messages, left, part) in [
        (&begun[..], &[][..], "progress 1 has not ended"),
        (&over, &[], "the run 1 has not ended"),
        (&told, &[], "nobody has taken"),
        (&answer, &[], "an answer to no question"),
        (&[], &["3 tasks have not ended"], "3 tasks have not ended"),
    ] {
        let complaint = complaint(messages, left).expect("there is something to complain of");
        assert!(complaint.contains(part), "{part}: {complaint}");
    }
    // What comes at any time may come, and what has an end is none.
    let fine = [
        json!({"method": "fastest/status", "params": {}}),
        json!({"id": 1, "method": "workspace/codeLens/refresh"}),
        progress("begin"),
        progress("end"),
    ];
    assert_eq!(complaint(&fine, &[]), None);
}
