//! What the parts of a command line come to.

use super::parse::{Given, Piece};
use super::table::{Audience, Kind};
use super::values::{Capture, Color, Daemon, Format, ImportMode, Traceback, Workers};
use super::{Options, PytestVersion, UsageError};

/// Folds the parts of a command line, in order.
///
/// `exists` tells whether a path argument names something: `--foo tests` is a flag and a path
/// when `tests` is there, an option and its value when it is not. Only plugins' options that no
/// table knows are in doubt.
///
/// # Errors
/// In argparse's words: a number that is none, a choice that is not offered.
pub fn collect(
    pieces: Vec<Piece>,
    version: PytestVersion,
    exists: impl Fn(&str) -> bool,
) -> Result<Options, UsageError> {
    let mut options = Options::default();
    let mut open = false;
    for piece in pieces {
        let was_open = std::mem::take(&mut open);
        match piece {
            Piece::Positional(arg) if was_open && !exists(&arg) => options.unknown.push(arg),
            Piece::Positional(arg) => options.args.push(arg),
            Piece::Unknown(arg) => {
                open = arg.starts_with("--") && !arg.contains('=');
                options.unknown.push(arg);
            }
            Piece::Option(given) => {
                check(&given)?;
                pass_through(&given, &mut options);
                apply(&mut options, &given, version)?;
            }
        }
    }
    Ok(options)
}

/// Checks a value against what its option takes.
fn check(given: &Given) -> Result<(), UsageError> {
    let Some(value) = &given.value else { return Ok(()) };
    let invalid = |kind: &str| Err(given.spec.fault(&format!("invalid {kind} value: '{value}'")));
    match given.spec.kind {
        Kind::Int if integer(value).is_none() => invalid("int"),
        Kind::Float if value.trim().parse::<f64>().is_err() => invalid("float"),
        Kind::Choice(choices) if !choices.contains(&normal(given, value).as_str()) => {
            let offered: Vec<String> = choices.iter().map(|c| format!("'{c}'")).collect();
            Err(given
                .spec
                .fault(&format!("invalid choice: '{value}' (choose from {})", offered.join(", "))))
        }
        _ => Ok(()),
    }
}

/// pytest takes `--doctest-report` in any case.
fn normal(given: &Given, value: &str) -> String {
    if given.spec.dest == "doctestreport" { value.to_lowercase() } else { value.to_owned() }
}

/// What Python's `int` makes of a text.
fn integer(text: &str) -> Option<i64> {
    text.trim().replace('_', "").parse().ok()
}

/// What pytest prints and when it stops, and what it is asked instead of a run, by `dest`.
const TERMINAL: [&str; 18] = [
    "cacheshow",
    "color",
    "disable_warnings",
    "durations",
    "durations_min",
    "exitfirst",
    "fold_skipped",
    "force_short_summary",
    "markers",
    "max_warnings",
    "maxfail",
    "no_header",
    "no_summary",
    "pastebin",
    "reportchars",
    "show_fixtures_per_test",
    "showfixtures",
    "xfail_tb",
];

/// Appends the normal form of an option that workers get.
fn pass_through(given: &Given, options: &mut Options) {
    let out = match given.spec.audience {
        Audience::Worker => &mut options.passthrough,
        Audience::Overseer if TERMINAL.contains(&given.spec.dest) => &mut options.terminal,
        Audience::Overseer => return,
    };
    match &given.value {
        None => out.push(given.name.to_owned()),
        Some(value) if given.name.starts_with("--") => out.push(format!("{}={value}", given.name)),
        Some(value) => out.push(format!("{}{value}", given.name)),
    }
}

fn apply(options: &mut Options, given: &Given, version: PytestVersion) -> Result<(), UsageError> {
    let value = || given.value.clone().unwrap_or_default();
    let dest = given.spec.dest;
    match dest {
        "strict_config" | "strict_markers" | "strict" => strict(options, dest, version),
        "numprocesses" => options.running.workers = Some(workers(given)?),
        "cov_source" => options.covering.sources.push(given.value.clone()),
        _ => {
            let known = select(options, dest, &value)
                || collecting(options, dest, &value)
                || configure(options, dest, &value)
                || display(options, dest, &value)
                || running(options, dest, &value)
                || covering(options, dest, &value)
                || asked(options, dest, &value)
                || stand_in(options, dest, &value)
                || own(options, dest, &value);
            debug_assert!(known || given.spec.audience == Audience::Worker || is_idle(dest));
        }
    }
    Ok(())
}

