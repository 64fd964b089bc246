//! What pytest checks once it has read its configuration.

use super::ini::{Ini, Setting};
use crate::options::{PytestVersion, UsageError};

/// Plugins without which pytest does not work.
const ESSENTIAL: &[&str] = &["mark", "main", "runner", "fixtures", "helpconfig"];

/// ini `minversion`. Only major and minor version of pytest are known here, so a `minversion`
/// that differs beyond them is left to pytest.
pub fn minversion(ini: &Ini, version: PytestVersion) -> Result<(), UsageError> {
    let wanted = ini.text("minversion")?;
    let mut parts = wanted.trim().trim_start_matches('v').split('.').map(leading_number);
    let Some(major) = parts.next().flatten() else { return Ok(()) };
    let minor = parts.next().flatten().unwrap_or_default();
    if (major, minor) <= version {
        return Ok(());
    }
    let (has, had) = version;
    Err(UsageError::new(format!(
        "'minversion' requires pytest-{wanted}, actual pytest-{has}.{had}"
    ))
    .hint("update pytest in the project's environment"))
}

fn leading_number(part: &str) -> Option<u16> {
    let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    part[..digits].parse().ok()
}

/// What pytest refuses to do without.
pub fn may_be_blocked(name: &str) -> Result<(), UsageError> {
    if ESSENTIAL.contains(&name) {
        return Err(UsageError::new(format!("plugin {name} cannot be disabled")));
    }
    if name.ends_with("conftest.py") {
        return Err(UsageError::new(format!(
            "Blocking conftest files using -p is not supported: -p no:{name}\n\
             conftest.py files are not plugins and cannot be disabled via -p."
        ))
        .hint("--noconftest disables all of them"));
    }
    Ok(())
}

/// Values of which pytest demands that they are one of a few.
pub fn choices(ini: &Ini) -> Result<(), UsageError> {
    ini.get("parametrize_long_str_id_strategy")?;
    empty_parameter_set(ini)
}

/// pytest checks this when it starts, in all versions.
fn empty_parameter_set(ini: &Ini) -> Result<(), UsageError> {
    const NAME: &str = "empty_parameter_set_mark";
    match ini.get(NAME)? {
        Setting::Text(text) if ["", "skip", "xfail", "fail_at_collect"].contains(&&*text) => Ok(()),
        Setting::Text(text) => Err(UsageError::new(format!(
            "{NAME} must be one of skip, xfail, fail_at_collect, got '{text}'"
        ))),
        _ => Ok(()),
    }
}
