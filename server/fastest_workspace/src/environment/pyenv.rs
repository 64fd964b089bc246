//! pyenv's shims, resolved as `pyenv exec` would.
//!
//! A shim is a shell script. Which version it starts is decided by `$PYENV_VERSION`, the nearest
//! `.python-version` above the working directory, or `$PYENV_ROOT/version`; each may name several
//! versions, `system`, or only the beginning of a version.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::environment::Request;
use crate::environment::locate::is_executable;

pub(super) fn is_shim(path: &Path) -> bool {
    path.parent().is_some_and(|parent| parent.ends_with("shims"))
        && starts_with_shebang(path)
        && std::fs::read_to_string(path).is_ok_and(|text| text.contains("pyenv"))
}

pub(super) fn starts_with_shebang(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"#!"
}

/// The interpreter that a shim starts; `None` for `system` and for versions that are not
/// installed, which leaves the rest of `$PATH`.
pub(super) fn resolve(request: &Request<'_>, shim: &Path, command: &str) -> Option<PathBuf> {
    let root = root(request, shim)?;
    let wanted = wanted(request, &root);
    wanted.iter().find_map(|version| {
        let directory = version_directory(&root.join("versions"), version)?;
        Some(directory.join("bin").join(command)).filter(|path| is_executable(path))
    })
}

fn root(request: &Request<'_>, shim: &Path) -> Option<PathBuf> {
    match request.variables.path("PYENV_ROOT") {
        Some(root) => Some(root.to_owned()),
        None => Some(shim.parent()?.parent()?.to_owned()),
    }
}

fn wanted(request: &Request<'_>, root: &Path) -> Vec<String> {
    if let Some(versions) = request.variables.get("PYENV_VERSION") {
        return versions.to_string_lossy().split(':').map(str::to_owned).collect();
    }
    let local = request.cwd.ancestors().map(|directory| directory.join(".python-version"));
    local.chain([root.join("version")]).find_map(|path| versions_in(&path)).unwrap_or_default()
}

/// The versions that a file names, one or more a line; `None` if there is no such file.
fn versions_in(path: &Path) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(path).ok()?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let versions: Vec<String> = lines.flat_map(str::split_whitespace).map(str::to_owned).collect();
    (!versions.is_empty()).then_some(versions)
}

/// `3.11.7` is itself; `3.11` is the newest installed `3.11.*`. A prefix `python-` is dropped.
fn version_directory(versions: &Path, wanted: &str) -> Option<PathBuf> {
    let wanted = wanted.strip_prefix("python-").unwrap_or(wanted);
    let exact = versions.join(wanted);
    if wanted.is_empty() || wanted == "system" || exact.is_dir() {
        return exact.is_dir().then_some(exact).filter(|_| !wanted.is_empty());
    }
    let numbers = |name: &str| -> Option<Vec<u32>> {
        name.strip_prefix(wanted)?
            .strip_prefix('.')?
            .split('.')
            .map(|part| part.parse().ok())
            .collect()
    };
    std::fs::read_dir(versions)
        .ok()?
        .flatten()
        .filter_map(|entry| Some((numbers(entry.file_name().to_str()?)?, entry.path())))
        .max()
        .map(|(_, path)| path)
}
