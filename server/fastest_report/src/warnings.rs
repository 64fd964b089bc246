//! The warnings summary: equal texts once, with all the places they came from.

use std::path::Path;

use crate::{
    paint::{self, Ink},
    paths,
    style::Style,
    tally::{Tally, Warning},
};

/// From so many places on, pytest counts them by file instead of listing them.
const TOO_MANY: usize = 10;

/// The section; empty without warnings.
pub fn section(style: &Style, tally: &Tally) -> String {
    if tally.warnings.is_empty() || !style.warnings {
        return String::new();
    }
    let title = paint::sep(style.width, '=', "warnings summary");
    let mut text = paint::paint(style.color, &[Ink::Yellow], &title) + "\n";
    for (message, warnings) in grouped(&tally.warnings) {
        text.push_str(&group(style, message, &warnings));
    }
    text.push_str("-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html\n");
    text
}

fn group(style: &Style, message: &str, warnings: &[&Warning]) -> String {
    let places: Vec<String> = warnings.iter().filter_map(|warning| place(style, warning)).collect();
    if places.is_empty() {
        return format!("{}\n\n", message.trim_end());
    }
    let indented: Vec<String> = message.lines().map(|line| format!("  {line}")).collect();
    format!("{}\n{}\n\n", collapsed(&places), indented.join("\n").trim_end())
}

/// Groups in the order of their first members.
fn grouped(warnings: &[Warning]) -> Vec<(&str, Vec<&Warning>)> {
    let mut groups: Vec<(&str, Vec<&Warning>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for warning in warnings {
        let at = *index.entry(&*warning.text).or_insert_with(|| {
            groups.push((&warning.text, Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(warning);
    }
    groups
}

fn place(style: &Style, warning: &Warning) -> Option<String> {
    if let Some(node_id) = &warning.node_id {
        return Some(node_id.clone());
    }
    let (path, line) = warning.location.as_ref()?;
    Some(format!("{}:{line}", paths::relative(Path::new(path), &style.invocation_dir)))
}

fn collapsed(places: &[String]) -> String {
    if places.len() < TOO_MANY {
        return places.join("\n");
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for file in places.iter().map(|place| paths::file(place)) {
        match counts.iter_mut().find(|(known, _)| *known == file) {
            Some((_, count)) => *count += 1,
            None => counts.push((file, 1)),
        }
    }
    let plural = |count| if count == 1 { "" } else { "s" };
    let lines = counts.iter().map(|(file, n)| format!("{file}: {n} warning{}", plural(*n)));
    lines.collect::<Vec<_>>().join("\n")
}
