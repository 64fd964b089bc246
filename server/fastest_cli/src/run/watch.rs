//! `--watch`: after a run the project's files are watched, and what an edit affects runs again.
//!
//! Reading order: this file (the loop), `round` (which tests run, and how that is said), `ears`
//! (files, keys, signals), `keyboard` (the terminal), `keys`, `screen` (what is said).

mod ears;
mod keyboard;
mod keys;
mod round;
mod screen;

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, stdin, stdout};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fastest_runner::Canceller;
use fastest_workspace::memory::Places;
use fastest_workspace::options::{Format, UsageError};
use fastest_workspace::watch::{Watch, python_files_below};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use self::ears::{Ears, Heard};
use self::keys::{Command, Line, Typed};
use self::round::{Filters, Round, Scope, Survey, fault_of};
use self::screen::Screen;
use super::warm::Warm;
use super::{Prepared, arrange, plan, style};
use crate::invocation::{Invocation, refuse};

pub use self::keyboard::restore as restore_terminal;

/// Runs the tests, and again what edits affect, until it is to end; the exit code of the last run.
pub(super) fn watch(invocation: Invocation, runtime: &Runtime) -> u8 {
    match Session::new(&invocation, runtime) {
        Ok(session) => session.go(invocation),
        Err(error) => refuse(&error).code(),
    }
}

/// A project that is watched.
struct Session<'r> {
    runtime: &'r Runtime,
    ears: Ears,
    /// Whom a watch tells of changes.
    changes: UnboundedSender<Vec<PathBuf>>,
    _watch: Watch,
    folders: Vec<PathBuf>,
    screen: Screen,
    warm: Warm,
    /// What the sources told when they were last read.
    survey: Survey,
    /// What has changed since, and has not been run.
    pending: Vec<PathBuf>,
    filters: Filters,
    /// The command line's own expression.
    keyword: String,
    places: Places,
    /// Whether tests have the terminal while they run.
    foreground: bool,
    /// Where paths are seen from.
    folder: PathBuf,
    exit: u8,
    /// When the last run had ended.
    ended: SystemTime,
    /// The process is to end.
    ends: bool,
}

/// What was heard while tests ran.
#[derive(Debug, Default)]
struct Meanwhile {
    changed: Vec<PathBuf>,
    command: Option<Command>,
    interrupted: bool,
    ends: bool,
}

/// What comes after a run, or after waiting.
enum Next {
    Run(Round, String),
    Quit,
}

impl<'r> Session<'r> {
    fn new(invocation: &Invocation, runtime: &'r Runtime) -> Result<Self, UsageError> {
        let config = &invocation.project.config;
        let text = config.options.own.format == Format::Text;
        let screen = Screen {
            talks: text && stdin().is_terminal() && stdout().is_terminal(),
            color: style::colored(config.options.display.color, stdout().is_terminal()),
        };
        let foreground = plan::needs_terminal(&config.options);
        let mut warm = Warm::staying();
        if let (false, Ok(environment)) = (foreground, &invocation.project.environment) {
            warm.start(&invocation.project, &environment.python);
        }
        let survey = Survey::read().unwrap_or_default();
        let mut folders = survey.folders.clone();
        if folders.is_empty() {
            folders.push(config.rootdir.clone());
        }
        let (changes, heard) = unbounded_channel();
        let watch = start(&folders, changes.clone())?;
        let _inside = runtime.enter();
        Ok(Self {
            runtime,
            ears: Ears::new(heard),
            changes,
            _watch: watch,
            folders,
            screen,
            warm,
            survey,
            pending: Vec::new(),
            filters: Filters::default(),
            keyword: config.options.selecting.keyword.clone(),
            places: arrange::places(&invocation.project),
            foreground,
            folder: config.invocation_dir.clone(),
            exit: 0,
            ended: SystemTime::UNIX_EPOCH,
            ends: false,
        })
    }

    /// Runs and waits, in turns.
    fn go(mut self, first: Invocation) -> u8 {
        let mut round = Round::default();
        // What is wrong before anything has run is wrong with the command.
        let Some(mut meanwhile) = self.run(first) else { return self.exit };
        loop {
            match self.after(&round, meanwhile) {
                Next::Quit => break,
                Next::Run(next, why) => {
                    round = next;
                    meanwhile = self.begin(&round, &why);
                }
            }
        }
        self.ears.listen_to_keys(false);
        self.exit
    }

