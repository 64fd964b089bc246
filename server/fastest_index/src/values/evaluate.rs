//! Expressions to values.

use std::cell::Cell;
use std::sync::Arc;

use compact_str::CompactString;
use fastest_syntax::expr::{CompareOp, Expr, ExprKind, FormattedPart};

use super::{Element, Known, LambdaValue, Value, compare, doubt, operators, repr};
use crate::names::{Keep, Kept, Key, Query, Scope};
use crate::world::FileId;

/// How many steps (expressions and elements) one value may take. A table of 10,000 rows with
/// five columns takes 60,000; reading a name again costs its whole value again.
const STEPS: u32 = 1_000_000;

/// How deep expressions and names may nest, so that the stack of a worker thread (2 MiB) holds.
const DEPTH: u32 = 100;

/// What evaluating one value needs besides the expression.
pub struct Evaluator<'q, 'w> {
    /// Where names are looked up.
    pub query: &'q Query<'w>,
    steps: Cell<u32>,
    depth: Cell<u32>,
    /// The greatest depth so far.
    peak: Cell<u32>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub struct Frame<'e, 'w> {
    /// Where its names are looked up.
    pub scope: Scope<'w>,
    /// Where the top-level statement that holds it starts: the origin of its spans.
    pub base: u32,
    /// Variables of comprehensions and lambdas around it.
    pub locals: Option<&'e Local<'e>>,
}

/// A variable of a comprehension or lambda, and those outside of it.
pub struct Local<'e> {
    /// Its name.
    pub name: &'e str,
    /// Its value.
    pub value: Value,
    /// The next one out.
    pub outer: Option<&'e Self>,
}

impl<'e, 'w> Frame<'e, 'w> {
    /// Without local variables.
    pub const fn new(scope: Scope<'w>, base: u32) -> Self {
        Self { scope, base, locals: None }
    }

    /// The same place with other local variables.
    pub const fn with<'f>(self, locals: Option<&'f Local<'f>>) -> Frame<'f, 'w>
    where
        'e: 'f,
    {
        Frame { scope: self.scope, base: self.base, locals }
    }

    /// The file in which it stands.
    pub const fn file(&self) -> FileId {
        self.scope.file()
    }

    /// The value of a local variable.
    pub fn local(&self, name: &str) -> Option<&'e Value> {
        let mut next = self.locals;
        while let Some(local) = next {
            if local.name == name {
                return Some(&local.value);
            }
            next = local.outer;
        }
        None
    }
}

impl<'q, 'w> Evaluator<'q, 'w> {
    /// With a full budget.
    pub const fn new(query: &'q Query<'w>) -> Self {
        Self { query, steps: Cell::new(STEPS), depth: Cell::new(0), peak: Cell::new(0) }
    }

    /// What a name's value is, computed once for all who ask; each pays for it in full.
    pub(crate) fn remembered(
        &self,
        key: Key,
        compute: impl FnOnce(&Self) -> Known<Value>,
    ) -> Known<Value> {
        let depth = self.depth.get();
        let remembered: Remembered = self.query.remember(key, || {
            // It begins at this depth, so that values that need each other come to an end.
            let own = Self {
                query: self.query,
                steps: Cell::new(STEPS),
                depth: Cell::new(depth),
                peak: Cell::new(depth),
            };
            let value = compute(&own);
            let (steps, height) = (STEPS - own.steps.get(), own.peak.get() - depth);
            Remembered(Arc::new((value, steps, height)))
        });
        let (value, steps, height) = &*remembered.0;
        self.spend(*steps as usize)?;
        if depth + height > DEPTH {
            return self.too_deep();
        }
        self.peak.set(self.peak.get().max(depth + height));
        value.clone()
    }

