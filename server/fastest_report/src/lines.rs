//! Progress while tests run, letter by letter or line by line: pytest's `TerminalReporter`.

use std::collections::{HashMap, HashSet};

use crate::{
    edge::Edge, paint, paths, screen::Screen, sequence::Told, style::Style, tally::Tally, wrap,
};

/// What the present line belongs to (pytest's `currentfspath`).
#[derive(Debug, Default, PartialEq, Eq)]
enum Owner {
    #[default]
    Nobody,
    /// A file whose letters it holds.
    File(String),
    /// A test whose word is still to come.
    Test(String),
    /// A test whose word is there.
    Done,
}

/// Where the output stands.
#[derive(Debug, Default)]
pub struct Lines {
    owner: Owner,
    reported: HashSet<String>,
    total: usize,
    edge: Edge,
    /// What follows the names of tests that are defined in another file than collected.
    elsewhere: HashMap<String, String>,
}

/// What the writing of progress needs to see.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub style: &'a Style,
    pub tally: &'a Tally,
}

impl Lines {
    /// These tests will run.
    pub fn expect(&mut self, node_ids: &[String]) {
        self.total += node_ids.len();
        node_ids.iter().for_each(|id| self.edge.expect(paths::file(id)));
    }

    /// A test is defined in another file than the one it was collected from.
    pub fn defined_elsewhere(&mut self, node_id: &str, path: &str) {
        self.elsewhere.insert(node_id.to_owned(), format!(" <- {path}"));
    }

    /// A test starts: its line begins.
    pub fn started(&mut self, node_id: &str, view: View<'_>, screen: &mut Screen) {
        if view.style.case_verbosity() > 0 {
            let prefix = self.prefix(node_id, view);
            self.ensure_prefix(prefix, screen);
        } else if !view.style.live_log && view.style.case_verbosity() >= 0 {
            self.ensure_file(paths::file(node_id), view, screen);
        }
    }

    /// A phase has a letter or a word.
    pub fn told(&mut self, told: &Told, view: View<'_>, screen: &mut Screen) {
        self.reported.insert(told.node_id.clone());
        if view.style.case_verbosity() > 0 {
            return self.word(told, view, screen);
        }
        screen.write(&told.letter, &told.inks);
        if !self.is_last() && self.is_past_edge(view, screen) {
            let message = self.message(view);
            screen.write(&(message + "\n"), &[view.tally.main_ink(false)]);
        }
    }

    /// A phase ended, whether or not it is told of.
    pub fn timed(&mut self, told: &Told) {
        self.edge.timed(told);
    }

    /// The end of the last line, when all tests have run.
    pub fn close(&mut self, view: View<'_>, screen: &mut Screen) {
        if view.style.case_verbosity() <= 0 && self.edge.is_shown(view) && !self.reported.is_empty()
        {
            self.write_edge(view, screen);
        }
    }

    /// End the present line, if somebody owns it.
    pub fn ensure_newline(&mut self, screen: &mut Screen) {
        if std::mem::take(&mut self.owner) != Owner::Nobody {
            screen.write("\n", &[]);
        }
    }

    /// How many tests have an outcome, of how many.
    pub fn done(&self) -> (usize, usize) {
        (self.reported.len(), self.total)
    }

    /// A test has an outcome that is not written.
    pub fn count(&mut self, node_id: &str) {
        self.reported.insert(node_id.to_owned());
    }

    /// Whether all tests have an outcome.
    pub fn is_last(&self) -> bool {
        self.reported.len() == self.total
    }

    fn prefix(&self, node_id: &str, View { style, tally }: View<'_>) -> String {
        let name = paths::node_id(node_id, &tally.info.rootdir, &style.invocation_dir);
        let elsewhere = self.elsewhere.get(node_id).filter(|_| style.verbosity >= 2);
        format!("{name}{} ", elsewhere.map_or("", |text| text))
    }

    /// pytest's `write_ensure_prefix`.
    fn ensure_prefix(&mut self, prefix: String, screen: &mut Screen) {
        if self.owner != Owner::Test(prefix.clone()) {
            screen.write("\n", &[]);
            screen.write(&prefix, &[]);
            self.owner = Owner::Test(prefix);
        }
    }

    /// pytest's `write_fspath_result`.
    fn ensure_file(&mut self, file: &str, view: View<'_>, screen: &mut Screen) {
        if matches!(&self.owner, Owner::File(owner) if owner == file) {
            return;
        }
        if self.owner != Owner::Nobody && self.edge.is_shown(view) {
            self.write_edge(view, screen);
        }
        let View { style, tally } = view;
        let path = paths::node_id(file, &tally.info.rootdir, &style.invocation_dir);
        screen.write(&format!("\n{path} "), &[]);
        self.owner = Owner::File(file.to_owned());
    }

    fn word(&mut self, told: &Told, view: View<'_>, screen: &mut Screen) {
        let prefix = self.prefix(&told.node_id, view);
        self.ensure_prefix(prefix, screen);
        screen.write(&told.word, &told.inks);
        self.owner = Owner::Done;
        self.reason(told, view.style, screen);
        if self.edge.is_shown(view) {
            self.write_edge(view, screen);
        }
    }

    fn reason(&self, told: &Told, style: &Style, screen: &mut Screen) {
        let Some(reason) = told.reason.as_ref().filter(|reason| !reason.is_empty()) else { return };
        let shown = if style.case_verbosity() >= 2 {
            Some(format!(" ({reason})"))
        } else {
            let room = screen.width.saturating_sub(screen.column() + PERCENT + 1);
            trimmed(reason, room, 3).map(|reason| format!(" ({reason})"))
        };
        if let Some(shown) = shown {
            let wrapped = wrap::after(screen.column(), &shown, screen.width.saturating_sub(8));
            screen.write(&wrapped, &[]);
        }
    }

    fn is_past_edge(&self, view: View<'_>, screen: &Screen) -> bool {
        self.edge.is_shown(view)
            && screen.column() + self.edge.room(self.total, view) + 1 >= screen.width
    }

    fn write_edge(&mut self, view: View<'_>, screen: &mut Screen) {
        let message = self.message(view);
        let fill = screen.width.saturating_sub(screen.column() + 1);
        screen.write(&format!("{message:>fill$}"), &[view.tally.main_ink(self.is_last())]);
    }

    fn message(&mut self, view: View<'_>) -> String {
        self.edge.message(self.done(), view)
    }
}

/// The width of ` [100%]`.
const PERCENT: usize = 7;

/// The first line of a text in `room` columns of which `frame` are taken, with an ellipsis where
/// it is cut; `None` where not even that fits. (pytest's `_format_trimmed`.)
pub fn trimmed(text: &str, room: usize, frame: usize) -> Option<String> {
    let line = text.split('\n').next().unwrap_or_default();
    let room = room.checked_sub(frame)?;
    if room < 3 {
        return None;
    }
    if paint::width(line) <= room {
        return Some(line.to_owned());
    }
    let mut cut = String::new();
    let mut used = 0;
    for character in line.chars() {
        used += paint::width(character.encode_utf8(&mut [0; 4]));
        if used > room - 3 {
            break;
        }
        cut.push(character);
    }
    Some(cut + "...")
}
