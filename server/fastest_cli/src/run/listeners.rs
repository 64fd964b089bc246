//! Everybody who listens to a run: the terminal, and the files that were asked for.

use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fastest_model::{ExitCode, RunEvent};
use fastest_report::{End, Github, JsonLines, Junit, ReportLog, Reporter, Style};
use fastest_runner::relay::Editors;
use fastest_workspace::options::{Format, UsageError};
use fastest_workspace::project::Project;

use super::junit;
use super::observer::Observer;

/// Who listens.
pub(super) struct Listeners {
    face: Option<Face>,
    junit: Option<(PathBuf, Junit)>,
    log: Option<(PathBuf, ReportLog<BufWriter<File>>)>,
    github: Option<Github>,
    problems: Vec<String>,
    observer: Option<Arc<Mutex<Observer>>>,
    editors: Editors,
}

/// What stands on standard output.
enum Face {
    Text(Box<Reporter<Stdout>>),
    Json(JsonLines<Stdout>),
}

impl Listeners {
    /// Those that options and environment ask for.
    ///
    /// # Errors
    /// If a file that was asked for cannot be, or the configuration is wrong.
    pub(super) fn new(
        project: &Project,
        style: Style,
        foreground: bool,
    ) -> Result<Self, UsageError> {
        let options = &project.config.options;
        let folder = &project.config.invocation_dir;
        let face = match options.own.format {
            Format::Json => Some(Face::Json(JsonLines::new(io::stdout()))),
            // Where tests have the terminal, pytest itself reports there.
            Format::Text if foreground => None,
            Format::Text => Some(Face::Text(Box::new(Reporter::new(style, io::stdout())))),
        };
        let log = options.display.report_log.as_ref();
        let on_github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let workspace = std::env::var_os("GITHUB_WORKSPACE").map_or(folder.clone(), PathBuf::from);
        Ok(Self {
            face,
            junit: junit::report(project)?,
            log: log.map(|path| open_log(&folder.join(path))).transpose()?,
            github: on_github.then(|| Github::new(workspace)),
            problems: Vec::new(),
            observer: None,
            editors: Editors::of(&project.config.rootdir, &title()),
        })
    }

    /// Have somebody look on, who can be asked when the run is over.
    pub(super) fn observe(&mut self) -> Arc<Mutex<Observer>> {
        Arc::clone(self.observer.get_or_insert_default())
    }

    /// Tell everybody. A reader of standard output that is gone (`… | head`) wants no more, and
    /// the others go on.
    pub(super) fn on(&mut self, event: RunEvent) {
        if let Some(Ok(mut observer)) = self.observer.as_ref().map(|observer| observer.lock()) {
            observer.on(&event);
        }
        self.editors.on(&event);
        if let Some((_, junit)) = &mut self.junit {
            junit.on(&event);
        }
        if let Some(github) = &mut self.github {
            github.on(&event);
        }
        if let Some((path, log)) = &mut self.log
            && let Err(error) = log.on(&event)
        {
            self.problems.push(format!("failed to write `{}`: {error}", path.display()));
            self.log = None;
        }
        let told = match &mut self.face {
            Some(Face::Text(reporter)) => reporter.on(event),
            Some(Face::Json(lines)) => lines.on(&event),
            None => Ok(()),
        };
        if told.is_err() {
            self.face = None;
        }
    }

    /// Write the end of everything; what the process is to exit with.
    pub(super) fn finish(mut self, end: &End) -> i32 {
        if let Some((path, junit)) = self.junit.take()
            && let Err(error) = write_junit(&path, junit, end)
        {
            self.problems.push(format!("failed to write `{}`: {error}", path.display()));
        }
        if let Some((path, mut log)) = self.log.take()
            && let Err(error) = log.finish(end)
        {
            self.problems.push(format!("failed to write `{}`: {error}", path.display()));
        }
        let exit = match self.face.take() {
            Some(Face::Text(reporter)) => reporter.finish(end).map_or(end.exit, |(_, exit)| exit),
            Some(Face::Json(mut lines)) => {
                let _reader_is_gone = lines.finish(end);
                end.exit
            }
            None => end.exit,
        };
        self.tell_github(end);
        self.editors.finish(exit);
        for problem in &self.problems {
            eprintln!("ERROR: {problem}");
        }
        if self.problems.is_empty() { exit } else { ExitCode::InternalError.code().into() }
    }

    fn tell_github(&mut self, end: &End) {
        let Some(github) = self.github.take() else { return };
        let _reader_is_gone = io::stdout().write_all(github.annotations().as_bytes());
        let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty())
        else {
            return;
        };
        let file = File::options().append(true).create(true).open(&path);
        let written = file.and_then(|mut file| file.write_all(github.summary(end).as_bytes()));
        if let Err(error) = written {
            let path = Path::new(&path).display();
            eprintln!("ERROR: failed to write the summary of the job to `{path}`: {error}");
        }
    }
}

/// What was asked for, as an editor shows it.
fn title() -> String {
    let given = std::env::args().skip(1).filter(|argument| argument != "--run");
    let given: Vec<String> = given.collect();
    if given.is_empty() { "all tests".to_owned() } else { given.join(" ") }
}

fn open_log(path: &Path) -> Result<(PathBuf, ReportLog<BufWriter<File>>), UsageError> {
    let open = || {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        File::create(path)
    };
    let problem = |error: io::Error| {
        UsageError::new(format!("failed to write the report log `{}`: {error}", path.display()))
    };
    let file = open().map_err(problem)?;
    Ok((path.to_owned(), ReportLog::new(BufWriter::new(file))))
}

fn write_junit(path: &Path, junit: Junit, end: &End) -> io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::write(path, junit.finish(end.duration)?)
}
