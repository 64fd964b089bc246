//! An interpreter's version and directories: what `getpath` and `site` of Python compute.

use std::path::{Path, PathBuf};

use crate::environment::Variables;

/// Where an interpreter has its things.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) version: (u16, u16),
    pub(super) prefix: PathBuf,
    pub(super) base_prefix: PathBuf,
    pub(super) stdlib: Vec<PathBuf>,
    pub(super) site_packages: Vec<PathBuf>,
}

/// A standard library that was found.
struct Base {
    prefix: PathBuf,
    stdlib: PathBuf,
    version: Option<(u16, u16)>,
}

/// What `pyvenv.cfg` says.
#[derive(Default)]
struct VenvConfig {
    home: Option<PathBuf>,
    version: Option<(u16, u16)>,
    with_system_site: bool,
}

/// The version that is assumed where nothing tells.
const UNKNOWN_VERSION: (u16, u16) = (3, 11);

impl Layout {
    pub(super) fn of(python: &Path, variables: &Variables) -> Self {
        match venv_of(python) {
            Some((prefix, config)) => Self::of_venv(python, prefix, &config, variables),
            None => Self::of_base(python, variables),
        }
    }

    fn of_venv(python: &Path, prefix: PathBuf, config: &VenvConfig, variables: &Variables) -> Self {
        let base = base_of_venv(python, config);
        let version = config.version.or_else(|| base.as_ref()?.version);
        let mut site_packages = site_packages_in(&prefix, version);
        let version = version
            .or_else(|| site_packages.iter().find_map(|path| version_of_directory(path.parent()?)))
            .unwrap_or(UNKNOWN_VERSION);
        if config.with_system_site
            && let Some(base) = &base
        {
            site_packages.extend(system_site_packages(&base.prefix, version, variables));
        }
        Self {
            version,
            base_prefix: base.as_ref().map_or_else(|| prefix.clone(), |base| base.prefix.clone()),
            prefix,
            stdlib: base.map(stdlib_directories).unwrap_or_default(),
            site_packages,
        }
    }

    fn of_base(python: &Path, variables: &Variables) -> Self {
        let real = std::fs::canonicalize(python).unwrap_or_else(|_| python.to_owned());
        let named = version_of_name(&real);
        let base = base_above(&real, named).or_else(|| base_above(python, named));
        let version =
            base.as_ref().and_then(|base| base.version).or(named).unwrap_or(UNKNOWN_VERSION);
        let outer = real.parent().and_then(Path::parent).unwrap_or(Path::new("/")).to_owned();
        let prefix = base.as_ref().map_or(outer, |base| base.prefix.clone());
        Self {
            version,
            site_packages: system_site_packages(&prefix, version, variables),
            base_prefix: prefix.clone(),
            prefix,
            stdlib: base.map(stdlib_directories).unwrap_or_default(),
        }
    }
}

/// `pyvenv.cfg` is beside the interpreter or one level up (PEP 405).
fn venv_of(python: &Path) -> Option<(PathBuf, VenvConfig)> {
    let directory = python.parent()?;
    [directory.parent(), Some(directory)].into_iter().flatten().find_map(|prefix| {
        let text = std::fs::read_to_string(prefix.join("pyvenv.cfg")).ok()?;
        Some((prefix.to_owned(), VenvConfig::parse(&text)))
    })
}

impl VenvConfig {
    fn parse(text: &str) -> Self {
        let mut config = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "home" => config.home = Some(PathBuf::from(value)),
                "version" | "version_info" => config.version = parse_version(value),
                "include-system-site-packages" => {
                    config.with_system_site = value.eq_ignore_ascii_case("true");
                }
                _ => {}
            }
        }
        config
    }
}

/// `home` is the directory of the interpreter that made the environment; its entry may be a link
/// into the real installation (Homebrew), so the environment's own link is followed as well.
fn base_of_venv(python: &Path, config: &VenvConfig) -> Option<Base> {
    let home = config.home.as_ref();
    home.and_then(|home| base_above(&home.join("python"), config.version)).or_else(|| {
        let real = std::fs::canonicalize(python).ok()?;
        base_above(&real, config.version.or_else(|| version_of_name(&real)))
    })
}

/// The standard library of an interpreter: its landmark is `os.py`, searched from the
/// interpreter's directory upward.
fn base_above(python: &Path, version: Option<(u16, u16)>) -> Option<Base> {
    python.parent()?.ancestors().find_map(|prefix| {
        library_directories(prefix, version)
            .into_iter()
            .find(|stdlib| stdlib.join("os.py").is_file())
            .map(|stdlib| Base {
                prefix: prefix.to_owned(),
                version: version_of_directory(&stdlib).or(version).or_else(|| dll_version(prefix)),
                stdlib,
            })
    })
}

