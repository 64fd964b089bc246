//! Options of pytest-cov, which we honour without it; its plugin in the workers gets none.

use super::{Group, Kind, Spec, flag, text};

/// Options that `--help` lists as "coverage (options of pytest-cov)".
pub const GROUP: Group = Group {
    title: "coverage (options of pytest-cov)",
    plugin: true,
    specs: &[
        Spec::new(&["--cov"], "cov_source", Kind::Optional).meta("SOURCE").overseer().help(
            "Measure this path or package; without a value, everything. May be \
repeated.",
        ),
        flag(&["--cov-reset"], "cov_reset").overseer().help("Forget the --cov given so far."),
        text(&["--cov-report"], "cov_report").meta("TYPE").overseer().help(
            "A kind of report: term, term-missing, annotate, html, xml, json, \
markdown, markdown-append, lcov, each with `:DEST` where it writes a \
file.",
        ),
        text(&["--cov-config"], "cov_config")
            .meta("PATH")
            .overseer()
            .help("The configuration file of coverage."),
        flag(&["--no-cov-on-fail"], "no_cov_on_fail")
            .overseer()
            .help("No report when tests failed."),
        flag(&["--no-cov"], "no_cov").overseer().help("Do not measure at all."),
        text(&["--cov-fail-under"], "cov_fail_under")
            .meta("MIN")
            .overseer()
            .help("Fail when less than this percentage is covered."),
        flag(&["--cov-append"], "cov_append").overseer().help("Add to what was measured before."),
        flag(&["--cov-branch"], "cov_branch").overseer().help("Measure branches too."),
        Spec::new(&["--cov-precision"], "cov_precision", Kind::Int)
            .meta("N")
            .overseer()
            .help("Digits after the point in reports."),
        text(&["--cov-context"], "cov_context")
            .meta("CONTEXT")
            .overseer()
            .help("Record which test covered a line: `test`."),
    ],
};
