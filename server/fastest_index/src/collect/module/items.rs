//! A function that fits: whether it is a test, and the items that it makes.

use std::sync::Arc;

use compact_str::CompactString;

use super::Collector;
use crate::collect::functions::{self, Candidate, Cases};
use crate::collect::{TestFunction, decorators};
use crate::names::FunctionRef;
use crate::values::Mark;

impl<'w> Collector<'_, '_, 'w> {
    /// Collects a function whose name fits, unless its decorators make it something else.
    pub(super) fn function(
        &mut self,
        name: &CompactString,
        function: FunctionRef<'w>,
        added: &[Mark],
        doubt: Option<&CompactString>,
    ) {
        let mut decoration = if function.function.decorators.is_empty() {
            decorators::Decoration::default()
        } else {
            decorators::read(self.context.query, function)
        };
        if decoration.not_a_test {
            return;
        }
        decoration.marks.extend_from_slice(added);
        if let Some(misspelt) = decoration.marks.iter().find(|mark| is_misspelt(&mark.name)) {
            let name = &misspelt.name;
            return self.refuse(format!("Unknown '{name}' mark, did you mean 'parametrize'?"));
        }
        if function.function.is_generator
            && !function.function.is_async
            && function.function.decorators.is_empty()
            && self.context.settings.pytest >= (8, 4)
        {
            self.refuse(format!(
                "'yield' keyword is allowed in fixtures, but not in tests ({name})"
            ));
            return;
        }
        let wrapped = decoration.wrapped.filter(|_| self.context.has_parametrized_fixture());
        let doubt = doubt.cloned().or(decoration.doubt).or(wrapped);
        self.push_function(name, function, &decoration.marks, decoration.is_plain, doubt);
    }

    fn push_function(
        &mut self,
        name: &CompactString,
        function: FunctionRef<'w>,
        own: &[Mark],
        is_plain: bool,
        doubt: Option<CompactString>,
    ) {
        let outer = self.classes.iter().find_map(|level| level.doubt.clone());
        let mut doubt = doubt.or(outer);
        let is_marked = !own.is_empty() || self.classes.iter().any(|level| !level.marks.is_empty());
        let around = self.classes.iter().rev().flat_map(|level| &level.marks);
        let marks = if is_marked { own.iter().chain(around).collect() } else { Vec::new() };
        let class = self.class_path();
        let node_id = || match &class {
            Some(class) => self.context.id_of(&format!("{class}::{name}")),
            None => self.context.id_of(name),
        };
        let candidate = Candidate {
            function,
            name,
            node_id: &node_id,
            marks,
            own: own.len(),
            is_plain,
            is_method: self.classes.len() > 1,
        };
        // What is not certain is one item, whatever its cases would be.
        let cases = match functions::cases(self.context, &candidate) {
            Cases::Many(cases) if doubt.is_none() => Some(Arc::from(cases)),
            Cases::One | Cases::Many(_) => None,
            Cases::Unknown(reason) => {
                doubt.get_or_insert(reason);
                None
            }
            Cases::Error(message) if doubt.is_none() => return self.refuse(message),
            Cases::Error(_) => None,
        };
        let light_marks = match self.classes.last() {
            Some(level) if own.is_empty() => Arc::clone(&level.all_marks),
            _ => {
                let own = own.iter().chain(self.class_marks_around());
                functions::light_marks(own, &self.context.anchor)
            }
        };
        let (span, name_span) = self.spans(
            function.file,
            function.base,
            function.function.span,
            function.function.name.span,
        );
        self.out.functions.push(TestFunction {
            class: self.classes.last().map(|level| level.index).filter(|&index| index != u32::MAX),
            name: name.clone(),
            doubt,
            base: self.context.anchor.base(),
            span,
            name_span,
            marks: light_marks,
            attributes: self.attributes(name),
            cases,
        });
    }
}

/// Spellings of `parametrize` that pytest refuses (`MarkGenerator.__getattr__`).
fn is_misspelt(mark: &str) -> bool {
    matches!(mark, "parameterize" | "parametrise" | "parameterise")
}