    /// One run that is not the first.
    fn begin(&mut self, round: &Round, why: &str) -> Meanwhile {
        if *round == Round::default() {
            // It runs whatever has changed so far.
            self.survey = Survey::read().unwrap_or_else(|| std::mem::take(&mut self.survey));
            self.pending.clear();
        }
        let failed = !self.places.load().last_failed.is_empty();
        match round.invocation(&self.survey, &self.keyword, failed) {
            Ok(Some(invocation)) => {
                self.screen.turn();
                self.screen.say(why);
                self.run(invocation).unwrap_or_default()
            }
            Ok(None) => {
                self.screen.say(&format!("no test file matches: {}", round.filters.shown()));
                Meanwhile::default()
            }
            Err(error) => {
                self.screen.turn();
                self.screen.say(why);
                self.exit = refuse(&error).code();
                Meanwhile::default()
            }
        }
    }

    /// Runs tests; what was heard meanwhile, or nothing if they could not be run.
    fn run(&mut self, invocation: Invocation) -> Option<Meanwhile> {
        let prepared = match Prepared::new(invocation, &mut self.warm) {
            Ok(prepared) => prepared,
            Err(code) => {
                self.exit = code;
                return None;
            }
        };
        let foreground = self.foreground;
        self.ears.listen_to_keys(self.screen.talks && !foreground);
        let (ears, mut meanwhile) = (&mut self.ears, Meanwhile::default());
        let heard = &mut meanwhile;
        self.exit = prepared.run(self.runtime, async move |canceller| {
            listen(ears, foreground, &canceller, heard).await;
        });
        self.ended = SystemTime::now();
        Some(meanwhile)
    }

    /// What comes after a run during which something was heard.
    fn after(&mut self, round: &Round, meanwhile: Meanwhile) -> Next {
        if meanwhile.ends {
            return Next::Quit;
        }
        self.screen.talks &= self.ears.listen_to_keys(self.screen.talks);
        if self.screen.talks {
            println!();
        } else {
            self.screen.say("watching for changes");
        }
        self.pending.extend(meanwhile.changed);
        if let Some(next) = meanwhile.command.and_then(|command| self.obey(command, round)) {
            return next;
        }
        // Whoever stopped a run wants none now: what has changed counts with the next edit.
        let next = if meanwhile.interrupted { None } else { self.look() };
        next.unwrap_or_else(|| self.wait(round))
    }

    /// Waits for an edit or a key.
    fn wait(&mut self, round: &Round) -> Next {
        while !self.ends {
            self.screen.prompt(&self.filters.shown());
            match self.runtime.block_on(self.ears.next()) {
                Heard::Changed(paths) => {
                    self.pending.extend(paths);
                    if let Some(next) = self.look() {
                        return next;
                    }
                }
                Heard::Key(key) => {
                    let command = Command::of(key).filter(|_| self.screen.talks);
                    if let Some(next) = command.and_then(|command| self.obey(command, round)) {
                        return next;
                    }
                }
                Heard::Interrupt | Heard::End => break,
                Heard::Resumed => {}
            }
        }
        self.screen.clear_line();
        Next::Quit
    }

    /// What is to run because of what has changed, if anything is.
    fn look(&mut self) -> Option<Next> {
        let pending: BTreeSet<PathBuf> = std::mem::take(&mut self.pending).into_iter().collect();
        let changed = pending.iter().flat_map(|path| self.sources(path));
        let changed: Vec<PathBuf> = changed.filter(|path| self.is_edit(path)).collect();
        if changed.is_empty() {
            return None;
        }
        let why = format!("{} changed", self.named(&changed));
        let Some(survey) = Survey::read() else { return Some(self.all(&why)) };
        let before = std::mem::replace(&mut self.survey, survey);
        self.follow();
        if changed.iter().any(|path| self.is_about_everything(path)) {
            return Some(self.all(&why));
        }
        let files = self.survey.affected(&changed, &before);
        if files.is_empty() {
            self.screen.say(&format!("{why}: no test depends on it"));
            return None;
        }
        if self.survey.is_all(&files) {
            return Some(self.all(&why));
        }
        let why = format!("{why}: running {}", self.named(&files));
        let filters = self.filters.clone();
        Some(Next::Run(Round { scope: Scope::Files(files), filters }, why))
    }

    fn all(&self, why: &str) -> Next {
        let filters = self.filters.clone();
        Next::Run(Round { scope: Scope::All, filters }, format!("{why}: running all tests"))
    }

    /// Watches what is imported from folders that nobody watched so far.
    fn follow(&mut self) {
        let is_watched =
            |folder: &PathBuf| self.folders.iter().any(|watched| folder.starts_with(watched));
        if self.survey.folders.iter().all(is_watched) {
            return;
        }
        match start(&self.survey.folders, self.changes.clone()) {
            Ok(watch) => {
                self._watch = watch;
                self.folders.clone_from(&self.survey.folders);
            }
            Err(error) => self.screen.say(&error.to_string()),
        }
    }

