//! `unittest.TestCase` classes: `UnitTestCase.collect` of pytest's unittest plugin.

use std::sync::Arc;

use compact_str::CompactString;

use super::Collector;
use super::classes::Lineage;
use crate::collect::decorators;
use crate::collect::functions;
use crate::collect::{TestClass, TestFunction};
use crate::names::{Binding, Definition, FunctionRef};

impl<'w> Collector<'_, '_, 'w> {
    /// Collects the methods that `unittest.TestLoader` finds, in its order: by name.
    pub(super) fn test_case_methods(&mut self, lineage: &Lineage<'w>) {
        let mut names = self.merged(lineage);
        names.sort_by(|a, b| a.0.cmp(&b.0));
        let before = self.out.functions.len();
        for (name, binding) in names.iter().filter(|(name, _)| name.starts_with("test")) {
            self.test_case_method(name, binding);
        }
        if self.out.functions.len() == before
            && let Some((name, binding)) = names.iter().find(|(name, _)| name == "runTest")
        {
            self.test_case_method(name, binding);
        }
    }

    /// `from unittest import FunctionTestCase`: the one class of the library that has a test.
    pub(super) fn function_test_case(&mut self, name: &CompactString) {
        let class = u32::try_from(self.out.classes.len()).unwrap_or(u32::MAX);
        let marks = self.classes.last().map_or_else(Arc::default, |l| Arc::clone(&l.all_marks));
        self.out.classes.push(TestClass {
            path: name.clone(),
            is_test_case: true,
            parent: None,
            base: self.context.anchor.base(),
            span: None,
            name_span: None,
            marks: Arc::clone(&marks),
        });
        self.out.functions.push(TestFunction {
            class: Some(class),
            name: "runTest".into(),
            doubt: None,
            base: self.context.anchor.base(),
            span: None,
            name_span: None,
            marks,
            attributes: Vec::new(),
            cases: None,
        });
    }

    fn test_case_method(&mut self, name: &CompactString, binding: &Binding<'w>) {
        match self.context.query.follow(&binding.definition) {
            Definition::Function(function) => self.push_method(name, function, binding),
            Definition::Unknown(reason) => self.open(name, binding, &reason),
            _ => {}
        }
    }

    /// A method takes no fixtures as arguments and cannot be parametrized.
    fn push_method(
        &mut self,
        name: &CompactString,
        function: FunctionRef<'w>,
        binding: &Binding<'w>,
    ) {
        let decoration = decorators::read(self.context.query, function);
        if decoration.not_a_test {
            return;
        }
        let outer = self.classes.iter().find_map(|level| level.doubt.clone());
        let doubt = binding.doubt.clone().or(decoration.doubt).or(outer);
        let (span, name_span) = self.spans(
            function.file,
            function.base,
            function.function.span,
            function.function.name.span,
        );
        let class = self.classes.last().map(|level| level.index).filter(|&i| i != u32::MAX);
        let marks = decoration.marks.iter().chain(self.class_marks_around());
        let marked = TestFunction {
            class,
            name: name.clone(),
            doubt,
            base: self.context.anchor.base(),
            span,
            name_span,
            marks: functions::light_marks(marks, &self.context.anchor),
            attributes: Vec::new(),
            cases: None,
        };
        self.out.functions.push(marked);
    }
}
