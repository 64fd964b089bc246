//! Calls: what is called, and with which arguments.

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::{Call, Expr, ExprKind};

use super::containers::computed;
use super::evaluate::{Evaluator, Frame};
use super::lookup::Denoted;
use super::{Element, Known, LambdaValue, Mark, ParameterSet, Value, doubt};
use crate::names::{Definition, Scope};
use crate::world::FileId;
use fastest_model::Span;

/// The arguments of a call.
#[derive(Default)]
pub struct Args {
    /// Positional ones; an unknown `*args` is one unknown element.
    pub positional: Vec<Element>,
    /// Keyword arguments; an unknown `**kwargs` goes by the name `**`.
    pub keywords: Vec<(CompactString, Element)>,
    /// Whether what is unpacked is unknown somewhere.
    pub is_open: bool,
}

impl Args {
    /// Positional arguments only.
    pub fn of(values: impl IntoIterator<Item = Value>) -> Self {
        Self { positional: values.into_iter().map(computed).collect(), ..Self::default() }
    }

    /// A keyword argument's value.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        let (_, element) = self.keywords.iter().find(|(keyword, _)| keyword == name)?;
        Some(&element.value)
    }

    /// A positional argument's value; an error where it is missing or not known.
    pub fn at(&self, index: usize) -> Known<&Value> {
        match self.positional.get(index).map(|element| &element.value) {
            Some(Value::Unknown(reason)) => Err(reason.clone()),
            Some(value) => Ok(value),
            None => Err(doubt("a call with too few arguments")),
        }
    }

    /// The values of all positional arguments of a call without keywords.
    pub fn plain(&self) -> Known<Vec<Value>> {
        if !self.keywords.is_empty() {
            return Err(doubt("a call with keyword arguments"));
        }
        (0..self.positional.len()).map(|index| self.at(index).cloned()).collect()
    }
}

/// Where a call is written.
pub type Origin = Option<(FileId, Span)>;

impl<'w> Evaluator<'_, 'w> {
    /// The value of a call.
    pub fn call(&self, call: &Call, frame: Frame<'_, 'w>) -> Known<Value> {
        let origin = Some((frame.file(), whole(call).shifted(frame.base)));
        if let ExprKind::Attribute(of, method) = &call.func.kind {
            let receiver = self.denote(of, frame)?;
            if let Some(receiver) = self.as_value(receiver)? {
                let args = self.args(call, frame)?;
                return self.method(&receiver, method, args);
            }
        }
        match self.denote(&call.func, frame)? {
            Denoted::Definition(Definition::Class(class)) => {
                let args = self.args(call, frame)?;
                self.construct(class, &args)
            }
            Denoted::Definition(Definition::External(dotted)) => {
                self.external_call(&dotted, call, frame, origin)
            }
            Denoted::Definition(Definition::Function(function)) => Err(format_compact!(
                "what `{}()` returns is known at run time only",
                function.function.name.text
            )),
            Denoted::Definition(definition) => {
                let called = self.definition(&definition)?;
                self.apply(&called, self.args(call, frame)?, origin)
            }
            Denoted::Value(called) => self.apply(&called, self.args(call, frame)?, origin),
        }
    }

    /// The receiver of a method call, if it is a value with methods that are known here.
    fn as_value(&self, denoted: Denoted<'w>) -> Known<Option<Value>> {
        match denoted {
            Denoted::Definition(definition @ Definition::Value(_)) => {
                self.definition(&definition).map(Some)
            }
            Denoted::Definition(Definition::External(dotted)) => {
                // A constant of the standard library: `string.digits.upper()`.
                let value = self.definition(&Definition::External(dotted));
                Ok(value.ok().filter(|value| {
                    matches!(value, Value::Str(_) | Value::Tuple(_) | Value::Mark(_))
                }))
            }
            Denoted::Definition(_) => Ok(None),
            Denoted::Value(value) => Ok(Some(value)),
        }
    }

    fn external_call(
        &self,
        dotted: &str,
        call: &Call,
        frame: Frame<'_, 'w>,
        origin: Origin,
    ) -> Known<Value> {
        if dotted == "builtins.getattr" {
            return self.getattr(call, frame);
        }
        let args = self.args(call, frame)?;
        if dotted == "pytest.param" {
            return parameters(args, origin);
        }
        if dotted.starts_with("pytest.mark.") {
            let mark = self.definition(&Definition::External(dotted.into()))?;
            return self.apply(&mark, args, origin);
        }
        self.library(dotted, args)
    }

    /// `getattr(pytest.mark, "name")`
    fn getattr(&self, call: &Call, frame: Frame<'_, 'w>) -> Known<Value> {
        let [of, name] = call.args.as_slice() else {
            return Err(doubt("a `getattr` with a default"));
        };
        let Value::Str(name) = self.value(name, frame)? else {
            return Err(doubt("a `getattr` of no name"));
        };
        let attribute =
            Expr { kind: ExprKind::Attribute(Box::new(of.clone()), name), span: of.span };
        self.denoted(&attribute, frame)
    }

    /// The value of calling a value.
    pub fn apply(&self, called: &Value, args: Args, origin: Origin) -> Known<Value> {
        match called {
            Value::Mark(mark) => Ok(marked(mark, args, origin)),
            Value::Lambda(lambda) => self.apply_lambda(lambda, &args),
            Value::Named(named) if !named.path.contains('@') => self.library(&named.path, args),
            Value::Unknown(reason) => Err(reason.clone()),
            _ => Err(doubt("what a call returns is known at run time only")),
        }
    }

    fn apply_lambda(&self, lambda: &LambdaValue, args: &Args) -> Known<Value> {
        let params = &lambda.lambda.params;
        let mut bound: Vec<(&str, Value)> = Vec::new();
        for (name, value) in lambda.locals.iter().rev() {
            bound.push((name, value.clone()));
        }
        let is_plain = params.iter().all(|param| {
            use fastest_syntax::outline::ParamKind;
            matches!(param.kind, ParamKind::PositionalOnly | ParamKind::PositionalOrKeyword)
                && !param.has_default
        });
        if !is_plain || args.is_open || params.len() != args.positional.len() {
            return Err(doubt("a lambda with parameters that run time binds"));
        }
        let values = args.plain()?;
        bound.extend(params.iter().zip(values).map(|(param, value)| (&*param.name.text, value)));
        let frame = Frame::new(Scope::Module(lambda.file), lambda.base);
        let mut result = Err(doubt("a lambda that was not called"));
        self.within(&bound, frame, &mut |frame| {
            result = self.value(&lambda.lambda.body, frame);
            Ok(())
        })?;
        result
    }

    fn args(&self, call: &Call, frame: Frame<'_, 'w>) -> Known<Args> {
        let mut args = Args::default();
        for expr in &call.args {
            match &expr.kind {
                ExprKind::Starred(inner) => {
                    match self.value(inner, frame).and_then(|value| self.iterate(value)) {
                        Ok(elements) => args.positional.extend(elements),
                        Err(reason) => {
                            args.positional.push(computed(Value::Unknown(reason)));
                            args.is_open = true;
                        }
                    }
                }
                _ => args.positional.push(self.element(expr, frame)?),
            }
        }
        for keyword in &call.keywords {
            match &keyword.name {
                Some(name) => {
                    args.keywords.push((name.clone(), self.element(&keyword.value, frame)?));
                }
                None => self.unpack_keywords(&keyword.value, frame, &mut args),
            }
        }
        Ok(args)
    }

    fn unpack_keywords(&self, expr: &Expr, frame: Frame<'_, 'w>, args: &mut Args) {
        let reason = match self.value(expr, frame) {
            Ok(Value::Dict(items)) => {
                let named = |(key, value): (Element, Element)| match key.value {
                    Value::Str(name) => Some((name, value)),
                    _ => None,
                };
                match items.into_iter().map(named).collect::<Option<Vec<_>>>() {
                    Some(named) => return args.keywords.extend(named),
                    None => doubt("keyword arguments whose names are known at run time only"),
                }
            }
            Ok(_) => doubt("keyword arguments that are no dict"),
            Err(reason) => reason,
        };
        args.keywords.push(("**".into(), computed(Value::Unknown(reason))));
        args.is_open = true;
    }
}

