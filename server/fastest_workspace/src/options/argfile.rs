//! Argument files: `@file` stands for the lines of `file` (pytest 8.2).

use std::path::Path;

use super::{PytestVersion, UsageError};

/// How deep argument files may name argument files; Python gives up at its recursion limit.
const DEEPEST: usize = 100;

/// `args` with every `@file` replaced by its lines, one argument each.
///
/// Files are relative to `directory`, and may name further files.
///
/// # Errors
/// When a file cannot be read.
pub fn expand(
    args: &[String],
    directory: &Path,
    version: PytestVersion,
) -> Result<Vec<String>, UsageError> {
    if version < (8, 2) || !args.iter().any(|arg| arg.starts_with('@')) {
        return Ok(args.to_vec());
    }
    let mut expanded = Vec::new();
    expand_into(args.iter().map(String::as_str), directory, DEEPEST, &mut expanded)?;
    Ok(expanded)
}

fn expand_into<'a>(
    args: impl Iterator<Item = &'a str>,
    directory: &Path,
    depth: usize,
    out: &mut Vec<String>,
) -> Result<(), UsageError> {
    for arg in args {
        let Some(name) = arg.strip_prefix('@') else {
            out.push(arg.to_owned());
            continue;
        };
        let text = read(&directory.join(name), name)?;
        let depth = depth.checked_sub(1).ok_or_else(|| endless(name))?;
        expand_into(text.lines(), directory, depth, out)?;
    }
    Ok(())
}

fn read(path: &Path, name: &str) -> Result<String, UsageError> {
    std::fs::read_to_string(path).map_err(|error| {
        UsageError::new(format!("cannot read the argument file `{name}`: {error}"))
            .hint("`@file` reads arguments from a file; write `./@file` for a path")
    })
}

fn endless(name: &str) -> UsageError {
    UsageError::new(format!("the argument file `{name}` names itself, directly or by others"))
}
