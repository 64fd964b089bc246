//! `cargo xtask bench`: our time against pytest's, for discovery and for whole runs; and what an
//! editor waits for.
//!
//! Whole processes, alternating in one run so that what else the machine does hits all; medians;
//! bytecode caches warm, as they are for anybody who ran pytest before. A ratio counts only where
//! both say the same, which is checked on the very output that was timed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::python::find;
use crate::shell::{Done, repository, run, target};

pub mod collect;
pub mod execute;
pub mod lsp;
mod options;

/// One thing that is measured.
struct Contender<'a> {
    label: &'static str,
    command: &'a dyn Fn() -> Command,
    /// Made before each run, outside of the time.
    prepare: &'a dyn Fn() -> Done,
}

/// A suite and where it is.
struct Measured {
    folder: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Measured {
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env_remove("PYTHONDONTWRITEBYTECODE");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// What a contender took in each run, and what it said first.
struct Timed {
    /// Median of the whole process's wall time, in milliseconds.
    median: f64,
    said: Vec<String>,
    /// Whether it said the same every time.
    same: bool,
}

/// Runs all of them in turn, so many times; of the output counts what `extract` makes of it.
fn alternate(
    contenders: &[Contender<'_>],
    runs: usize,
    extract: fn(&str) -> Vec<String>,
) -> Done<Vec<Timed>> {
    // Once for the bytecode and the file system's cache.
    time(&contenders[0])?;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); contenders.len()];
    let mut said: Vec<Vec<Vec<String>>> = vec![Vec::new(); contenders.len()];
    for _ in 0..runs.max(1) {
        for (at, contender) in contenders.iter().enumerate() {
            let (elapsed, text) = time(contender)?;
            times[at].push(elapsed);
            said[at].push(extract(&text));
        }
    }
    let timed = times.into_iter().zip(said).map(|(times, mut said)| {
        let same = said.windows(2).all(|pair| pair[0] == pair[1]);
        Timed { median: median(times), said: said.swap_remove(0), same }
    });
    Ok(timed.collect())
}

/// One whole process with its output into a pipe.
fn time(contender: &Contender<'_>) -> Done<(Duration, String)> {
    (contender.prepare)()?;
    let mut command = (contender.command)();
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let done = command.output().map_err(|error| format!("{}: {error}", contender.label))?;
    let elapsed = started.elapsed();
    Ok((elapsed, String::from_utf8_lossy(&done.stdout).into_owned()))
}

/// In milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

/// Takes our cache away, and nothing of pytest's. It is in the rootdir, which is the folder or
/// one of those around it.
fn forget(project: &Path) -> Done {
    for folder in project.ancestors() {
        let cache = folder.join(".pytest_cache/d/fastest");
        match std::fs::remove_dir_all(&cache) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("{}: {error}", cache.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn generate(tests: u32, style: &str) -> Done<PathBuf> {
    let name = format!("{style}-{tests}");
    generate_as(&name, &["--tests", &tests.to_string(), "--style", style])
}

/// A suite of a name, by the arguments of `synth.py`; made once.
fn generate_as(name: &str, arguments: &[&str]) -> Done<PathBuf> {
    let suite = target().join("bench").join(name);
    if !suite.join("expected.json").exists() {
        let script = repository().join("tests/corpus/synth.py");
        let python = find((3, 9))?;
        let mut command = Command::new(python.path);
        command.arg(script).arg(&suite).args(arguments);
        std::fs::create_dir_all(target().join("bench")).map_err(|error| error.to_string())?;
        run(&mut command)?;
    }
    Ok(suite)
}

fn environment_of(python: &Path) -> Vec<(String, String)> {
    let folder = python.parent().and_then(Path::parent).map(|path| path.display().to_string());
    folder.map(|folder| ("VIRTUAL_ENV".to_owned(), folder)).into_iter().collect()
}
