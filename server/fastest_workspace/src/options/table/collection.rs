//! The group `collection` of `pytest --help`.

use super::{Group, Kind, Spec, flag, text};

/// Options that `--help` lists as "collection".
pub const GROUP: Group = Group {
    title: "collection",
    plugin: false,
    specs: &[
        flag(&["--collectonly", "--collect-only", "--co"], "collectonly")
            .overseer()
            .help("List the tests instead of running them."),
        flag(&["--pyargs"], "pyargs")
            .help("Take arguments as the names of Python packages and modules."),
        text(&["--ignore"], "ignore").meta("path").help("Leave out this path; may be repeated."),
        text(&["--ignore-glob"], "ignore_glob")
            .meta("path")
            .help("Leave out paths that match; may be repeated."),
        text(&["--deselect"], "deselect")
            .meta("nodeid_prefix")
            .help("Leave out tests whose node ids start so; may be repeated."),
        text(&["--confcutdir"], "confcutdir")
            .meta("dir")
            .help("Do not load conftest.py files from above this directory."),
        flag(&["--noconftest"], "noconftest").help("Do not load any conftest.py."),
        flag(&["--keepduplicates", "--keep-duplicates"], "keepduplicates")
            .help("Collect what several arguments name as often as they name it."),
        flag(&["--collect-in-virtualenv"], "collect_in_virtualenv")
            .help("Collect in virtual environments too."),
        flag(&["--continue-on-collection-errors"], "continue_on_collection_errors")
            .help("Run what could be collected, even if other files could not."),
        Spec::new(
            &["--import-mode"],
            "importmode",
            Kind::Choice(&["prepend", "append", "importlib"]),
        )
        .help("How test modules and conftest.py files are imported."),
        flag(&["--doctest-modules"], "doctestmodules")
            .help("Run the doctests of all Python modules."),
        Spec::new(
            &["--doctest-report"],
            "doctestreport",
            Kind::Choice(&["none", "cdiff", "ndiff", "udiff", "only_first_failure"]),
        )
        .help("How differences in doctests look."),
        text(&["--doctest-glob"], "doctestglob")
            .meta("pat")
            .help("Text files whose doctests run, `test*.txt` by default; may be repeated."),
        flag(&["--doctest-ignore-import-errors"], "doctest_ignore_import_errors")
            .help("Pass over modules that doctests cannot import."),
        flag(&["--doctest-continue-on-failure"], "doctest_continue_on_failure")
            .help("Go on in a doctest after a failure."),
    ],
};
