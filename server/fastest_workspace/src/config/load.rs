//! Putting the sources together, in the order of pytest's `Config.parse`.

use std::path::{Path, PathBuf};

use fastest_model::{Problem, Severity};

use super::ini::{Ini, parse_overrides};
use super::{ArgsSource, Config, Env, Values, check, glob};
use crate::options::{
    Options, Piece, PytestVersion, UsageError, argfile, collect, parse::Known, pieces, shell,
};
use crate::rootdir::paths::absolute;
use crate::rootdir::{Question, Setup, determine};

/// The configuration of `pytest <argv>` called in `invocation_dir`.
///
/// Options that nobody knows are kept in [`Options::unknown`]; they are no error here, because a
/// plugin may define them.
///
/// # Errors
/// What makes pytest exit with code 4 before it collects.
pub fn load(
    invocation_dir: &Path,
    argv: &[String],
    env: &Env,
    version: PytestVersion,
) -> Result<Config, UsageError> {
    let invocation_dir = absolute(Path::new("/"), invocation_dir);
    let loading = Loading { invocation_dir: &invocation_dir, env, version };
    let args = loading.with_env_addopts(argv)?;
    let setup = loading.setup(&args)?;
    loading
        .configure(&args, setup.clone())
        .map_err(|error| error.context("inifile", shown(setup.inipath.as_deref())))
        .map_err(|error| error.context("rootdir", setup.rootdir.display().to_string()))
}

fn shown(path: Option<&Path>) -> String {
    path.map_or("None".to_owned(), |path| path.display().to_string())
}

#[derive(Clone, Copy)]
struct Loading<'a> {
    invocation_dir: &'a Path,
    env: &'a Env,
    version: PytestVersion,
}

impl Loading<'_> {
    /// The arguments with `PYTEST_ADDOPTS` before them.
    fn with_env_addopts(self, argv: &[String]) -> Result<Vec<String>, UsageError> {
        let Some(text) = &self.env.addopts else { return Ok(argv.to_vec()) };
        let via = |error: UsageError| error.context("config source", "via PYTEST_ADDOPTS");
        let addopts = shell::split(text).map_err(|message| via(UsageError::new(message)))?;
        self.options(&addopts, Known::Core).map_err(via)?;
        Ok([&addopts, argv].concat())
    }

    /// rootdir and configuration file. pytest asks for them before it loads plugins, so a plugin's
    /// `--option value` leaves `value` behind as a path: that is pytest's behaviour, kept here.
    fn setup(self, args: &[String]) -> Result<Setup, UsageError> {
        let options = self.options(args, Known::Core)?;
        let paths = |token: &&String| !token.starts_with('-');
        let unknown = options.unknown.iter().filter(paths).cloned();
        let args: Vec<String> = options.args.iter().cloned().chain(unknown).collect();
        determine(&Question {
            invocation_dir: self.invocation_dir,
            config_file: options.configuring.config_file.as_deref(),
            rootdir: options.configuring.rootdir.as_deref(),
            overrides: &options.configuring.overrides,
            args: &args,
            variables: &self.env.variables,
            version: self.version,
        })
    }

    fn configure(self, args: &[String], setup: Setup) -> Result<Config, UsageError> {
        let mut ini = setup.ini;
        let via = |error: UsageError| error.context("config source", "via addopts config");
        let addopts = ini.list("addopts").map_err(via)?;
        self.options(&addopts, Known::Core).map_err(via)?;
        let options = self.options(&[addopts.as_slice(), args].concat(), Known::All)?;
        // pytest 9.1 (#14442): `-o` in addopts counts, one level deep.
        if self.version >= (9, 1) {
            ini.set_overrides(parse_overrides(&options.configuring.overrides)?);
        }
        check::minversion(&ini, self.version)?;
        let values = values(&ini, &options, self.version)?;
        check::choices(&ini)?;
        let mut problems = Vec::new();
        let (paths, source) = self.decide_args(&options, &values, &setup.rootdir, &mut problems);
        let (plugins, blocked_plugins) = self.plugins(&options)?;
        Ok(Config {
            version: self.version,
            invocation_dir: self.invocation_dir.to_owned(),
            confcutdir: self.confcutdir(&options, setup.inipath.as_deref(), &setup.rootdir)?,
            rootdir: setup.rootdir,
            inipath: setup.inipath,
            ignored_files: setup.ignored,
            autoload_plugins: !options.configuring.no_autoload
                && self.env.disable_plugin_autoload.is_none(),
            options,
            args: paths,
            args_source: source,
            ini,
            values,
            plugins,
            blocked_plugins,
            problems,
        })
    }

    fn options(self, args: &[String], known: Known) -> Result<Options, UsageError> {
        let args = argfile::expand(args, self.invocation_dir, self.version)?;
        let pieces: Vec<Piece> = pieces(&args, known, self.version)?;
        collect(pieces, self.version, |arg| {
            let path = arg.split("::").next().unwrap_or_default();
            self.invocation_dir.join(path).exists()
        })
    }

    /// pytest's `_decide_args`.
    fn decide_args(
        self,
        options: &Options,
        values: &Values,
        rootdir: &Path,
        problems: &mut Vec<Problem>,
    ) -> (Vec<String>, ArgsSource) {
        if !options.args.is_empty() {
            return (options.args.clone(), ArgsSource::Args);
        }
        if self.invocation_dir == rootdir && !values.testpaths.is_empty() {
            let paths = self.testpaths(options, values);
            if !paths.is_empty() {
                return (paths, ArgsSource::Testpaths);
            }
            problems.push(Problem::new(
                Severity::Warning,
                "No files were found in testpaths; \
                 consider removing or adjusting your testpaths configuration. \
                 Searching recursively from the current directory instead.",
            ));
        }
        (vec![self.invocation_dir.display().to_string()], ArgsSource::InvocationDir)
    }

    fn testpaths(self, options: &Options, values: &Values) -> Vec<String> {
        if options.collecting.pyargs {
            return values.testpaths.clone();
        }
        values.testpaths.iter().flat_map(|path| glob::glob(self.invocation_dir, path)).collect()
    }

    fn confcutdir(
        self,
        options: &Options,
        inipath: Option<&Path>,
        rootdir: &Path,
    ) -> Result<PathBuf, UsageError> {
        let Some(written) = &options.collecting.confcutdir else {
            return Ok(inipath.and_then(Path::parent).unwrap_or(rootdir).to_owned());
        };
        let path = absolute(self.invocation_dir, written);
        if path.is_dir() {
            return Ok(path);
        }
        Err(UsageError::new(format!("--confcutdir must be a directory, given: {written}")))
    }

    /// Plugins to load, and plugins to keep out, with pytest's errors about the latter.
    fn plugins(self, options: &Options) -> Result<(Vec<String>, Vec<String>), UsageError> {
        let (mut plugins, mut blocked) = (Vec::new(), Vec::new());
        for name in &options.configuring.plugins {
            match name.strip_prefix("no:") {
                Some(name) => {
                    check::may_be_blocked(name)?;
                    plugins.retain(|plugin| plugin != name);
                    blocked.push(name.to_owned());
                }
                None => {
                    blocked.retain(|plugin| plugin != name);
                    plugins.push(name.clone());
                }
            }
        }
        let named = self.env.plugins.iter().flat_map(|names| names.split(','));
        plugins.extend(named.filter(|name| !blocked.iter().any(|b| b == name)).map(String::from));
        Ok((plugins, blocked))
    }
}

