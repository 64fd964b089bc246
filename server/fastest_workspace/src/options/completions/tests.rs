//! Each shell reads its script, if it is there, and completes with it.

use std::process::Command;

use super::{Shell, completions};

const VERSION: (u16, u16) = (9, 2);

/// What a shell prints for a script of its own; `None`, said on stderr, without that shell.
fn run(shell: &str, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(shell).args(arguments).output() else {
        eprintln!("SKIPPED: no {shell}");
        return None;
    };
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && stderr.is_empty(), "{shell}: {stderr}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn in_bash(line: &str) -> Option<Vec<String>> {
    let script = completions(Shell::Bash, VERSION);
    let call = format!(
        "compopt() {{ :; }}\n{script}\nCOMP_LINE='{line}' COMP_POINT={} _fastest fastest\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        line.len()
    );
    let text = run("bash", &["--norc", "-c", &call])?;
    Some(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

#[test]
fn bash_completes_options_and_values() {
    let check = |line: &str, expected: &[&str]| {
        if let Some(found) = in_bash(line) {
            assert_eq!(found, expected, "{line}");
        }
    };
    check("fastest --tb=s", &["short"]);
    check("fastest --tb n", &["no", "native"]);
    check("fastest -x --junit-x", &["--junit-xml="]);
    check("fastest --show-capture=std", &["stdout", "stderr"]);
    check("fastest -k some", &[]);
    check("fastest --nothing", &[]);
    check("fastest --daemon ", &["auto", "on", "off"]);
    check("fastest-lsp daemon st", &["status", "stop"]);
}

#[test]
fn zsh_and_fish_read_their_scripts() {
    let dir = tempfile::tempdir().unwrap();
    let zsh = dir.path().join("_fastest");
    std::fs::write(&zsh, completions(Shell::Zsh, VERSION)).unwrap();
    run("zsh", &["-n", zsh.to_str().unwrap()]);
    let fish = dir.path().join("fastest.fish");
    std::fs::write(&fish, completions(Shell::Fish, VERSION)).unwrap();
    let script = format!("source {}; complete -C 'fastest --tb='", fish.display());
    if let Some(text) = run("fish", &["--no-config", "-c", &script]) {
        let words: Vec<&str> = text.lines().filter_map(|line| line.split('\t').next()).collect();
        assert!(words.contains(&"--tb=short"), "{text}");
    }
}
