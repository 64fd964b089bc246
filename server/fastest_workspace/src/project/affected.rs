//! Which test files a source file can affect: those that import it, directly or not, and those
//! below a conftest that it is or that imports it.
//!
//! Imports are read from the text, those in functions included, because what a test calls may
//! import late. Only the project's own files are followed; imports by computed names are not
//! seen.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastest_syntax::decode::decode;
use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::xxh3_64;

use super::Project;
use crate::modules::{Found, ModuleFinder};

/// Who imports whom among a project's own files.
#[derive(Clone, Debug, Default)]
pub struct ImportGraph {
    importers: FxHashMap<PathBuf, Vec<PathBuf>>,
    /// In pytest's order, each once.
    tests: Vec<PathBuf>,
    /// Every file that was read, and a hash of what was in it.
    contents: FxHashMap<PathBuf, u64>,
}

impl Project {
    /// Reads the imports of all test files, conftests and what they import.
    #[must_use]
    pub fn import_graph(&self) -> ImportGraph {
        let mut seen: FxHashSet<PathBuf> = FxHashSet::default();
        let tests = self.visits.tests().map(|visit| visit.entry.path.to_path_buf());
        let tests: Vec<PathBuf> = tests.filter(|path| seen.insert(path.clone())).collect();
        let conftests = self.visits.conftests().map(Path::to_owned);
        let mut graph = ImportGraph { tests: tests.clone(), ..ImportGraph::default() };
        let mut queue: VecDeque<PathBuf> = tests.into_iter().chain(conftests).collect();
        seen.extend(queue.iter().cloned());
        let finder = self.finder(self.basedirs.clone());
        while let Some(path) = queue.pop_front() {
            let bytes = std::fs::read(&path).unwrap_or_default();
            graph.contents.insert(path.clone(), xxh3_64(&bytes));
            for target in imported(&path, &bytes, &finder) {
                if !self.is_own(&target) || target == path {
                    continue;
                }
                let importers = graph.importers.entry(target.clone()).or_default();
                if !importers.contains(&path) {
                    importers.push(path.clone());
                }
                if seen.insert(target.clone()) {
                    queue.push_back(target);
                }
            }
        }
        graph
    }

    /// Whether a file is the project's, and not an installed package's.
    fn is_own(&self, path: &Path) -> bool {
        let installed = self.environment.as_ref().is_ok_and(|environment| {
            environment.site_packages.iter().any(|folder| path.starts_with(folder))
                || environment.stdlib.iter().any(|folder| path.starts_with(folder))
        });
        !installed
    }
}

impl ImportGraph {
    /// The test files, in pytest's order.
    #[must_use]
    pub fn tests(&self) -> &[PathBuf] {
        &self.tests
    }

    /// The files that were read: tests, conftests, and what these import of the project.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.contents.keys().map(PathBuf::as_path)
    }

    /// Whether a file was read and holds what it held then.
    #[must_use]
    pub fn is_unchanged(&self, path: &Path) -> bool {
        let now = || std::fs::read(path).ok().map(|bytes| xxh3_64(&bytes));
        self.contents.get(path).is_some_and(|before| now() == Some(*before))
    }

    /// The test files that a file can affect, nearest first; the file itself if it is one.
    #[must_use]
    pub fn affected(&self, path: &Path) -> Vec<PathBuf> {
        let tests: FxHashSet<&Path> = self.tests.iter().map(PathBuf::as_path).collect();
        let mut affected = Vec::new();
        let mut seen: FxHashSet<&Path> = FxHashSet::default();
        let mut queue: VecDeque<&Path> = VecDeque::from([path]);
        seen.insert(path);
        while let Some(path) = queue.pop_front() {
            if tests.contains(path) {
                affected.push(path.to_owned());
            }
            let importers = self.importers.get(path).into_iter().flatten();
            let next: Vec<&Path> = match conftest_folder(path) {
                Some(folder) => self.below(folder).chain(importers.map(PathBuf::as_path)).collect(),
                None => importers.map(PathBuf::as_path).collect(),
            };
            queue.extend(next.into_iter().filter(|next| seen.insert(next)));
        }
        affected
    }

    fn below<'g>(&'g self, folder: &'g Path) -> impl Iterator<Item = &'g Path> {
        self.tests.iter().map(PathBuf::as_path).filter(move |test| test.starts_with(folder))
    }
}

