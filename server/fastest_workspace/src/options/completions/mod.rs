//! Completions for shells, made from the table of options.

mod bash;
mod fish;
#[cfg(test)]
mod tests;
mod zsh;

use super::PytestVersion;
use super::table::{Arity, GROUPS, Kind, Spec};

/// The programs that are completed.
const PROGRAMS: [&str; 2] = ["fastest", "fastest-lsp"];

/// Words that stand first and ask for something else than tests, and what follows each.
const COMMANDS: [(&str, &str); 2] = [("daemon", "status stop"), ("completions", "bash zsh fish")];

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// The shell of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            _ => None,
        }
    }
}

/// The script that a shell reads.
#[must_use]
pub fn completions(shell: Shell, version: PytestVersion) -> String {
    let specs: Vec<&Spec> = specs(version).collect();
    match shell {
        Shell::Bash => bash::script(&specs),
        Shell::Zsh => zsh::script(&specs),
        Shell::Fish => fish::script(&specs),
    }
}

/// The options that `--help` lists.
fn specs(version: PytestVersion) -> impl Iterator<Item = &'static Spec> {
    let listed = GROUPS.iter().filter(|group| group.title != "other plugins");
    listed.flat_map(|group| group.specs).filter(move |spec| spec.since <= version)
}

/// What is completed after an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// It takes none.
    None,
    /// One of these.
    Words(&'static [&'static str]),
    /// Paths.
    Paths,
    /// Something that cannot be known.
    Anything,
}

fn values(spec: &Spec) -> Values {
    let metavar = spec.metavar.to_lowercase();
    let is_path = ["path", "dir", "file"].iter().any(|word| metavar.contains(word));
    match (spec.kind, spec.dest) {
        (Kind::Flag, _) => Values::None,
        (Kind::Choice(choices), _) => Values::Words(choices),
        (_, "cov_report") => Values::Words(&[
            "term",
            "term-missing",
            "term:skip-covered",
            "html",
            "xml",
            "json",
            "lcov",
            "annotate",
            "markdown",
        ]),
        (_, "numprocesses") => Values::Words(&["auto", "logical", "0", "1", "2", "4"]),
        (_, "cov_context") => Values::Words(&["test"]),
        (_, "rootdir" | "log_file" | "cov_source") => Values::Paths,
        _ if is_path => Values::Paths,
        _ => Values::Anything,
    }
}

/// Whether a value must follow.
fn needs_value(spec: &Spec) -> bool {
    spec.arity() == Arity::One
}

/// The explanation's first sentence.
fn summary(spec: &Spec) -> &'static str {
    let end = spec.help.find(['.', ';', ':']).unwrap_or(spec.help.len());
    &spec.help[..end]
}
