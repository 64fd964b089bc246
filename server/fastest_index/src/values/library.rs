//! Calls of built-in functions and of the standard library's.

use compact_str::format_compact;

use super::calls::Args;
use super::containers::{computed, dict, unique};
use super::evaluate::Evaluator;
use super::numbers::{Number, count, int};
use super::scalars::{absolute, based, character, float, is_instance, ordinal, type_name, type_of};
use super::{Element, IterableKind, Known, Value, compare, doubt, repr};

impl Evaluator<'_, '_> {
    /// Calls something outside of the sources, by its canonical dotted name.
    pub fn library(&self, dotted: &str, args: Args) -> Known<Value> {
        if args.is_open {
            return Err(doubt("arguments that are known at run time only"));
        }
        match dotted.split_once('.') {
            Some(("builtins", name)) => self.builtin(name, args),
            Some(("itertools", name)) => self.itertools(name, args),
            _ => self.object(dotted, &args),
        }
    }

    fn builtin(&self, name: &str, args: Args) -> Known<Value> {
        if let Some((class, method)) = name.split_once('.') {
            return self.unbound_method(class, method, args);
        }
        match name {
            "dict" => self.make_dict(args),
            "sorted" | "min" | "max" => self.ordered(name, &args),
            "enumerate" => self.enumerate(&args),
            "zip" => self.zip(&args),
            "print" => Ok(Value::None),
            "object" | "bytearray" | "memoryview" => Ok(Value::Object),
            "int" => args.plain().and_then(|values| self.make_int(&values)),
            _ if is_exception(name) => Ok(Value::Object),
            _ => self.builtin_of_values(name, args.plain()?),
        }
    }

    /// `str.upper(text)`
    fn unbound_method(&self, class: &str, method: &str, mut args: Args) -> Known<Value> {
        let receiver = args.at(0)?.clone();
        match type_name(&receiver) {
            Some(name) if name == class => {
                args.positional.remove(0);
                self.method(&receiver, method, args)
            }
            _ => Err(unknown_call(method)),
        }
    }

    fn builtin_of_values(&self, name: &str, mut values: Vec<Value>) -> Known<Value> {
        if name == "range" {
            return self.range(&values);
        }
        if name == "map" || name == "filter" {
            return self.mapped(name, &values);
        }
        if values.is_empty() {
            return empty(name);
        }
        if values.len() > 1 {
            return self.builtin_of_two(name, &values);
        }
        let value = values.remove(0);
        match name {
            "list" => self.iterate(value).map(Value::List),
            "tuple" => self.iterate(value).map(Value::Tuple),
            "iter" => self.iterate(value).map(once),
            "reversed" => self.reversed(value).map(once),
            "set" => self.members(value).and_then(unique).map(Value::Set),
            "frozenset" => self.members(value).and_then(unique).map(Value::FrozenSet),
            "len" => length(&value).map(count),
            "sum" => self.sum(value, int(0)),
            "any" | "all" => self.any_all(name == "any", value),
            _ => self.scalar(name, &value),
        }
    }

    fn scalar(&self, name: &str, value: &Value) -> Known<Value> {
        match name {
            "str" => self.text(value).map(|text| Value::Str(text.into())),
            "repr" => repr::repr(value).map(|text| Value::Str(text.into())),
            "bool" => compare::truth(value).map(Value::Bool),
            "float" => float(value),
            "abs" => absolute(value),
            "round" => match value {
                Value::Int(_) | Value::Bool(_) => integer(value).map(int),
                _ => Err(unknown_call(name)),
            },
            "chr" => character(integer(value)?),
            "ord" => ordinal(value),
            "hex" | "bin" | "oct" => based(name, integer(value)?),
            "bytes" => self.bytes(value),
            "complex" => match Number::of(value).and_then(Number::float) {
                Some(real) => Ok(Value::Complex(real, 0.0)),
                None => Err(unknown_call(name)),
            },
            "type" => type_of(value),
            "callable" if matches!(value, Value::Lambda(_)) => Ok(Value::Bool(true)),
            _ => Err(unknown_call(name)),
        }
    }

