//! Pushing files into a [`World`]: test files under their names, and the modules that collecting
//! asks for.

use std::path::Path;
use std::sync::Arc;

use compact_str::CompactString;
use fastest_index::world::{File, FileId, Module, World};
use fastest_syntax::outline::Outline;

use crate::cache::Cache;
use crate::cache::load::load_files;
use crate::modules::names::ModuleNames;
use crate::modules::{Found, ModuleFinder};
use crate::walk::{FileEntry, file_entry};

/// A dotted name whose source is yet to be read.
struct Pending {
    dotted: CompactString,
    entry: FileEntry,
    is_package: bool,
}

/// Puts test files and conftests into a world, under the names by which pytest imports them.
pub fn add_files(
    world: &mut World,
    names: &ModuleNames,
    loaded: impl IntoIterator<Item = (Arc<Path>, Arc<Outline>)>,
) {
    for (path, outline) in loaded {
        let module = names.of(&path).name;
        let is_package = path.ends_with("__init__.py");
        world.set_file(File { path, module, is_package, outline });
    }
}

/// Answers which modules dotted names denote, reading the sources that the world does not hold.
/// Returns how many names were new to the world.
pub fn supply<'n>(
    world: &mut World,
    finder: &ModuleFinder,
    cache: &Cache,
    wanted: impl IntoIterator<Item = &'n str>,
) -> usize {
    let mut answered = 0;
    let mut pending = Vec::new();
    for dotted in wanted {
        if world.module(dotted).is_some() {
            continue;
        }
        answered += 1;
        match answer(world, finder.find(dotted)) {
            Ok(module) => world.set_module(dotted, module),
            Err((entry, is_package)) => {
                pending.push(Pending { dotted: CompactString::from(dotted), entry, is_package });
            }
        }
    }
    read(world, cache, pending);
    answered
}

/// What is known without reading; otherwise the file to read.
fn answer(world: &World, found: Found) -> Result<Module, (FileEntry, bool)> {
    let (path, is_package) = match found {
        Found::Source { path, is_package } => (path, is_package),
        Found::Namespace => return Ok(Module::Namespace),
        Found::Binary => return Ok(Module::Binary),
        Found::Absent => return Ok(Module::Absent),
        Found::Ambiguous => return Ok(Module::Ambiguous),
    };
    match (world.file_at(&path), file_entry(&path)) {
        (Some(id), _) => Ok(Module::Source(id)),
        (None, Some(entry)) => Err((entry, is_package)),
        // It has gone since its directory was listed.
        (None, None) => Ok(Module::Absent),
    }
}

fn read(world: &mut World, cache: &Cache, pending: Vec<Pending>) {
    let entries: Vec<&FileEntry> = pending.iter().map(|pending| &pending.entry).collect();
    let loaded = load_files(&entries, cache);
    for (Pending { dotted, is_package, .. }, (path, outline)) in pending.into_iter().zip(loaded) {
        let id = put(world, path, &dotted, is_package, outline);
        world.set_module(&dotted, Module::Source(id));
    }
}

/// Two names may denote one file; it keeps the first.
fn put(
    world: &mut World,
    path: Arc<Path>,
    dotted: &CompactString,
    is_package: bool,
    outline: Arc<Outline>,
) -> FileId {
    if let Some(id) = world.file_at(&path) {
        return id;
    }
    world.set_file(File { path, module: dotted.clone(), is_package, outline })
}
