//! The group `test session debugging and configuration` of `pytest --help`.

use super::{Group, Kind, Spec, flag, text};

/// Options that `--help` lists as "test session debugging and configuration".
pub const GROUP: Group = Group {
    title: "test session debugging and configuration",
    plugin: false,
    specs: &[
        text(&["-c", "--config-file"], "inifilename")
            .meta("FILE")
            .help("Read configuration from this file instead of looking for one."),
        text(&["--rootdir"], "rootdir").help(
            "The directory that node ids count from; may hold variables \
(`$HOME/project`).",
        ),
        text(&["--basetemp"], "basetemp")
            .meta("dir")
            .overseer()
            .help("Where temporary directories of tests are made. It is emptied first!"),
        flag(&["-V", "--version"], "version")
            .overseer()
            .help("Print the version; twice, those of plugins too."),
        flag(&["-h", "--help"], "help").overseer().help("Print this help."),
        text(&["-p"], "plugins").meta("name").help(
            "Load this plugin early, or keep it out: `-p no:doctest`. May be \
repeated.",
        ),
        flag(&["--disable-plugin-autoload"], "disable_plugin_autoload")
            .since(8, 4)
            .help("Load only plugins that -p or PYTEST_PLUGINS name."),
        flag(&["--traceconfig", "--trace-config"], "traceconfig")
            .help("Tell how conftest.py files are considered."),
        Spec::new(&["--debug"], "debug", Kind::Optional)
            .meta("DEBUG_FILE_NAME")
            .help("Write what pytest does internally to a file, pytestdebug.log by default."),
        text(&["-o", "--override-ini"], "override_ini").help(
            "Set a configuration option for this run: `-o strict_xfail=true`. May be \
repeated.",
        ),
        Spec::new(&["--assert"], "assertmode", Kind::Choice(&["rewrite", "plain"]))
            .meta("MODE")
            .help(
                "Whether assert statements explain their failures (rewrite) or not \
(plain).",
            ),
        flag(&["--setuponly", "--setup-only"], "setuponly").help("Set fixtures up, run no test."),
        flag(&["--setupshow", "--setup-show"], "setupshow")
            .help("Show how fixtures are set up and torn down."),
        flag(&["--setupplan", "--setup-plan"], "setupplan")
            .help("Show which fixtures and tests would run."),
    ],
};
