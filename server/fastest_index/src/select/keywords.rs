//! What `-k` matches: pytest's `KeywordMatcher`.

use super::expression::{Expression, Term, fold};

/// The names of one item that `-k` looks into: its own and its parents' node names
/// ([`node_names`]), the names of its marks, the public attributes of its function.
#[derive(Clone, Copy, Debug)]
pub struct KeywordNames<'a> {
    /// The names, in any order.
    pub names: &'a [&'a str],
    /// Whether there may be more: the item's cases are not known, say, or its function is
    /// decorated by something that may set attributes. A term that none of the names holds is
    /// then unknown, not false.
    pub may_have_more: bool,
}

impl KeywordNames<'_> {
    /// Whether an expression holds; `None` when only running Python can tell.
    ///
    /// # Errors
    /// pytest's words, when the answer depends on a call (`slow(a=1)`), which `-k` does not take.
    pub fn matches(&self, expression: &Expression) -> Result<Option<bool>, String> {
        let mut called = false;
        let result = expression.evaluate(&mut |term| {
            called |= term.kwargs.is_some();
            self.holds(term)
        });
        if called {
            return Err("Keyword expressions do not support call parameters.".to_owned());
        }
        Ok(result)
    }

    fn holds(&self, term: &Term) -> Option<bool> {
        let found = self.names.iter().any(|name| contains_folded(name, &term.folded));
        if !found && self.may_have_more { None } else { Some(found) }
    }
}

/// Whether `name`, in lower case, contains `needle`, which is in lower case.
fn contains_folded(name: &str, needle: &str) -> bool {
    if !name.is_ascii() {
        return fold(name).contains(needle);
    }
    needle.is_empty()
        || name
            .as_bytes()
            .windows(needle.len())
            .any(|part| part.eq_ignore_ascii_case(needle.as_bytes()))
}

/// The names of the nodes from the rootdir (left out, as in pytest) down to the item:
/// `a/test_b.py::TestC::test_d[x::y]` gives `a`, `test_b.py`, `TestC`, `test_d[x::y]`.
pub fn node_names(node_id: &str) -> impl Iterator<Item = &str> {
    let (path, inner) = node_id.split_once("::").unwrap_or((node_id, ""));
    let (outer, own) = inner[..inner.find('[').unwrap_or(inner.len())]
        .rfind("::")
        .map_or(("", inner), |at| (&inner[..at], &inner[at + 2..]));
    let parts = path.split('/').chain(outer.split("::")).chain([own]);
    parts.filter(|name| !name.is_empty())
}
