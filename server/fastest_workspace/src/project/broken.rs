//! Conftests that cannot be compiled.
//!
//! Those that pytest loads before it collects (`_set_initial_conftests`) stop it there; the
//! others are errors of the folder that they are in.

use std::path::{Path, PathBuf};

use fastest_index::world::{File, World};
use fastest_model::{Problem, Severity};

use crate::config::Config;
use crate::options::UsageError;
use crate::rootdir::paths::absolute;

/// The conftests of a project that have a syntax error and are met while collecting.
///
/// # Errors
///
/// One of those that are loaded before.
pub(super) fn conftests<'p>(
    config: &Config,
    world: &World,
    paths: impl Iterator<Item = &'p Path>,
) -> Result<Vec<Problem>, UsageError> {
    let mut problems = Vec::new();
    let broken = paths.filter_map(|path| world.file(world.file_at(path)?));
    for file in broken.filter(|file| !file.outline.problems.is_empty()) {
        if is_initial(config, &file.path) {
            return Err(refusal(config, file));
        }
        problems.extend(problem(file));
    }
    Ok(problems)
}

fn problem(file: &File) -> Option<Problem> {
    let first = file.outline.problems.first()?;
    Some(
        Problem::new(Severity::CollectError, format!("SyntaxError: {}", first.message))
            .in_file(&*file.path)
            .at(first.span),
    )
}

fn refusal(config: &Config, file: &File) -> UsageError {
    let shown = fastest_index::collect::node_path(&file.path, &config.invocation_dir);
    let head = format!("ImportError while loading conftest '{}'.", file.path.display());
    let detail = file.outline.problems.first().map(|problem| {
        let line = line_of(&file.path, problem.span.start);
        format!("\n{shown}:{line}: SyntaxError: {}", problem.message)
    });
    UsageError::new(head + &detail.unwrap_or_default())
}

/// The line of an offset, from 1.
fn line_of(path: &Path, offset: u32) -> usize {
    let source = std::fs::read(path).unwrap_or_default();
    let before = &source[..source.len().min(offset as usize)];
    let ends = before.iter().enumerate().filter(|&(at, &byte)| {
        byte == b'\n' || (byte == b'\r' && before.get(at + 1) != Some(&b'\n'))
    });
    1 + ends.count()
}

/// Whether pytest loads a conftest before it collects: it lies in the folder of an argument or
/// above, or in a `test*` folder right below an argument.
fn is_initial(config: &Config, conftest: &Path) -> bool {
    let Some(folder) = conftest.parent() else { return false };
    let anchors = anchors(config);
    anchors.iter().any(|anchor| {
        let is_test_folder = || {
            let name = folder.file_name().map(|name| name.to_string_lossy());
            folder.parent() == Some(anchor) && name.is_some_and(|name| name.starts_with("test"))
        };
        anchor.starts_with(folder) || (anchor.is_dir() && is_test_folder())
    })
}

fn anchors(config: &Config) -> Vec<PathBuf> {
    let named = |arg: &String| {
        let path = arg.split("::").next().unwrap_or_default();
        let path = path.split('[').next().unwrap_or_default();
        absolute(&config.invocation_dir, path)
    };
    let anchors: Vec<PathBuf> =
        config.args.iter().map(named).filter(|path| path.exists()).collect();
    if anchors.is_empty() { vec![config.invocation_dir.clone()] } else { anchors }
}
