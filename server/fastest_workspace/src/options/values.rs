//! What options come to, by subject.

/// Which of the collected tests run, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selecting {
    /// `-k`; empty selects all.
    pub keyword: String,
    /// `-m`; empty selects all.
    pub mark: String,
    /// `--deselect`: prefixes of node ids.
    pub deselect: Vec<String>,
    /// `--lf`.
    pub last_failed: bool,
    /// `--lfnf=none`: run nothing under `--lf` when no failure is known.
    pub nothing_without_failures: bool,
    /// `--ff`.
    pub failed_first: bool,
    /// `--nf`.
    pub new_first: bool,
    /// `--sw`, or what turns it on.
    pub stepwise: bool,
    /// `--sw-skip`.
    pub stepwise_skip: bool,
    /// `--sw-reset`.
    pub stepwise_reset: bool,
}

/// What is collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collecting {
    /// `--collect-only`.
    pub only: bool,
    /// `--pyargs`.
    pub pyargs: bool,
    /// `--ignore`, as written: relative to the invocation directory.
    pub ignore: Vec<String>,
    /// `--ignore-glob`, as written: relative to the invocation directory.
    pub ignore_glob: Vec<String>,
    /// `--confcutdir`, as written.
    pub confcutdir: Option<String>,
    /// `--noconftest`.
    pub noconftest: bool,
    /// `--keep-duplicates`.
    pub keep_duplicates: bool,
    /// `--collect-in-virtualenv`.
    pub in_virtualenv: bool,
    /// `--continue-on-collection-errors`.
    pub continue_on_errors: bool,
    /// `--import-mode`.
    pub import_mode: ImportMode,
    /// `--doctest-modules`.
    pub doctest_modules: bool,
    /// `--doctest-glob`; empty means pytest's `test*.txt`.
    pub doctest_glob: Vec<String>,
}

/// `--import-mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImportMode {
    /// The root of a test module is put before `sys.path`.
    #[default]
    Prepend,
    /// It is put after it.
    Append,
    /// `sys.path` is left alone.
    Importlib,
}

/// Where configuration comes from, and which plugins take part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuring {
    /// `-c`, as written.
    pub config_file: Option<String>,
    /// `--rootdir`, as written.
    pub rootdir: Option<String>,
    /// `-o`, and what options like `--strict-markers` stand for, as `name=value`.
    pub overrides: Vec<String>,
    /// `-p`, trimmed, `no:` kept.
    pub plugins: Vec<String>,
    /// `--disable-plugin-autoload`.
    pub no_autoload: bool,
    /// `--strict-markers`, or `--strict` before pytest 9.
    pub strict_markers: bool,
    /// `--strict-config`.
    pub strict_config: bool,
    /// `--strict` of pytest 9.
    pub strict: bool,
}

/// What is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// `-v` and `--verbosity` less `-q`.
    pub verbosity: i64,
    /// How often `-q` was given.
    pub quiet: u32,
    /// `--color`.
    pub color: Color,
    /// `--code-highlight`.
    pub highlight: bool,
    /// The last `-r`, as written; pytest's default is `fE`.
    pub report: String,
    /// `--tb`.
    pub traceback: Traceback,
    /// `-l` without a later `--no-showlocals`.
    pub locals: bool,
    /// `--full-trace`.
    pub full_trace: bool,
    /// `--xfail-tb`.
    pub xfail_traceback: bool,
    /// `--show-capture`.
    pub show_capture: String,
    /// `--durations`.
    pub durations: Option<i64>,
    /// `--durations-min`, as written: a number of seconds.
    pub durations_min: Option<String>,
    /// `--no-header`.
    pub no_header: bool,
    /// `--no-summary`.
    pub no_summary: bool,
    /// `--no-fold-skipped` was not given.
    pub fold_skipped: bool,
    /// `--force-short-summary`.
    pub force_short_summary: bool,
    /// `--disable-warnings`.
    pub no_warnings: bool,
    /// `--junit-xml`, as written.
    pub junit_xml: Option<String>,
    /// `--junit-prefix`.
    pub junit_prefix: Option<String>,
    /// `--report-log`, as written.
    pub report_log: Option<String>,
    /// `--pastebin`.
    pub pastebin: Option<String>,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            verbosity: 0,
            quiet: 0,
            color: Color::Auto,
            highlight: true,
            report: "fE".to_owned(),
            traceback: Traceback::Auto,
            locals: false,
            full_trace: false,
            xfail_traceback: false,
            show_capture: "all".to_owned(),
            durations: None,
            durations_min: None,
            no_header: false,
            no_summary: false,
            fold_skipped: true,
            force_short_summary: false,
            no_warnings: false,
            junit_xml: None,
            junit_prefix: None,
            report_log: None,
            pastebin: None,
        }
    }
}

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// Always.
    Yes,
    /// Never.
    No,
    /// Where the output is a terminal.
    #[default]
    Auto,
}

