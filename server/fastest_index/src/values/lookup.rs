//! Names and attributes to values.

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::Class;

use super::containers::{index, known};
use super::evaluate::{Evaluator, Frame};
use super::numbers::count;
use super::{Known, Mark, Named, Value, constants, doubt};
use crate::names::{ClassRef, Definition, FunctionRef, Key, Scope, ValueRef};
use crate::world::FileId;

/// What an expression denotes: something that a name leads to, or a value.
pub enum Denoted<'w> {
    /// Something that a name leads to.
    Definition(Definition<'w>),
    /// A value.
    Value(Value),
}

impl<'w> Evaluator<'_, 'w> {
    /// The value of a name or attribute.
    pub fn denoted(&self, expr: &Expr, frame: Frame<'_, 'w>) -> Known<Value> {
        match self.denote(expr, frame)? {
            Denoted::Definition(definition) => self.definition(&definition),
            Denoted::Value(value) => Ok(value),
        }
    }

    /// What an expression denotes.
    pub fn denote(&self, expr: &Expr, frame: Frame<'_, 'w>) -> Known<Denoted<'w>> {
        self.spend(1)?;
        match &expr.kind {
            ExprKind::Name(name) => match frame.local(name) {
                Some(value) => known(value).map(Denoted::Value),
                None => self.global(name, frame).map(Denoted::Definition),
            },
            ExprKind::Attribute(of, name) => {
                let of = self.deeper(|| self.denote(of, frame))?;
                self.attribute(of, name)
            }
            _ => self.value(expr, frame).map(Denoted::Value),
        }
    }

    fn global(&self, name: &str, frame: Frame<'_, 'w>) -> Known<Definition<'w>> {
        match self.query.lookup(frame.scope, name) {
            Some(binding) => match binding.doubt {
                Some(reason) => Err(reason),
                None => Ok(binding.definition),
            },
            None => Err(format_compact!("`{name}` is not defined")),
        }
    }

    fn attribute(&self, of: Denoted<'w>, name: &str) -> Known<Denoted<'w>> {
        match of {
            Denoted::Definition(Definition::Value(_)) => {
                let Denoted::Definition(definition) = of else { return Err(doubt("no value")) };
                value_attribute(&self.definition(&definition)?, name).map(Denoted::Value)
            }
            Denoted::Definition(Definition::Class(class)) if name == "__name__" => {
                Ok(Denoted::Value(Value::Str(self.class_named(class)?.name)))
            }
            Denoted::Definition(Definition::Function(function)) if name == "__name__" => {
                Ok(Denoted::Value(Value::Str(self.function_named(function)?.name)))
            }
            Denoted::Definition(Definition::Class(class)) => {
                match self.deeper(|| self.enum_member(class, name))? {
                    Some(member) => Ok(Denoted::Value(member)),
                    None => Ok(Denoted::Definition(
                        self.query.attribute(&Definition::Class(class), name),
                    )),
                }
            }
            Denoted::Definition(definition) => {
                Ok(Denoted::Definition(self.query.attribute(&definition, name)))
            }
            Denoted::Value(value) => value_attribute(&value, name).map(Denoted::Value),
        }
    }

    /// Whether a value is one of numpy's: it makes its names from compiled code, under the names of
    /// Python's own types (`np.bool`), so that its sources mislead.
    fn is_compiled(&self, scope: Scope<'w>) -> bool {
        let (Scope::Module(file) | Scope::Before(file, _)) = scope else { return false };
        let module = self.query.world.file(file).map_or("", |file| &*file.module);
        module == "numpy" || module.starts_with("numpy.")
    }

    /// The value of what a name leads to.
    pub fn definition(&self, definition: &Definition<'w>) -> Known<Value> {
        match definition {
            Definition::Function(function) => self.function_named(*function).map(Value::Named),
            Definition::Class(class) => self.class_named(*class).map(Value::Named),
            Definition::Module(dotted) if dotted == "os.path" => {
                Err(doubt("the module that `os.path` is, is known at run time only"))
            }
            Definition::Module(dotted) => {
                Ok(Value::Named(Named { name: dotted.clone(), path: dotted.clone(), place: None }))
            }
            Definition::Value(value) if self.is_compiled(value.scope) => {
                Err(doubt("what compiled code makes is known at run time only"))
            }
            Definition::Value(value) => {
                let place = std::ptr::from_ref(value.expr).addr();
                let key = Key::Value(value.scope.file(), place, value.unpack);
                self.deeper(|| self.remembered(key, |own| own.bound(value)))
            }
            Definition::External(dotted) => self.external(dotted),
            Definition::Imported { .. } => self.definition(&self.query.follow(definition)),
            Definition::Unknown(reason) => Err(reason.clone()),
        }
    }

    /// The value of what a name is bound to.
    fn bound(&self, value: &ValueRef<'w>) -> Known<Value> {
        let found = self.value(value.expr, Frame::new(value.scope, value.base))?;
        let found = match value.unpack {
            Some(place) => index(&unpackable(found)?, &count(place))?,
            None => found,
        };
        reusable(found)
    }

    fn external(&self, dotted: &CompactString) -> Known<Value> {
        if let Some(name) = dotted.strip_prefix("pytest.mark.")
            && !name.starts_with('_')
            && !name.contains('.')
        {
            let (args, kwargs) = (Vec::new(), Vec::new());
            return Ok(Value::Mark(Box::new(Mark {
                name: name.into(),
                args,
                kwargs,
                origin: None,
            })));
        }
        constants::external(dotted, &self.query.world.settings)
            .ok_or_else(|| format_compact!("what `{dotted}` is, is known at run time only"))
    }

    /// A function as a value.
    fn function_named(&self, function: FunctionRef<'w>) -> Known<Named> {
        for decorator in &function.function.decorators {
            if !self.keeps_name(function.scope(), decorator) {
                return Err(format_compact!(
                    "a decorator may replace `{}`",
                    function.function.name.text
                ));
            }
        }
        let start = function.base + function.function.name.span.start;
        Ok(self.named(&function.function.name.text, function.owner, function.file, start))
    }

    /// A class as a value.
    pub fn class_named(&self, class: ClassRef<'w>) -> Known<Named> {
        for decorator in &class.class.decorators {
            if !self.keeps_name(class.scope(), decorator) {
                return Err(format_compact!("a decorator may replace `{}`", class.class.name.text));
            }
        }
        let start = class.base + class.class.name.span.start;
        Ok(self.named(&class.class.name.text, class.owner, class.file, start))
    }

    fn named(&self, name: &str, owner: Option<&Class>, file: FileId, start: u32) -> Named {
        let module = self.query.world.file(file).map_or("", |file| &*file.module);
        let owner = owner.map_or(String::new(), |owner| format!("{}.", owner.name.text));
        let path = format_compact!("{module}.{owner}{name}@{start}");
        Named { name: name.into(), path, place: Some((file, start)) }
    }

    /// Whether a decorator gives what it decorates, or something of the same name.
    fn keeps_name(&self, scope: Scope<'w>, decorator: &Expr) -> bool {
        let called = match &decorator.kind {
            ExprKind::Call(call) => &call.func,
            _ => decorator,
        };
        match self.query.resolve(scope, called) {
            Definition::External(dotted) => {
                dotted.starts_with("pytest.mark.") || constants::KEEPING_NAME.contains(&&*dotted)
            }
            Definition::Unknown(_) => {
                called.dotted().is_some_and(|dotted| constants::ATTRS.contains(&&*dotted))
            }
            // The `attrs` package, where its source is read.
            Definition::Function(function) => {
                let file = self.query.world.file(function.file);
                file.is_some_and(|file| matches!(&*file.module, "attr._make" | "attr._next_gen"))
            }
            _ => false,
        }
    }
}