    fn builtin_of_two(&self, name: &str, values: &[Value]) -> Known<Value> {
        match (name, values) {
            ("sum", [values, start]) => self.sum(values.clone(), start.clone()),
            ("isinstance", [value, class]) => is_instance(value, class).map(Value::Bool),
            ("divmod", [left, right]) => {
                use fastest_syntax::expr::BinaryOp::{FloorDiv, Mod};
                let quotient = self.binary(left.clone(), FloorDiv, right.clone())?;
                let rest = self.binary(left.clone(), Mod, right.clone())?;
                Ok(Value::Tuple(vec![computed(quotient), computed(rest)]))
            }
            ("pow", [left, right]) => {
                self.binary(left.clone(), fastest_syntax::expr::BinaryOp::Pow, right.clone())
            }
            ("complex", [real, imaginary]) => match (Number::of(real), Number::of(imaginary)) {
                (Some(real), Some(imaginary)) => real
                    .float()
                    .zip(imaginary.float())
                    .map(|(real, imaginary)| Value::Complex(real, imaginary))
                    .ok_or_else(|| unknown_call(name)),
                _ => Err(unknown_call(name)),
            },
            ("bytes", [Value::Str(text), Value::Str(encoding)]) => {
                super::methods::encode(text, encoding)
            }
            _ => Err(unknown_call(name)),
        }
    }

    fn range(&self, values: &[Value]) -> Known<Value> {
        let bounds: Vec<i128> = values.iter().map(integer).collect::<Known<_>>()?;
        let (start, stop, step) = match *bounds.as_slice() {
            [stop] => (0, stop, 1),
            [start, stop] => (start, stop, 1),
            [start, stop, step] if step != 0 => (start, stop, step),
            _ => return Err(doubt("a `range` with arguments that it does not take")),
        };
        let (from, to) = if step > 0 { (start, stop) } else { (stop, start) };
        let distance = to.saturating_sub(from).max(0).unsigned_abs();
        let length = distance.div_ceil(step.unsigned_abs());
        let length = usize::try_from(length).map_err(|_| unknown_call("range"))?;
        self.spend(length)?;
        let mut at = start;
        let mut elements = Vec::with_capacity(length);
        for _ in 0..length {
            elements.push(computed(int(at)));
            at = at.saturating_add(step);
        }
        Ok(Value::Iterable(IterableKind::Range, elements))
    }

    /// The elements of what a set is made of: their order does not matter.
    fn members(&self, value: Value) -> Known<Vec<Element>> {
        match value {
            Value::Set(elements) | Value::FrozenSet(elements) => Ok(elements),
            _ => self.iterate(value),
        }
    }

    fn reversed(&self, value: Value) -> Known<Vec<Element>> {
        match value {
            Value::List(_)
            | Value::Tuple(_)
            | Value::Str(_)
            | Value::Dict(_)
            | Value::Iterable(IterableKind::Range, _) => {
                let mut elements = self.iterate(value)?;
                elements.reverse();
                Ok(elements)
            }
            _ => Err(unknown_call("reversed")),
        }
    }

    fn sum(&self, values: Value, start: Value) -> Known<Value> {
        let elements = self.members(values)?;
        // Python sums floats with a compensation from 3.12 on.
        if elements.iter().any(|element| matches!(element.value, Value::Float(_))) {
            return Err(doubt("a sum of floats"));
        }
        elements.into_iter().try_fold(start, |sum, element| {
            let value = super::containers::known(&element.value)?;
            self.binary(sum, fastest_syntax::expr::BinaryOp::Add, value)
        })
    }

    fn any_all(&self, is_any: bool, value: Value) -> Known<Value> {
        for element in self.members(value)? {
            if compare::truth(&element.value)? == is_any {
                return Ok(Value::Bool(is_any));
            }
        }
        Ok(Value::Bool(!is_any))
    }

    fn mapped(&self, name: &str, values: &[Value]) -> Known<Value> {
        let [function, iterable] = values else { return Err(unknown_call(name)) };
        let mut results = Vec::new();
        for element in self.iterate(iterable.clone())? {
            let value = super::containers::known(&element.value)?;
            let result = match function {
                Value::None => value,
                _ => self.deeper(|| self.apply(function, Args::of([value]), None))?,
            };
            match name {
                "map" => results.push(computed(result)),
                _ if compare::truth(&result)? => results.push(element),
                _ => {}
            }
        }
        Ok(once(results))
    }

