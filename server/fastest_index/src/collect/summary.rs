//! What is true of all functions of a file, so that whoever asks need not look at each.

use super::{Collected, TestFunction};

/// A collected file at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Whether each function is certainly a test, and its cases known.
    pub is_certain: bool,
    /// Whether anything in the file has a mark.
    pub is_marked: bool,
    /// Whether any case has a parameter of a scope above `function`, by which pytest reorders.
    pub has_wide_parameters: bool,
    /// For each function how many cases it has; `None` for one without known cases.
    pub cases: Vec<Option<u32>>,
}

impl Summary {
    /// Of a file that holds nothing.
    pub(super) const NOTHING: Self =
        Self { is_certain: true, is_marked: false, has_wide_parameters: false, cases: Vec::new() };

    pub(super) fn of(collected: &Collected) -> Self {
        let mut summary =
            Self { cases: Vec::with_capacity(collected.functions.len()), ..Self::NOTHING };
        summary.is_marked = !collected.marks.is_empty()
            || collected.classes.iter().any(|class| !class.marks.is_empty());
        collected.functions.iter().for_each(|function| summary.add(function));
        summary
    }

    fn add(&mut self, function: &TestFunction) {
        self.is_certain &= function.doubt.is_none();
        self.is_marked |= !function.marks.is_empty();
        let Some(cases) = &function.cases else { return self.cases.push(None) };
        self.cases.push(Some(u32::try_from(cases.len()).unwrap_or(u32::MAX)));
        for case in cases.iter() {
            self.is_marked |= !case.marks.is_empty();
            self.has_wide_parameters |= !case.keys.is_empty();
        }
    }
}