/// From what is called to the last argument: the closing bracket is not known to the outline.
fn whole(call: &Call) -> Span {
    let ends = call.args.iter().map(|arg| arg.span.end);
    let ends = ends.chain(call.keywords.iter().map(|keyword| keyword.value.span.end));
    Span::new(call.func.span.start, ends.max().unwrap_or(0).max(call.func.span.end))
}

/// `mark(*args, **kwargs)`: a mark with more arguments. Called with one class or function only,
/// a mark is applied to it, and the value is that class or function.
fn marked(mark: &Mark, args: Args, origin: Origin) -> Value {
    if let ([element], []) = (args.positional.as_slice(), args.keywords.as_slice())
        && let Value::Named(_) = element.value
    {
        return element.value.clone();
    }
    with_args(mark, args, origin)
}

/// `mark.with_args(*args, **kwargs)`
pub fn with_args(mark: &Mark, args: Args, origin: Origin) -> Value {
    let mut mark = mark.clone();
    mark.args.extend(args.positional);
    for (name, element) in args.keywords {
        match mark.kwargs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = element,
            None => mark.kwargs.push((name, element)),
        }
    }
    mark.origin = origin;
    Value::Mark(Box::new(mark))
}

/// `pytest.param(*values, id=…, marks=…)`
fn parameters(args: Args, origin: Origin) -> Known<Value> {
    if args.is_open {
        return Err(doubt("arguments of `pytest.param` that are known at run time only"));
    }
    let id = match args.keyword("id") {
        None | Some(Value::None) => None,
        Some(Value::EnumMember(member)) if member.data.is_some() => member.data.as_deref().cloned(),
        Some(id) => Some(id.clone()),
    };
    let marks = args.keyword("marks").map_or_else(|| Ok(Vec::new()), super::marks::marks_of);
    let marks_doubt = marks.as_ref().err().cloned();
    let marks = marks.unwrap_or_default();
    let values = args.positional;
    Ok(Value::Parameters(Box::new(ParameterSet { values, id, marks, marks_doubt, origin })))
}