    fn make_dict(&self, args: Args) -> Known<Value> {
        let mut pairs = match args.positional.as_slice() {
            [] => Vec::new(),
            [_] => match args.at(0)? {
                Value::Dict(items) => items.clone(),
                pairs => self.pairs(pairs.clone())?,
            },
            _ => return Err(unknown_call("dict")),
        };
        let named = |(name, element)| (computed(Value::Str(name)), element);
        pairs.extend(args.keywords.into_iter().map(named));
        dict(pairs)
    }

    fn pairs(&self, value: Value) -> Known<Vec<(Element, Element)>> {
        let pair = |element: Element| {
            let pair = self.iterate(element.value)?;
            <[Element; 2]>::try_from(pair)
                .map(|[key, value]| (key, value))
                .map_err(|_| unknown_call("dict"))
        };
        self.iterate(value)?.into_iter().map(pair).collect()
    }

    fn enumerate(&self, args: &Args) -> Known<Value> {
        let start = match args.keyword("start").or_else(|| args.at(1).ok()) {
            Some(start) => integer(start)?,
            None => 0,
        };
        let elements = self.iterate(args.at(0)?.clone())?;
        let numbered = (start..)
            .zip(elements)
            .map(|(number, element)| computed(Value::Tuple(vec![computed(int(number)), element])));
        Ok(once(numbered.collect()))
    }

    fn zip(&self, args: &Args) -> Known<Value> {
        let mut columns = Vec::new();
        for index in 0..args.positional.len() {
            columns.push(self.iterate(args.at(index)?.clone())?);
        }
        let length = columns.iter().map(Vec::len).min().unwrap_or(0);
        let row = |at: usize| {
            computed(Value::Tuple(columns.iter().map(|column| column[at].clone()).collect()))
        };
        Ok(once((0..length).map(row).collect()))
    }

    /// `sorted`, `min` and `max`
    fn ordered(&self, name: &str, args: &Args) -> Known<Value> {
        let mut elements = match args.positional.len() {
            1 => self.members(args.at(0)?.clone())?,
            _ if name != "sorted" => args.positional.clone(),
            _ => return Err(unknown_call(name)),
        };
        if args.keywords.iter().any(|(name, _)| name == "default") {
            return Err(unknown_call(name));
        }
        let mut keyed = Vec::new();
        for element in elements.drain(..) {
            let value = super::containers::known(&element.value)?;
            let key = match args.keyword("key") {
                None | Some(Value::None) => value,
                Some(function) => self.deeper(|| self.apply(function, Args::of([value]), None))?,
            };
            keyed.push((key, element));
        }
        let is_reverse = match args.keyword("reverse") {
            Some(reverse) => compare::truth(reverse)?,
            None => name == "max",
        };
        let sorted = sort(keyed, is_reverse)?;
        match name {
            "sorted" => Ok(Value::List(sorted)),
            _ => match sorted.first() {
                Some(element) => super::containers::known(&element.value),
                None => Err(unknown_call(name)),
            },
        }
    }

    fn make_int(&self, values: &[Value]) -> Known<Value> {
        match values {
            [] => Ok(int(0)),
            [Value::Int(digits)] => Ok(Value::Int(digits.clone())),
            [Value::Str(text)] => match text.trim().parse::<i128>() {
                Ok(number) => Ok(int(number)),
                Err(_) => Err(unknown_call("int")),
            },
            [Value::Str(text), base] => {
                let base =
                    u32::try_from(integer(base)?).ok().filter(|base| (2..=36).contains(base));
                base.and_then(|base| i128::from_str_radix(text.trim(), base).ok())
                    .map(int)
                    .ok_or_else(|| unknown_call("int"))
            }
            [value] => match Number::of(value) {
                Some(Number::Int(number)) => Ok(int(number)),
                #[expect(clippy::cast_possible_truncation, reason = "the guard bounds it")]
                Some(Number::Float(float)) if float.abs() < 1e30 => Ok(int(float as i128)),
                _ => Err(unknown_call("int")),
            },
            _ => Err(unknown_call("int")),
        }
    }

