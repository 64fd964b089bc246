//! Files that no process stays collected for, because it could be told from a fresh one.

#![cfg(target_os = "linux")]

use crate::clicks::Clicks;

/// What a project may do at import that a fork would share, or have too late.
#[test]
fn no_process_is_kept_that_could_be_told_from_a_fresh_one() {
    let ok = "def test_x(): pass\n";
    let cases = [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n",
            "starts a thread",
        ),
        ("import time\nSTART = time.time()\n", "reads the clock"),
        ("from datetime import datetime\nNOW = datetime.now()\n", "reads the clock"),
        ("import random\nN = random.random()\n", "uses random numbers"),
        ("import random\nrandom.seed(1)\n", "uses random numbers"),
        ("import uuid\nNAME = uuid.uuid4()\n", "asks for random numbers"),
        ("import os\nPID = os.getpid()\n", "asks for its own id"),
        ("import tempfile\nDIR = tempfile.mkdtemp()\n", "reaches out of its process"),
        ("import os\nFILE = open(os.devnull + '/../zero')\n", "what the system tells"),
        ("FILE = open(__file__)\n", "open"),
        ("import socket\nS = socket.socket()\n", "open"),
        ("import atexit\natexit.register(print)\n", "registers an exit function"),
        ("import subprocess\nsubprocess.run(['true'])\n", "reaches out of its process"),
        ("import multiprocessing\nLOCK = multiprocessing.Lock()\n", "shares memory"),
        ("import os\nos.write(1, b'')\nprint('x')\n", ""),
    ];
    for (source, reason) in cases {
        let text = format!("{source}{ok}");
        let Some(mut clicks) = Clicks::open(&[("test_x.py", &text)]) else { return };
        if reason.is_empty() {
            // Taken by pytest, and shown nowhere: as in a fresh process.
            clicks.keep("test_x.py::test_x");
        } else {
            let line = clicks.refuse("test_x.py::test_x");
            assert!(line.contains(reason), "{source}: {line}");
        }
        clicks.close();
    }
}

#[test]
fn hooks_of_the_project_that_begin_a_session_are_watched() {
    let test = "def test_x(request): assert request.config.x == [1]\n";
    for (hook, reason) in [
        ("def pytest_configure(config):\n    config.x = [1]\n", None),
        (
            "import time\ndef pytest_configure(config):\n    config.x = [1]\n\
             def pytest_sessionstart(session):\n    session.config.y = time.time()\n",
            Some("reads the clock"),
        ),
    ] {
        let Some(mut clicks) = Clicks::open(&[("conftest.py", hook), ("test_x.py", test)]) else {
            return;
        };
        match reason {
            None => drop(clicks.keep("test_x.py::test_x")),
            Some(reason) => assert!(clicks.refuse("test_x.py::test_x").contains(reason)),
        }
        clicks.close();
    }
}

#[test]
fn no_process_is_kept_where_hooks_may_do_more() {
    for hook in [
        "def pytest_configure(config):\n    config.x = config.args\n",
        "def pytest_sessionfinish(session):\n    pass\n",
        "def pytest_collection_modifyitems(items):\n    items.reverse()\n",
        "def pytest_itemcollected(item):\n    pass\n",
    ] {
        let files = [("conftest.py", hook), ("test_x.py", "def test_x(): pass\n")];
        let Some(mut clicks) = Clicks::open(&files) else { return };
        let line = clicks.refuse("test_x.py::test_x");
        assert!(line.contains(&hook[4..20]), "{hook}: {line}");
        clicks.close();
    }
}
