//! Arguments that name tests: `path/test_a.py::TestA::test_b[1]`, and `--deselect`.
//!
//! Which file a path means is the shell's to say; here are the rules for what follows it.

use std::path::PathBuf;

/// A collection argument: pytest's `CollectionArgument`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeSelector {
    /// The file or directory: as written after [`NodeSelector::parse`], absolute once the shell
    /// has resolved it.
    pub path: PathBuf,
    /// The names after it, outermost first: classes, then a function.
    pub names: Vec<String>,
    /// `[…]`, brackets included, where one case is asked for.
    pub case: Option<String>,
}

impl NodeSelector {
    /// Splits an argument as pytest's `resolve_collection_argument` does: everything from the
    /// first `[` on is the case, whatever it holds.
    ///
    /// # Errors
    /// pytest's message, when a `[` stands in the path.
    pub fn parse(argument: &str) -> Result<Self, String> {
        let bracket = argument.find('[');
        let (base, case) = argument.split_at(bracket.unwrap_or(argument.len()));
        let mut parts = base.split("::");
        let path = PathBuf::from(parts.next().unwrap_or_default());
        let names: Vec<String> = parts.map(str::to_owned).collect();
        if bracket.is_some() && names.is_empty() {
            return Err(format!("path cannot contain [] parametrization: {argument}"));
        }
        Ok(Self { path, names, case: bracket.map(|_| case.to_owned()) })
    }

    /// Whether an item is meant, given the names of its nodes below the file
    /// (`["TestA", "test_b[1]"]`). The argument's file is taken to be the item's.
    ///
    /// The last name given matches all cases of a function unless a case is given too.
    #[must_use]
    pub fn matches(&self, nodes: &[&str]) -> bool {
        let Some((last, outer)) = self.names.split_last() else { return true };
        if nodes.len() <= outer.len() || outer.iter().zip(nodes).any(|(name, node)| name != node) {
            return false;
        }
        let node = nodes[outer.len()];
        match &self.case {
            Some(case) => node.strip_prefix(last.as_str()) == Some(case),
            None => node.split('[').next() == Some(last),
        }
    }

    /// Whether everything that this argument means is meant by `other` too.
    fn is_subsumed_by(&self, other: &Self) -> bool {
        if self.path != other.path {
            return other.names.is_empty() && self.path.starts_with(&other.path);
        }
        self.names.starts_with(&other.names) && (other.case.is_none() || other.case == self.case)
    }
}

/// Takes away the arguments that an other one subsumes, and keeps the order of the rest: what
/// pytest 9 does without `--keep-duplicates` (`normalize_collection_arguments`). Of equal
/// arguments the first stays. Paths must be absolute.
#[must_use]
pub fn drop_subsumed(arguments: Vec<NodeSelector>) -> Vec<NodeSelector> {
    let mut order: Vec<usize> = (0..arguments.len()).collect();
    order.sort_by_key(|&at| {
        let argument = &arguments[at];
        (&argument.path, &argument.names, argument.case.as_deref().unwrap_or_default())
    });
    let mut kept: Vec<usize> = Vec::new();
    for at in order {
        let subsumed = kept.last().is_some_and(|&k| arguments[at].is_subsumed_by(&arguments[k]));
        if !subsumed {
            kept.push(at);
        }
    }
    let mut keep = vec![false; arguments.len()];
    kept.iter().for_each(|&at| keep[at] = true);
    arguments
        .into_iter()
        .zip(keep)
        .filter(|(_, keep)| *keep)
        .map(|(argument, _)| argument)
        .collect()
}

/// Whether `--deselect` takes an item away: its node id starts with one of the prefixes.
#[must_use]
pub fn deselected(node_id: &str, prefixes: &[String]) -> bool {
    prefixes.iter().any(|prefix| node_id.starts_with(prefix.as_str()))
}
