//! Items that only runs know: cases of functions whose cases are computed, subtests, items of
//! plugins.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::protocol::items::ItemKind;
use crate::roots::file_of;

/// An item that a run has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundItem {
    /// Its node id; a subtest's is made up from its test's.
    pub node_id: String,
    /// The node id of what holds it.
    pub parent: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its name.
    pub label: String,
}

/// What runs have found, by the node id of the file.
#[derive(Debug, Default)]
pub struct Found {
    files: FxHashMap<String, Vec<FoundItem>>,
}

impl Found {
    /// What runs have found in a file.
    pub fn of(&self, file: &str) -> &[FoundItem] {
        self.files.get(file).map_or(&[], Vec::as_slice)
    }

    /// Takes an item in; whether it is new.
    pub fn add(&mut self, item: FoundItem) -> bool {
        let items = self.files.entry(file_of(&item.node_id).to_owned()).or_default();
        if items.iter().any(|known| known.node_id == item.node_id) {
            return false;
        }
        items.push(item);
        true
    }

    /// Drops what a complete collection of a file did not find again. Subtests stay for as long
    /// as their test does.
    pub fn confirm(&mut self, file: &str, collected: &FxHashSet<&str>) -> bool {
        let Some(items) = self.files.get_mut(file) else { return false };
        let before = items.len();
        items.retain(|item| match item.kind {
            ItemKind::Subtest => collected.contains(&*item.parent),
            _ => {
                collected.contains(&*item.node_id)
                    || collected.iter().any(|id| {
                        id.strip_prefix(&*item.node_id)
                            .is_some_and(|rest| rest.starts_with(['[', ':']))
                    })
            }
        });
        items.len() != before
    }
}

/// The items that a collected node id stands for, from below the file down.
pub fn items_of(node_id: &str) -> Vec<FoundItem> {
    let (whole, case) = split_case(node_id);
    let mut items = Vec::new();
    let mut parent = file_of(whole).to_owned();
    let names: Vec<&str> = whole.split("::").skip(1).collect();
    for (at, name) in names.iter().enumerate() {
        let node_id = format!("{parent}::{name}");
        let is_last = at + 1 == names.len();
        let kind = if is_last { ItemKind::Function } else { ItemKind::Class };
        let label = (*name).to_owned();
        items.push(FoundItem { node_id: node_id.clone(), parent, kind, label });
        parent = node_id;
    }
    if let Some(case) = case {
        let kind = ItemKind::Case;
        items.push(FoundItem { node_id: node_id.to_owned(), parent, kind, label: case.to_owned() });
    }
    items
}

/// `a.py::f[x::y]` to `a.py::f` and `x::y`.
fn split_case(node_id: &str) -> (&str, Option<&str>) {
    let Some(rest) = node_id.strip_suffix(']') else { return (node_id, None) };
    // A file's name may hold brackets as well.
    let names = rest.find("::").unwrap_or(0);
    match rest[names..].find('[') {
        Some(at) => (&rest[..names + at], Some(&rest[names + at + 1..])),
        None => (node_id, None),
    }
}

/// The node id of a subtest.
pub fn subtest_id(test: &str, description: &str) -> String {
    format!("{test} {description}")
}

#[cfg(test)]
mod tests {
    use super::{Found, items_of};

    fn ids(node_id: &str) -> Vec<String> {
        items_of(node_id).into_iter().map(|item| item.node_id).collect()
    }

    #[test]
    fn node_ids_are_taken_apart_as_pytest_joins_them() {
        assert_eq!(
            ids("a[b].py::T::f[x::y[0]]"),
            ["a[b].py::T", "a[b].py::T::f", "a[b].py::T::f[x::y[0]]"]
        );
        assert_eq!(ids("a.py::f"), ["a.py::f"]);
        assert_eq!(ids("a.txt"), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_found_again_goes() {
        let mut found = Found::default();
        for item in items_of("a.py::f[1]").into_iter().chain(items_of("a.py::f[2]")) {
            found.add(item);
        }
        assert_eq!(found.of("a.py").len(), 3);
        assert!(found.confirm("a.py", &["a.py::f[2]"].into_iter().collect()));
        let left: Vec<_> = found.of("a.py").iter().map(|item| &*item.node_id).collect();
        assert_eq!(left, ["a.py::f", "a.py::f[2]"]);
    }
}
