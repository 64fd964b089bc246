//! What runs leave on disk for the next one, in pytest's cache directory.
//!
//! `cache/lastfailed` and `cache/nodeids` are pytest's own files in pytest's own format, so that
//! both tools go on from each other's runs. Durations are in a file of ours. A file that cannot
//! be read counts as one that is not there; each is written in one step, over what another run
//! may have written meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fastest_model::memory::Durations;
use fastest_model::{Learned, Memory};
use serde_json::{Map, Value};

use crate::cache::place;

#[cfg(test)]
mod tests;

/// The version of the file of durations.
const VERSION: u64 = 1;

/// Where the files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// pytest's cache directory; `None` with `-p no:cacheprovider`.
    pub cache: Option<PathBuf>,
    /// The file of durations, where it is not in the cache directory.
    pub durations: Option<PathBuf>,
}

impl Places {
    fn durations(&self) -> Option<PathBuf> {
        let in_cache = || Some(self.cache.as_ref()?.join("d/fastest/durations.json"));
        self.durations.clone().or_else(in_cache)
    }

    fn value(&self, key: &str) -> Option<PathBuf> {
        Some(self.cache.as_ref()?.join("v/cache").join(key))
    }

    /// What earlier runs left.
    #[must_use]
    pub fn load(&self) -> Memory {
        let object = |key| match read(self.value(key)) {
            Some(Value::Object(map)) => map.into_iter().map(|(id, _)| id).collect(),
            _ => BTreeSet::new(),
        };
        let list = |key| match read(self.value(key)) {
            Some(Value::Array(ids)) => ids.into_iter().filter_map(text).collect(),
            _ => BTreeSet::new(),
        };
        Memory {
            durations: read_durations(self.durations()),
            last_failed: object("lastfailed"),
            node_ids: list("nodeids"),
        }
    }

    /// Writes what a run left. A cache that cannot be written is as good as none.
    pub fn save(&self, learned: &Learned) {
        self.save_durations(learned);
        if let Some(last_failed) = &learned.last_failed {
            let map = last_failed.iter().map(|id| (id.clone(), Value::Bool(true))).collect();
            let is_new = read(self.value("lastfailed")).unwrap_or(Value::Object(Map::new()))
                != Value::Object(Map::clone(&map));
            if is_new {
                self.save_value("lastfailed", &Value::Object(map));
            }
        }
        if let Some(node_ids) = &learned.node_ids {
            self.save_value("nodeids", &Value::from_iter(node_ids.iter().cloned()));
        }
    }

    /// Empties pytest's cache directory as `--cache-clear` does.
    pub fn clear(&self) {
        for kind in ["d", "v"] {
            if let Some(cache) = &self.cache {
                // What is not there need not go.
                let _ = std::fs::remove_dir_all(cache.join(kind));
            }
        }
    }

    fn save_value(&self, key: &str, value: &Value) {
        if let (Some(cache), Some(file)) = (&self.cache, self.value(key))
            && let Ok(text) = serde_json::to_string_pretty(value)
        {
            let _ = place::write(cache, &file, text.as_bytes());
        }
    }

    fn save_durations(&self, learned: &Learned) {
        let Some(file) = self.durations().filter(|_| !learned.durations.is_empty()) else { return };
        let mut all = read_durations(Some(file.clone()));
        let is_gone = |id: &str| {
            let whole = learned.files.contains(id.split("::").next().unwrap_or(id));
            whole && !learned.files.contains(id) && !learned.present.contains(id)
        };
        all.retain(|id, _| !is_gone(id));
        // `*` is the whole session of a worker that runs alone.
        let learned = learned.durations.iter().filter(|(id, _)| *id != "*");
        all.extend(learned.map(|(id, &took)| (id.clone(), took)));
        let tests: BTreeMap<String, f64> =
            all.into_iter().map(|(id, took)| (id, seconds(took))).collect();
        let document = serde_json::json!({ "version": VERSION, "seconds": tests });
        let Ok(text) = serde_json::to_string_pretty(&document) else { return };
        let _ = match (&self.durations, &self.cache) {
            (None, Some(cache)) => place::write(cache, &file, text.as_bytes()),
            _ => place::replace(&file, (text + "\n").as_bytes()),
        };
    }
}

fn read(file: Option<PathBuf>) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(file?).ok()?).ok()
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn read_durations(file: Option<PathBuf>) -> Durations {
    let Some(Value::Object(mut document)) = read(file) else { return Durations::new() };
    let Some(Value::Object(tests)) = document.remove("seconds") else { return Durations::new() };
    if document.get("version") != Some(&Value::from(VERSION)) {
        return Durations::new();
    }
    tests.into_iter().filter_map(|(id, took)| Some((id, microseconds(took.as_f64()?)?))).collect()
}

/// A duration that a damaged file may hold is none.
fn microseconds(seconds: f64) -> Option<u64> {
    let duration = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(duration.as_micros()).ok()
}

fn seconds(microseconds: u64) -> f64 {
    std::time::Duration::from_micros(microseconds).as_secs_f64()
}

/// The path of a file that `--durations-file` names.
#[must_use]
pub fn durations_file(invocation_dir: &Path, given: &str) -> PathBuf {
    crate::rootdir::paths::absolute(invocation_dir, given)
}
