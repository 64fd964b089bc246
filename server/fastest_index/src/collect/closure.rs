//! Which fixtures a function needs, directly or through others.

use std::sync::Arc;

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::fixtures::{Fixture, FixtureScope};

/// The names that a function needs and the fixtures behind them (`FuncFixtureInfo`).
#[derive(Debug, Default)]
pub struct Closure<'w> {
    /// All names, widest scope first.
    pub names: Vec<CompactString>,
    /// The fixtures of each name, farthest first. A name without fixtures is absent.
    pub fixtures: FxHashMap<CompactString, Vec<Arc<Fixture<'w>>>>,
}

/// The closure of what a function requests (`FixtureManager.getfixtureclosure`).
///
/// `find` gives the fixtures that the function sees by a name, farthest first. Before pytest 9.1
/// the walk was breadth first and looked at the nearest fixture of a name only.
pub fn closure<'w>(
    initial: Vec<CompactString>,
    ignored: &[CompactString],
    pytest: (u16, u16),
    find: &dyn Fn(&str) -> Vec<Arc<Fixture<'w>>>,
) -> Closure<'w> {
    let mut walk = Walk { ignored, find, closure: Closure::default(), at: FxHashMap::default() };
    if pytest >= (9, 1) {
        for name in &initial {
            walk.depth_first(name);
        }
    } else {
        walk.breadth_first(initial);
    }
    let Closure { mut names, fixtures } = walk.closure;
    names.sort_by_key(|name| std::cmp::Reverse(scope_of(&fixtures, name)));
    Closure { names, fixtures }
}

fn scope_of(
    fixtures: &FxHashMap<CompactString, Vec<Arc<Fixture<'_>>>>,
    name: &CompactString,
) -> FixtureScope {
    fixtures.get(name).and_then(|all| all.last()?.scope).unwrap_or(FixtureScope::Function)
}

struct Walk<'a, 'w> {
    ignored: &'a [CompactString],
    find: &'a dyn Fn(&str) -> Vec<Arc<Fixture<'w>>>,
    closure: Closure<'w>,
    /// How far from the nearest fixture of a name the walk stands: 1 is the nearest.
    at: FxHashMap<CompactString, usize>,
}

impl<'w> Walk<'_, 'w> {
    fn fixtures(&mut self, name: &CompactString) -> Option<Vec<Arc<Fixture<'w>>>> {
        if self.ignored.contains(name) {
            return None;
        }
        if let Some(known) = self.closure.fixtures.get(name) {
            return Some(known.clone());
        }
        let found = (self.find)(name);
        if found.is_empty() {
            return None;
        }
        self.closure.fixtures.insert(name.clone(), found.clone());
        Some(found)
    }

    /// `traverse_fixture_closure` of pytest 9.1.
    fn depth_first(&mut self, name: &CompactString) {
        let index = match self.at.get(name) {
            Some(1) => return,
            Some(&index) => index,
            None => {
                self.closure.names.push(name.clone());
                self.at.insert(name.clone(), 1);
                1
            }
        };
        let Some(fixtures) = self.fixtures(name) else { return };
        let Some(nearest) = fixtures.len().checked_sub(index) else { return };
        self.at.insert(name.clone(), index + 1);
        for dependency in &fixtures[nearest].arguments {
            self.depth_first(dependency);
        }
        self.at.insert(name.clone(), index);
    }

    fn breadth_first(&mut self, initial: Vec<CompactString>) {
        self.closure.names = initial;
        let mut next = 0;
        while let Some(name) = self.closure.names.get(next).cloned() {
            next += 1;
            let Some(fixtures) = self.fixtures(&name) else { continue };
            let arguments = fixtures.last().map(|f| f.arguments.clone()).unwrap_or_default();
            for argument in arguments {
                if !self.closure.names.contains(&argument) {
                    self.closure.names.push(argument);
                }
            }
        }
    }
}
