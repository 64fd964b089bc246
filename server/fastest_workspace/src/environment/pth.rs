//! `.pth` files: lines that are paths go on `sys.path`, lines that start with `import` are run.
//!
//! Those that are run are mostly import hooks of editable installs, which say plainly in a file
//! beside them what they map.

use std::path::{Component, Path, PathBuf};

use crate::environment::distributions::Site;
use crate::environment::editable::{self, Editable};

/// What a directory's `.pth` files add.
#[derive(Debug, Default)]
pub(super) struct Added {
    pub(super) paths: Vec<PathBuf>,
    pub(super) editables: Vec<Editable>,
    pub(super) unknown_hooks: Vec<PathBuf>,
}

/// Hooks that change nothing about where a project's modules are found: setuptools' distutils
/// replacement, virtualenv's patches, coverage's start-up, and the namespace packages of old,
/// which are found as directories anyway.
fn is_harmless(name: &str, line: &str) -> bool {
    ["distutils-precedence.pth", "_virtualenv.pth", "a1_coverage.pth", "pywin32.pth"]
        .contains(&name)
        || name.ends_with("-nspkg.pth")
        || line.contains("coverage")
        || line.contains("_distutils_hack")
}

pub(super) fn read(site: &Site) -> Added {
    let mut added = Added::default();
    for name in &site.pth_files {
        let path = site.directory.join(name);
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        for line in text.lines().map(str::trim_end) {
            added.add_line(site, name, line);
        }
    }
    added
}

impl Added {
    fn add_line(&mut self, site: &Site, file: &str, line: &str) {
        if line.trim().is_empty() || line.starts_with('#') {
            return;
        }
        if let Some(statement) = import_line(line) {
            if !is_harmless(file, line) && !self.add_hook(site, statement) {
                self.unknown_hooks.push(site.directory.join(file));
            }
            return;
        }
        let path = normalize(&site.directory.join(line));
        if path.exists() && !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }

    /// Reads the module that an `import` line names first; false if nothing was learned.
    fn add_hook(&mut self, site: &Site, statement: &str) -> bool {
        let module = statement.split([';', ',', ' ', '\t']).next().unwrap_or_default();
        let editables = editable::read(&site.directory.join(format!("{module}.py")));
        let learned = !editables.is_empty();
        self.editables.extend(editables);
        learned
    }
}

fn import_line(line: &str) -> Option<&str> {
    line.strip_prefix("import ").or_else(|| line.strip_prefix("import\t")).map(str::trim_start)
}

/// Takes `.` and `..` out by name, as `os.path.abspath` does.
pub(super) fn normalize(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
