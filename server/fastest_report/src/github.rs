//! GitHub Actions: failures as annotations of the changed files, and a summary of the job.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use fastest_model::run::{Outcome, Phase, PhaseReport, RunEvent};

use crate::{End, paths};

/// GitHub shows so many errors of one step, and passes over the rest.
const MOST_ANNOTATIONS: usize = 10;

/// GitHub takes 1 MiB for the summary of a step; so many failures stay far below it.
const MOST_IN_SUMMARY: usize = 50;

/// So many characters of a failure are shown in either.
const MOST_TEXT: usize = 4000;

/// One failure.
#[derive(Debug)]
struct Problem {
    title: String,
    place: Option<(String, u32)>,
    text: String,
}

/// Gathers what GitHub is told.
#[derive(Debug)]
pub struct Github {
    /// What paths of annotations count from (`$GITHUB_WORKSPACE`).
    workspace: PathBuf,
    rootdir: PathBuf,
    problems: Vec<Problem>,
    counts: Vec<(&'static str, usize)>,
}

impl Github {
    /// One that has heard nothing yet.
    #[must_use]
    pub fn new(workspace: PathBuf) -> Self {
        Self { workspace, rootdir: PathBuf::new(), problems: Vec::new(), counts: Vec::new() }
    }

    /// Take in what happens.
    pub fn on(&mut self, event: &RunEvent) {
        match event {
            RunEvent::SessionStarted { info } => self.rootdir = PathBuf::from(&info.rootdir),
            RunEvent::PhaseEnded { report, .. } => self.phase(report),
            RunEvent::CollectError { node_id, text, summary, location, .. } => {
                self.count("errors");
                let place = location.clone().or_else(|| Some((node_id.clone(), 1)));
                let text = if summary.is_empty() { text } else { summary };
                let title = format!("ERROR collecting {node_id}");
                self.problems.push(Problem { title, place, text: text.clone() });
            }
            RunEvent::Lost { node_ids } => {
                for node_id in node_ids {
                    self.count("lost");
                    let text = "collected, but it has no outcome".to_owned();
                    let title = format!("LOST {node_id}");
                    self.problems.push(Problem { title, place: None, text });
                }
            }
            _ => {}
        }
    }

    /// The commands that make annotations, a line each.
    #[must_use]
    pub fn annotations(&self) -> String {
        let mut text = String::new();
        for problem in self.problems.iter().take(MOST_ANNOTATIONS) {
            let mut properties = Vec::new();
            if let Some((path, line)) = &problem.place {
                properties.push(format!("file={}", property(&self.in_workspace(path))));
                properties.push(format!("line={}", (*line).max(1)));
            }
            properties.push(format!("title={}", property(&problem.title)));
            let message = data(&shortened(&problem.text));
            let _infallible = writeln!(text, "::error {}::{message}", properties.join(","));
        }
        let more = self.problems.len().saturating_sub(MOST_ANNOTATIONS);
        if more > 0 {
            let _infallible = writeln!(text, "::notice::{more} more failures are not annotated");
        }
        text
    }

    /// The summary of the job, as Markdown.
    #[must_use]
    pub fn summary(&self, end: &End) -> String {
        let mark = if end.exit == 0 { "✅" } else { "❌" };
        let counts: Vec<String> =
            self.counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let counts = if counts.is_empty() { "no tests ran".to_owned() } else { counts.join(", ") };
        let mut text = format!("### {mark} {counts} in {:.2}s\n\n", end.duration.as_secs_f64());
        for problem in self.problems.iter().take(MOST_IN_SUMMARY) {
            let place = problem.place.as_ref().map_or_else(String::new, |(path, line)| {
                format!(" ({}:{line})", escaped(&self.in_workspace(path)))
            });
            let fence = fence(&problem.text);
            let _infallible = write!(
                text,
                "<details><summary><code>{}</code>{place}</summary>\n\n{fence}\n{}\n{fence}\n\n</details>\n\n",
                escaped(&problem.title),
                shortened(&problem.text),
            );
        }
        let more = self.problems.len().saturating_sub(MOST_IN_SUMMARY);
        if more > 0 {
            let _infallible = writeln!(text, "… and {more} more failures.");
        }
        text
    }

    fn phase(&mut self, report: &PhaseReport) {
        let (name, word) = match report.outcome {
            Outcome::Failed => ("failed", "FAILED"),
            Outcome::Error => ("errors", "ERROR"),
            Outcome::Passed if report.phase != Phase::Call || report.subtest.is_some() => return,
            Outcome::Passed => return self.count("passed"),
            Outcome::Skipped => return self.count("skipped"),
            Outcome::XFailed => return self.count("xfailed"),
            Outcome::XPassed => return self.count("xpassed"),
            Outcome::Rerun => return,
        };
        self.count(name);
        let subtest = report.subtest.as_deref().unwrap_or_default();
        let title = format!("{word} {}{subtest}", report.node_id);
        let text = if report.text.is_empty() { &report.summary } else { &report.text };
        self.problems.push(Problem { title, place: self.place(report), text: text.clone() });
    }

    /// The innermost frame in the workspace, where the reader can do something about it.
    fn place(&self, report: &PhaseReport) -> Option<(String, u32)> {
        let frames = report.failure.iter().flat_map(|failure| failure.frames.iter().rev());
        let ours = |path: &str| {
            let installed = path.contains("site-packages") || path.contains("dist-packages");
            Path::new(path).starts_with(&self.workspace) && !installed
        };
        let frame = frames.into_iter().find(|frame| ours(&frame.path));
        frame.map(|frame| (frame.path.clone(), frame.line)).or_else(|| report.location.clone())
    }

    fn in_workspace(&self, path: &str) -> String {
        let whole = self.rootdir.join(path);
        paths::relative(&whole, &self.workspace).replace('\\', "/")
    }

    fn count(&mut self, name: &'static str) {
        match self.counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((name, 1)),
        }
    }
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => format!("{}\n…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A fence that the text does not end.
fn fence(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fastest_model::run::{Failure, Frame, SessionInfo};

    use super::*;

    #[test]
    fn a_failure_is_annotated_where_the_workspace_ends() {
        let mut github = Github::new(PathBuf::from("/home/me"));
        let info = SessionInfo { rootdir: "/home/me/sub".to_owned(), ..SessionInfo::default() };
        github.on(&RunEvent::SessionStarted { info });
        let frame =
            |path: &str, line| Frame { path: path.to_owned(), line, function: "f".to_owned() };
        let frames = vec![
            frame("/home/me/sub/test_a.py", 3),
            frame("/home/me/sub/a.py", 7),
            frame("/home/me/venv/site-packages/b.py", 9),
        ];
        let report = PhaseReport {
            text: "50% of\nit".to_owned(),
            failure: Some(Box::new(Failure { frames, ..Failure::default() })),
            ..PhaseReport::new("test_a.py::x[a,b]", Phase::Call, Outcome::Failed)
        };
        github.on(&RunEvent::PhaseEnded { report, worker: 0 });
        let expected = "::error file=sub/a.py,line=7,\
                        title=FAILED test_a.py%3A%3Ax[a%2Cb]::50%25 of%0Ait\n";
        assert_eq!(github.annotations(), expected);
        let end = End { duration: Duration::from_millis(1500), exit: 1, ..End::default() };
        let expected = "### ❌ 1 failed in 1.50s\n\n\
            <details><summary><code>FAILED test_a.py::x[a,b]</code> (sub/a.py:7)</summary>\n\n\
            ```\n50% of\nit\n```\n\n</details>\n\n";
        assert_eq!(github.summary(&end), expected);
    }
}
