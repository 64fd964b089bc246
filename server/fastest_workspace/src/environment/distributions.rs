//! What is installed in a directory: distributions by the names of their `dist-info`
//! directories, and their pytest plugins.

use std::path::{Path, PathBuf};

/// A version of pytest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PytestVersion {
    /// `8` of `8.4.1`.
    pub major: u16,
    /// `4` of `8.4.1`.
    pub minor: u16,
    /// All of it.
    pub full: String,
}

/// An installed pytest plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// The name under which pytest registers it: what `-p no:NAME` blocks.
    pub name: String,
    /// The module that is imported for it.
    pub module: String,
    /// The plugin object within that module; `None` if the module is the plugin.
    pub object: Option<String>,
    /// Name and version of the distribution it came with, as the directory's name has them.
    pub distribution: String,
}

impl Plugin {
    /// Whether `-p no:NAME` options keep pytest from loading it (`NAME` alone is enough for a
    /// plugin that is called `pytest_NAME`).
    #[must_use]
    pub fn is_blocked(&self, blocked: &[String]) -> bool {
        blocked.iter().any(|name| {
            *name == self.name || self.name.strip_prefix("pytest_") == Some(name.as_str())
        })
    }
}

/// A listed directory of `sys.path`.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) directory: PathBuf,
    /// Names of `*.pth` files, in the order in which Python reads them.
    pub(super) pth_files: Vec<String>,
    /// Names of `*.dist-info` and `*.egg-info`, in the order of the directory: Python's.
    distributions: Vec<String>,
}

impl Site {
    pub(super) fn list(directory: &Path) -> Self {
        let mut site = Self {
            directory: directory.to_owned(),
            pth_files: Vec::new(),
            distributions: Vec::new(),
        };
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        for name in entries.filter_map(|entry| entry.file_name().into_string().ok()) {
            // `site` skips hidden files.
            if name.ends_with(".pth") && !name.starts_with('.') {
                site.pth_files.push(name);
            } else if name.ends_with(".dist-info") || name.ends_with(".egg-info") {
                site.distributions.push(name);
            }
        }
        site.pth_files.sort_unstable();
        site
    }

    pub(super) fn pytest(&self) -> Option<PytestVersion> {
        self.distributions.iter().find_map(|name| {
            let stem = stem(name);
            let (distribution, version) = stem.split_once('-')?;
            distribution.eq_ignore_ascii_case("pytest").then(|| parse_version(version))?
        })
    }

    pub(super) fn plugins(&self) -> Vec<Plugin> {
        let mut plugins = Vec::new();
        for name in &self.distributions {
            let file = self.directory.join(name).join("entry_points.txt");
            if let Ok(text) = std::fs::read_to_string(file) {
                plugins.extend(parse_entry_points(&text, stem(name)));
            }
        }
        plugins
    }
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".dist-info").or_else(|| name.strip_suffix(".egg-info")).unwrap_or(name)
}

fn parse_version(full: &str) -> Option<PytestVersion> {
    // `egg-info` may say `7.2.1-py3.11`.
    let full = full.split('-').next()?;
    let mut parts = full.split('.');
    let mut number = || -> Option<u16> {
        let part = parts.next()?;
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse().ok()
    };
    Some(PytestVersion { major: number()?, minor: number()?, full: full.to_owned() })
}

/// The entry points of the group `pytest11`.
fn parse_entry_points(text: &str, distribution: &str) -> Vec<Plugin> {
    let mut in_group = false;
    let mut plugins = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            in_group = section.trim() == "pytest11";
        } else if in_group
            && !line.starts_with(['#', ';'])
            && let Some((name, value)) = line.split_once('=')
        {
            plugins.push(plugin(name.trim(), value, distribution));
        }
    }
    plugins
}

/// `package.module:object [extra]`
fn plugin(name: &str, value: &str, distribution: &str) -> Plugin {
    let value = value.split('[').next().unwrap_or_default();
    let (module, object) = value.split_once(':').unwrap_or((value, ""));
    let object = Some(object.trim().to_owned()).filter(|object| !object.is_empty());
    Plugin {
        name: name.to_owned(),
        module: module.trim().to_owned(),
        object,
        distribution: distribution.to_owned(),
    }
}
