//! A name that fits, bound to a value: a lambda, a marked function, or nothing that is a test.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::ExprKind;

use super::Collector;
use crate::collect::TestFunction;
use crate::collect::patterns::matches_prefix_or_glob;
use crate::names::{Binding, Definition, FunctionRef, ValueRef};
use crate::values::{self, Mark, Value};

impl<'w> Collector<'_, '_, 'w> {
    /// `test_a = pytest.mark.slow(function)`: the function, and the mark that it gets.
    pub(super) fn marked(&self, value: &ValueRef<'w>) -> Option<(FunctionRef<'w>, Mark)> {
        let ExprKind::Call(call) = &value.expr.kind else { return None };
        let ([wrapped], []) = (call.args.as_slice(), call.keywords.as_slice()) else {
            return None;
        };
        let query = self.context.query;
        let Definition::Function(function) = query.resolve(value.scope, wrapped) else {
            return None;
        };
        match values::evaluate(query, value.scope, value.base, &call.func) {
            Value::Mark(mark) => Some((function, *mark)),
            _ => None,
        }
    }

    /// A name that fits, bound to a value that is no definition.
    pub(super) fn value(&mut self, name: &CompactString, binding: &Binding<'w>, value: &Value) {
        match value {
            Value::Lambda(lambda) => {
                let fits = matches_prefix_or_glob(name, &self.context.settings.python_functions);
                let needs = lambda.lambda.params.get(self.classes.len() - 1);
                match needs {
                    None if fits => self.lambda(name, binding),
                    Some(_) if fits => self.open(name, binding, "it is a lambda with parameters"),
                    _ => {}
                }
            }
            Value::Unknown(reason) => self.open(name, binding, reason),
            // Constants and instances are not callable; what has a `__name__` was settled before.
            _ => {}
        }
    }

    /// A lambda that takes nothing is one item.
    fn lambda(&mut self, name: &CompactString, binding: &Binding<'w>) {
        let outer = self.classes.iter().find_map(|level| level.doubt.clone());
        let anchor = &self.context.anchor;
        let place = binding.place.map(|(base, span)| span.shifted(base));
        let span = place.and_then(|span| anchor.span(self.context.file, span));
        let needs = self
            .context
            .autouse_names()
            .iter()
            .next()
            .map(|fixture| format_compact!("it is a lambda that uses `{fixture}`"));
        let function = TestFunction {
            class: self.classes.last().map(|level| level.index).filter(|&index| index != u32::MAX),
            name: name.clone(),
            doubt: binding.doubt.clone().or(outer).or(needs),
            base: anchor.base(),
            span,
            name_span: span,
            marks: self.classes.last().map_or_else(Arc::default, |l| Arc::clone(&l.all_marks)),
            attributes: Vec::new(),
            cases: None,
        };
        self.out.functions.push(function);
    }
}
