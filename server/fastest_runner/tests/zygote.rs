//! What forked workers are, and what becomes of them when something dies.
//!
//! `FASTEST_TEST_PYTHON` names a Python that has pytest; without it these tests say so and pass.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test are a test's code too")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use fastest_model::run::{Outcome, RunEvent};
use fastest_runner::{
    Bundle, Preload, RunRequest, RunSummary, Workers, Zygote, ZygoteLaunch, cancellation, run,
};
use tokio::sync::mpsc::unbounded_channel;

use crate::common::{project, python};

fn zygote(python: &Path, dir: &Path) -> Zygote {
    let bundle = Arc::new(Bundle::unpack().unwrap());
    let (python, dir, env) = (python.to_owned(), dir.to_owned(), Vec::new());
    Zygote::start(ZygoteLaunch { python, dir, env, bundle, for_one_run: false }).unwrap()
}

fn zygote_of_one_run(python: &Path, dir: &Path) -> Zygote {
    let bundle = Arc::new(Bundle::unpack().unwrap());
    let (python, dir, env) = (python.to_owned(), dir.to_owned(), Vec::new());
    Zygote::start(ZygoteLaunch { python, dir, env, bundle, for_one_run: true }).unwrap()
}

fn request(python: &Path, dir: &Path, zygote: &Zygote) -> RunRequest {
    RunRequest {
        workers: Workers::Count(2),
        pytest_args: ["-p", "no:cacheprovider"].map(str::to_owned).to_vec(),
        zygote: Some(zygote.clone()),
        ..RunRequest::new(python, dir)
    }
}

fn run_blocking(request: RunRequest) -> (RunSummary, Vec<RunEvent>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (sender, mut receiver) = unbounded_channel();
    let (_canceller, cancels) = cancellation();
    let summary = runtime.block_on(run(request, sender, cancels)).unwrap();
    (summary, std::iter::from_fn(|| receiver.try_recv().ok()).collect())
}

fn failures(events: &[RunEvent]) -> Vec<String> {
    let failed = events.iter().filter_map(|event| match event {
        RunEvent::PhaseEnded { report, .. } if report.outcome == Outcome::Failed => {
            Some(report.summary.clone())
        }
        _ => None,
    });
    failed.collect()
}

/// The folders that modules of an interpreter come from.
fn roots(python: &Path) -> Vec<PathBuf> {
    let script = "import sysconfig as s; print(s.get_path('stdlib')); print(s.get_path('purelib'))";
    let done = std::process::Command::new(python).args(["-c", script]).output().unwrap();
    String::from_utf8(done.stdout).unwrap().lines().map(PathBuf::from).collect()
}

/// Waits for something that is sure to come, or says that it did not.
#[track_caller]
fn eventually(what: &str, is: impl Fn() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default().trim_start().chars().next();
    state.is_some_and(|state| state != 'Z')
}

const OWN: &str = "import os, random, signal, sys, threading\n\
    def test_group(): assert os.getpgid(0) == os.getpid()\n\
    def test_streams(): assert sys.stdin is not None and os.fstat(0) and os.fstat(1)\n\
    def test_signals(): assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL\n\
    def test_wakeup(): assert signal.set_wakeup_fd(-1) == -1\n\
    def test_main_thread(): assert threading.current_thread() is threading.main_thread()\n\
    def test_depth():\n\
    \x20   frames, frame = [], sys._getframe()\n\
    \x20   while frame: frames.append(frame.f_code.co_filename); frame = frame.f_back\n\
    \x20   assert not [name for name in frames if name.endswith('control.py')]\n\
    def test_random(): open(f'random-{os.getpid()}', 'w').write(str(random.random()))\n";

#[test]
fn a_fork_is_a_process_of_its_own() {
    let Some(python) = python() else { return };
    let dir = project(&[("test_a.py", OWN), ("test_b.py", OWN)]);
    let (summary, events) =
        run_blocking(request(&python, dir.path(), &zygote(&python, dir.path())));
    assert_eq!((summary.exit, failures(&events)), (0, Vec::new()));
    let numbers: Vec<String> = fs::read_dir(dir.path())
        .unwrap()
        .filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("random-")
        })
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert!(numbers.len() == 1 || numbers[0] != numbers[1], "{numbers:?}");
}

