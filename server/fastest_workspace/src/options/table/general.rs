//! The group `general` of `pytest --help`.

use super::{Group, Kind, Spec, flag, text};

/// Options that `--help` lists as "general".
pub const GROUP: Group = Group {
    title: "general",
    plugin: false,
    specs: &[
        text(&["-k"], "keyword").meta("EXPRESSION").help(
            "Run only tests whose names, or those of their classes, modules, \
directories or marks, match the expression: `-k \"login and not slow\"`. \
Case does not matter.",
        ),
        text(&["-m"], "markexpr").meta("MARKEXPR").help(
            "Run only tests whose marks match the expression: `-m \"slow and not \
network\"`.",
        ),
        flag(&["--markers"], "markers")
            .overseer()
            .help("List the marks that pytest, plugins and this project define."),
        flag(&["-x", "--exitfirst"], "exitfirst")
            .overseer()
            .help("Stop at the first failure or error."),
        Spec::new(&["--maxfail"], "maxfail", Kind::Int)
            .meta("num")
            .overseer()
            .help("Stop after this many failures and errors."),
        flag(&["--strict-config"], "strict_config")
            .help("Treat what is odd in the configuration as an error."),
        flag(&["--strict-markers"], "strict_markers")
            .help("Treat marks that are not registered as an error."),
        flag(&["--strict"], "strict").help(
            "Turn on everything strict (pytest 9); before that, the same as \
             --strict-markers.",
        ),
        flag(&["--fixtures", "--funcargs"], "showfixtures").overseer().help(
            "List the fixtures that tests may use; with -v also those that start with \
`_`.",
        ),
        flag(&["--fixtures-per-test"], "show_fixtures_per_test")
            .overseer()
            .help("List the fixtures that each test uses."),
        flag(&["--pdb"], "usepdb").help("Open the debugger at errors and interrupts."),
        text(&["--pdbcls"], "usepdb_cls")
            .meta("modulename:classname")
            .help("The debugger that --pdb opens, as `module:Class`."),
        flag(&["--trace"], "trace").help("Open the debugger at the start of each test."),
        Spec::new(&["--capture"], "capture", Kind::Choice(&["fd", "sys", "no", "tee-sys"]))
            .meta("method")
            .help("How the output of tests is captured."),
        flag(&["-s"], "capture_no").help("The same as --capture=no."),
        flag(&["--runxfail"], "runxfail")
            .help("Report tests that are marked xfail like any other."),
        flag(&["--lf", "--last-failed"], "lf")
            .overseer()
            .help("Run only what failed last time, or everything if nothing did."),
        flag(&["--ff", "--failed-first"], "failedfirst")
            .overseer()
            .help("Run everything, what failed last time first."),
        flag(&["--nf", "--new-first"], "newfirst")
            .overseer()
            .help("Run new files first, then the others, latest change first."),
        Spec::new(&["--cache-show"], "cacheshow", Kind::Optional)
            .meta("glob")
            .overseer()
            .help("Show what the cache holds instead of running; a glob narrows it."),
        flag(&["--cache-clear"], "cacheclear").overseer().help("Empty the cache first."),
        Spec::new(
            &["--lfnf", "--last-failed-no-failures"],
            "last_failed_no_failures",
            Kind::Choice(&["all", "none"]),
        )
        .overseer()
        .help("What --lf runs when no failure is known."),
        flag(&["--sw", "--stepwise"], "stepwise")
            .overseer()
            .help("Stop at the first failure and go on from there next time."),
        flag(&["--sw-skip", "--stepwise-skip"], "stepwise_skip")
            .overseer()
            .help("Pass over the first failure and stop at the next; turns --stepwise on."),
        flag(&["--sw-reset", "--stepwise-reset"], "stepwise_reset")
            .since(8, 4)
            .overseer()
            .help("Forget where --stepwise stopped; turns --stepwise on."),
    ],
};
