//! The configuration of a run: command line, environment and configuration file put together in
//! pytest's order.
//!
//! [`load`] is `Config.parse` of `_pytest/config/__init__.py` up to the point where plugins and
//! conftests are imported; what those would add or change it does not know. Nothing here reads
//! the process's environment: see [`Env`].
//!
//! Reading order: [`load`], [`crate::rootdir`], [`files`], [`ini`], [`known`], [`arguments`].

pub mod arguments;
mod check;
pub mod files;
mod glob;
pub mod ini;
pub mod iniconfig;
pub mod known;
mod load;
mod python_text;
mod settings;
mod toml_file;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;

use fastest_model::Problem;

use crate::options::{Options, PytestVersion, UsageError};
use arguments::{CollectionArgument, FindModule, Resolving};
use ini::Ini;

pub use load::load;

/// The environment of a run, as far as pytest looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Env {
    /// `PYTEST_ADDOPTS`.
    pub addopts: Option<String>,
    /// `PYTEST_PLUGINS`.
    pub plugins: Option<String>,
    /// `PYTEST_DISABLE_PLUGIN_AUTOLOAD`.
    pub disable_plugin_autoload: Option<String>,
    /// All variables, for `--rootdir=$HOME/project`.
    pub variables: HashMap<String, String>,
}

impl Env {
    /// What pytest looks at, out of all variables.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables: HashMap<String, String> = variables.into_iter().collect();
        let get = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
        Self {
            addopts: get("PYTEST_ADDOPTS"),
            plugins: get("PYTEST_PLUGINS"),
            disable_plugin_autoload: get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"),
            variables,
        }
    }
}

/// Where the arguments of a run come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgsSource {
    /// The command line or `addopts`.
    Args,
    /// ini `testpaths`.
    Testpaths,
    /// Nobody: the invocation directory.
    InvocationDir,
}

/// Everything about a run that is known before Python starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which pytest's rules were followed.
    pub version: PytestVersion,
    /// Where pytest was called, absolute.
    pub invocation_dir: PathBuf,
    /// What node ids count from, absolute.
    pub rootdir: PathBuf,
    /// The configuration file, absolute.
    pub inipath: Option<PathBuf>,
    /// Names of configuration files beside it that are not read (pytest 9 says so).
    pub ignored_files: Vec<&'static str>,
    /// The options of all sources.
    pub options: Options,
    /// What is to be collected, never empty: the command line's arguments, expanded `testpaths`,
    /// or the invocation directory.
    pub args: Vec<String>,
    /// Where they come from.
    pub args_source: ArgsSource,
    /// The directory from which on downwards conftest.py files count, absolute.
    pub confcutdir: PathBuf,
    /// All ini values; those that collecting needs have been read without error.
    pub ini: Ini,
    /// ini values that collecting needs.
    pub values: Values,
    /// Plugins that are loaded by name: `-p`, then `PYTEST_PLUGINS`. Names are those of modules
    /// or of entry points.
    pub plugins: Vec<String>,
    /// Plugins that `-p no:` keeps out.
    pub blocked_plugins: Vec<String>,
    /// Whether plugins are loaded by their entry points.
    pub autoload_plugins: bool,
    /// What pytest would warn of.
    pub problems: Vec<Problem>,
}

/// ini values that collecting needs, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// `python_files`.
    pub python_files: Vec<String>,
    /// `python_classes`.
    pub python_classes: Vec<String>,
    /// `python_functions`.
    pub python_functions: Vec<String>,
    /// `norecursedirs`.
    pub norecursedirs: Vec<String>,
    /// `testpaths`, as written.
    pub testpaths: Vec<String>,
    /// `pythonpath`, absolute.
    pub pythonpath: Vec<PathBuf>,
    /// `usefixtures`.
    pub usefixtures: Vec<String>,
    /// `markers`, whole lines.
    pub markers: Vec<String>,
    /// `required_plugins`.
    pub required_plugins: Vec<String>,
    /// `collect_imported_tests`; pytest before 8.4 always collects them.
    pub collect_imported_tests: bool,
    /// `consider_namespace_packages`.
    pub consider_namespace_packages: bool,
    /// `strict_markers`, `--strict-markers`, or what implies them.
    pub strict_markers: bool,
    /// `strict_config`, `--strict-config`, or what implies them.
    pub strict_config: bool,
    /// `strict_parametrization_ids`, or what implies it.
    pub strict_parametrization_ids: bool,
    /// `strict_xfail`, or what implies it; false where it is wrong, which pytest says when it
    /// meets an xfail.
    pub strict_xfail: bool,
    /// `disable_test_id_escaping_and_forfeit_all_rights_to_community_support`.
    pub disable_id_escaping: bool,
    /// `cache_dir`: relative to the rootdir.
    pub cache_dir: String,
    /// Which text files hold doctests: `--doctest-glob`, or `test*.txt`.
    pub doctest_globs: Vec<String>,
}

impl Config {
    /// What the arguments name; `modules` finds dotted names, and is asked only under `--pyargs`.
    ///
    /// # Errors
    /// In pytest's words, for the first argument that names nothing.
    pub fn collection_arguments(
        &self,
        modules: FindModule<'_>,
    ) -> Result<Vec<CollectionArgument>, UsageError> {
        let collecting = &self.options.collecting;
        let resolving = Resolving {
            invocation_dir: &self.invocation_dir,
            modules: collecting.pyargs.then_some(modules),
            keep_duplicates: collecting.keep_duplicates,
            version: self.version,
        };
        arguments::resolve_all(&self.args, resolving)
    }

    /// Where the cache of pytest lies, absolute.
    #[must_use]
    pub fn cache_dir(&self) -> PathBuf {
        crate::rootdir::paths::absolute(&self.rootdir, &self.values.cache_dir)
    }

    /// `config.getini("strict_xfail")` and its relatives: any other ini value.
    ///
    /// # Errors
    /// When the value is not what the option takes.
    pub fn getini(&self, name: &str) -> Result<ini::Setting, UsageError> {
        self.ini.get(name)
    }
}