#[test]
fn one_zygote_serves_runs_one_after_another() {
    let Some(python) = python() else { return };
    let test = "import os\ndef test_it(): assert os.environ['TURN'] == open('turn').read()\n";
    let dir = project(&[("test_a.py", test), ("test_b.py", test)]);
    let zygote = zygote(&python, dir.path());
    for turn in ["1", "2"] {
        fs::write(dir.path().join("turn"), turn).unwrap();
        let mut request = request(&python, dir.path(), &zygote);
        request.env = vec![("TURN".into(), turn.into())];
        let (summary, events) = run_blocking(request);
        assert_eq!((summary.exit, failures(&events)), (0, Vec::new()));
        assert!(zygote.is_alive());
    }
}

/// A test looks at its parent, so that runs whose workers are not forked fail.
const KILLS_PARENT: &str = "import os, signal, time\n\
    def test_parent():\n\
    \x20   assert 'zygote import' in open(f'/proc/{os.getppid()}/cmdline').read()\n\
    \x20   os.kill(os.getppid(), signal.SIGKILL)\n\
    \x20   time.sleep(0.5)\n\
    def test_after(): pass\n\
    def test_dies(): os._exit(5)\n\
    def test_in_a_spawned_one(): assert 'zygote import' not in open(f'/proc/{os.getppid()}/cmdline').read()\n";

#[test]
fn a_run_goes_on_when_the_zygote_dies() {
    let Some(python) = python() else { return };
    let dir = project(&[("test_a.py", KILLS_PARENT), ("test_b.py", "def test_b(): pass\n")]);
    let zygote = zygote(&python, dir.path());
    let (summary, events) = run_blocking(request(&python, dir.path(), &zygote));
    assert!(summary.lost.is_empty(), "{summary:?}");
    assert_eq!(failures(&events), ["worker crashed: lost: nobody knows how it ended"]);
    assert!(!zygote.is_alive());
}

/// Waits until it is the runner's own child, then dies; the test after it runs in a spawned one.
/// What a test leaves behind does not become the runner's.
const IS_ADOPTED: &str = "import os, sys, time\n\
    def program(): return open('/proc/self/cmdline').read()\n\
    def wait_until(is_so):\n\
    \x20   end = time.monotonic() + 30\n\
    \x20   while not is_so() and time.monotonic() < end:\n\
    \x20       time.sleep(0.005)\n\
    \x20   assert is_so()\n\
    def test_adopted():\n\
    \x20   assert 'zygote import' in program()\n\
    \x20   wait_until(lambda: os.getppid() == int(os.environ['RUNNER']))\n\
    def test_orphan():\n\
    \x20   answer, tell = os.pipe()\n\
    \x20   child = os.fork()\n\
    \x20   if child == 0:\n\
    \x20       parent = os.getpid()\n\
    \x20       if os.fork() == 0:\n\
    \x20           wait_until(lambda: os.getppid() != parent)\n\
    \x20           os.write(tell, str(os.getppid()).encode())\n\
    \x20       os._exit(0)\n\
    \x20   os.waitpid(child, 0)\n\
    \x20   assert int(os.read(answer, 20)) != int(os.environ['RUNNER'])\n\
    def test_dies(): os._exit(7)\n\
    def test_again(): assert 'zygote import' not in program()\n";

#[test]
fn the_workers_of_one_run_are_the_runners_own() {
    let Some(python) = python() else { return };
    let dir = project(&[("test_a.py", IS_ADOPTED), ("test_b.py", "def test_b(): pass\n")]);
    let zygote = zygote_of_one_run(&python, dir.path());
    let mut request = request(&python, dir.path(), &zygote);
    request.env = vec![("RUNNER".into(), std::process::id().to_string().into())];
    let (summary, events) = run_blocking(request);
    assert!(summary.lost.is_empty(), "{summary:?}");
    assert_eq!(failures(&events), ["worker crashed: exited with code 7"]);
    assert!(!zygote.is_alive());
    drop(zygote);
    // Those that were adopted are the first thread's.
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let children = threads.map(|thread| {
        let path = thread.unwrap().path().join("children");
        fs::read_to_string(path).unwrap_or_default()
    });
    assert_eq!(children.collect::<String>().trim(), "", "not reaped");
}

