//! Failures as the protocol tells them: message, sides, frames, the line that failed.

use std::path::{Path, PathBuf};

use fastest_model::run::{self, PhaseReport};
use fastest_syntax::document::PositionEncoding;
use rustc_hash::FxHashMap;

use crate::items::results::Failure;
use crate::protocol::runs::{Frame, Outcome, Phase, TestMessage};
use crate::protocol::{Location, Range};
use crate::text::{Text, WholeText};

/// Where a run's files are, and what they hold.
#[derive(Debug)]
pub struct Places {
    /// pytest's rootdir.
    pub rootdir: PathBuf,
    /// Where pytest was started: it shows paths from there.
    pub invocation_dir: PathBuf,
    /// URIs of open documents, as the client writes them.
    pub uris: FxHashMap<PathBuf, String>,
    /// What columns count.
    pub encoding: PositionEncoding,
    texts: FxHashMap<PathBuf, Text<'static>>,
}

impl Places {
    /// Places of a run; `buffers` are the texts that run instead of the files'.
    pub fn new(
        rootdir: PathBuf,
        invocation_dir: PathBuf,
        uris: FxHashMap<PathBuf, String>,
        encoding: PositionEncoding,
        buffers: &[(PathBuf, String)],
    ) -> Self {
        let text = |text: &String| Text::Whole(WholeText::new(text.clone()));
        let texts = buffers.iter().map(|(path, buffer)| (path.clone(), text(buffer))).collect();
        Self { rootdir, invocation_dir, uris, encoding, texts }
    }

    /// The file that pytest shows a path of.
    pub fn file(&self, shown: &str) -> Option<PathBuf> {
        let shown = Path::new(shown);
        let candidates = [&self.invocation_dir, &self.rootdir].map(|dir| normal(&dir.join(shown)));
        candidates.into_iter().find(|path| path.is_file())
    }

    /// A file's URI.
    pub fn uri(&self, path: &Path) -> String {
        self.uris.get(path).cloned().unwrap_or_else(|| crate::uris::from_path(path))
    }

    /// A line, counted from 1.
    pub fn line(&mut self, path: &Path, line: u32) -> Range {
        let text = || Text::Whole(WholeText::read(path));
        let text = self.texts.entry(path.to_owned()).or_insert_with(text);
        text.line_range(line.saturating_sub(1), self.encoding)
    }

    fn location(&mut self, path: &Path, line: u32) -> Location {
        Location { uri: self.uri(path), range: self.line(path, line) }
    }
}

/// `a/../b` to `b`; links are left as they are.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(normal.pop()),
            std::path::Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// What a phase's failure is told as.
pub fn failure(report: &PhaseReport, places: &mut Places) -> Failure {
    let of_test = places.rootdir.join(crate::roots::file_of(&report.node_id));
    let (mut frames, mut found) = (Vec::new(), None);
    let failure = report.failure.as_deref();
    for frame in failure.into_iter().flat_map(|failure| &failure.frames) {
        let path = Path::new(&frame.path);
        let is_file = path.is_absolute() && path.is_file();
        if is_file {
            let here = (path.to_owned(), frame.line, rank(path, &of_test, places));
            let better = |(_, _, best): &(PathBuf, u32, u8)| here.2 >= *best;
            if found.as_ref().is_none_or(better) {
                found = Some(here);
            }
        }
        frames.push(Frame {
            label: frame.function.clone(),
            uri: is_file.then(|| places.uri(path)),
            path: shown(path, &places.rootdir),
            line: frame.line,
            range: is_file.then(|| places.line(path, frame.line)),
        });
    }
    let reported = || {
        let (shown, line) = report.location.as_ref()?;
        Some((places.file(shown)?, *line))
    };
    let place = found.map(|(path, line, _)| (path, line)).or_else(reported);
    let location = place.as_ref().map(|(path, line)| places.location(path, *line));
    let comparison = failure.and_then(|failure| failure.comparison.as_ref());
    let message = TestMessage {
        phase: phase(report.phase),
        message: headline(report),
        text: report.text.clone(),
        expected: comparison.map(|sides| sides.expected.clone()),
        actual: comparison.map(|sides| sides.actual.clone()),
        location,
        frames,
    };
    let line = place.as_ref().map_or(0, |(_, line)| line.saturating_sub(1));
    Failure { message, path: place.map(|(path, _)| path), line }
}

/// How good a place is to show a failure at: in the test's file, in the project, elsewhere.
fn rank(path: &Path, of_test: &Path, places: &Places) -> u8 {
    if path == of_test {
        return 2;
    }
    let installed = path.components().any(|part| {
        matches!(part.as_os_str().to_str(), Some("site-packages" | ".venv" | "venv" | ".tox"))
    });
    u8::from(path.starts_with(&places.rootdir) && !installed)
}

fn shown(path: &Path, rootdir: &Path) -> String {
    path.strip_prefix(rootdir).unwrap_or(path).to_string_lossy().into_owned()
}

/// The few lines that say what went wrong.
fn headline(report: &PhaseReport) -> String {
    let summary = report.summary.trim();
    if summary.is_empty() {
        report.text.lines().last().unwrap_or("failed").to_owned()
    } else {
        summary.to_owned()
    }
}

/// The phase on the wire.
pub const fn phase(phase: run::Phase) -> Phase {
    match phase {
        run::Phase::Collect => Phase::Collect,
        run::Phase::Setup => Phase::Setup,
        run::Phase::Call => Phase::Call,
        run::Phase::Teardown => Phase::Teardown,
    }
}

/// The outcome on the wire.
pub const fn outcome(outcome: run::Outcome) -> Outcome {
    match outcome {
        run::Outcome::Passed => Outcome::Passed,
        run::Outcome::Failed => Outcome::Failed,
        run::Outcome::Error => Outcome::Error,
        run::Outcome::Skipped => Outcome::Skipped,
        run::Outcome::XFailed => Outcome::XFailed,
        run::Outcome::XPassed => Outcome::XPassed,
        run::Outcome::Rerun => Outcome::Rerun,
    }
}
