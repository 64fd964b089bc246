//! The order of a session's items: tests that share a parameter of a wide scope stand together.
//!
//! This is `reorder_items` of pytest's fixtures.py. Items are numbers here: their places in the
//! order in which they were collected.

use std::collections::VecDeque;

use compact_str::CompactString;
use rustc_hash::FxHashMap;

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

type Key = usize;

/// The items' keys and the keys' items, by scope.
struct Tables {
    scopes: [Scope; 4],
    /// Which items of a key were met.
    met: Marks,
}

/// What there is of a scope; nothing where no item has a key of it.
#[derive(Default)]
struct Scope {
    /// By the item.
    keys_of: Vec<Vec<Key>>,
    /// By the key, items in an order that changes as items are taken: a deque of candidates, of
    /// which the first occurrence of an item counts.
    items_of: Vec<VecDeque<usize>>,
    /// The items that are put in order.
    members: Marks,
    done: Marks,
    plain: Marks,
    ignored: Marks,
}

/// A set of items or keys that is emptied at once.
#[derive(Default)]
struct Marks {
    /// When each was put in last.
    turns: Vec<u32>,
    turn: u32,
}

impl Marks {
    /// Empties the set, for numbers below `count`.
    fn begin(&mut self, count: usize) {
        self.turns.resize(count, 0);
        self.turn += 1;
    }

    /// Puts a member in; whether it is new.
    fn insert(&mut self, number: usize) -> bool {
        std::mem::replace(&mut self.turns[number], self.turn) != self.turn
    }

    fn contains(&self, number: usize) -> bool {
        self.turns[number] == self.turn
    }
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
        let mut tables = Self { scopes: Default::default(), met: Marks::default() };
        let mut known: FxHashMap<(CompactString, CompactString, String), Key> =
            FxHashMap::default();
        for (at, scope) in HIGH_SCOPES.into_iter().enumerate() {
            for (place, item) in items.iter().enumerate() {
                for key in item.keys.iter().filter(|key| key.scope == scope) {
                    let next = known.len();
                    let full = (key.argument.clone(), key.value.clone(), scoped(scope, item));
                    let key = *known.entry(full).or_insert(next);
                    tables.scopes[at].add(place, key, items.len());
                }
            }
        }
        tables
    }

    /// `reorder_items_atscope`.
    fn at_scope(&mut self, items: Vec<usize>, scope: usize) -> Vec<usize> {
        if scope >= HIGH_SCOPES.len() || items.len() < 3 {
            return items;
        }
        // Without parameters of the scope all are taken as they come.
        if !self.scopes[scope].begin(&items) {
            return self.at_scope(items, scope + 1);
        }
        let mut done: Vec<usize> = Vec::with_capacity(items.len());
        let mut queue: VecDeque<usize> = items.into();
        while !queue.is_empty() {
            let (plain, slicing) = self.slice(scope, &mut queue);
            if !plain.is_empty() {
                let ordered = self.at_scope(plain, scope + 1);
                let scope = &mut self.scopes[scope];
                done.extend(ordered.into_iter().filter(|&item| scope.done.insert(item)));
            }
            if let Some(key) = slicing {
                self.scopes[scope].ignored.insert(key);
            }
        }
        done
    }

    /// Takes items without keys until one with a key comes; brings that key's items to the front.
    fn slice(&mut self, scope: usize, queue: &mut VecDeque<usize>) -> (Vec<usize>, Option<Key>) {
        let mut plain = Vec::new();
        let here = &mut self.scopes[scope];
        here.plain.begin(here.keys_of.len());
        while let Some(item) = queue.pop_front() {
            let here = &mut self.scopes[scope];
            if here.done.contains(item) || here.plain.contains(item) {
                continue;
            }
            let mut keys = here.keys_of[item].iter().rev();
            let Some(&key) = keys.find(|&&key| !here.ignored.contains(key)) else {
                plain.push(item);
                here.plain.insert(item);
                continue;
            };
            for matching in self.matching(scope, key).into_iter().rev() {
                queue.push_front(matching);
                self.bring_forward(matching);
            }
            return (plain, Some(key));
        }
        (plain, None)
    }

    fn matching(&mut self, scope: usize, key: Key) -> Vec<usize> {
        let Self { scopes, met } = self;
        let here = &scopes[scope];
        met.begin(here.keys_of.len());
        let items = here.items_of[key].iter().copied();
        items.filter(|&item| here.members.contains(item) && met.insert(item)).collect()
    }

    /// Makes an item the first of all its keys, in every scope.
    fn bring_forward(&mut self, item: usize) {
        for Scope { keys_of, items_of, .. } in &mut self.scopes {
            for &key in keys_of.get(item).into_iter().flatten() {
                items_of[key].push_front(item);
            }
        }
    }
}

impl Scope {
    /// Notes a key of one of so many items.
    fn add(&mut self, item: usize, key: Key, items: usize) {
        self.keys_of.resize(items, Vec::new());
        let keys = &mut self.keys_of[item];
        if !keys.contains(&key) {
            keys.push(key);
            let keys = self.items_of.len().max(key + 1);
            self.items_of.resize(keys, VecDeque::new());
            self.items_of[key].push_back(item);
        }
    }

    /// Begins to put items in order; false if none of them has a key.
    fn begin(&mut self, items: &[usize]) -> bool {
        if !items.iter().any(|&item| self.keys_of.get(item).is_some_and(|keys| !keys.is_empty())) {
            return false;
        }
        let count = self.keys_of.len();
        self.members.begin(count);
        self.done.begin(count);
        self.ignored.begin(self.items_of.len());
        items.iter().for_each(|&item| _ = self.members.insert(item));
        true
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