/// The process that was started first; one that takes its place is spawned.
const IS_GIVEN: &str = "import os, random, sys\n\
    def program(): return open(f'/proc/{os.getpid()}/cmdline').read()\n\
    def test_first():\n\
    \x20   assert 'zygote import' in program() and os.getppid() == int(os.environ['RUNNER'])\n\
    \x20   assert os.getpgrp() == os.getpid()\n\
    \x20   os._exit(7)\n\
    def test_second(): assert 'zygote import' not in program()\n";

#[test]
fn the_only_worker_is_the_zygote_itself() {
    let Some(python) = python() else { return };
    let dir = project(&[("test_a.py", IS_GIVEN)]);
    let zygote = zygote_of_one_run(&python, dir.path());
    let mut request = request(&python, dir.path(), &zygote);
    request.workers = Workers::Count(1);
    request.env = vec![("RUNNER".into(), std::process::id().to_string().into())];
    let (summary, events) = run_blocking(request);
    assert!(summary.lost.is_empty(), "{summary:?}");
    assert_eq!(failures(&events), ["worker crashed: exited with code 7"]);
    assert!(!zygote.is_alive());
}

#[test]
fn a_worker_ends_as_an_interpreter_does() {
    let Some(python) = python() else { return };
    let test = "import atexit, threading, time\n\
        def write(name): open(name, 'w').write('x')\n\
        def late(): time.sleep(0.3); write('from-thread')\n\
        def test_it():\n\
        \x20   atexit.register(write, 'at-exit')\n\
        \x20   threading.Thread(target=late).start()\n\
        \x20   globals()['kept'] = open('never-closed', 'w')\n\
        \x20   kept.write('x')\n";
    let dir = project(&[("test_a.py", test)]);
    let (summary, _) = run_blocking(request(&python, dir.path(), &zygote(&python, dir.path())));
    assert_eq!(summary.exit, 0);
    for name in ["at-exit", "from-thread", "never-closed"] {
        assert_eq!(fs::read_to_string(dir.path().join(name)).unwrap(), "x", "{name}");
    }
}

#[test]
fn plugins_of_pytests_own_that_are_kept_out_declare_nothing() {
    let Some(python) = python() else { return };
    let test = "def test_it(request):\n\
        \x20   assert not hasattr(request.config.option, 'doctestmodules')\n\
        \x20   assert request.config.invocation_params.args[:2] == ('-p', 'no:doctest')\n";
    let dir = project(&[("test_a.py", test)]);
    let mut request = request(&python, dir.path(), &zygote(&python, dir.path()));
    request.pytest_args.splice(0..0, ["-p", "no:doctest"].map(str::to_owned));
    let (summary, events) = run_blocking(request);
    assert_eq!((summary.exit, failures(&events)), (0, Vec::new()));
}