    /// Pays for `steps` more.
    pub fn spend(&self, steps: usize) -> Known<()> {
        let left = self.steps.get();
        match u32::try_from(steps).ok().and_then(|steps| left.checked_sub(steps)) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                // With more steps left there might be a value.
                self.query.taint();
                Err(doubt("the value takes too long to compute"))
            }
        }
    }

    /// Does something one level deeper.
    pub fn deeper<T>(&self, work: impl FnOnce() -> Known<T>) -> Known<T> {
        let depth = self.depth.get();
        if depth >= DEPTH {
            return self.too_deep();
        }
        self.depth.set(depth + 1);
        self.peak.set(self.peak.get().max(depth + 1));
        let result = work();
        self.depth.set(depth);
        result
    }

    fn too_deep<T>(&self) -> Known<T> {
        // Asked from less deep there might be a value.
        self.query.taint();
        Err(doubt("names or expressions nest too deeply"))
    }

    /// The value of an expression; never `Value::Unknown`.
    pub fn value(&self, expr: &Expr, frame: Frame<'_, 'w>) -> Known<Value> {
        self.spend(1)?;
        self.deeper(|| self.dispatch(expr, frame))
    }

    fn dispatch(&self, expr: &Expr, frame: Frame<'_, 'w>) -> Known<Value> {
        match &expr.kind {
            ExprKind::None => Ok(Value::None),
            ExprKind::Bool(bool) => Ok(Value::Bool(*bool)),
            ExprKind::Ellipsis => Ok(Value::Ellipsis),
            ExprKind::Int(digits) => Ok(Value::Int(digits.clone())),
            ExprKind::Float(float) => Ok(Value::Float(*float)),
            ExprKind::Imaginary(float) => Ok(Value::Complex(0.0, *float)),
            ExprKind::Str(text) => Ok(Value::Str(text.clone())),
            ExprKind::Bytes(bytes) => Ok(Value::Bytes(bytes.clone())),
            ExprKind::Formatted(parts) => self.formatted(parts, frame),
            ExprKind::Name(_) | ExprKind::Attribute(..) => self.denoted(expr, frame),
            ExprKind::Subscript(value, index) => self.subscript(value, index, frame),
            ExprKind::Call(call) => self.call(call, frame),
            ExprKind::Tuple(exprs) => self.elements(exprs, frame).map(Value::Tuple),
            ExprKind::List(exprs) => self.elements(exprs, frame).map(Value::List),
            ExprKind::Set(exprs) => {
                super::containers::unique(self.elements(exprs, frame)?).map(Value::Set)
            }
            ExprKind::Dict(items) => self.dict(items, frame),
            ExprKind::Unary(op, operand) => operators::unary(*op, &self.value(operand, frame)?),
            ExprKind::Binary(left, op, right) => {
                let (left, right) = (self.value(left, frame)?, self.value(right, frame)?);
                self.binary(left, *op, right)
            }
            ExprKind::BoolOp(is_and, operands) => self.bool_op(*is_and, operands, frame),
            ExprKind::Compare(first, rest) => self.comparison(first, rest, frame),
            ExprKind::Conditional(body, test, orelse) => {
                let chosen = if self.condition(test, frame)? { body } else { orelse };
                self.value(chosen, frame)
            }
            ExprKind::Lambda(lambda) => Ok(lambda_value(lambda, frame)),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension, frame),
            ExprKind::Starred(_) | ExprKind::Slice(..) | ExprKind::Opaque => {
                Err(doubt("an expression whose value is known at run time only"))
            }
        }
    }

    /// Whether an expression is true.
    pub fn condition(&self, expr: &Expr, frame: Frame<'_, 'w>) -> Known<bool> {
        let value = self.value(expr, frame);
        match value.and_then(|value| compare::truth(&value)) {
            Ok(truth) => Ok(truth),
            Err(reason) if frame.locals.is_some() => Err(reason),
            Err(reason) => self.query.decide(frame.scope, expr).ok_or(reason),
        }
    }

    /// An element made of an expression, with its origin; its value may be `Unknown`.
    pub fn element(&self, expr: &Expr, frame: Frame<'_, 'w>) -> Known<Element> {
        let value = match self.value(expr, frame) {
            Ok(value) => value,
            // An exhausted budget must not be mistaken for one unknown element.
            Err(reason) => {
                self.spend(1)?;
                Value::Unknown(reason)
            }
        };
        Ok(Element { value, origin: Some((frame.file(), expr.span.shifted(frame.base))) })
    }

    /// The elements of a display, stars unpacked.
    pub fn elements(&self, exprs: &[Expr], frame: Frame<'_, 'w>) -> Known<Vec<Element>> {
        let mut elements = Vec::with_capacity(exprs.len());
        for expr in exprs {
            match &expr.kind {
                ExprKind::Starred(inner) => {
                    elements.extend(self.iterate(self.value(inner, frame)?)?);
                }
                _ => elements.push(self.element(expr, frame)?),
            }
        }
        Ok(elements)
    }

    fn formatted(&self, parts: &[FormattedPart], frame: Frame<'_, 'w>) -> Known<Value> {
        let mut text = CompactString::default();
        for part in parts {
            match part {
                FormattedPart::Text(part) => text.push_str(part),
                FormattedPart::Field(field) => {
                    text.push_str(&super::format::plain(&self.value(field, frame)?)?);
                }
                FormattedPart::Opaque => {
                    return Err(doubt("an f-string with a conversion or format specification"));
                }
            }
        }
        self.spend(text.len() / 64)?;
        Ok(Value::Str(text))
    }

    fn dict(&self, items: &[(Option<Expr>, Expr)], frame: Frame<'_, 'w>) -> Known<Value> {
        let mut pairs = Vec::with_capacity(items.len());
        for (key, value) in items {
            match key {
                Some(key) => pairs.push((self.element(key, frame)?, self.element(value, frame)?)),
                None => match self.value(value, frame)? {
                    Value::Dict(inner) => pairs.extend(inner),
                    _ => return Err(doubt("a mapping that is unpacked is known at run time only")),
                },
            }
        }
        self.spend(pairs.len())?;
        super::containers::dict(pairs)
    }

    fn bool_op(&self, is_and: bool, operands: &[Expr], frame: Frame<'_, 'w>) -> Known<Value> {
        let mut last = Value::Bool(is_and);
        for operand in operands {
            last = self.value(operand, frame)?;
            let is_last = std::ptr::eq(operand, &raw const operands[operands.len() - 1]);
            if !is_last && compare::truth(&last)? != is_and {
                break;
            }
        }
        Ok(last)
    }

    fn comparison(
        &self,
        first: &Expr,
        rest: &[(CompareOp, Expr)],
        frame: Frame<'_, 'w>,
    ) -> Known<Value> {
        let mut left = self.value(first, frame)?;
        for (op, right) in rest {
            let right = self.value(right, frame)?;
            if !operators::comparison(&left, *op, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn subscript(&self, value: &Expr, index: &Expr, frame: Frame<'_, 'w>) -> Known<Value> {
        let value = match self.enum_subscript(value, index, frame) {
            Some(member) => return member,
            None => self.value(value, frame)?,
        };
        let ExprKind::Slice(lower, upper, step) = &index.kind else {
            return super::containers::index(&value, &self.value(index, frame)?);
        };
        let bound = |bound: &Option<Box<Expr>>| match bound {
            Some(bound) => self.value(bound, frame),
            None => Ok(Value::None),
        };
        super::containers::slice(&value, &bound(lower)?, &bound(upper)?, &bound(step)?)
    }

    /// `str(value)`, as in an f-string, with the length paid for.
    pub fn text(&self, value: &Value) -> Known<String> {
        let text = repr::text(value)?;
        self.spend(text.len() / 64)?;
        Ok(text)
    }
}

/// The value of a name, the steps that it took, and how deep it went.
#[derive(Clone, Debug)]
pub(crate) struct Remembered(Arc<(Known<Value>, u32, u32)>);

impl<'w> Keep<'w> for Remembered {
    fn keep(&self) -> Kept<'w> {
        Kept::Value(self.clone())
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Value(value) = kept { Some(value.clone()) } else { None }
    }
}

fn lambda_value(lambda: &fastest_syntax::expr::Lambda, frame: Frame<'_, '_>) -> Value {
    let mut locals = Vec::new();
    let mut next = frame.locals;
    while let Some(local) = next {
        locals.push((CompactString::from(local.name), local.value.clone()));
        next = local.outer;
    }
    Value::Lambda(std::sync::Arc::new(LambdaValue {
        file: frame.file(),
        base: frame.base,
        locals,
        lambda: lambda.clone(),
    }))
}
