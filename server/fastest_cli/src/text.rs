//! A session as pytest prints it under `--collect-only`.

mod tree;

use std::fmt::Write;
use std::ops::Range;
use std::time::Duration;

use fastest_index::collect::session::Session;
use fastest_workspace::options::{Format, Options};
use fastest_workspace::project::{Discovery, Project, problems_of};

use rayon::prelude::*;

use crate::exact::Exact;

/// So many node ids are written by one thread, as one piece.
const PIECE: usize = 10_000;

/// How wide pytest's rules are where the output is no terminal.
const WIDTH: usize = 80;

/// The listing: the tree, node ids (`-q`) or counts by file (`-qq`), in pieces; and the closing
/// line, if there is one, without the time that it took.
pub fn listing(project: &Project, discovery: &Discovery) -> (Vec<String>, Option<String>) {
    let session = &discovery.session;
    let mut out = String::new();
    match project.config.options.display.verbosity {
        ..=-2 => {
            counts(session, &mut out);
            out.push('\n');
            return (vec![out], None);
        }
        -1 => return (node_ids(session), Some(summary(session))),
        _ => {
            header(project, session, &mut out);
            tree::tree(project, session, &mut out);
        }
    }
    (vec![out], Some(summary(session)))
}

/// What pytest listed, by `--exact`: node ids, or one JSON array of them.
pub fn exact_listing(project: &Project, listed: &Exact) -> String {
    if project.config.options.own.format == Format::Json {
        return serde_json::to_string(&listed.node_ids).unwrap_or_default() + "\n";
    }
    let count = listed.node_ids.len();
    let mut out = listed.node_ids.join("\n");
    if count > 0 {
        out.push('\n');
    }
    let _ = writeln!(out, "\n{count} test{} collected", plural(count));
    out
}

/// About how long the node ids of some items are together, with a line break each.
fn length(session: &Session, range: Range<usize>) -> usize {
    let count = range.len();
    let looked_at = range.step_by(count / 64 + 1).filter_map(|at| session.nth(at));
    let (mut sample, mut length) = (0, 0);
    for item in looked_at {
        sample += 1;
        length += item.node_id().len() + 1;
    }
    // A little too much is not written to, too little is moved as a whole.
    length * count / sample.max(1) * 17 / 16 + 64
}

/// The node ids, a line each. What an item is of was made by several threads, and is read for the
/// first time here: several threads do that sooner.
fn node_ids(session: &Session) -> Vec<String> {
    let count = session.items().len();
    let pieces = (0..count).step_by(PIECE).map(|start| start..count.min(start + PIECE));
    let lines = |range: Range<usize>| {
        let mut out = String::with_capacity(length(session, range.clone()));
        for item in session.items_in(range) {
            item.push_node_id(&mut out);
            out.push('\n');
        }
        out
    };
    if count <= PIECE {
        return pieces.map(lines).collect();
    }
    pieces.collect::<Vec<_>>().into_par_iter().map(lines).collect()
}

/// `path: count` for each file, in the order of the files' first items.
fn counts(session: &Session, out: &mut String) {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut places: rustc_hash::FxHashMap<&str, usize> = rustc_hash::FxHashMap::default();
    for item in session.items() {
        let file = item.file.node_id.as_str();
        let place = *places.entry(file).or_insert_with(|| {
            counts.push((file, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
    }
    for (file, count) in counts {
        let _ = writeln!(out, "{file}: {count}");
    }
}

fn header(project: &Project, session: &Session, out: &mut String) {
    let config = &project.config;
    let _ = writeln!(out, "{}", ruled("test session starts"));
    if !config.options.display.no_header {
        let (python, pytest) = versions(project);
        let _ = writeln!(
            out,
            "platform {} -- Python {python}, pytest-{pytest}, fastest-{}",
            project.index.world().settings.platform,
            env!("CARGO_PKG_VERSION")
        );
        let _ = writeln!(out, "rootdir: {}", config.rootdir.display());
        if let Some(inipath) = &config.inipath {
            let shown = fastest_index::collect::node_path(inipath, &config.rootdir);
            let _ = writeln!(out, "configfile: {shown}");
        }
    }
    let (selected, deselected) = (session.items().len(), session.deselected);
    let total = selected + deselected;
    let mut line = format!("collected {total} item{}", plural(total));
    if deselected > 0 {
        let _ = write!(line, " / {deselected} deselected / {selected} selected");
    }
    let _ = writeln!(out, "{line}\n");
}

fn versions(project: &Project) -> (String, String) {
    match &project.environment {
        Ok(environment) => {
            let (major, minor) = environment.version;
            let pytest = environment.pytest.as_ref().map(|pytest| pytest.full.clone());
            (format!("{major}.{minor}"), pytest.unwrap_or_else(|| "none".to_owned()))
        }
        Err(_) => ("none".to_owned(), "none".to_owned()),
    }
}

/// pytest's `_build_collect_only_summary_stats_line`.
fn summary(session: &Session) -> String {
    let (selected, deselected) = (session.items().len(), session.deselected);
    let total = selected + deselected;
    let mut line = match (total, deselected) {
        (0, _) => "no tests collected".to_owned(),
        (_, 0) => format!("{total} test{} collected", plural(total)),
        (_, _) if selected == 0 => format!("no tests collected ({deselected} deselected)"),
        _ => format!("{selected}/{total} tests collected ({deselected} deselected)"),
    };
    let errors = problems_of(session)
        .iter()
        .filter(|problem| problem.severity > fastest_model::Severity::Warning)
        .count();
    if errors > 0 {
        let _ = write!(line, ", {errors} error{}", plural(errors));
    }
    line
}

/// The closing line and the blank one before it.
pub fn closing(summary: &str, options: &Options, took: Duration) -> String {
    let line = format!("{summary} in {:.2}s", took.as_secs_f64());
    let line = if options.display.verbosity < 0 { line } else { ruled(&line) };
    format!("\n{line}\n")
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A line with `=` on both sides.
fn ruled(text: &str) -> String {
    let side = WIDTH.saturating_sub(text.len() + 2) / 2;
    let rule = "=".repeat(side.max(1));
    let line = format!("{rule} {text} {rule}");
    if line.len() < WIDTH { line + "=" } else { line }
}
