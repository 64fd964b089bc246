//! Which tests are meant: item ids to pytest's arguments, and the tests that the sources tell of.

use fastest_runner::PlannedUnit;

use crate::roots::{Loaded, Slot};

/// What is to run in one root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// Paths and node ids for pytest; `None` for what it would run by itself.
    pub arguments: Option<Vec<String>>,
    /// What the sources tell of it.
    pub plan: Vec<PlannedUnit>,
}

impl Selected {
    /// How many tests the sources tell of.
    pub fn total(&self) -> usize {
        self.plan.iter().map(|unit| unit.node_ids.len()).sum()
    }

    /// Their node ids.
    pub fn node_ids(&self) -> impl Iterator<Item = &String> {
        self.plan.iter().flat_map(|unit| &unit.node_ids)
    }
}

/// What is to run of a root: nodes that are included (`""` is all of it), less those excluded,
/// each with all below it. Nodes that the sources do not know are taken at their word.
pub fn select(loaded: &Loaded, include: &[String], exclude: &[String]) -> Selected {
    let include = outermost(include);
    let exclude = outermost(exclude);
    if include.iter().any(|node| exclude.iter().any(|out| holds(out, node))) && include.len() == 1 {
        return Selected { arguments: Some(Vec::new()), plan: Vec::new() };
    }
    let mut arguments = Arguments { loaded, list: Vec::new() };
    let mut plan = Vec::new();
    // pytest runs files that are there.
    for slot in loaded.files.iter().filter(|slot| !loaded.is_unsaved(slot)) {
        let wanted: Vec<&str> = include.iter().copied().filter(|n| touches(n, slot)).collect();
        if wanted.is_empty() {
            continue;
        }
        let cut = exclude.iter().any(|out| touches(out, slot));
        let chosen = |id: &str| {
            wanted.iter().any(|node| holds(node, id)) && !exclude.iter().any(|out| holds(out, id))
        };
        let unit = planned(slot, loaded, chosen);
        arguments.add(slot, &wanted, cut.then_some(&unit.node_ids));
        if !unit.node_ids.is_empty() {
            plan.push(unit);
        }
    }
    let everything = include.contains(&"") && exclude.is_empty();
    let arguments = (!everything).then(|| arguments.finish(&include, &exclude));
    Selected { arguments, plan }
}

/// A file's tests that are chosen.
fn planned(slot: &Slot, loaded: &Loaded, chosen: impl Fn(&str) -> bool) -> PlannedUnit {
    let session = slot.session(&loaded.selection);
    let mut certain = slot.collected.open.is_empty();
    let mut node_ids = Vec::new();
    for item in session.items() {
        let node_id = item.node_id();
        if chosen(&node_id) {
            certain &= item.doubt().is_none();
            node_ids.push(node_id);
        }
    }
    PlannedUnit { path: slot.node_id.clone(), node_ids, certain }
}

struct Arguments<'a> {
    loaded: &'a Loaded,
    list: Vec<String>,
}

impl Arguments<'_> {
    /// Adds what is wanted of a file: itself, nodes in it, or, where something is cut out of it,
    /// each test.
    fn add(&mut self, slot: &Slot, wanted: &[&str], tests: Option<&Vec<String>>) {
        let whole = wanted.iter().any(|node| holds(node, &slot.node_id));
        let path = slot.path.to_string_lossy();
        let within = |node_id: &str| format!("{path}{}", &node_id[slot.node_id.len()..]);
        match tests {
            Some(tests) => self.list.extend(tests.iter().map(|node_id| within(node_id))),
            None if whole => self.list.push(path.into_owned()),
            None => self.list.extend(wanted.iter().map(|node_id| within(node_id))),
        }
    }

    /// The arguments. Folders that are wanted whole stand for their files; what the sources do
    /// not know follows.
    fn finish(mut self, include: &[&str], exclude: &[&str]) -> Vec<String> {
        let rootdir = &self.loaded.project.config.rootdir;
        if exclude.is_empty() {
            let folders = include.iter().filter(|node| is_folder(self.loaded, node));
            for folder in folders {
                let path = rootdir.join(folder);
                self.list.retain(|argument| !std::path::Path::new(argument).starts_with(&path));
                self.list.push(path.to_string_lossy().into_owned());
            }
        }
        let known = |node: &str| {
            node.is_empty()
                || is_folder(self.loaded, node)
                || self.loaded.at_node_id(crate::roots::file_of(node)).is_some()
        };
        for node in include.iter().filter(|node| !known(node)) {
            self.list.push(rootdir.join(node).to_string_lossy().into_owned());
        }
        self.list
    }
}

fn is_folder(loaded: &Loaded, node: &str) -> bool {
    !node.is_empty() && loaded.levels.children(node).is_some()
}

/// Nodes that no other of them holds.
fn outermost(nodes: &[String]) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    for node in nodes {
        let held = nodes.iter().any(|other| other != node && holds(other, node));
        if !held && !kept.contains(&&**node) {
            kept.push(node);
        }
    }
    kept
}

/// Whether a node is, or is above, another.
pub fn holds(node: &str, other: &str) -> bool {
    node.is_empty()
        || other.strip_prefix(node).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(['/', '[']) || rest.starts_with("::")
        })
}

/// Whether a node is a file, above it or in it.
fn touches(node: &str, slot: &Slot) -> bool {
    holds(node, &slot.node_id) || holds(&slot.node_id, node)
}

#[cfg(test)]
mod tests {
    use super::{holds, outermost};

    #[test]
    fn nodes_hold_what_is_below_them() {
        assert!(
            holds("", "a/t.py") && holds("a", "a/t.py::f") && holds("a/t.py::f", "a/t.py::f[1]")
        );
        assert!(
            !holds("a", "ab/t.py")
                && !holds("t.py::f", "t.py::f2")
                && !holds("t.py::f[1]", "t.py::f")
        );
        let nodes = ["t.py::f", "t.py::f[1]", "u.py", "u.py"].map(str::to_owned);
        assert_eq!(outermost(&nodes), ["t.py::f", "u.py"]);
    }
}
