//! Comprehensions and generator expressions over known values.

use fastest_syntax::expr::{Comprehension, ComprehensionKind, Expr, ExprKind, ForClause};

use super::containers::{dict, unique};
use super::evaluate::{Evaluator, Frame, Local};
use super::{Element, IterableKind, Known, Value, doubt};
use crate::names::Scope;

impl<'w> Evaluator<'_, 'w> {
    /// The value of a comprehension.
    pub fn comprehension(&self, of: &Comprehension, frame: Frame<'_, 'w>) -> Known<Value> {
        let mut found = Vec::new();
        let Some(first) = of.clauses.first() else { return Err(doubt("a broken comprehension")) };
        if of.clauses.iter().any(|clause| clause.is_async) {
            return Err(doubt("an asynchronous comprehension"));
        }
        let outermost = self.iterate(self.value(&first.iter, frame)?)?;
        self.clause(of, &of.clauses, Some(outermost), inner(frame), &mut found)?;
        let elements = |found: Vec<(Element, Option<Element>)>| {
            found.into_iter().map(|(element, _)| element).collect()
        };
        match of.kind {
            ComprehensionKind::List => Ok(Value::List(elements(found))),
            ComprehensionKind::Generator => {
                Ok(Value::Iterable(IterableKind::Generator, elements(found)))
            }
            ComprehensionKind::Set => unique(elements(found)).map(Value::Set),
            ComprehensionKind::Dict => {
                let pairs = found.into_iter().filter_map(|(key, value)| Some((key, value?)));
                dict(pairs.collect())
            }
        }
    }

    fn clause(
        &self,
        of: &Comprehension,
        clauses: &[ForClause],
        outermost: Option<Vec<Element>>,
        frame: Frame<'_, 'w>,
        found: &mut Vec<(Element, Option<Element>)>,
    ) -> Known<()> {
        let Some((clause, rest)) = clauses.split_first() else {
            found.push(self.yielded(of, frame)?);
            return Ok(());
        };
        let elements = match outermost {
            Some(elements) => elements,
            None => self.iterate(self.value(&clause.iter, frame)?)?,
        };
        for element in elements {
            self.spend(1)?;
            let mut bound = Vec::new();
            self.bind(&clause.target, element.value, &mut bound)?;
            self.within(&bound, frame, &mut |frame| {
                for condition in &clause.conditions {
                    if !self.condition(condition, frame)? {
                        return Ok(());
                    }
                }
                self.deeper(|| self.clause(of, rest, None, frame, found))
            })?;
        }
        Ok(())
    }

    fn yielded(
        &self,
        of: &Comprehension,
        frame: Frame<'_, 'w>,
    ) -> Known<(Element, Option<Element>)> {
        let element = self.element(&of.element, frame)?;
        let value = of.value.as_ref().map(|value| self.element(value, frame)).transpose()?;
        Ok((element, value))
    }

    /// Does something with more variables.
    pub fn within<'e>(
        &self,
        bound: &[(&'e str, Value)],
        frame: Frame<'_, 'w>,
        work: &mut dyn FnMut(Frame<'_, 'w>) -> Known<()>,
    ) -> Known<()> {
        match bound.split_first() {
            None => work(frame),
            Some(((name, value), rest)) => {
                let local = Local { name, value: value.clone(), outer: frame.locals };
                self.within(rest, frame.with(Some(&local)), work)
            }
        }
    }

    /// What assigning a value to a target binds.
    fn bind<'e>(
        &self,
        target: &'e Expr,
        value: Value,
        bound: &mut Vec<(&'e str, Value)>,
    ) -> Known<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                bound.push((name, value));
                Ok(())
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                let elements = self.iterate(value)?;
                let is_starred =
                    targets.iter().any(|target| matches!(target.kind, ExprKind::Starred(_)));
                if is_starred || targets.len() != elements.len() {
                    return Err(doubt("unpacking that run time decides"));
                }
                targets
                    .iter()
                    .zip(elements)
                    .try_for_each(|(target, element)| self.bind(target, element.value, bound))
            }
            _ => Err(doubt("a comprehension that binds no plain name")),
        }
    }
}

/// A comprehension in a class body sees the module's names, not the class's, but for its
/// outermost iterable.
fn inner<'e, 'w>(frame: Frame<'e, 'w>) -> Frame<'e, 'w> {
    match frame.scope {
        Scope::Class(class) => {
            let start = class.base + class.class.span.start;
            Frame { scope: Scope::Before(class.file, start), ..frame }
        }
        _ => frame,
    }
}