/// Options of the overseer that mean nothing to us; they are accepted so that a command line of
/// xdist goes on working.
fn is_idle(dest: &str) -> bool {
    [
        "tx",
        "px",
        "rsyncdir",
        "rsyncignore",
        "testrunuid",
        "maxschedchunk",
        "loadscope_reorder",
        "no_loadscope_reorder",
    ]
    .contains(&dest)
}

/// `--strict-*`: from pytest 9 on they set ini options of the same names.
fn strict(options: &mut Options, dest: &str, version: PytestVersion) {
    let configuring = &mut options.configuring;
    if version >= (9, 0) {
        configuring.overrides.push(format!("{dest}=true"));
    }
    match dest {
        "strict_config" => configuring.strict_config = true,
        "strict" if version >= (9, 0) => configuring.strict = true,
        _ => configuring.strict_markers = true,
    }
}

fn workers(given: &Given) -> Result<Workers, UsageError> {
    let value = given.value.as_deref().unwrap_or_default();
    match value {
        "auto" => Ok(Workers::Auto),
        "logical" => Ok(Workers::Logical),
        _ => value.trim().parse().map(Workers::Exactly).map_err(|_| {
            given
                .spec
                .fault(&format!("invalid parse_numprocesses value: '{value}'"))
                .hint("a number, `auto` or `logical`")
        }),
    }
}

type Value<'a> = &'a dyn Fn() -> String;

fn select(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.selecting;
    match dest {
        "keyword" => it.keyword = value(),
        "markexpr" => it.mark = value(),
        "deselect" => it.deselect.push(value()),
        "lf" => it.last_failed = true,
        "last_failed_no_failures" => it.nothing_without_failures = value() == "none",
        "failedfirst" => it.failed_first = true,
        "newfirst" => it.new_first = true,
        "stepwise" => it.stepwise = true,
        "stepwise_skip" => (it.stepwise, it.stepwise_skip) = (true, true),
        "stepwise_reset" => (it.stepwise, it.stepwise_reset) = (true, true),
        _ => return false,
    }
    true
}

fn collecting(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.collecting;
    match dest {
        "collectonly" => it.only = true,
        "pyargs" => it.pyargs = true,
        "ignore" => it.ignore.push(value()),
        "ignore_glob" => it.ignore_glob.push(value()),
        "confcutdir" => it.confcutdir = Some(value()),
        "noconftest" => it.noconftest = true,
        "keepduplicates" => it.keep_duplicates = true,
        "collect_in_virtualenv" => it.in_virtualenv = true,
        "continue_on_collection_errors" => it.continue_on_errors = true,
        "importmode" => {
            it.import_mode = match value().as_str() {
                "append" => ImportMode::Append,
                "importlib" => ImportMode::Importlib,
                _ => ImportMode::Prepend,
            }
        }
        "doctestmodules" => it.doctest_modules = true,
        "doctestglob" => it.doctest_glob.push(value()),
        _ => return false,
    }
    true
}

fn configure(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.configuring;
    match dest {
        "inifilename" => it.config_file = Some(value()),
        "rootdir" => it.rootdir = Some(value()),
        "override_ini" => it.overrides.push(value()),
        "plugins" => it.plugins.push(value().trim().to_owned()),
        "disable_plugin_autoload" => it.no_autoload = true,
        _ => return false,
    }
    true
}

fn display(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.display;
    match dest {
        "verbose" => it.verbosity += 1,
        "quiet" => (it.verbosity, it.quiet) = (it.verbosity - 1, it.quiet + 1),
        "verbosity" => it.verbosity = integer(&value()).unwrap_or_default(),
        "color" => {
            it.color = match value().as_str() {
                "yes" => Color::Yes,
                "no" => Color::No,
                _ => Color::Auto,
            }
        }
        "code_highlight" => it.highlight = value() == "yes",
        "reportchars" => it.report = value(),
        "tbstyle" => it.traceback = traceback(&value()),
        "showlocals" => it.locals = true,
        "no_showlocals" => it.locals = false,
        "fulltrace" => it.full_trace = true,
        "xfail_tb" => it.xfail_traceback = true,
        "showcapture" => it.show_capture = value(),
        "durations" => it.durations = integer(&value()),
        "durations_min" => it.durations_min = Some(value()),
        "disable_warnings" => it.no_warnings = true,
        _ => return layout(options, dest, value),
    }
    true
}

