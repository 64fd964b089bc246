//! The part of a configuration that the index works with.

use compact_str::CompactString;
use fastest_index::Settings;
use fastest_index::world::{EmptyParameterSet, LongStrIds};

use super::Config;
use crate::options::Options;

/// Marks that pytest itself registers.
const BUILTIN_MARKS: &[&str] = &[
    "filterwarnings",
    "skip",
    "skipif",
    "xfail",
    "parametrize",
    "usefixtures",
    "tryfirst",
    "trylast",
];

/// Plugins that are part of pytest: `-p` may name them, and they change nothing for the index.
const BUILTIN_PLUGINS: &[&str] = &[
    "mark",
    "main",
    "runner",
    "fixtures",
    "helpconfig",
    "python",
    "terminal",
    "debugging",
    "unittest",
    "capture",
    "skipping",
    "legacypath",
    "tmpdir",
    "monkeypatch",
    "recwarn",
    "pastebin",
    "nose",
    "assertion",
    "junitxml",
    "doctest",
    "cacheprovider",
    "freeze_support",
    "setuponly",
    "setupplan",
    "stepwise",
    "unraisableexception",
    "threadexception",
    "warnings",
    "logging",
    "reports",
    "faulthandler",
    "subtests",
    "pytester",
    "pytester_assertions",
    "terminalprogress",
    "python_path",
];

impl Config {
    /// Settings for an index of this project.
    ///
    /// `pytest` and `python` are versions as (major, minor), `platform` is `sys.platform`.
    /// Marks and modules of plugins that come by entry points are the caller's to add.
    #[must_use]
    pub fn settings(&self, pytest: (u16, u16), python: (u16, u16), platform: &str) -> Settings {
        let values = &self.values;
        let foreign = |name: &&String| !BUILTIN_PLUGINS.contains(&name.as_str());
        Settings {
            pytest,
            python,
            platform: platform.to_owned(),
            python_files: values.python_files.clone(),
            python_classes: values.python_classes.clone(),
            python_functions: values.python_functions.clone(),
            usefixtures: values.usefixtures.clone(),
            collect_imported_tests: values.collect_imported_tests,
            empty_parameter_set_mark: self.empty_parameter_set(),
            disable_id_escaping: values.disable_id_escaping,
            strict_parametrization_ids: values.strict_parametrization_ids,
            long_str_ids: self.long_str_ids(),
            strict_markers: values.strict_markers.then(|| self.mark_names()),
            anyio_auto: self.ini.is_text("anyio_mode", "auto"),
            plugins: self.plugins.iter().filter(foreign).map(|name| name.as_str().into()).collect(),
            foreign: self.foreign(),
            ..Settings::new(&self.rootdir)
        }
    }

    /// The options and settings that are given and that pytest may not know.
    fn foreign(&self) -> Vec<CompactString> {
        let Options { unknown, passthrough, .. } = &self.options;
        let options = unknown.iter().chain(passthrough).filter(|token| token.starts_with('-'));
        let options = options.filter_map(|token| token.split('=').next());
        options.chain(self.ini.foreign()).map(CompactString::from).collect()
    }

    /// Names of the marks that pytest and the project register.
    #[must_use]
    pub fn mark_names(&self) -> Vec<String> {
        let name = |line: &String| {
            let signature = line.split(':').next().unwrap_or_default();
            signature.split('(').next().unwrap_or_default().trim().to_owned()
        };
        let builtin = BUILTIN_MARKS.iter().map(|&mark| mark.to_owned());
        builtin.chain(self.values.markers.iter().map(name)).collect()
    }

    fn empty_parameter_set(&self) -> EmptyParameterSet {
        match self.ini.text("empty_parameter_set_mark").as_deref() {
            Ok("xfail") => EmptyParameterSet::XFail,
            Ok("fail_at_collect") => EmptyParameterSet::FailAtCollect,
            _ => EmptyParameterSet::Skip,
        }
    }

    fn long_str_ids(&self) -> LongStrIds {
        if self.version < (9, 2) {
            return LongStrIds::Legacy;
        }
        match self.ini.text("parametrize_long_str_id_strategy").as_deref() {
            Ok("sha256") => LongStrIds::Sha256,
            Ok("legacy") => LongStrIds::Legacy,
            Ok("disallow") => LongStrIds::Disallow,
            _ => LongStrIds::Short,
        }
    }
}