fn values(ini: &Ini, options: &Options, version: PytestVersion) -> Result<Values, UsageError> {
    let flags = &options.configuring;
    let globs = &options.collecting.doctest_glob;
    let strict = |name: &str, flag: bool| {
        if version < (9, 0) { Ok(flag) } else { ini.strictness(name) }
    };
    Ok(Values {
        python_files: ini.list("python_files")?,
        python_classes: ini.list("python_classes")?,
        python_functions: ini.list("python_functions")?,
        norecursedirs: ini.list("norecursedirs")?,
        testpaths: ini.list("testpaths")?,
        pythonpath: ini.paths("pythonpath")?,
        usefixtures: ini.list("usefixtures")?,
        markers: ini.list("markers")?,
        required_plugins: ini.list("required_plugins")?,
        collect_imported_tests: ini.truth("collect_imported_tests")?.unwrap_or(true),
        consider_namespace_packages: ini.truth("consider_namespace_packages")?.unwrap_or(false),
        strict_markers: strict("strict_markers", flags.strict_markers)?,
        strict_config: strict("strict_config", flags.strict_config)?,
        strict_parametrization_ids: strict("strict_parametrization_ids", false)?,
        strict_xfail: if version < (9, 0) {
            ini.truth("xfail_strict").ok().flatten().unwrap_or(false)
        } else {
            ini.strictness("strict_xfail").unwrap_or(false)
        },
        disable_id_escaping: ini
            .truth("disable_test_id_escaping_and_forfeit_all_rights_to_community_support")?
            .unwrap_or(false),
        cache_dir: ini.text("cache_dir")?,
        doctest_globs: if globs.is_empty() { vec!["test*.txt".to_owned()] } else { globs.clone() },
    })
}
