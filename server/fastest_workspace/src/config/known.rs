//! pytest's own configuration options: types, defaults, other names.

use super::ini::Setting;
use crate::options::PytestVersion;

/// What an option's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Truth.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Words, split as in a shell.
    Args,
    /// Lines.
    Lines,
    /// Paths, split as in a shell.
    Paths,
    /// One of these texts (pytest 9.2; any text before).
    Choice(&'static [&'static str]),
    /// The first of these that takes the value (pytest 9.2; any text before).
    AnyOf(&'static [Kind]),
}

impl Kind {
    /// How pytest names it.
    #[must_use]
    pub fn shown(self) -> String {
        match self {
            Self::Text => "string".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Float => "float".to_owned(),
            Self::Args => "args".to_owned(),
            Self::Lines => "linelist".to_owned(),
            Self::Paths => "paths".to_owned(),
            Self::Choice(choices) => {
                choices.iter().map(|choice| format!("'{choice}'")).collect::<Vec<_>>().join(" | ")
            }
            Self::AnyOf(kinds) => {
                kinds.iter().map(|kind| kind.shown()).collect::<Vec<_>>().join(" | ")
            }
        }
    }

    /// What pytest says is expected of a TOML value.
    #[must_use]
    pub fn wanted(self) -> String {
        match self {
            Self::Paths | Self::Args | Self::Lines => {
                format!("a list for type '{}'", self.shown())
            }
            Self::Int => "an int".to_owned(),
            _ => format!("a {}", self.shown()),
        }
    }
}

/// The value of an option that is not set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// None at all.
    None,
    /// Text.
    Text(&'static str),
    /// Truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Several texts.
    List(&'static [&'static str]),
    /// No paths.
    Paths,
}

impl Default {
    /// The value.
    #[must_use]
    pub fn setting(self) -> Setting {
        match self {
            Self::None => Setting::None,
            Self::Text(text) => Setting::Text(text.to_owned()),
            Self::Bool(truth) => Setting::Bool(truth),
            Self::Int(number) => Setting::Int(number),
            Self::Float(number) => Setting::Float(number),
            Self::List(list) => Setting::List(list.iter().map(|&text| text.to_owned()).collect()),
            Self::Paths => Setting::Paths(Vec::new()),
        }
    }
}

/// An option.
#[derive(Debug)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    kind: Kind,
    /// Its value when nobody sets it.
    pub default: Default,
    since: PytestVersion,
    until: PytestVersion,
}

impl Known {
    const fn new(name: &'static str, kind: Kind, default: Default) -> Self {
        Self { name, kind, default, since: (0, 0), until: (u16::MAX, 0) }
    }

    const fn since(mut self, major: u16, minor: u16) -> Self {
        self.since = (major, minor);
        self
    }

    const fn until(mut self, major: u16, minor: u16) -> Self {
        self.until = (major, minor);
        self
    }

    /// What its value is, for a version of pytest.
    #[must_use]
    pub const fn kind(&self, version: PytestVersion) -> Kind {
        let checked = version.0 > 9 || version.0 == 9 && version.1 >= 2;
        match self.kind {
            Kind::Choice(_) | Kind::AnyOf(_) if !checked => Kind::Text,
            kind => kind,
        }
    }

    /// Its other names: pytest 9 renamed `xfail_strict`.
    #[must_use]
    pub fn aliases(&self, version: PytestVersion) -> &'static [&'static str] {
        if self.name == "strict_xfail" && version >= (9, 0) { &["xfail_strict"] } else { &[] }
    }
}

/// The option of that name or alias.
#[must_use]
pub fn find(name: &str, version: PytestVersion) -> Option<&'static Known> {
    KNOWN.iter().find(|known| {
        (known.since..known.until).contains(&version)
            && (known.name == name || known.aliases(version).contains(&name))
    })
}

const LEVEL: Kind = Kind::AnyOf(&[Kind::Int, Kind::Text]);
const VERBOSITY: Kind = Kind::AnyOf(&[Kind::Int, Kind::Choice(&["auto"])]);
const OFF: Default = Default::Bool(false);
const ON: Default = Default::Bool(true);
const EMPTY: Default = Default::List(&[]);
const LOG_DATE: &str = "%H:%M:%S";
const LOG_FORMAT: &str = "%(levelname)-8s %(name)s:%(filename)s:%(lineno)d %(message)s";

