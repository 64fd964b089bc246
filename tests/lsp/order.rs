//! The server's life as a process: what comes too early or too late, and ends of all kinds.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, Project, explorer, initialize};

#[test]
fn what_comes_too_early_or_too_late_is_refused() {
    let project = Project::new(&[("test_x.py", "def test_0(): pass\n")]);
    let mut client = Client::start(&[]);
    let early = client.request("fastest/discoverTests", json!({}));
    assert_eq!(early["error"]["code"], -32002);
    let first = client.request("initialize", initialize(&[&project.dir], explorer(), Value::Null));
    assert!(first["result"]["capabilities"]["experimental"]["fastest"]["testItems"] == 2);
    let again = client.request("initialize", initialize(&[&project.dir], explorer(), Value::Null));
    assert_eq!(again["error"]["code"], -32600);
    client.notify("initialized", json!({}));
    assert_eq!(client.request("shutdown", Value::Null)["result"], Value::Null);
    let late = client.request("fastest/discoverTests", json!({}));
    assert_eq!(late["error"]["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(0));
}

#[test]
fn an_exit_without_shutdown_is_a_failure() {
    let project = Project::new(&[]);
    let (mut client, _) = Client::open(&project.dir, explorer());
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(1));
    let mut client = Client::start(&[]);
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(1));
}

#[test]
fn the_server_ends_with_the_process_that_started_it() {
    let project = Project::new(&[]);
    let mut parent = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let mut client = Client::start(&[]);
    let mut params = initialize(&[&project.dir], explorer(), Value::Null);
    params["processId"] = json!(parent.id());
    client.request("initialize", params);
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_eq!(client.ended().code(), Some(1));
}

#[test]
fn a_socket_serves_as_well_and_only_on_this_machine() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut server = Client::start(&["--socket", &address]);
    let (mut stream, _) = listener.accept().unwrap();
    use std::io::{Read, Write};
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
            .to_string();
    write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = [0; 64];
    stream.read_exact(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer).starts_with("Content-Length: "));
    drop(stream);
    assert_eq!(server.ended().code(), Some(1));
    let mut refused = Client::start(&["--socket", "192.0.2.1:80"]);
    assert_eq!(refused.ended().code(), Some(4));
}