/// What unpacking iterates, as something that can be indexed.
fn unpackable(value: Value) -> Known<Value> {
    match value {
        Value::Iterable(_, elements) => Ok(Value::List(elements)),
        Value::Dict(items) => Ok(Value::List(items.into_iter().map(|(key, _)| key).collect())),
        Value::Tuple(_) | Value::List(_) | Value::Str(_) | Value::Bytes(_) => Ok(value),
        _ => Err(doubt("what is unpacked is known at run time only")),
    }
}

/// A value that a name is bound to: an iterator may have been used up elsewhere.
fn reusable(value: Value) -> Known<Value> {
    match value {
        Value::Iterable(kind, _) if kind.is_iterator() => {
            Err(doubt("an iterator that a name is bound to may be used up already"))
        }
        // Functions fill registries, and their bodies are not read.
        Value::List(elements) | Value::Set(elements) if elements.is_empty() => {
            Err(doubt("a list that is empty where it is defined may be filled elsewhere"))
        }
        Value::Dict(items) if items.is_empty() => {
            Err(doubt("a dictionary that is empty where it is defined may be filled elsewhere"))
        }
        _ => Ok(value),
    }
}

/// An attribute of a value.
pub fn value_attribute(value: &Value, name: &str) -> Known<Value> {
    match (value, name) {
        (Value::EnumMember(member), "name") => Ok(Value::Str(member.name.clone())),
        (Value::EnumMember(member), "value") => known(&member.value),
        (Value::Named(named), "__name__") => Ok(Value::Str(named.name.clone())),
        (Value::Lambda(_), "__name__") => Ok(Value::Str("<lambda>".into())),
        (Value::Complex(real, _), "real") => Ok(Value::Float(*real)),
        (Value::Complex(_, imaginary), "imag") => Ok(Value::Float(*imaginary)),
        (Value::Pattern(pattern), "pattern") => Ok((**pattern).clone()),
        (Value::Mark(mark), "name") => Ok(Value::Str(mark.name.clone())),
        (Value::Parameters(set), "values") => Ok(Value::Tuple(set.values.clone())),
        (Value::Parameters(set), "id") => known(set.id.as_ref().unwrap_or(&Value::None)),
        _ => Err(format_compact!("the attribute `{name}` is known at run time only")),
    }
}
