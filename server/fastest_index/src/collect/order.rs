//! The order of a session's items: tests that share a parameter of a wide scope stand together.
//!
//! This is `reorder_items` of pytest's fixtures.py. Items are numbers here: their places in the
//! order in which they were collected.

use std::collections::VecDeque;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ParamKey;
use super::fixtures::FixtureScope;

/// The scopes by which items are reordered, widest first.
const HIGH_SCOPES: [FixtureScope; 4] =
    [FixtureScope::Session, FixtureScope::Package, FixtureScope::Module, FixtureScope::Class];

/// What reordering needs to know of an item.
#[derive(Clone, Copy, Debug)]
pub struct Ordered<'a> {
    /// Its parameters of wide scope.
    pub keys: &'a [ParamKey],
    /// Its file's node id.
    pub file: &'a str,
    /// The class that holds it, if one does.
    pub class: Option<&'a str>,
}

type Key = u32;

/// The items' keys and the keys' items, by scope.
struct Tables {
    keys_of: [FxHashMap<usize, Vec<Key>>; 4],
    /// Items of each key in an order that changes as items are taken: a deque of candidates, of
    /// which the first occurrence of an item counts.
    items_of: [FxHashMap<Key, VecDeque<usize>>; 4],
}

/// The order in which pytest runs the items: places in the given slice.
#[must_use]
pub fn reorder(items: &[Ordered<'_>]) -> Vec<usize> {
    let all: Vec<usize> = (0..items.len()).collect();
    if items.iter().all(|item| item.keys.is_empty()) {
        return all;
    }
    let mut tables = Tables::new(items);
    tables.at_scope(all, 0)
}

impl Tables {
    fn new(items: &[Ordered<'_>]) -> Self {
        let mut tables = Self { keys_of: Default::default(), items_of: Default::default() };
        let mut known: FxHashMap<(CompactString, CompactString, String), Key> =
            FxHashMap::default();
        for (at, scope) in HIGH_SCOPES.into_iter().enumerate() {
            for (place, item) in items.iter().enumerate() {
                for key in item.keys.iter().filter(|key| key.scope == scope) {
                    let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                    let full = (key.argument.clone(), key.value.clone(), scoped(scope, item));
                    let key = *known.entry(full).or_insert(next);
                    tables.add(at, place, key);
                }
            }
        }
        tables
    }

    fn add(&mut self, scope: usize, item: usize, key: Key) {
        let keys = self.keys_of[scope].entry(item).or_default();
        if !keys.contains(&key) {
            keys.push(key);
            self.items_of[scope].entry(key).or_default().push_back(item);
        }
    }

    /// `reorder_items_atscope`.
    fn at_scope(&mut self, items: Vec<usize>, scope: usize) -> Vec<usize> {
        if scope >= HIGH_SCOPES.len() || items.len() < 3 {
            return items;
        }
        // Without parameters of the scope all are taken as they come.
        let keys_of = &self.keys_of[scope];
        if keys_of.is_empty() || !items.iter().any(|item| keys_of.contains_key(item)) {
            return self.at_scope(items, scope + 1);
        }
        let members: FxHashSet<usize> = items.iter().copied().collect();
        let mut ignored: FxHashSet<Key> = FxHashSet::default();
        let mut queue: VecDeque<usize> = items.into();
        let mut done: Vec<usize> = Vec::with_capacity(members.len());
        let mut is_done: FxHashSet<usize> = FxHashSet::default();
        while !queue.is_empty() {
            let (plain, slicing) = self.slice(scope, &members, &ignored, &mut queue, &is_done);
            if !plain.is_empty() {
                let ordered = self.at_scope(plain, scope + 1);
                done.extend(ordered.into_iter().filter(|&item| is_done.insert(item)));
            }
            ignored.extend(slicing);
        }
        done
    }

    /// Takes items without keys until one with a key comes; brings that key's items to the front.
    fn slice(
        &mut self,
        scope: usize,
        members: &FxHashSet<usize>,
        ignored: &FxHashSet<Key>,
        queue: &mut VecDeque<usize>,
        is_done: &FxHashSet<usize>,
    ) -> (Vec<usize>, Option<Key>) {
        let mut plain = Vec::new();
        let mut is_plain: FxHashSet<usize> = FxHashSet::default();
        while let Some(item) = queue.pop_front() {
            if is_done.contains(&item) || is_plain.contains(&item) {
                continue;
            }
            let keys = self.keys_of[scope].get(&item);
            let key = keys.and_then(|keys| keys.iter().rev().find(|key| !ignored.contains(key)));
            let Some(&key) = key else {
                plain.push(item);
                is_plain.insert(item);
                continue;
            };
            for matching in self.matching(scope, key, members).into_iter().rev() {
                queue.push_front(matching);
                self.bring_forward(matching);
            }
            return (plain, Some(key));
        }
        (plain, None)
    }

    fn matching(&self, scope: usize, key: Key, members: &FxHashSet<usize>) -> Vec<usize> {
        let mut seen: FxHashSet<usize> = FxHashSet::default();
        let items = self.items_of[scope].get(&key);
        let items = items.into_iter().flatten().copied();
        items.filter(|item| members.contains(item) && seen.insert(*item)).collect()
    }

    /// Makes an item the first of all its keys, in every scope.
    fn bring_forward(&mut self, item: usize) {
        for scope in 0..HIGH_SCOPES.len() {
            let Some(keys) = self.keys_of[scope].get(&item) else { continue };
            for key in keys {
                if let Some(items) = self.items_of[scope].get_mut(key) {
                    items.push_front(item);
                }
            }
        }
    }
}

/// What a key is shared within: the run, a folder, a file or a class.
fn scoped(scope: FixtureScope, item: &Ordered<'_>) -> String {
    match scope {
        FixtureScope::Session | FixtureScope::Function => String::new(),
        FixtureScope::Package => {
            item.file.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
        }
        FixtureScope::Module => item.file.to_owned(),
        FixtureScope::Class => format!("{}::{}", item.file, item.class.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(argument: &str, scope: FixtureScope, value: &str) -> ParamKey {
        ParamKey { argument: argument.into(), scope, value: value.into() }
    }

    #[test]
    fn items_without_wide_parameters_keep_their_order() {
        let item = Ordered { keys: &[], file: "a.py", class: None };
        assert_eq!(reorder(&[item, item, item]), [0, 1, 2]);
    }

    #[test]
    fn a_module_parameter_brings_its_tests_together() {
        let [one, two] = ["1", "2"].map(|v| [key("fx", FixtureScope::Module, v)]);
        let item = |keys| Ordered { keys, file: "a.py", class: None };
        let items = [item(&one[..]), item(&two[..]), item(&one[..]), item(&two[..])];
        assert_eq!(reorder(&items), [0, 2, 1, 3]);
    }

    #[test]
    fn a_module_parameter_is_not_shared_between_files() {
        let [one, two] = ["1", "2"].map(|v| [key("fx", FixtureScope::Module, v)]);
        let item = |keys, file| Ordered { keys, file, class: None };
        let items = [
            item(&one[..], "a.py"),
            item(&two[..], "a.py"),
            item(&one[..], "b.py"),
            item(&two[..], "b.py"),
        ];
        assert_eq!(reorder(&items), [0, 1, 2, 3]);
    }
}
