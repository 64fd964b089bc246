//! Starting programs, and where things are.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A step's end: what went wrong, for people.
pub type Done<T = ()> = Result<T, String>;

/// The repository's root.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository").to_owned()
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}

/// The binary as built with a profile (`debug`, `release`).
pub fn binary(profile: &str) -> PathBuf {
    target().join(profile).join(format!("fastest-lsp{}", std::env::consts::EXE_SUFFIX))
}

/// Cargo itself, in the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(repository()).args(arguments);
    command
}

/// Builds the binary for users.
pub fn build_release() -> Done<PathBuf> {
    run(&mut cargo(&["build", "--release", "--package", "fastest_cli"]))?;
    Ok(binary("release"))
}

/// Runs a command with its output on the terminal; an error unless it succeeds.
pub fn run(command: &mut Command) -> Done {
    let shown = show(command);
    println!("$ {shown}");
    let status = command.status().map_err(|error| format!("failed to start {shown}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown}: {status}")) }
}

/// Runs a command quietly and returns its stdout; an error, with its stderr, unless it succeeds.
pub fn output(command: &mut Command) -> Done<String> {
    let shown = show(command);
    let done = command.output().map_err(|error| format!("failed to start {shown}: {error}"))?;
    if !done.status.success() {
        let stderr = String::from_utf8_lossy(&done.stderr);
        return Err(format!("{shown}: {}\n{stderr}", done.status));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs a command with its output on the terminal, and returns that output too (stdout and
/// stderr, each in order), with whether it succeeded.
pub fn watched(command: &mut Command) -> Done<(bool, String)> {
    let shown = show(command);
    println!("$ {shown}");
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("failed to start {shown}: {error}"))?;
    let stdout = child.stdout.take().expect("it is piped");
    let stderr = child.stderr.take().expect("it is piped");
    let text = std::thread::scope(|scope| {
        let errors = scope.spawn(|| pass_on(stderr));
        let mut text = pass_on(stdout);
        text.push_str(&errors.join().expect("passing lines on does not panic"));
        text
    });
    let status = child.wait().map_err(|error| format!("{shown}: {error}"))?;
    Ok((status.success(), text))
}

fn pass_on(stream: impl Read) -> String {
    let mut text = String::new();
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        // A closed terminal must not keep the child from being waited for.
        let _ = writeln!(std::io::stdout(), "{line}");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}