/// All options, as `pytest --help` lists them.
const KNOWN: &[Known] = &[
    Known::new("addopts", Kind::Args, EMPTY),
    Known::new("minversion", Kind::Text, Default::Text("")),
    Known::new("pythonpath", Kind::Paths, Default::Paths),
    Known::new("required_plugins", Kind::Args, EMPTY),
    // Which files, and what in them.
    Known::new("testpaths", Kind::Args, EMPTY),
    Known::new("norecursedirs", Kind::Args, Default::List(crate::walk::NORECURSEDIRS)),
    Known::new("python_files", Kind::Args, Default::List(&["test_*.py", "*_test.py"])),
    Known::new("python_classes", Kind::Args, Default::List(&["Test"])),
    Known::new("python_functions", Kind::Args, Default::List(&["test"])),
    Known::new("collect_imported_tests", Kind::Bool, ON).since(8, 4),
    Known::new("consider_namespace_packages", Kind::Bool, OFF).since(8, 1),
    Known::new("usefixtures", Kind::Args, EMPTY),
    Known::new("markers", Kind::Lines, EMPTY),
    Known::new(
        "empty_parameter_set_mark",
        Kind::Choice(&["skip", "xfail", "fail_at_collect"]),
        Default::Text("skip"),
    ),
    Known::new(
        "disable_test_id_escaping_and_forfeit_all_rights_to_community_support",
        Kind::Bool,
        OFF,
    ),
    Known::new(
        "parametrize_long_str_id_strategy",
        Kind::Choice(&["short", "sha256", "legacy", "disallow"]),
        Default::Text("short"),
    )
    .since(9, 2),
    // Strictness.
    Known::new("strict", Kind::Bool, OFF).since(9, 0),
    Known::new("strict_config", Kind::Bool, Default::None).since(9, 0),
    Known::new("strict_markers", Kind::Bool, Default::None).since(9, 0),
    Known::new("strict_parametrization_ids", Kind::Bool, Default::None).since(9, 0),
    Known::new("strict_xfail", Kind::Bool, Default::None).since(9, 0),
    Known::new("xfail_strict", Kind::Bool, OFF).until(9, 0),
    // How tests run.
    Known::new("filterwarnings", Kind::Lines, EMPTY),
    Known::new("max_warnings", LEVEL, Default::None).since(9, 1),
    Known::new("cache_dir", Kind::Text, Default::Text(".pytest_cache")),
    Known::new("enable_assertion_pass_hook", Kind::Bool, OFF),
    Known::new(
        "assertion_text_diff_style",
        Kind::Choice(&["ndiff", "block"]),
        Default::Text("ndiff"),
    )
    .since(9, 1),
    Known::new("truncation_limit_chars", LEVEL, Default::None).since(8, 4),
    Known::new("truncation_limit_lines", LEVEL, Default::None).since(8, 4),
    Known::new("faulthandler_exit_on_timeout", Kind::Bool, OFF).since(9, 0),
    Known::new(
        "faulthandler_timeout",
        Kind::AnyOf(&[Kind::Float, Kind::Text]),
        Default::Float(0.0),
    ),
    Known::new("tmp_path_retention_count", LEVEL, Default::Int(3)).since(7, 3),
    Known::new(
        "tmp_path_retention_policy",
        Kind::Choice(&["all", "failed", "none"]),
        Default::Text("all"),
    )
    .since(7, 3),
    // Doctests.
    Known::new("doctest_encoding", Kind::Text, Default::Text("utf-8")),
    Known::new("doctest_optionflags", Kind::Args, Default::List(&["ELLIPSIS"])),
    // Output.
    Known::new(
        "console_output_style",
        Kind::Choice(&["classic", "progress", "count", "times", "progress-even-when-capture-no"]),
        Default::Text("progress"),
    ),
    Known::new("verbosity_assertions", VERBOSITY, Default::Text("auto")).since(8, 0),
    Known::new("verbosity_subtests", VERBOSITY, Default::Text("auto")).since(9, 0),
    Known::new("verbosity_test_cases", VERBOSITY, Default::Text("auto")).since(8, 1),
    Known::new("junit_duration_report", Kind::Choice(&["total", "call"]), Default::Text("total")),
    Known::new(
        "junit_family",
        Kind::Choice(&["legacy", "xunit1", "xunit2"]),
        Default::Text("xunit2"),
    ),
    Known::new("junit_log_passing_tests", Kind::Bool, ON),
    Known::new(
        "junit_logging",
        Kind::Choice(&["no", "log", "system-out", "system-err", "out-err", "all"]),
        Default::Text("no"),
    ),
    Known::new("junit_suite_name", Kind::Text, Default::Text("pytest")),
    // Logging.
    Known::new("log_auto_indent", Kind::AnyOf(&[Kind::Int, Kind::Bool, Kind::Text]), Default::None),
    Known::new("log_cli", Kind::Bool, OFF),
    Known::new("log_cli_date_format", Kind::Text, Default::None),
    Known::new("log_cli_format", Kind::Text, Default::None),
    Known::new("log_cli_level", LEVEL, Default::None),
    Known::new("log_date_format", Kind::Text, Default::Text(LOG_DATE)),
    Known::new("log_file", Kind::Text, Default::None),
    Known::new("log_file_date_format", Kind::Text, Default::Text(LOG_DATE)).until(8, 0),
    Known::new("log_file_date_format", Kind::Text, Default::None).since(8, 0),
    Known::new("log_file_format", Kind::Text, Default::Text(LOG_FORMAT)).until(8, 0),
    Known::new("log_file_format", Kind::Text, Default::None).since(8, 0),
    Known::new("log_file_level", LEVEL, Default::None),
    Known::new("log_file_mode", Kind::Choice(&["w", "a"]), Default::Text("w")).since(8, 2),
    Known::new("log_format", Kind::Text, Default::Text(LOG_FORMAT)),
    Known::new("log_level", LEVEL, Default::None),
];