    /// The files of interest that a changed path stands for.
    fn sources(&self, path: &Path) -> Vec<PathBuf> {
        if path.is_dir() && !self.folders.iter().any(|folder| folder == path) {
            let below = python_files_below(path).into_iter();
            return below.filter(|file| !self.survey.is_unchanged(file)).collect();
        }
        // Editors make files of their own beside what is edited, and remove them.
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        let is_there = path.exists() || self.survey.graph.files().any(|file| file == path);
        let is_python = path.extension().is_some_and(|ending| ending == "py");
        let counts = (is_python && is_there && !is_hidden)
            || self.is_about_everything(path)
            || self.survey.holds(path);
        if counts { vec![path.to_owned()] } else { Vec::new() }
    }

    /// Whether somebody has edited a file. A run writes what it writes: where that is what was
    /// there before, it is no reason for another.
    fn is_edit(&self, path: &Path) -> bool {
        let written = std::fs::metadata(path).and_then(|metadata| metadata.modified());
        written.is_ok_and(|written| written > self.ended) || !self.survey.is_unchanged(path)
    }

    /// Whether any test may be affected: the configuration, or nobody knows what has changed.
    fn is_about_everything(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| folder == path) || self.survey.configures(path)
    }

    /// A few files by name.
    fn named(&self, paths: &[PathBuf]) -> String {
        const MOST: usize = 3;
        let shown =
            |path: &PathBuf| path.strip_prefix(&self.folder).unwrap_or(path).display().to_string();
        let names: Vec<String> = paths.iter().take(MOST).map(shown).collect();
        match paths.len().saturating_sub(MOST) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// What a key asks for; `None` if there is nothing to run.
    fn obey(&mut self, command: Command, round: &Round) -> Option<Next> {
        let run = |session: &Self, scope, why: &str| {
            Some(Next::Run(Round { scope, filters: session.filters.clone() }, why.to_owned()))
        };
        match command {
            Command::Quit => {
                self.screen.clear_line();
                return Some(Next::Quit);
            }
            Command::Again => return run(self, round.scope.clone(), "running again"),
            Command::All => {
                self.filters = Filters::default();
                return run(self, Scope::All, "running all tests");
            }
            Command::Failed if self.places.cache.is_none() => {
                self.screen.say("pytest's cache, which knows what failed, is off");
            }
            Command::Failed if self.places.load().last_failed.is_empty() => {
                self.screen.say("no test has failed");
            }
            Command::Failed => return run(self, Scope::Failed, "running what failed"),
            Command::Path => {
                self.filters.path = self.ask("run files whose path holds")?;
                return run(self, Scope::All, "running what matches");
            }
            Command::Keyword => {
                let keyword = self.ask("run tests that match")?;
                match fault_of(&keyword) {
                    Some(fault) => self.screen.say(&fault),
                    None => {
                        self.filters.keyword = keyword;
                        return run(self, Scope::All, "running what matches");
                    }
                }
            }
            Command::Help => self.screen.help(),
        }
        None
    }

    /// Has a line typed; `None` if it is given up. What changes meanwhile is heard afterwards.
    fn ask(&mut self, question: &str) -> Option<String> {
        let mut line = Line::default();
        let mut changed = Vec::new();
        let answer = loop {
            self.screen.ask(question, &line.0);
            match self.runtime.block_on(self.ears.next()) {
                Heard::Key(key) => match line.take(key) {
                    Typed::Going => {}
                    Typed::Done(text) => break Some(text),
                    Typed::Dropped => break None,
                },
                Heard::Changed(paths) => changed.extend(paths),
                Heard::Interrupt => break None,
                Heard::End => {
                    self.ends = true;
                    break None;
                }
                Heard::Resumed => {}
            }
        };
        let _nobody_listens = self.changes.send(changed);
        answer
    }
}

/// Watches folders.
fn start(folders: &[PathBuf], changes: UnboundedSender<Vec<PathBuf>>) -> Result<Watch, UsageError> {
    let tell = move |paths| {
        let _over = changes.send(paths);
    };
    Watch::start(folders, tell).map_err(UsageError::new)
}

/// Hears what comes while tests run; ends the run where that is asked for.
async fn listen(
    ears: &mut Ears,
    foreground: bool,
    canceller: &Canceller,
    meanwhile: &mut Meanwhile,
) {
    loop {
        match ears.next().await {
            Heard::Changed(paths) => meanwhile.changed.extend(paths),
            // The terminal has interrupted the tests that it belongs to.
            Heard::Interrupt if foreground => meanwhile.interrupted = true,
            Heard::Interrupt => {
                meanwhile.interrupted = true;
                canceller.cancel();
            }
            Heard::End => {
                meanwhile.ends = true;
                canceller.cancel();
            }
            Heard::Key(key) => {
                // Asking takes no run away.
                let command = Command::of(key).filter(|command| *command != Command::Help);
                if command.is_some() && meanwhile.command.is_none() {
                    meanwhile.command = command;
                    canceller.cancel();
                }
            }
            Heard::Resumed => {}
        }
    }
}
