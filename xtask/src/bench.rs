//! `cargo xtask bench`: discovery's time against pytest's.
//!
//! Whole processes, alternating in one run so that what else the machine does hits both; medians;
//! bytecode caches warm, as they are for anybody who ran pytest before. A ratio counts only where
//! both list the same node ids, which is checked on the very output that was timed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::python::{find, oracle};
use crate::shell::{Done, build_release, output, repository, run, target};

mod options;
use options::Options;

/// One thing that is measured.
struct Contender<'a> {
    label: &'static str,
    command: &'a dyn Fn() -> Command,
    /// Made before each run, outside of the time.
    prepare: &'a dyn Fn() -> Done,
}

/// Generated suites (`tests/corpus/synth.py`).
pub fn collect(arguments: &[&str]) -> Done {
    let options = Options::parse(arguments)?;
    let binary = build_release()?;
    let python = oracle()?;
    println!("{:28} {:>10} {:>10} {:>10}", "suite", "pytest ms", "ours ms", "ratio");
    for &tests in &options.tests {
        for style in &options.styles {
            let suite = generate(tests, style)?;
            let environment = environment_of(&python);
            let project = Measured { folder: suite, arguments: Vec::new(), environment };
            let name = format!("{style} {tests}");
            measure(&name, &project, &python, &binary, options.runs)?;
        }
    }
    Ok(())
}

/// The prepared corpus: every project that is there, or those that are named.
pub fn corpus(arguments: &[&str]) -> Done {
    let options = Options::parse(arguments)?;
    let binary = build_release()?;
    println!("{:28} {:>10} {:>10} {:>10}", "suite", "pytest ms", "ours ms", "ratio");
    let mut ratios = Vec::new();
    for name in prepared(&options.names)? {
        let project = project_of(&name)?;
        let python = crate::corpus::cache().join("venv").join(&name).join("bin/python");
        ratios.push(measure(&name, &project, &python, &binary, options.runs)?);
    }
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    let mean = (logarithms / ratios.len().max(1) as f64).exp();
    println!("geometric mean of {} projects, cold: {mean:.0}x", ratios.len());
    Ok(())
}

/// A suite and how it is collected.
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

/// Measures pytest, ours without and ours with its cache; returns how many times faster ours is
/// without.
fn measure(name: &str, project: &Measured, python: &Path, binary: &Path, runs: usize) -> Done<f64> {
    let flags = ["--collect-only", "-q"];
    let pytest = || {
        let mut command = project.command(python);
        command.args(["-m", "pytest"]).args(flags).args(&project.arguments);
        command
    };
    let ours = || {
        let mut command = project.command(binary);
        command.args(flags).args(&project.arguments);
        command
    };
    let contenders = [
        Contender { label: "pytest", command: &pytest, prepare: &|| Ok(()) },
        Contender { label: "cold", command: &ours, prepare: &|| forget(&project.folder) },
        Contender { label: "cached", command: &ours, prepare: &|| Ok(()) },
    ];
    // Once for the bytecode and the file system's cache.
    time(&contenders[0])?;
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    let mut same = true;
    for _ in 0..runs {
        let mut lists = Vec::new();
        for (contender, times) in contenders.iter().zip(&mut times) {
            let (elapsed, list) = time(contender)?;
            times.push(elapsed);
            lists.push(list);
        }
        same &= lists[1] == lists[0] && lists[2] == lists[0];
    }
    let [pytest, cold, cached] = times.map(median);
    let ids = if same { "" } else { "  node ids DIFFER: the ratio does not count" };
    for (label, ours) in [(contenders[1].label, cold), (contenders[2].label, cached)] {
        let ratio = pytest / ours;
        let suite = format!("{name}, {label}");
        println!("{suite:28} {pytest:10.1} {ours:10.2} {ratio:9.0}x{ids}");
    }
    Ok(pytest / cold)
}

/// One whole process with its output into a pipe; its lines of node ids.
fn time(contender: &Contender<'_>) -> Done<(Duration, Vec<String>)> {
    (contender.prepare)()?;
    let mut command = (contender.command)();
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let done = command.output().map_err(|error| format!("{}: {error}", contender.label))?;
    let elapsed = started.elapsed();
    let text = String::from_utf8_lossy(&done.stdout);
    let ids = text.lines().take_while(|line| !line.is_empty() && !line.starts_with("==="));
    Ok((elapsed, ids.map(str::to_owned).collect()))
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
    let suite = target().join("bench").join(format!("{style}-{tests}"));
    if !suite.join("expected.json").exists() {
        let script = repository().join("tests/corpus/synth.py");
        let python = find((3, 9))?;
        let mut command = Command::new(python.path);
        command.arg(script).arg(&suite).args(["--tests", &tests.to_string(), "--style", style]);
        std::fs::create_dir_all(target().join("bench")).map_err(|error| error.to_string())?;
        run(&mut command)?;
    }
    Ok(suite)
}

fn environment_of(python: &Path) -> Vec<(String, String)> {
    let folder = python.parent().and_then(Path::parent).map(|path| path.display().to_string());
    folder.map(|folder| ("VIRTUAL_ENV".to_owned(), folder)).into_iter().collect()
}

fn prepared(names: &[String]) -> Done<Vec<String>> {
    let stamps = crate::corpus::cache().join("stamp");
    let entries = std::fs::read_dir(&stamps).map_err(|error| {
        format!("{}: {error}\nhint: cargo xtask corpus --all prepares it", stamps.display())
    })?;
    let stems = entries
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()));
    let mut found: Vec<String> =
        stems.filter(|name| names.is_empty() || names.contains(name)).collect();
    found.sort();
    Ok(found)
}

/// Folder, arguments and environment of a project, as `compare.py` has them.
fn project_of(name: &str) -> Done<Measured> {
    let python = find(crate::corpus::PYTHON)?;
    let script = repository().join("tests/corpus/show_settings.py");
    let mut command = Command::new(python.path);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    let text = output(command.arg(script).arg(crate::corpus::cache()).arg(name))?;
    let mut project =
        Measured { folder: PathBuf::new(), arguments: Vec::new(), environment: Vec::new() };
    for line in text.lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "cwd" => project.folder = PathBuf::from(value),
            "env" => project.environment.extend(
                value.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())),
            ),
            "arg" => project.arguments.push(value.to_owned()),
            _ => {}
        }
    }
    Ok(project)
}
