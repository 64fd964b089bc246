//! Which of the collected items a command line means: `-k`, `-m`, `--deselect`, node ids.
//!
//! [`expression`] is the grammar that `-k` and `-m` share; [`keywords`] and [`marks`] say what
//! the names in it are matched against; [`node_ids`] reads arguments such as
//! `test_a.py::TestA::test_b[1]`; [`Selection`] applies the options together.
//!
//! An answer can be unknown: a mark's argument may be computed, an item's cases may be known at
//! run time only. Then the logic is Kleene's: `unknown or true` is true, `unknown and false` is
//! false, and what stays unknown is `None`, never a guess.

pub mod expression;
pub mod keywords;
mod lexer;
pub mod marks;
pub mod node_ids;

pub use expression::{Expression, ExpressionError, Scalar, Term};
pub use keywords::{KeywordNames, node_names};
pub use marks::unregistered_marks;
pub use node_ids::{NodeSelector, deselected, drop_subsumed};

use crate::values::Mark;

/// The options that take items away after collection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// `-k`
    pub keywords: Option<Expression>,
    /// `-m`
    pub marks: Option<Expression>,
    /// `--deselect`, each a prefix of node ids.
    pub deselect: Vec<String>,
}

/// What [`Selection`] looks at in an item.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its node id.
    pub node_id: &'a str,
    /// The names that `-k` matches.
    pub names: &'a KeywordNames<'a>,
    /// All marks in scope, as `iter_markers` yields them.
    pub marks: &'a [&'a Mark],
    /// Whether it may have further marks.
    pub may_have_marks: bool,
}

impl Selection {
    /// Reads the options' texts. An empty `-k` (blanks aside) or `-m` selects everything, as
    /// pytest's `deselect_by_keyword` and `deselect_by_mark` have it.
    ///
    /// # Errors
    /// The text that pytest prints for a malformed expression.
    pub fn parse(keywords: &str, marks: &str, deselect: Vec<String>) -> Result<Self, String> {
        let keywords = keywords.trim_start();
        Ok(Self {
            keywords: parse_option(keywords).map_err(|e| e.for_option("-k", keywords))?,
            marks: parse_option(marks).map_err(|e| e.for_option("-m", marks))?,
            deselect,
        })
    }

    /// Whether the options take nothing away.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.keywords.is_none() && self.marks.is_none() && self.deselect.is_empty()
    }

    /// Whether an item stays; `None` when only running Python can tell.
    ///
    /// # Errors
    /// `-k` holds a call (`-k "mark(a=1)"`), and the answer depends on it.
    pub fn keeps(&self, item: &Candidate<'_>) -> Result<Option<bool>, String> {
        if deselected(item.node_id, &self.deselect) {
            return Ok(Some(false));
        }
        let by_name = match &self.keywords {
            Some(expression) => item.names.matches(expression)?,
            None => Some(true),
        };
        if by_name == Some(false) {
            return Ok(by_name);
        }
        let by_mark = match &self.marks {
            Some(expression) => marks::matches(expression, item.marks, item.may_have_marks),
            None => Some(true),
        };
        Ok(if by_mark == Some(true) { by_name } else { by_mark })
    }
}

fn parse_option(text: &str) -> Result<Option<Expression>, ExpressionError> {
    if text.is_empty() { Ok(None) } else { Expression::parse(text).map(Some) }
}

#[cfg(test)]
mod tests;
