//! Which modules cannot be preloaded, from one run to the next.
//!
//! A file for each interpreter in the user's cache folder. It is forgotten when any of the
//! folders that modules come from has changed, as it does with every package that is installed.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Serialize};

use super::Preload;
use crate::bundle;

/// Stands for "nothing can be preloaded".
pub const EVERYTHING: &str = "*";

/// Modules that cannot be preloaded, with the reason.
pub type Unfit = BTreeMap<String, String>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    /// Each folder with its time of modification.
    roots: Vec<(PathBuf, u128)>,
    unfit: Unfit,
}

/// The modules that were found unfit for this interpreter.
pub fn recall(python: &Path, roots: &[PathBuf]) -> Unfit {
    let read = || {
        let text = fs::read(place(python)?).ok()?;
        let remembered: Remembered = serde_json::from_slice(&text).ok()?;
        (remembered.roots == stamps(roots)).then_some(remembered.unfit)
    };
    read().unwrap_or_default()
}

/// Remember them. A cache that cannot be written costs time, nothing else.
pub fn remember(python: &Path, roots: &[PathBuf], unfit: Unfit) {
    let remembered = Remembered { roots: stamps(roots), unfit };
    let _unwritable = place(python).map(|path| write(&path, &remembered));
}

/// Leave out what is unfit.
pub fn leave_out(preload: &mut Preload, unfit: &Unfit) {
    if unfit.contains_key(EVERYTHING) {
        preload.modules.clear();
    }
    preload.modules.retain(|module| !unfit.contains_key(module));
}

fn write(path: &Path, remembered: &Remembered) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    fs::write(&draft, serde_json::to_vec_pretty(remembered)?)?;
    fs::rename(draft, path)
}

fn place(python: &Path) -> Option<PathBuf> {
    let name = bundle::hash(python.as_os_str().as_encoded_bytes().iter().copied());
    Some(bundle::cache_dir()?.join("preload").join(format!("{name:016x}.json")))
}

fn stamps(roots: &[PathBuf]) -> Vec<(PathBuf, u128)> {
    let modified = |root: &PathBuf| {
        let time = fs::metadata(root).ok()?.modified().ok()?;
        Some(time.duration_since(UNIX_EPOCH).ok()?.as_nanos())
    };
    roots.iter().map(|root| (root.clone(), modified(root).unwrap_or(0))).collect()
}
