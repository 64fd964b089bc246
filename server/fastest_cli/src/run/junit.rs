//! `--junit-xml` and its configuration.

use std::path::PathBuf;

use fastest_report::junit::{Junit, JunitStyle, Logging};
use fastest_workspace::config::{Config, ini::Setting};
use fastest_workspace::options::UsageError;
use fastest_workspace::project::Project;

/// The report and where it goes, if one is asked for.
///
/// # Errors
/// If it is to go where a directory is, or the configuration is wrong.
pub(super) fn report(project: &Project) -> Result<Option<(PathBuf, Junit)>, UsageError> {
    let config = &project.config;
    let Some(path) = path(config)? else { return Ok(None) };
    let style = JunitStyle {
        prefix: config.options.display.junit_prefix.clone(),
        suite_name: text(config, "junit_suite_name")?,
        logging: logging(config)?,
        log_passing_tests: config.getini("junit_log_passing_tests")? != Setting::Bool(false),
        call_only: text(config, "junit_duration_report")? == "call",
        xunit1: family(config)? != "xunit2",
        timestamp: jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S.%6f%:z").to_string(),
        hostname: gethostname::gethostname().to_string_lossy().into_owned(),
    };
    Ok(Some((path, Junit::new(style))))
}

/// Where the report goes, absolute.
///
/// # Errors
/// If a directory is there.
pub(super) fn path(config: &Config) -> Result<Option<PathBuf>, UsageError> {
    let Some(given) = &config.options.display.junit_xml else { return Ok(None) };
    let path = config.invocation_dir.join(expanded(given));
    if path.is_dir() {
        return Err(UsageError::new(format!("--junitxml must be a filename, given: {given}")));
    }
    Ok(Some(path.components().collect()))
}

/// `junit_family`.
///
/// # Errors
/// If it is none.
pub(super) fn family(config: &Config) -> Result<String, UsageError> {
    text(config, "junit_family")
}

/// `junit_logging`.
///
/// # Errors
/// If it is none.
pub(super) fn logging(config: &Config) -> Result<Logging, UsageError> {
    Ok(match &*text(config, "junit_logging")? {
        "log" => Logging::Log,
        "system-out" => Logging::Out,
        "system-err" => Logging::Err,
        "out-err" => Logging::OutErr,
        "all" => Logging::All,
        _ => Logging::No,
    })
}

fn text(config: &Config, name: &str) -> Result<String, UsageError> {
    Ok(match config.getini(name)? {
        Setting::Text(text) => text,
        _ => String::new(),
    })
}

/// `~` and `$NAME`, as Python's `expanduser` and `expandvars` have them.
fn expanded(path: &str) -> String {
    let home = || std::env::var("HOME").ok();
    let under_home = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let path = match (under_home, home()) {
        (Some(rest), Some(home)) => format!("{home}{rest}"),
        _ => path.to_owned(),
    };
    let (mut out, mut rest) = (String::new(), path.as_str());
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, end) = variable(after);
        match std::env::var(name) {
            Ok(value) => out.push_str(&value),
            Err(_) => out.extend(["$", &after[..end]]),
        }
        rest = &after[end..];
    }
    out + rest
}

/// The variable's name at the beginning of a text, and where it ends there.
fn variable(text: &str) -> (&str, usize) {
    if let Some((name, _)) = text.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        return (name, name.len() + 2);
    }
    let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    (&text[..end], end)
}
