//! Decorators and `pytestmark` to pytest's marks.

use compact_str::CompactString;
use fastest_syntax::expr::Expr;

use super::evaluate::Frame;
use super::{Mark, Value, evaluate};
use crate::names::{Definition, Query, Scope};

/// What a decorator is.
#[derive(Clone, Debug)]
pub enum Decorator<'w> {
    /// A mark that certainly is applied.
    Mark(Mark),
    /// Not a mark: what is called, or the decorator itself where it is not a call.
    Other(Definition<'w>),
}

/// What each of a definition's decorators is, in source order: topmost first, so applied last.
///
/// `scope` and `base` are those of the definition's header
/// ([`crate::names::FunctionRef::scope`]).
#[must_use]
pub fn decorators<'w>(
    query: &Query<'w>,
    scope: Scope<'w>,
    base: u32,
    decorators: &[Expr],
) -> Vec<Decorator<'w>> {
    let one = |expr: &Expr| match evaluate(query, scope, base, expr) {
        Value::Mark(mut mark) => {
            let place = expr.span.shifted(base);
            mark.origin = mark.origin.or_else(|| Some((Frame::new(scope, base).file(), place)));
            Decorator::Mark(*mark)
        }
        _ => Decorator::Other(query.resolve(scope, called(expr))),
    };
    decorators.iter().map(one).collect()
}

/// What is called in a call, also in a call of a call; the expression itself otherwise.
fn called(expr: &Expr) -> &Expr {
    match &expr.kind {
        fastest_syntax::expr::ExprKind::Call(call) => called(&call.func),
        _ => expr,
    }
}

/// The marks that a value of `pytestmark` or of `marks=` holds: one mark or a list of them.
///
/// # Errors
///
/// Why they cannot be known, as a lowercase fragment for people.
pub fn marks_of(value: &Value) -> Result<Vec<Mark>, CompactString> {
    match value {
        Value::Mark(mark) => Ok(vec![(**mark).clone()]),
        Value::List(elements) | Value::Tuple(elements) => {
            let mut marks = Vec::with_capacity(elements.len());
            for element in elements {
                match &element.value {
                    Value::Mark(mark) => marks.push((**mark).clone()),
                    Value::Unknown(reason) => return Err(reason.clone()),
                    _ => return Err("something that is not a mark is used as one".into()),
                }
            }
            Ok(marks)
        }
        Value::Unknown(reason) => Err(reason.clone()),
        _ => Err("something that is not a mark is used as one".into()),
    }
}