fn layout(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.display;
    match dest {
        "no_header" => it.no_header = true,
        "no_summary" => it.no_summary = true,
        "fold_skipped" => it.fold_skipped = false,
        "force_short_summary" => it.force_short_summary = true,
        "xmlpath" => it.junit_xml = Some(value()),
        "junitprefix" => it.junit_prefix = Some(value()),
        "report_log" => it.report_log = Some(value()),
        "pastebin" => it.pastebin = Some(value()),
        _ => return false,
    }
    true
}

fn traceback(style: &str) -> Traceback {
    match style {
        "long" => Traceback::Long,
        "short" => Traceback::Short,
        "no" => Traceback::No,
        "line" => Traceback::Line,
        "native" => Traceback::Native,
        _ => Traceback::Auto,
    }
}

fn running(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.running;
    match dest {
        "exitfirst" => it.max_fail = 1,
        "maxfail" => it.max_fail = integer(&value()).unwrap_or_default(),
        "max_warnings" => it.max_warnings = integer(&value()),
        "capture_no" => it.capture = Capture::No,
        "capture" => {
            it.capture = match value().as_str() {
                "sys" => Capture::Sys,
                "no" => Capture::No,
                "tee-sys" => Capture::TeeSys,
                _ => Capture::Fd,
            }
        }
        "usepdb" => it.pdb = true,
        "trace" => it.trace = true,
        "basetemp" => it.basetemp = Some(value()),
        "cacheclear" => it.cache_clear = true,
        "maxprocesses" => it.max_workers = integer(&value()),
        "maxworkerrestart" => it.max_restarts = Some(value()),
        "dist" => it.dist = Some(value()),
        "distload" => it.dist = Some("load".to_owned()),
        _ => return false,
    }
    true
}

fn covering(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.covering;
    match dest {
        "cov_reset" => it.sources.clear(),
        "cov_report" => it.reports.push(value()),
        "cov_config" => it.config_file = Some(value()),
        "no_cov" => it.off = true,
        "no_cov_on_fail" => it.quiet_on_failure = true,
        "cov_fail_under" => it.fail_under = Some(value()),
        "cov_append" => it.append = true,
        "cov_branch" => it.branch = true,
        "cov_precision" => it.precision = integer(&value()),
        "cov_context" => it.context = Some(value()),
        _ => return false,
    }
    true
}

fn asked(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.asked;
    match dest {
        "help" => it.help = true,
        "version" => it.version += 1,
        "markers" => it.markers = true,
        "showfixtures" => it.fixtures = true,
        "show_fixtures_per_test" => it.fixtures_per_test = true,
        "cacheshow" => {
            it.cache_show = Some(Some(value()).filter(|g| !g.is_empty()).unwrap_or("*".into()));
        }
        "setuponly" | "setupplan" => it.setup_only = true,
        _ => return false,
    }
    true
}

fn stand_in(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.own.stand_in;
    match dest {
        "timeout" => it.timeout = Some(value()),
        "session_timeout" => it.run_timeout = Some(value()),
        "reruns" => it.reruns = Some(value()),
        "reruns_delay" => it.delay = Some(value()),
        "only_rerun" => it.only.push(value()),
        "rerun_except" => it.except.push(value()),
        _ => return false,
    }
    true
}

fn own(options: &mut Options, dest: &str, value: Value<'_>) -> bool {
    let it = &mut options.own;
    match dest {
        "run" => it.run = true,
        "python" => it.python = Some(value()),
        "exact" => it.exact = true,
        "format" => {
            it.format = if value() == "json" { Format::Json } else { Format::Text };
        }
        "no_cache" => it.no_cache = true,
        "shard" => it.shard = Some(value()),
        "durations_file" => it.durations_file = Some(value()),
        "repeat" => it.repeat = integer(&value()),
        "no_fork" => it.no_fork = true,
        "explain" => it.explain = true,
        "verify" => it.verify = true,
        "daemon" => {
            it.daemon = match value().as_str() {
                "on" => Daemon::On,
                "off" => Daemon::Off,
                _ => Daemon::Auto,
            }
        }
        "watch" | "looponfail" => it.watch = true,
        _ => return false,
    }
    true
}
