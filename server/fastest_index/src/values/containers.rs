//! Building, indexing and iterating containers.

use rustc_hash::FxHashMap;

use super::evaluate::Evaluator;
use super::numbers::{Number, int};
use super::{Element, IterableKind, Known, Named, Value, compare, doubt};

impl Evaluator<'_, '_> {
    /// The elements that iterating a value yields.
    pub fn iterate(&self, value: Value) -> Known<Vec<Element>> {
        let elements = match value {
            Value::Tuple(elements) | Value::List(elements) | Value::Iterable(_, elements) => {
                elements
            }
            Value::Set(elements) | Value::FrozenSet(elements) if elements.len() < 2 => elements,
            Value::Set(_) | Value::FrozenSet(_) => {
                return Err(doubt("the order of a set is known at run time only"));
            }
            Value::Dict(items) => items.into_iter().map(|(key, _)| key).collect(),
            Value::Str(text) => characters(&text),
            Value::Bytes(bytes) => bytes.iter().map(|&byte| computed(int(byte))).collect(),
            Value::Named(named) => self.members_of_named(&named)?,
            Value::Unknown(reason) => return Err(reason),
            _ => return Err(doubt("what an object yields is known at run time only")),
        };
        self.spend(elements.len())?;
        Ok(elements)
    }
}

/// An element that stands nowhere in a source.
pub const fn computed(value: Value) -> Element {
    Element { value, origin: None }
}

fn characters(text: &str) -> Vec<Element> {
    let mut buffer = [0; 4];
    text.chars()
        .map(|char| computed(Value::Str((&*char.encode_utf8(&mut buffer)).into())))
        .collect()
}

/// The elements of a set, equal ones once. One element is unique whatever it is.
pub fn unique(mut elements: Vec<Element>) -> Known<Vec<Element>> {
    if elements.len() < 2 {
        return Ok(elements);
    }
    let mut seen = rustc_hash::FxHashSet::default();
    for element in &elements {
        compare::key(&element.value)?;
    }
    elements.retain(|element| compare::key(&element.value).is_ok_and(|key| seen.insert(key)));
    Ok(elements)
}

/// A dict of pairs, later values for equal keys winning at the first one's place.
pub fn dict(pairs: Vec<(Element, Element)>) -> Known<Value> {
    if pairs.len() < 2 {
        return Ok(Value::Dict(pairs));
    }
    let mut places = FxHashMap::default();
    let mut items: Vec<(Element, Element)> = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let place = *places.entry(compare::key(&key.value)?).or_insert(items.len());
        match items.get_mut(place) {
            Some(item) => item.1 = value,
            None => items.push((key, value)),
        }
    }
    Ok(Value::Dict(items))
}

/// The value of a dict for a key; `None` when it certainly has no such key.
pub fn get<'v>(items: &'v [(Element, Element)], key: &Value) -> Known<Option<&'v Value>> {
    let wanted = compare::key(key)?;
    for (key, value) in items {
        if compare::key(&key.value)? == wanted {
            return Ok(Some(&value.value));
        }
    }
    Ok(None)
}

/// An element's value, an error where it is not known.
pub fn known(value: &Value) -> Known<Value> {
    match value {
        Value::Unknown(reason) => Err(reason.clone()),
        _ => Ok(value.clone()),
    }
}

/// `value[index]`
pub fn index(value: &Value, index: &Value) -> Known<Value> {
    match value {
        Value::Tuple(elements)
        | Value::List(elements)
        | Value::Iterable(IterableKind::Range, elements) => {
            known(&elements[place(elements.len(), index)?].value)
        }
        Value::Str(text) => {
            let characters: Vec<char> = text.chars().collect();
            Ok(Value::Str(characters[place(characters.len(), index)?].to_string().into()))
        }
        Value::Bytes(bytes) => Ok(int(bytes[place(bytes.len(), index)?])),
        Value::Dict(items) => match get(items, index)? {
            Some(value) => known(value),
            None => Err(doubt("a key that a dict does not have")),
        },
        // `list[int]` passes `__name__` on to `list`.
        Value::Named(named) if is_generic(&named.path) => {
            let name = named.name.clone();
            Ok(Value::Named(Named { name, path: "".into(), place: None }))
        }
        _ => Err(doubt("what an object holds is known at run time only")),
    }
}

/// Whether a built-in class can be subscripted, in every supported version of Python.
fn is_generic(path: &str) -> bool {
    matches!(
        path,
        "builtins.dict"
            | "builtins.frozenset"
            | "builtins.list"
            | "builtins.set"
            | "builtins.tuple"
            | "builtins.type"
    )
}

/// Where an index leads in a sequence.
fn place(len: usize, index: &Value) -> Known<usize> {
    let failed = || doubt("an index that is out of range or no number");
    let Some(Number::Int(index)) = Number::of(index) else { return Err(failed()) };
    let from_start = if index < 0 { index + len as i128 } else { index };
    usize::try_from(from_start).ok().filter(|&place| place < len).ok_or_else(failed)
}

/// `value[lower:upper:step]`
pub fn slice(value: &Value, lower: &Value, upper: &Value, step: &Value) -> Known<Value> {
    match value {
        Value::Tuple(elements) => picked(elements, lower, upper, step).map(Value::Tuple),
        Value::List(elements) => picked(elements, lower, upper, step).map(Value::List),
        Value::Iterable(IterableKind::Range, elements) => {
            let elements = picked(elements, lower, upper, step)?;
            Ok(Value::Iterable(IterableKind::Range, elements))
        }
        Value::Str(text) => {
            let characters: Vec<char> = text.chars().collect();
            let characters = picked(&characters, lower, upper, step)?;
            Ok(Value::Str(characters.into_iter().collect::<String>().into()))
        }
        Value::Bytes(bytes) => picked(bytes, lower, upper, step).map(Value::Bytes),
        _ => Err(doubt("what an object holds is known at run time only")),
    }
}

fn picked<T: Clone>(items: &[T], lower: &Value, upper: &Value, step: &Value) -> Known<Vec<T>> {
    let step = bound(step)?.unwrap_or(1);
    let len = items.len() as i128;
    if step == 0 {
        return Err(doubt("a slice with a step of zero"));
    }
    let (first, last) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let clamp = |bound: i128| if bound < 0 { bound + len } else { bound }.clamp(first, last);
    let start = bound(lower)?.map_or(if step > 0 { first } else { last }, clamp);
    let stop = bound(upper)?.map_or(if step > 0 { last } else { first }, clamp);
    let mut picked = Vec::new();
    let mut at = start;
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        picked.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned());
        at = at.saturating_add(step);
    }
    Ok(picked)
}

fn bound(value: &Value) -> Known<Option<i128>> {
    match (value, Number::of(value)) {
        (Value::None, _) => Ok(None),
        (_, Some(Number::Int(int))) if int.unsigned_abs() < 1 << 100 => Ok(Some(int)),
        _ => Err(doubt("a slice whose bounds are no numbers")),
    }
}
