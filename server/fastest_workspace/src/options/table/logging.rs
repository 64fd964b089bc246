//! The group `logging` of `pytest --help`.

use super::{Group, Kind, Spec, text};

/// Options that `--help` lists as "logging".
pub const GROUP: Group = Group {
    title: "logging",
    plugin: false,
    specs: &[
        text(&["--log-level"], "log_level")
            .meta("LEVEL")
            .help("The least level of messages that are captured."),
        text(&["--log-format"], "log_format").help("The format of captured messages."),
        text(&["--log-date-format"], "log_date_format").help("The format of their dates."),
        text(&["--log-cli-level"], "log_cli_level")
            .help("The least level of messages that are printed as they come."),
        text(&["--log-cli-format"], "log_cli_format").help("The format of printed messages."),
        text(&["--log-cli-date-format"], "log_cli_date_format").help("The format of their dates."),
        text(&["--log-file"], "log_file").help("A file that messages are written to."),
        Spec::new(&["--log-file-mode"], "log_file_mode", Kind::Choice(&["w", "a"]))
            .since(8, 2)
            .help("Whether that file is written anew or added to."),
        text(&["--log-file-level"], "log_file_level")
            .help("The least level of messages in that file."),
        text(&["--log-file-format"], "log_file_format")
            .help("The format of messages in that file."),
        text(&["--log-file-date-format"], "log_file_date_format")
            .help("The format of their dates."),
        text(&["--log-auto-indent"], "log_auto_indent")
            .help("How further lines of a message are indented: true, false, or a number."),
        text(&["--log-disable"], "logger_disable").help("Silence this logger; may be repeated."),
    ],
};
