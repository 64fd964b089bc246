//! Progress while tests run: a line of letters for each file, or with `-v` a line for each test.
//!
//! Workers run several files at once, but a file's letters belong on one line. One file owns
//! the line and is written as it comes; the letters of others wait until the owner is complete.

use std::collections::{BTreeMap, HashSet, VecDeque};

use fastest_model::run::{Outcome, Phase, PhaseReport};

use crate::{
    paint::{self, Color},
    paths,
    style::Style,
    tally::Tally,
};

/// A file whose tests run.
#[derive(Debug, Default)]
struct File {
    /// Letters that wait for their turn.
    waiting: Vec<(Outcome, char)>,
    /// Tests that have not ended.
    open: usize,
}

/// Where the output stands.
#[derive(Debug, Default)]
pub struct Progress {
    files: BTreeMap<String, File>,
    /// Files that have something to say, in the order in which they began.
    order: VecDeque<String>,
    owner: Option<String>,
    /// Columns used on the present line.
    column: usize,
    reported: HashSet<String>,
    total: usize,
    /// How far the run was when the last file was complete: what its line says in the end.
    at_end_of_file: String,
}

/// The width of ` [100%]`.
const PERCENT: usize = 7;

impl Progress {
    /// These tests will run.
    pub fn expect(&mut self, node_ids: &[String]) {
        self.total += node_ids.len();
        for node_id in node_ids {
            self.files.entry(paths::file(node_id).to_owned()).or_default().open += 1;
        }
    }

    /// Text to write for a phase that has a letter.
    pub fn phase(&mut self, report: &PhaseReport, style: &Style, tally: &Tally) -> String {
        let Some(letter) = letter(report, style.all_subtests()) else { return String::new() };
        self.reported.insert(report.node_id.clone());
        if style.verbosity > 0 {
            return self.line(report, style, tally);
        }
        let file = paths::file(&report.node_id).to_owned();
        self.files.entry(file.clone()).or_default().waiting.push((report.outcome, letter));
        if self.owner.as_ref() != Some(&file) && !self.order.contains(&file) {
            self.order.push_back(file);
        }
        self.write_owners(style, tally)
    }

    /// A test has ended; its file's line may be complete.
    pub fn ended(&mut self, node_id: &str, style: &Style, tally: &Tally) -> String {
        if let Some(file) = self.files.get_mut(paths::file(node_id)) {
            file.open = file.open.saturating_sub(1);
        }
        if style.verbosity > 0 { String::new() } else { self.write_owners(style, tally) }
    }

    /// The rest, when nothing more will come, and the blank line before what follows; a run
    /// that was `stopped` does not say how far it came.
    pub fn close(&mut self, style: &Style, tally: &Tally, stopped: bool) -> String {
        self.files.values_mut().for_each(|file| file.open = 0);
        let mut text = self.write_owners(style, tally);
        let begun = self.column > 0;
        if begun && !stopped {
            text.push_str(&self.percent_to_the_edge(style, tally));
        }
        text.push_str(self.interrupt());
        // With `-q` no file owns the line, and the line's end is all that pytest writes.
        if style.verbosity >= 0 || !begun {
            text.push('\n');
        }
        text
    }