/// The directories that may hold a prefix's library: `lib/python3.11` and its relatives.
fn library_directories(prefix: &Path, version: Option<(u16, u16)>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for lib in ["lib", "lib64"].map(|name| prefix.join(name)) {
        match version {
            Some((major, minor)) => {
                let names = [
                    format!("python{major}.{minor}"),
                    format!("python{major}.{minor}t"),
                    format!("pypy{major}.{minor}"),
                ];
                found.extend(names.iter().map(|name| lib.join(name)).filter(|path| path.is_dir()));
            }
            None => found.extend(newest_libraries(&lib)),
        }
    }
    let windows = prefix.join("Lib");
    if (prefix.join("python.exe").is_file() || prefix.join("Scripts").is_dir()) && windows.is_dir()
    {
        found.push(windows);
    }
    found
}

fn newest_libraries(lib: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(lib) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| version_of_directory(path).is_some());
    found.sort_by_key(|path| std::cmp::Reverse(version_of_directory(path)));
    found
}

fn stdlib_directories(base: Base) -> Vec<PathBuf> {
    let windows_dlls = base.prefix.join("DLLs");
    let dynload = base.stdlib.join("lib-dynload");
    let compiled = [dynload, windows_dlls].into_iter().filter(|path| path.is_dir());
    std::iter::once(base.stdlib.clone()).chain(compiled).collect()
}

fn site_packages_in(prefix: &Path, version: Option<(u16, u16)>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for library in library_directories(prefix, version) {
        let site = library.join("site-packages");
        // `lib64` is often a link to `lib`.
        let is_new = !found.iter().any(|known| same_directory(known, &site));
        if site.is_dir() && is_new {
            found.push(site);
        }
    }
    found
}

fn same_directory(a: &Path, b: &Path) -> bool {
    match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// The site-packages of an interpreter outside of any virtual environment: the user's, the
/// prefix's, and those of Debian.
fn system_site_packages(prefix: &Path, version: (u16, u16), variables: &Variables) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = user_site(version, variables).into_iter().collect();
    if prefix == Path::new("/usr") {
        let (major, minor) = version;
        found.push(PathBuf::from(format!("/usr/local/lib/python{major}.{minor}/dist-packages")));
        found.push(PathBuf::from(format!("/usr/lib/python{major}/dist-packages")));
    }
    found.retain(|path| path.is_dir());
    found.extend(site_packages_in(prefix, Some(version)));
    found
}

fn user_site((major, minor): (u16, u16), variables: &Variables) -> Option<PathBuf> {
    if variables.get("PYTHONNOUSERSITE").is_some() {
        return None;
    }
    let unix = format!("lib/python{major}.{minor}/site-packages");
    if let Some(base) = variables.path("PYTHONUSERBASE") {
        return Some(base.join(unix));
    }
    if let Some(roaming) = variables.path("APPDATA") {
        return Some(roaming.join(format!("Python/Python{major}{minor}/site-packages")));
    }
    let home = variables.path("HOME")?;
    let framework = home.join(format!("Library/Python/{major}.{minor}/lib/python/site-packages"));
    Some(if cfg!(target_os = "macos") { framework } else { home.join(".local").join(unix) })
}

/// `3.11.7`, `3.11.7.final.0`
fn parse_version(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split('.');
    Some((parts.next()?.trim().parse().ok()?, parts.next()?.trim().parse().ok()?))
}

/// The version in a name such as `python3.11`, `python3.13t` or `pypy3.10`.
fn version_of_directory(path: &Path) -> Option<(u16, u16)> {
    let name = path.file_name()?.to_str()?;
    let rest = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"))?;
    parse_version(rest.strip_suffix('t').unwrap_or(rest))
}

fn version_of_name(python: &Path) -> Option<(u16, u16)> {
    let stem = python.file_name()?.to_str()?;
    version_of_directory(Path::new(stem.strip_suffix(".exe").unwrap_or(stem)))
}

/// Windows: `python311.dll` is beside the interpreter.
fn dll_version(prefix: &Path) -> Option<(u16, u16)> {
    std::fs::read_dir(prefix).ok()?.flatten().find_map(|entry| {
        let name = entry.file_name().to_str()?.to_ascii_lowercase();
        let digits = name.strip_prefix("python")?.strip_suffix(".dll")?;
        let (major, minor) = digits.split_at_checked(1)?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    })
}
