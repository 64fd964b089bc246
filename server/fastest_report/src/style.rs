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

/// The look of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// `-v` counts up, `-q` down.
    pub verbosity: i32,
    /// The width of the terminal in columns; pytest takes 80 where there is none.
    pub width: usize,
    /// Whether to colour (`--color`, `NO_COLOR`, `FORCE_COLOR`, a terminal).
    pub color: bool,
    /// Whether there is a terminal that can redraw a line: progress is a bar then.
    pub live: bool,
    /// The letters of `-r`, resolved by [`report_chars`].
    pub report_chars: String,
    /// Which captured output failures show.
    pub show_capture: ShowCapture,
    /// `--tb=no` is `false`: no FAILURES and ERRORS.
    pub tracebacks: bool,
    /// `--no-header` is `false`.
    pub header: bool,
    /// `--no-summary` is `false`.
    pub summary: bool,
    /// `--disable-warnings` is `false`.
    pub warnings: bool,
    /// Whether lines of the short summary are written whole: under CI, and from `-vv` on.
    pub full_lines: bool,
    /// `--collect-only`: the closing line counts what was collected.
    pub collect_only: bool,
    /// Where the command was given: paths are shown from here.
    pub invocation_dir: PathBuf,
    /// The line that says which version of us runs (`fastest-0.1.0, 2 workers`).
    pub own_line: String,
}

impl Style {
    /// Whether subtests are told of that did not fail: pytest does so at any verbosity but 0.
    #[must_use]
    pub const fn all_subtests(&self) -> bool {
        self.verbosity != 0
    }
}

impl Default for Style {
    fn default() -> Self {
        Self {
            verbosity: 0,
            width: 80,
            color: false,
            live: false,
            report_chars: report_chars("", true),
            show_capture: ShowCapture::All,
            tracebacks: true,
            header: true,
            summary: true,
            warnings: true,
            full_lines: false,
            collect_only: false,
            invocation_dir: PathBuf::new(),
            own_line: String::new(),
        }
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
