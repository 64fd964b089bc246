//! Options that pytest does not have.

use super::{Group, Kind, Spec, flag, text};

/// Options that `--help` lists as "fastest".
pub const GROUP: Group = Group {
    title: "fastest",
    plugin: false,
    specs: &[
        flag(&["--run"], "run").overseer().help("Run the tests (what `fastest` does without it)."),
        flag(&["--watch"], "watch").overseer().help(
            "Stay after the run, and run again what an edit affects; on a terminal `?` lists \
keys.",
        ),
        text(&["--python"], "python")
            .meta("PATH")
            .overseer()
            .help("The interpreter that runs the tests, instead of the one of the project."),
        flag(&["--exact"], "exact").overseer().help(
            "With --collect-only: let pytest collect the files whose tests only \
Python can tell.",
        ),
        Spec::new(&["--format"], "format", Kind::Choice(&["text", "json"]))
            .overseer()
            .help("Print text, or JSON: a line for each event of a run, one array of tests."),
        text(&["--report-log"], "report_log")
            .meta("path")
            .overseer()
            .help("Write what happens to this file, in the format of pytest-reportlog."),
        flag(&["--no-cache"], "no_cache")
            .overseer()
            .help("Neither read nor write the cache of scanned files."),
        flag(&["--explain"], "explain").overseer().help(
            "Say after the run, for each file, which engine and worker ran it, and why \
workers had to collect more than they ran.",
        ),
        flag(&["--verify"], "verify").overseer().help(
            "Run the same selection under plain pytest afterwards, and fail if a node id, \
an outcome or the exit code differs.",
        ),
        flag(&["--no-fork"], "no_fork").overseer().help(
            "Start each worker as a new process, instead of forking it from a \
warm one.",
        ),
        Spec::new(&["--daemon"], "daemon", Kind::Choice(&["auto", "on", "off"])).overseer().help(
            "Leave a warm process for the next run, and use the one that the last run left; \
`auto` does on a terminal where CI is not set. `fastest-lsp daemon status` lists them, \
`fastest-lsp daemon stop` ends them.",
        ),
        text(&["--shard"], "shard").meta("K/N").overseer().help(
            "Run only the K-th of N parts of the files, dealt by the durations in \
--durations-file, or else by the number of their tests.",
        ),
        text(&["--durations-file"], "durations_file").meta("PATH").overseer().help(
            "Where durations of tests are kept, instead of the cache directory: a file \
that machines can share.",
        ),
        Spec::new(&["--repeat"], "repeat", Kind::Int)
            .meta("N")
            .overseer()
            .help("Run each selected test N times."),
    ],
};
