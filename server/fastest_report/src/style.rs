//! How output is to look: the options, already resolved.

use std::path::PathBuf;

/// Which captured output a failure shows (`--show-capture`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShowCapture {
    /// None of it.
    No,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Log records.
    Log,
    /// All of it.
    #[default]
    All,
}

/// What stands at the right edge while tests run (`console_output_style`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProgressKind {
    /// Nothing.
    Classic,
    /// `[ 50%]`.
    #[default]
    Percent,
    /// `[1/2]`.
    Count,
    /// How long a file, or with `-v` a test, took.
    Times,
}

/// How tracebacks look, as far as the worker has not seen to it (`--tb`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracebacks {
    /// As the worker rendered them.
    #[default]
    Whole,
    /// A line for each failure.
    Line,
    /// None.
    No,
}

/// What `--durations` lists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Durations {
    /// How many; 0 for all.
    pub count: usize,
    /// The least seconds (`--durations-min`); `None` for pytest's own limit.
    pub min: Option<f64>,
}

/// The look of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// `-v` counts up, `-q` down.
    pub verbosity: i32,
    /// `verbosity_test_cases`.
    pub case_verbosity: Option<i32>,
    /// `verbosity_subtests`.
    pub subtest_verbosity: Option<i32>,
    /// The width of the terminal in columns; pytest takes 80 where there is none.
    pub width: usize,
    /// Whether to colour (`--color`, `NO_COLOR`, `FORCE_COLOR`, a terminal).
    pub color: bool,
    /// Whether there is a terminal that can redraw a line: progress is a bar then.
    pub live: bool,
    /// What stands at the right edge while tests run.
    pub progress: ProgressKind,
    /// Whether there is a live log. Files have no lines of their own then, and from the first
    /// test on pytest is verbose, because letters would be torn apart.
    pub live_log: bool,
    /// The letters of `-r`, resolved by [`report_chars`].
    pub report_chars: String,
    /// `--no-fold-skipped` is `false`.
    pub fold_skipped: bool,
    /// Which captured output failures show.
    pub show_capture: ShowCapture,
    /// `--tb`.
    pub tracebacks: Tracebacks,
    /// `--xfail-tb`.
    pub xfail_tracebacks: bool,
    /// `--full-trace`.
    pub full_trace: bool,
    /// `--durations`.
    pub durations: Option<Durations>,
    /// `--no-header` is `false`.
    pub header: bool,
    /// `--no-summary` is `false`.
    pub summary: bool,
    /// `--disable-warnings` is `false`.
    pub warnings: bool,
    /// `--max-warnings`.
    pub max_warnings: Option<usize>,
    /// Whether lines of the short summary are written whole: under CI, and from `-vv` on.
    pub full_lines: bool,
    /// `--collect-only`: the closing line counts what was collected.
    pub collect_only: bool,
    /// Where the command was given: paths are shown from here.
    pub invocation_dir: PathBuf,
    /// What the end says of files that were written (`generated xml file: …`).
    pub generated: Vec<String>,
    /// The line that says which version of us runs (`fastest-0.1.0, 2 workers`).
    pub own_line: String,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            verbosity: 0,
            case_verbosity: None,
            subtest_verbosity: None,
            width: 80,
            color: false,
            live: false,
            progress: ProgressKind::Percent,
            live_log: false,
            report_chars: report_chars("", true),
            fold_skipped: true,
            show_capture: ShowCapture::All,
            tracebacks: Tracebacks::Whole,
            xfail_tracebacks: false,
            full_trace: false,
            durations: None,
            header: true,
            summary: true,
            warnings: true,
            max_warnings: None,
            full_lines: false,
            collect_only: false,
            invocation_dir: PathBuf::new(),
            generated: Vec::new(),
            own_line: String::new(),
        }
    }
}

impl Style {
    /// How much is said of each test.
    #[must_use]
    pub fn case_verbosity(&self) -> i32 {
        self.case_verbosity.unwrap_or(self.verbosity)
    }

    /// How much is said of each subtest.
    #[must_use]
    pub fn subtest_verbosity(&self) -> i32 {
        self.subtest_verbosity.unwrap_or(self.verbosity)
    }
}

/// The letters that `-r CHARS` stands for: `a` is all but passed, `A` is all, `N` empties what
/// stands before it, `F` and `S` are old spellings; nothing given is `fE`. Without warnings, a
/// `w` says nothing. (pytest's `getreportopt`.)
#[must_use]
pub fn report_chars(given: &str, warnings: bool) -> String {
    let given = if given.is_empty() { "fE" } else { given };
    let mut chars = String::new();
    for letter in given.chars() {
        match letter {
            'a' => "sxXEf".clone_into(&mut chars),
            'A' => "PpsxXEf".clone_into(&mut chars),
            'N' => chars.clear(),
            'F' | 'S' => push_once(&mut chars, letter.to_ascii_lowercase()),
            'w' if !warnings => {}
            other => push_once(&mut chars, other),
        }
    }
    chars
}

fn push_once(chars: &mut String, letter: char) {
    if !chars.contains(letter) {
        chars.push(letter);
    }
}