    /// What ends a line that is begun, before something else is written.
    pub fn interrupt(&mut self) -> &'static str {
        if std::mem::take(&mut self.column) > 0 { "\n" } else { "" }
    }

    /// How many tests have an outcome, of how many.
    pub fn done(&self) -> (usize, usize) {
        (self.reported.len(), self.total)
    }

    fn write_owners(&mut self, style: &Style, tally: &Tally) -> String {
        let mut text = String::new();
        loop {
            if self.owner.is_none() {
                let Some(next) = self.order.pop_front() else { return text };
                text.push_str(&self.begin(&next, style, tally));
                self.owner = Some(next);
            }
            let Some(owner) = self.owner.clone() else { return text };
            let Some(file) = self.files.get_mut(&owner) else { return text };
            let open = file.open;
            for (outcome, letter) in std::mem::take(&mut file.waiting) {
                text.push_str(&self.letter(outcome, letter, style, tally));
            }
            if open > 0 {
                return text;
            }
            self.owner = None;
            self.at_end_of_file = self.percent();
        }
    }

    /// Begin a file's line; with `-q`, letters of all files run on.
    fn begin(&mut self, file: &str, style: &Style, tally: &Tally) -> String {
        if style.verbosity < 0 {
            return String::new();
        }
        let mut text = String::new();
        if self.column > 0 {
            text.push_str(&self.to_the_edge(style, tally, &self.at_end_of_file));
            text.push('\n');
        }
        let path = paths::node_id(file, &tally.info.rootdir, &style.invocation_dir);
        self.column = paint::width(&path) + 1;
        text.push_str(&path);
        text.push(' ');
        text
    }

    fn letter(&mut self, outcome: Outcome, letter: char, style: &Style, tally: &Tally) -> String {
        let mut text = paint::color(style, color(outcome), &letter.to_string());
        self.column += 1;
        let over = self.reported.len() == self.total;
        if !over && self.column + PERCENT + 1 >= style.width {
            text.push_str(&paint::color(style, tally.main_color(false), &self.percent()));
            text.push('\n');
            self.column = 0;
        }
        text
    }

    fn line(&mut self, report: &PhaseReport, style: &Style, tally: &Tally) -> String {
        let name = paths::node_id(&report.node_id, &tally.info.rootdir, &style.invocation_dir);
        let word = word(report);
        self.column = paint::width(&name) + 1 + paint::width(&word);
        let mut text = format!("{name} {}", paint::color(style, color(report.outcome), &word));
        text.push_str(&self.reason(report, style));
        text.push_str(&self.percent_to_the_edge(style, tally));
        text.push('\n');
        self.column = 0;
        text
    }

    fn reason(&mut self, report: &PhaseReport, style: &Style) -> String {
        let explains =
            matches!(report.outcome, Outcome::Skipped | Outcome::XFailed | Outcome::XPassed);
        if !explains || report.summary.is_empty() {
            return String::new();
        }
        let room = style.width.saturating_sub(self.column + PERCENT + 1);
        let shown = if style.verbosity >= 2 {
            Some(format!(" ({})", report.summary))
        } else {
            trimmed(&report.summary, room, 3).map(|reason| format!(" ({reason})"))
        };
        let shown = shown.unwrap_or_default();
        self.column += paint::width(&shown);
        shown
    }

    fn percent(&self) -> String {
        let (done, total) = self.done();
        format!(" [{:3}%]", (done * 100).checked_div(total).unwrap_or(100))
    }

    fn percent_to_the_edge(&self, style: &Style, tally: &Tally) -> String {
        self.to_the_edge(style, tally, &self.percent())
    }

    fn to_the_edge(&self, style: &Style, tally: &Tally, percent: &str) -> String {
        let fill = style.width.saturating_sub(self.column + 1);
        let over = self.reported.len() == self.total;
        paint::color(style, tally.main_color(over), &format!("{percent:>fill$}"))
    }
}

/// The first line of a text in `room` columns of which `frame` are taken, with an ellipsis where
/// it is cut; `None` where not even that fits. (pytest's `_format_trimmed`.)
pub fn trimmed(text: &str, room: usize, frame: usize) -> Option<String> {
    let line = text.lines().next().unwrap_or_default();
    let room = room.checked_sub(frame)?;
    if room < 3 {
        return None;
    }
    if paint::width(line) <= room {
        return Some(line.to_owned());
    }
    Some(line.chars().take(room - 3).chain("...".chars()).collect())
}

/// The letter of a phase; a passed set-up or teardown has none.
fn letter(report: &PhaseReport, subtests: bool) -> Option<char> {
    if report.subtest.is_some() {
        return match report.outcome {
            Outcome::Failed => Some('u'),
            _ if !subtests => None,
            Outcome::Skipped => Some('-'),
            Outcome::XFailed => Some('y'),
            _ => Some('u'),
        };
    }
    Some(match report.outcome {
        Outcome::Passed if report.phase == Phase::Call => '.',
        Outcome::Passed => return None,
        Outcome::Failed => 'F',
        Outcome::Error => 'E',
        Outcome::Skipped => 's',
        Outcome::XFailed => 'x',
        Outcome::XPassed => 'X',
        Outcome::Rerun => 'R',
    })
}

fn word(report: &PhaseReport) -> String {
    let subtest = report.subtest.as_deref().unwrap_or_default();
    let sub = if report.subtest.is_some() { "SUB" } else { "" };
    format!("{sub}{}{subtest}", plain_word(report.outcome))
}

const fn plain_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "PASSED",
        Outcome::Failed => "FAILED",
        Outcome::Error => "ERROR",
        Outcome::Skipped => "SKIPPED",
        Outcome::XFailed => "XFAIL",
        Outcome::XPassed => "XPASS",
        Outcome::Rerun => "RERUN",
    }
}

const fn color(outcome: Outcome) -> Color {
    match outcome {
        Outcome::Passed => Color::Green,
        Outcome::Failed | Outcome::Error => Color::Red,
        _ => Color::Yellow,
    }
}
