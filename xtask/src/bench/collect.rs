//! `cargo xtask bench collect|corpus`: discovery against `pytest --collect-only -q`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::options::Options;
use super::{Contender, Measured, alternate, environment_of, forget, generate};
use crate::python::{find, oracle};
use crate::shell::{Done, output, repository};

/// Generated suites (`tests/corpus/synth.py`).
pub fn generated(arguments: &[&str]) -> Done {
    let options = Options::parse(arguments)?;
    let binary = options.binary()?;
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
    let binary = options.binary()?;
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
    let timed = alternate(&contenders, runs, ids)?;
    let pytest = &timed[0];
    let same = timed.iter().all(|ours| ours.same && ours.said == pytest.said);
    let ids = if same { "" } else { "  node ids DIFFER: the ratio does not count" };
    for (contender, ours) in contenders.iter().zip(&timed).skip(1) {
        let (suite, ratio) = (format!("{name}, {}", contender.label), pytest.median / ours.median);
        println!("{suite:28} {:10.1} {:10.2} {ratio:9.0}x{ids}", pytest.median, ours.median);
    }
    Ok(pytest.median / timed[1].median)
}

/// The lines of node ids.
fn ids(text: &str) -> Vec<String> {
    let ids = text.lines().take_while(|line| !line.is_empty() && !line.starts_with("==="));
    ids.map(str::to_owned).collect()
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
