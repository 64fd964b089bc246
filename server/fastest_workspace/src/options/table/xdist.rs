//! Options of pytest-xdist, which we honour without it.

use super::{Group, Kind, Spec, flag, text};

/// Options that `--help` lists as "parallel runs (options of pytest-xdist)".
pub const GROUP: Group = Group {
    title: "parallel runs (options of pytest-xdist)",
    plugin: true,
    specs: &[
        text(&["-n", "--numprocesses"], "numprocesses").meta("numprocesses").overseer().help(
            "How many workers run tests: a number, `auto` (one per physical core) or \
`logical` (one per logical core).",
        ),
        Spec::new(&["--maxprocesses"], "maxprocesses", Kind::Int)
            .meta("maxprocesses")
            .overseer()
            .help("The most workers that `-n auto` starts."),
        text(&["--max-worker-restart"], "maxworkerrestart")
            .meta("N")
            .overseer()
            .help("How many crashed workers are replaced."),
        Spec::new(
            &["--dist"],
            "dist",
            Kind::Choice(&[
                "each",
                "load",
                "loadscope",
                "loadfile",
                "loadgroup",
                "worksteal",
                "no",
            ]),
        )
        .meta("distmode")
        .overseer()
        .help("How tests are spread over workers."),
        flag(&["--loadscope-reorder"], "loadscope_reorder")
            .overseer()
            .help("Spread large scopes first."),
        flag(&["--no-loadscope-reorder"], "no_loadscope_reorder")
            .overseer()
            .help("Spread scopes in their order."),
        text(&["--tx"], "tx").meta("xspec").overseer().help("Where workers run."),
        text(&["--px"], "px")
            .meta("xspec")
            .overseer()
            .help("Through which gateway workers are reached."),
        flag(&["-d"], "distload").overseer().help("The same as --dist=load."),
        text(&["--rsyncdir"], "rsyncdir")
            .meta("DIR")
            .overseer()
            .help("A directory that remote workers get."),
        text(&["--rsyncignore"], "rsyncignore")
            .meta("GLOB")
            .overseer()
            .help("What they do not get."),
        text(&["--testrunuid"], "testrunuid")
            .meta("ID")
            .overseer()
            .help("The identifier of this run, the same for all workers."),
        Spec::new(&["--maxschedchunk"], "maxschedchunk", Kind::Int)
            .meta("N")
            .overseer()
            .help("The most tests that are handed to a worker in one go."),
        flag(&["-f", "--looponfail"], "looponfail")
            .overseer()
            .help("Run again when files change, until nothing fails."),
    ],
};
