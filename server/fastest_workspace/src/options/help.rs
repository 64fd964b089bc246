//! The text of `--help`.

use std::fmt::Write as _;

use super::PytestVersion;
use super::table::{Arity, GROUPS, Group, Kind, Spec};

/// Where the explanations begin, as argparse sets them.
const INDENT: usize = 24;

/// The text of `--help`, grouped as pytest's, no line longer than `width` where words allow.
#[must_use]
pub fn help(program: &str, version: PytestVersion, width: usize) -> String {
    let mut text = format!(
        "usage: {program} [options] [file_or_dir] [file_or_dir] [...]\n\n\
         positional arguments:\n  file_or_dir\n"
    );
    for group in GROUPS.iter().filter(|group| group.title != "other plugins") {
        write_group(&mut text, group, version, width.max(INDENT + 20));
    }
    text
}

fn write_group(text: &mut String, group: &Group, version: PytestVersion, width: usize) {
    let _ = write!(text, "\n{}:\n", group.title);
    for spec in group.specs.iter().filter(|spec| spec.since <= version) {
        write_spec(text, spec, width);
    }
}

fn write_spec(text: &mut String, spec: &Spec, width: usize) {
    let head = format!("  {}", invocation(spec));
    let mut column = head.len();
    text.push_str(&head);
    if column + 2 > INDENT {
        text.push('\n');
        column = 0;
    }
    for line in wrap(&explanation(spec), width - INDENT) {
        let _ = writeln!(text, "{:1$}{line}", "", INDENT - column);
        column = 0;
    }
}

fn explanation(spec: &Spec) -> String {
    match spec.kind {
        Kind::Choice(choices) => {
            format!("{} One of {}.", spec.help, choices.join(", "))
        }
        _ => spec.help.to_owned(),
    }
}

/// `-m MARKEXPR`, `--tb=style`, `--cov=[SOURCE]`.
fn invocation(spec: &Spec) -> String {
    let metavar =
        if spec.metavar.is_empty() { spec.dest.to_uppercase() } else { spec.metavar.to_owned() };
    let value = |name: &str| match (spec.arity(), name.starts_with("--")) {
        (Arity::None, _) => String::new(),
        (Arity::One, true) => format!("={metavar}"),
        (Arity::One, false) => format!(" {metavar}"),
        (Arity::Optional, _) => format!("=[{metavar}]"),
    };
    shown(spec).map(|name| format!("{name}{}", value(name))).collect::<Vec<_>>().join(", ")
}

/// The names without those that differ from another only by missing hyphens.
fn shown(spec: &Spec) -> impl Iterator<Item = &'static str> {
    let plain = |name: &str| name.replace('-', "");
    let names = spec.names;
    names.iter().copied().filter(move |name| {
        !names.iter().any(|other| other.len() > name.len() && plain(other) == plain(name))
    })
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
