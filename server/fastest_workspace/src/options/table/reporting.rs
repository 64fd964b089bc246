//! The groups `Reporting` and `pytest-warnings` of `pytest --help`.

use super::{Group, Kind, Spec, flag, text};

/// Options that `--help` lists as "Reporting".
pub const GROUP: Group = Group {
    title: "Reporting",
    plugin: false,
    specs: &[
        Spec::new(&["--durations"], "durations", Kind::Int)
            .meta("N")
            .overseer()
            .help("List this many of the slowest phases of tests; 0 lists all."),
        Spec::new(&["--durations-min"], "durations_min", Kind::Float)
            .meta("N")
            .overseer()
            .help("The least seconds that --durations lists."),
        flag(&["-v", "--verbose"], "verbose").help("Say more; may be repeated."),
        flag(&["--no-header"], "no_header").overseer().help("Leave out the header."),
        flag(&["--no-summary"], "no_summary").overseer().help("Leave out the summary."),
        flag(&["--no-fold-skipped"], "fold_skipped")
            .since(8, 3)
            .overseer()
            .help("List each skipped test by itself in the summary."),
        flag(&["--force-short-summary"], "force_short_summary")
            .since(8, 4)
            .overseer()
            .help("Keep the summary short, however verbose the rest is."),
        flag(&["-q", "--quiet"], "quiet").help("Say less; may be repeated."),
        Spec::new(&["--verbosity"], "verbosity", Kind::Int)
            .meta("N")
            .help("Say as much as this number tells; 0 is usual."),
        text(&["-r"], "reportchars").meta("chars").overseer().help(
            "What the summary lists: (f)ailed, (E)rror, (s)kipped, (x)failed, \
(X)passed, (p)assed, (P)assed with output, (a)ll but passed, (A)ll; N \
starts anew.",
        ),
        text(&["--report-chars"], "reportchars")
            .meta("chars")
            .since(9, 1)
            .overseer()
            .help("The same as -r."),
        flag(&["--disable-warnings", "--disable-pytest-warnings"], "disable_warnings")
            .overseer()
            .help("Leave out the summary of warnings."),
        flag(&["-l", "--showlocals"], "showlocals").help("Show local variables in tracebacks."),
        flag(&["--no-showlocals"], "no_showlocals")
            .help("Do not show local variables, whatever addopts says."),
        Spec::new(
            &["--tb"],
            "tbstyle",
            Kind::Choice(&["auto", "long", "short", "no", "line", "native"]),
        )
        .meta("style")
        .help("How tracebacks look."),
        flag(&["--xfail-tb"], "xfail_tb")
            .since(8, 3)
            .overseer()
            .help("Show tracebacks of expected failures too."),
        Spec::new(
            &["--show-capture"],
            "showcapture",
            Kind::Choice(&["no", "stdout", "stderr", "log", "all"]),
        )
        .help("Which captured output a failure shows."),
        flag(&["--fulltrace", "--full-trace"], "fulltrace").help("Do not shorten tracebacks."),
        Spec::new(&["--color"], "color", Kind::Choice(&["yes", "no", "auto"]))
            .meta("color")
            .overseer()
            .help("Whether output is coloured."),
        Spec::new(&["--code-highlight"], "code_highlight", Kind::Choice(&["yes", "no"]))
            .help("Whether code is highlighted where output is coloured."),
        Spec::new(&["--pastebin"], "pastebin", Kind::Choice(&["failed", "all"]))
            .meta("mode")
            .overseer()
            .help("Send the report to a paste service."),
        text(&["--junitxml", "--junit-xml"], "xmlpath")
            .meta("path")
            .overseer()
            .help("Write a JUnit XML report to this file."),
        text(&["--junitprefix", "--junit-prefix"], "junitprefix")
            .meta("str")
            .overseer()
            .help("Put this before class names in the JUnit report."),
    ],
};

/// Options that `--help` lists as "pytest-warnings".
pub const WARNINGS: Group = Group {
    title: "pytest-warnings",
    plugin: false,
    specs: &[
        text(&["-W", "--pythonwarnings"], "pythonwarnings")
            .help("Which warnings are shown or are errors, as with Python's own -W."),
        Spec::new(&["--max-warnings"], "max_warnings", Kind::Int)
            .meta("num")
            .since(9, 1)
            .overseer()
            .help("Fail a run that has more warnings than this."),
    ],
};