/// `--tb`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Traceback {
    /// Long for the first and last entry, short between.
    #[default]
    Auto,
    /// Everything.
    Long,
    /// One line of source per entry.
    Short,
    /// None.
    No,
    /// One line per failure.
    Line,
    /// As Python prints it.
    Native,
}

/// `--capture` and `-s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// File descriptors.
    #[default]
    Fd,
    /// `sys.stdout` and `sys.stderr`.
    Sys,
    /// Nothing.
    No,
    /// As [`Capture::Sys`], and printed as well.
    TeeSys,
}

/// How tests run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// `--maxfail`, 1 for `-x`; 0 is no limit.
    pub max_fail: i64,
    /// `--max-warnings`.
    pub max_warnings: Option<i64>,
    /// `--capture` and `-s`.
    pub capture: Capture,
    /// `--pdb`.
    pub pdb: bool,
    /// `--trace`.
    pub trace: bool,
    /// `--basetemp`, as written.
    pub basetemp: Option<String>,
    /// `--cache-clear`.
    pub cache_clear: bool,
    /// `-n`; `None` when it was not given.
    pub workers: Option<Workers>,
    /// `--maxprocesses`.
    pub max_workers: Option<i64>,
    /// `--max-worker-restart`, as written.
    pub max_restarts: Option<String>,
    /// `--dist`, `load` for `-d`; `None` when neither was given.
    pub dist: Option<String>,
}

/// `-n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// This many; 0 is none besides the main process.
    Exactly(u32),
    /// One per physical core.
    Auto,
    /// One per logical core.
    Logical,
}

/// What coverage measures and reports: the options of pytest-cov.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covering {
    /// `--cov`, each with its value; without one, everything is measured.
    pub sources: Vec<Option<String>>,
    /// `--cov-report`, as written.
    pub reports: Vec<String>,
    /// `--cov-config`, as written.
    pub config_file: Option<String>,
    /// `--no-cov`.
    pub off: bool,
    /// `--no-cov-on-fail`.
    pub quiet_on_failure: bool,
    /// `--cov-fail-under`, as written.
    pub fail_under: Option<String>,
    /// `--cov-append`.
    pub append: bool,
    /// `--cov-branch`.
    pub branch: bool,
    /// `--cov-precision`.
    pub precision: Option<i64>,
    /// `--cov-context`, as written.
    pub context: Option<String>,
}

/// Things asked for instead of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `--help`.
    pub help: bool,
    /// How often `--version` was given.
    pub version: u32,
    /// `--markers`.
    pub markers: bool,
    /// `--fixtures`.
    pub fixtures: bool,
    /// `--fixtures-per-test`.
    pub fixtures_per_test: bool,
    /// `--cache-show`: its glob, `*` when it had none.
    pub cache_show: Option<String>,
    /// `--setup-only` or `--setup-plan`.
    pub setup_only: bool,
}

/// Options of pytest-timeout and pytest-rerunfailures, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandIn {
    /// `--timeout`.
    pub timeout: Option<String>,
    /// `--session-timeout`.
    pub run_timeout: Option<String>,
    /// `--reruns`.
    pub reruns: Option<String>,
    /// `--reruns-delay`.
    pub delay: Option<String>,
    /// `--only-rerun`.
    pub only: Vec<String>,
    /// `--rerun-except`.
    pub except: Vec<String>,
}

/// What pytest does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// `--run`.
    pub run: bool,
    /// `--python`, as written.
    pub python: Option<String>,
    /// `--exact`.
    pub exact: bool,
    /// `--format`.
    pub format: Format,
    /// `--no-cache`.
    pub no_cache: bool,
    /// `--shard`, as written: `k/n`.
    pub shard: Option<String>,
    /// `--durations-file`, as written.
    pub durations_file: Option<String>,
    /// `--repeat`.
    pub repeat: Option<i64>,
    /// Options of plugins that we stand in for where they are not installed.
    pub stand_in: StandIn,
    /// `--no-fork`.
    pub no_fork: bool,
    /// `--explain`
    pub explain: bool,
    /// `--verify`
    pub verify: bool,
    /// `--watch`
    pub watch: bool,
    /// `--daemon`
    pub daemon: Daemon,
}

/// `--daemon`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Daemon {
    /// On a terminal, unless CI is set.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As pytest prints it.
    #[default]
    Text,
    /// For programs.
    Json,
}
