//! `--format json`: a session for programs.

use std::borrow::Cow;

use fastest_index::collect::session::SessionItem;
use fastest_model::{ExitCode, Problem, Severity};
use fastest_workspace::project::{Discovery, Project, problems_of};
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::lines::Lines;

/// The document. Lines count from 1; spans are UTF-8 byte offsets from the file's start.
#[derive(Serialize)]
struct Document<'d> {
    rootdir: String,
    items: Vec<Item<'d>>,
    /// Places where there may be items that only run time can tell.
    open: Vec<Open<'d>>,
    problems: Vec<Wrong<'d>>,
    deselected: usize,
    #[serde(rename = "exitCode")]
    exit_code: u8,
}

#[derive(Serialize)]
struct Item<'d> {
    nodeid: String,
    certainty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'d str>,
    /// The file that is collected, relative to the rootdir.
    path: Cow<'d, str>,
    /// The line of the definition; absent where it lies in another file.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// The definition, or the case's own row.
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<(u32, u32)>,
    marks: Vec<&'d str>,
}

#[derive(Serialize)]
struct Open<'d> {
    path: String,
    reason: &'d str,
}

#[derive(Serialize)]
struct Wrong<'d> {
    severity: &'static str,
    message: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'d str>,
}

/// A session as one JSON document, with a line break at its end.
pub fn document(project: &Project, discovery: &Discovery, code: ExitCode) -> String {
    let mut lines = Lines::new(project);
    let problems = project.problems.iter().chain(problems_of(&discovery.session));
    let document = Document {
        rootdir: project.config.rootdir.display().to_string(),
        items: items(project, discovery, &mut lines),
        open: discovery
            .open
            .iter()
            .map(|place| Open { path: lines.shown(&place.path), reason: &place.reason })
            .collect(),
        problems: problems.map(|problem| wrong(problem, &mut lines)).collect(),
        deselected: discovery.session.deselected,
        exit_code: code.code(),
    };
    let mut text = serde_json::to_string(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// The items, then one for each file that may hold more.
fn items<'d>(project: &Project, discovery: &'d Discovery, lines: &mut Lines<'_>) -> Vec<Item<'d>> {
    let known = discovery.session.items();
    let mut items: Vec<Item<'d>> = known.map(|it| item(project, lines, &it)).collect();
    let mut seen = FxHashSet::default();
    let fresh = discovery.open.iter().filter(|place| seen.insert(&*place.path));
    items.extend(fresh.map(|place| Item {
        nodeid: place.node_id.clone(),
        certainty: "runtime",
        reason: Some(&place.reason),
        path: Cow::Owned(lines.shown(&place.path)),
        line: None,
        span: None,
        marks: Vec::new(),
    }));
    items
}

fn item<'d>(project: &Project, lines: &mut Lines<'_>, item: &SessionItem<'d>) -> Item<'d> {
    let span = item.span();
    let line_of = item.row().or(item.function.name_span());
    let path = project.index.world().file(item.file.collected.file).map(|file| &*file.path);
    let mut marks: Vec<&str> = Vec::new();
    for mark in item.marks() {
        if !marks.contains(&mark.name.as_str()) {
            marks.push(&mark.name);
        }
    }
    Item {
        nodeid: item.node_id(),
        certainty: if item.doubt().is_none() { "static" } else { "runtime" },
        reason: item.doubt(),
        path: match path {
            Some(path) if !path.starts_with(&project.config.rootdir) => {
                Cow::Owned(lines.shown(path))
            }
            _ => Cow::Borrowed(&item.file.node_id),
        },
        line: path.zip(line_of).map(|(path, span)| lines.line(path, span.start)),
        span: span.map(|span| (span.start, span.end)),
        marks,
    }
}

fn wrong<'d>(problem: &'d Problem, lines: &mut Lines<'_>) -> Wrong<'d> {
    Wrong {
        severity: match problem.severity {
            Severity::Warning => "warning",
            Severity::CollectError => "collectError",
            Severity::UsageError => "usageError",
        },
        message: &problem.message,
        path: problem.path.as_deref().map(|path| lines.shown(path)),
        line: problem.path.as_deref().zip(problem.span).map(|(p, s)| lines.line(p, s.start)),
        hint: problem.hint.as_deref(),
    }
}
