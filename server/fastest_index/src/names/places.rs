//! Where names stand in a list of them.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// A hash table of places in a list that holds the names: there is no second copy of each.
///
/// Whoever asks says what stands at a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(HashTable<u32>);

impl Places {
    /// With room for so many names.
    pub fn with_capacity(names: usize) -> Self {
        Self(HashTable::with_capacity(names))
    }

    /// Where a name stands.
    pub fn get<'n>(&self, name: &str, name_at: impl Fn(usize) -> &'n str) -> Option<usize> {
        let found = self.0.find(hash(name), |&at| name_at(at as usize) == name);
        found.map(|&at| at as usize)
    }

    /// Notes where a name stands that stood nowhere.
    pub fn insert_new<'n>(&mut self, name: &str, at: usize, name_at: impl Fn(usize) -> &'n str) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        self.0.insert_unique(hash(name), at, |&at| hash(name_at(at as usize)));
    }

    /// Forgets where a name stands.
    pub fn remove<'n>(&mut self, name: &str, name_at: impl Fn(usize) -> &'n str) {
        if let Ok(entry) = self.0.find_entry(hash(name), |&at| name_at(at as usize) == name) {
            entry.remove();
        }
    }
}

fn hash(name: &str) -> u64 {
    FxBuildHasher.hash_one(name)
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn names_are_found_where_they_stand_until_they_are_removed() {
        let names: Vec<String> = (0..100).map(|at| format!("test_{at}")).collect();
        let name_at = |at: usize| names[at].as_str();
        let mut places = Places::default();
        for (at, name) in names.iter().enumerate() {
            assert_eq!(places.get(name, name_at), None);
            places.insert_new(name, at, name_at);
        }
        places.remove("test_7", name_at);
        places.remove("absent", name_at);
        for (at, name) in names.iter().enumerate() {
            assert_eq!(places.get(name, name_at), (at != 7).then_some(at));
        }
    }
}
