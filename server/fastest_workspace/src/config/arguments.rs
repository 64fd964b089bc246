//! Arguments to what they name: pytest's `resolve_collection_argument`.

use std::path::{Path, PathBuf};

use crate::options::{PytestVersion, UsageError};
use crate::rootdir::paths::absolute;

/// What an argument names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionArgument {
    /// The file or directory, absolute.
    pub path: PathBuf,
    /// The names after it: classes and a function.
    pub names: Vec<String>,
    /// The parameters with their brackets, as written.
    pub params: Option<String>,
    /// The dotted name, where the argument was one (`--pyargs`).
    pub module: Option<String>,
    /// Its place among the arguments, from 0.
    pub index: usize,
}

/// Where the source of a dotted name lies: a package's directory or a module's file.
pub type FindModule<'a> = &'a dyn Fn(&str) -> Option<PathBuf>;

/// How arguments are to be read.
#[derive(Clone, Copy)]
pub struct Resolving<'a> {
    /// What paths are relative to.
    pub invocation_dir: &'a Path,
    /// With `--pyargs`: how dotted names are found.
    pub modules: Option<FindModule<'a>>,
    /// `--keep-duplicates`.
    pub keep_duplicates: bool,
    /// Which pytest's rules.
    pub version: PytestVersion,
}

/// What all arguments name. From pytest 9 on, what another argument contains is left out unless
/// duplicates are kept; before, pytest drops repeated *nodes* while it collects.
///
/// # Errors
/// In pytest's words, for the first argument that names nothing.
pub fn resolve_all(
    args: &[String],
    resolving: Resolving<'_>,
) -> Result<Vec<CollectionArgument>, UsageError> {
    let resolved: Result<Vec<_>, _> =
        args.iter().enumerate().map(|(index, arg)| resolve(arg, index, resolving)).collect();
    Ok(match resolved? {
        all if resolving.keep_duplicates || resolving.version < (9, 0) => all,
        all => normalize(all),
    })
}

/// What one argument names.
///
/// # Errors
/// In pytest's words: nothing is there, or a directory is followed by names.
pub fn resolve(
    arg: &str,
    index: usize,
    resolving: Resolving<'_>,
) -> Result<CollectionArgument, UsageError> {
    let (base, params) = match arg.find('[') {
        Some(at) => (&arg[..at], Some(arg[at..].to_owned())),
        None => (arg, None),
    };
    let mut parts = base.split("::");
    let target = parts.next().unwrap_or_default();
    let names: Vec<String> = parts.map(str::to_owned).collect();
    if params.is_some() && names.is_empty() {
        return Err(UsageError::new(format!("path cannot contain [] parametrization: {arg}")));
    }
    let module = resolving.modules.and_then(|modules| modules(target));
    let path = absolute(resolving.invocation_dir, module.as_deref().unwrap_or(target.as_ref()));
    check(&path, &names, arg, resolving.modules.is_some())?;
    let module = module.map(|_| target.to_owned());
    Ok(CollectionArgument { path, names, params, module, index })
}

fn check(path: &Path, names: &[String], arg: &str, pyargs: bool) -> Result<(), UsageError> {
    let what = match (path.exists(), path.is_dir() && !names.is_empty()) {
        (false, _) if pyargs => {
            return Err(UsageError::new(format!(
                "module or package not found: {arg} (missing __init__.py?)"
            )));
        }
        (false, _) => "file or directory not found",
        (true, true) if pyargs => "package argument cannot contain :: selection parts",
        (true, true) => "directory argument cannot contain :: selection parts",
        (true, false) => return Ok(()),
    };
    Err(UsageError::new(format!("{what}: {arg}")))
}

/// pytest's `normalize_collection_arguments`: in order, what contains others comes right before
/// them.
fn normalize(mut all: Vec<CollectionArgument>) -> Vec<CollectionArgument> {
    all.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut kept: Vec<CollectionArgument> = Vec::new();
    for argument in all {
        if !kept.last().is_some_and(|last| contains(last, &argument)) {
            kept.push(argument);
        }
    }
    kept.sort_by_key(|argument| argument.index);
    kept
}

fn key(argument: &CollectionArgument) -> (&Path, &[String], &str) {
    (&argument.path, &argument.names, argument.params.as_deref().unwrap_or_default())
}

fn contains(outer: &CollectionArgument, inner: &CollectionArgument) -> bool {
    if outer.path != inner.path {
        return outer.names.is_empty() && inner.path.starts_with(&outer.path);
    }
    inner.names.starts_with(&outer.names)
        && (outer.params.is_none() || outer.params == inner.params)
}