    fn bytes(&self, value: &Value) -> Known<Value> {
        match value {
            Value::Bytes(bytes) => Ok(Value::Bytes(bytes.clone())),
            Value::Int(_) => {
                let length = usize::try_from(integer(value)?).map_err(|_| unknown_call("bytes"))?;
                self.spend(length / 64)?;
                Ok(Value::Bytes(vec![0; length]))
            }
            Value::List(_) | Value::Tuple(_) | Value::Iterable(..) => {
                let byte = |element: Element| {
                    u8::try_from(integer(&element.value)?).map_err(|_| unknown_call("bytes"))
                };
                let elements = self.iterate(value.clone())?;
                elements.into_iter().map(byte).collect::<Known<_>>().map(Value::Bytes)
            }
            _ => Err(unknown_call("bytes")),
        }
    }
}

/// What can be iterated once.
pub fn once(elements: Vec<Element>) -> Value {
    Value::Iterable(IterableKind::Once, elements)
}

/// Why a call has no known value.
pub fn unknown_call(name: &str) -> compact_str::CompactString {
    format_compact!("what `{name}()` returns is known at run time only")
}

fn empty(name: &str) -> Known<Value> {
    match name {
        "list" => Ok(Value::List(Vec::new())),
        "tuple" => Ok(Value::Tuple(Vec::new())),
        "set" => Ok(Value::Set(Vec::new())),
        "frozenset" => Ok(Value::FrozenSet(Vec::new())),
        "str" => Ok(Value::Str("".into())),
        "bytes" => Ok(Value::Bytes(Vec::new())),
        "float" => Ok(Value::Float(0.0)),
        "bool" => Ok(Value::Bool(false)),
        "complex" => Ok(Value::Complex(0.0, 0.0)),
        _ => Err(unknown_call(name)),
    }
}

/// An `int`'s number.
pub fn integer(value: &Value) -> Known<i128> {
    match (value, Number::of(value)) {
        (Value::Unknown(reason), _) => Err(reason.clone()),
        (_, Some(Number::Int(number))) => Ok(number),
        _ => Err(doubt("a number that is no integer or exceeds 128 bits")),
    }
}

/// `len(value)`; an error where it is not known.
pub fn length(value: &Value) -> Known<usize> {
    match value {
        Value::Str(text) => Ok(text.chars().count()),
        Value::Bytes(bytes) => Ok(bytes.len()),
        Value::Dict(items) => Ok(items.len()),
        Value::Iterable(kind, _) if kind.is_iterator() => Err(unknown_call("len")),
        Value::Tuple(elements)
        | Value::List(elements)
        | Value::Set(elements)
        | Value::FrozenSet(elements)
        | Value::Iterable(_, elements) => Ok(elements.len()),
        _ => Err(unknown_call("len")),
    }
}

fn is_exception(name: &str) -> bool {
    name.starts_with(|char: char| char.is_ascii_uppercase())
        && (name.ends_with("Error")
            || name.ends_with("Exception")
            || name.ends_with("Warning")
            || matches!(
                name,
                "KeyboardInterrupt" | "SystemExit" | "StopIteration" | "GeneratorExit"
            ))
}

/// A stable sort, as Python's; an error where two keys have no known order.
fn sort(mut keyed: Vec<(Value, Element)>, is_reverse: bool) -> Known<Vec<Element>> {
    use std::cmp::Ordering::Equal;
    let mut failed = None;
    keyed.sort_by(|(left, _), (right, _)| match compare::order(left, right) {
        Ok(Some(order)) if is_reverse => order.reverse(),
        Ok(Some(order)) => order,
        Ok(None) => {
            failed = Some(doubt("an order among not-a-numbers"));
            Equal
        }
        Err(reason) => {
            failed = Some(reason);
            Equal
        }
    });
    match failed {
        Some(reason) => Err(reason),
        None => Ok(keyed.into_iter().map(|(_, element)| element).collect()),
    }
}