#[test]
fn nothing_outlives_the_last_handle() {
    let Some(python) = python() else { return };
    let test = "import os, subprocess, sys\n\
                def test_it():\n\
                \x20   child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n\
                \x20   open('pids', 'w').write(f'{os.getppid()} {os.getpid()} {child.pid}')\n\
                \x20   import time; time.sleep(60)\n";
    let dir = project(&[("test_a.py", test)]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let pids = dir.path().join("pids");
    let read = || {
        let text = fs::read_to_string(&pids).unwrap_or_default();
        text.split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
    };
    runtime.block_on(async {
        let (sender, _receiver) = unbounded_channel();
        let (_canceller, cancels) = cancellation();
        let request = request(&python, dir.path(), &zygote(&python, dir.path()));
        let until_written = async {
            while read().len() < 3 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            summary = run(request, sender, cancels) => panic!("it ended: {summary:?}"),
            () = until_written => {}
        }
    });
    drop(runtime);
    for pid in read() {
        eventually("it is still alive", || !is_alive(pid));
    }
}

#[test]
fn modules_that_can_be_noticed_are_not_preloaded() {
    let Some(python) = python() else { return };
    // Each does one thing that is not to happen early; what is fit lies between them.
    let site = tempfile::tempdir().unwrap();
    let modules = [
        ("fit", "x = 1\n"),
        (
            "starts",
            "import threading\nthreading.Thread(target=print, daemon=True).start()\n\
                    import time; threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n",
        ),
        ("warns", "import warnings\nwarnings.warn('old', DeprecationWarning)\n"),
        ("writes", "print('hello')\n"),
        ("sets", "import os\nos.environ['SET_BY_MODULE'] = '1'\n"),
        ("raises", "raise SystemExit(3)\n"),
        ("dies", "import os\nos._exit(9)\n"),
        ("late", "y = 1\n"),
    ];
    for (name, text) in modules {
        fs::write(site.path().join(format!("{name}.py")), text).unwrap();
    }
    let names = modules.map(|(name, _)| name);
    let conftest = format!(
        "import sys\nopen('early', 'w').write(' '.join(n for n in {names:?} if n in sys.modules))\n\
         import os\nassert 'SET_BY_MODULE' not in os.environ\n"
    );
    let dir = project(&[("conftest.py", &conftest), ("test_a.py", "def test_it(): pass\n")]);
    let env = vec![("PYTHONPATH".into(), site.path().into())];
    // Twice: the second zygote has been told by the memory of the first.
    for _ in 0..2 {
        let zygote = Zygote::start(ZygoteLaunch {
            python: python.clone(),
            dir: dir.path().to_owned(),
            env: env.clone(),
            bundle: Arc::new(Bundle::unpack().unwrap()),
            for_one_run: false,
        })
        .unwrap();
        let modules = names.iter().map(|&name| name.to_owned()).collect();
        let roots = [roots(&python), vec![site.path().to_owned()]].concat();
        zygote.preload(Preload { modules, roots, untouched: Vec::new() });
        let request = RunRequest { env: env.clone(), ..request(&python, dir.path(), &zygote) };
        let (summary, events) = run_blocking(request);
        assert_eq!((summary.exit, failures(&events)), (0, Vec::new()));
        assert!(zygote.is_alive());
        assert_eq!(fs::read_to_string(dir.path().join("early")).unwrap(), "fit late");
    }
}

#[test]
fn what_is_rewritten_and_what_is_not_installed_is_imported_by_pytest() {
    let Some(python) = python() else { return };
    let conftest = "import sys\nopen('early', 'w').write(' '.join(sorted(\n\
                    \x20   n for n in ('mine', 'decimal', 'colorsys', 'wave') if n in sys.modules)))\n";
    let test = "import mine\ndef test_it(): pass\n";
    let files = [("conftest.py", conftest), ("test_a.py", test), ("mine.py", "import colorsys\n")];
    let dir = project(&files);
    let env = vec![("PYTHONPATH".into(), dir.path().into())];
    let zygote = Zygote::start(ZygoteLaunch {
        python: python.clone(),
        dir: dir.path().to_owned(),
        env: env.clone(),
        bundle: Arc::new(Bundle::unpack().unwrap()),
        for_one_run: false,
    })
    .unwrap();
    let modules = ["mine", "wave", "colorsys"].map(str::to_owned).to_vec();
    let untouched = vec!["wave".to_owned()];
    zygote.preload(Preload { modules, roots: roots(&python), untouched });
    let request = RunRequest { env, ..request(&python, dir.path(), &zygote) };
    let (summary, events) = run_blocking(request);
    assert_eq!((summary.exit, failures(&events)), (0, Vec::new()));
    let early = fs::read_to_string(dir.path().join("early")).unwrap();
    assert_eq!(early, "colorsys decimal");
}