fn conftest_folder(path: &Path) -> Option<&Path> {
    path.file_name().filter(|name| *name == "conftest.py").and_then(|_| path.parent())
}

/// The files that the import statements name in a file that holds these bytes.
fn imported(path: &Path, bytes: &[u8], finder: &ModuleFinder) -> Vec<PathBuf> {
    let Ok(text) = decode(bytes) else { return Vec::new() };
    let mut targets = Vec::new();
    for import in imports(&text) {
        if import.level == 0 {
            absolute(&import, finder, &mut targets);
        } else {
            relative(path, &import, &mut targets);
        }
    }
    targets
}

fn absolute(import: &Import, finder: &ModuleFinder, targets: &mut Vec<PathBuf>) {
    let module = &import.module;
    // Importing `a.b` runs `a` as well.
    let mut dotted: Vec<String> =
        module.match_indices('.').map(|(dot, _)| module[..dot].to_owned()).collect();
    dotted.push(module.clone());
    // A name may be a module of the package.
    dotted.extend(import.names.iter().map(|name| format!("{module}.{name}")));
    for name in dotted {
        if let Found::Source { path, .. } = finder.find(&name) {
            targets.push(Arc::clone(&path).to_path_buf());
        }
    }
}

fn relative(path: &Path, import: &Import, targets: &mut Vec<PathBuf>) {
    let Some(package) = path.ancestors().nth(import.level) else { return };
    let mut folder = package.to_owned();
    push_module(&folder.join("__init__.py"), targets);
    for part in import.module.split('.').filter(|part| !part.is_empty()) {
        folder.push(part);
        push_module(&folder.with_extension("py"), targets);
        push_module(&folder.join("__init__.py"), targets);
    }
    for name in &import.names {
        push_module(&folder.join(name).with_extension("py"), targets);
        push_module(&folder.join(name).join("__init__.py"), targets);
    }
}

fn push_module(path: &Path, targets: &mut Vec<PathBuf>) {
    if path.is_file() {
        targets.push(path.to_owned());
    }
}

/// An import statement.
#[derive(Debug, Default, PartialEq, Eq)]
struct Import {
    /// Dots in front.
    level: usize,
    module: String,
    /// Names of a `from` import; none for `*`.
    names: Vec<String>,
}

/// The import statements of a text. A line in a string that looks like one counts too: that costs
/// a run of a test too many, and an import that is missed costs one too few.
fn imports(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("import ") {
            let names = words(rest);
            found.extend(names.map(|module| Import { module, ..Import::default() }));
        } else if let Some((module, names)) =
            line.strip_prefix("from ").and_then(|rest| rest.split_once(" import"))
        {
            let mut names = names.to_owned();
            while (names.contains('(') && !names.contains(')')) || names.ends_with('\\') {
                let Some(more) = lines.next() else { break };
                names = names.trim_end_matches('\\').to_owned();
                names.push_str(more.split('#').next().unwrap_or_default());
                names.push(' ');
            }
            let module = module.trim();
            let name = module.trim_start_matches('.');
            let level = module.len() - name.len();
            let names = words(&names.replace(['(', ')'], " ")).collect();
            found.push(Import { level, module: name.to_owned(), names });
        }
    }
    found
}

/// The names of a list, without what they are imported as.
fn words(list: &str) -> impl Iterator<Item = String> {
    let list = list.split('#').next().unwrap_or_default();
    let names = list.split([',', ';']).filter_map(|part| part.split_whitespace().next());
    names.filter(|name| *name != "*").map(str::to_owned).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::{Import, imports};

    #[test]
    fn imports_are_read_wherever_they_stand() {
        let text = "import a.b as x, c  # d\ndef f():\n    from .. import (\n        e,  # why\n        g as h,\n    )\nfrom .i import *\n";
        let import = |level, module: &str, names: &[&str]| Import {
            level,
            module: module.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(
            imports(text),
            [
                import(0, "a.b", &[]),
                import(0, "c", &[]),
                import(2, "", &["e", "g"]),
                import(1, "i", &[])
            ]
        );
    }
}
