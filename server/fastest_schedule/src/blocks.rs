//! Which items of a unit stay together.

use std::collections::HashMap;

use crate::event::{Dist, Found};

/// What makes two items stay together.
#[derive(PartialEq, Eq, Hash)]
enum Bond<'a> {
    /// They share a fixture.
    Scope(u32),
    /// They are of one `xdist_group`.
    Group(&'a str),
    /// They are of one class or module.
    Parent(&'a str),
    /// They are of one file.
    File,
}

/// The block of each item: equal numbers stay together.
pub fn blocks(found: &[Found], dist: Dist) -> Vec<u32> {
    let mut parents: Vec<usize> = (0..found.len()).collect();
    let mut first: HashMap<Bond<'_>, usize> = HashMap::new();
    for (at, item) in found.iter().enumerate() {
        for bond in bonds(item, dist) {
            let other = *first.entry(bond).or_insert(at);
            let (a, b) = (root(&mut parents, other), root(&mut parents, at));
            parents[a.max(b)] = a.min(b);
        }
    }
    (0..found.len()).map(|at| u32::try_from(root(&mut parents, at)).unwrap_or(u32::MAX)).collect()
}

fn bonds(item: &Found, dist: Dist) -> impl Iterator<Item = Bond<'_>> {
    let of_dist = match dist {
        Dist::Load => None,
        Dist::LoadScope => Some(Bond::Parent(parent(&item.node_id))),
        Dist::LoadFile => Some(Bond::File),
    };
    let scope = item.scope.map(Bond::Scope);
    let group = item.group.as_deref().map(Bond::Group);
    [of_dist, scope, group].into_iter().flatten()
}

/// The node id without its last part, as xdist's `loadscope` cuts it.
fn parent(node_id: &str) -> &str {
    node_id.rsplit_once("::").map_or(node_id, |(parent, _)| parent)
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(items: &[(&str, Option<u32>, Option<&str>)], dist: Dist, expected: &[u32]) {
        let found = |&(id, scope, group): &(&str, Option<u32>, Option<&str>)| Found {
            node_id: id.to_owned(),
            scope,
            group: group.map(str::to_owned),
        };
        let found: Vec<Found> = items.iter().map(found).collect();
        assert_eq!(blocks(&found, dist), expected, "{dist:?}");
    }

    #[test]
    fn what_shares_something_stays_together() {
        let items = [
            ("f::A::a", Some(1), None),
            ("f::A::b", None, Some("g")),
            ("f::c", Some(1), Some("g")),
            ("f::d", None, None),
            ("f::e", Some(2), None),
        ];
        check(&items, Dist::Load, &[0, 0, 0, 3, 4]);
        check(&items, Dist::LoadScope, &[0, 0, 0, 0, 0]);
        check(&items, Dist::LoadFile, &[0, 0, 0, 0, 0]);
        let plain = [("f::A::a", None, None), ("f::A::b", None, None), ("f::c", None, None)];
        check(&plain, Dist::Load, &[0, 1, 2]);
        check(&plain, Dist::LoadScope, &[0, 0, 2]);
    }
}
