//! Enumerations of the sources: their members, and what pytest makes of one.

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::{Class, Statement};

use super::containers::{computed, known};
use super::evaluate::{Evaluator, Frame};
use super::lookup::Denoted;
use super::numbers::{Number, int};
use super::{Element, EnumMember, Known, Named, Value, compare, doubt, repr};
use crate::names::{ClassRef, Definition, MroEntry, Namespace};
use crate::world::FileId;

/// What an enumeration derives from, as far as its members' text and content depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `Enum`
    Plain,
    /// `str, Enum`
    Str,
    /// `int, Enum`
    Int,
    /// `float, Enum`
    Float,
    /// `IntEnum`
    IntEnum,
    /// `StrEnum`
    StrEnum,
    /// `Flag`
    Flag,
    /// `IntFlag`
    IntFlag,
}

/// What is known of an enumeration as a whole.
struct Shape {
    kind: Kind,
    /// Whether `__str__` is the standard library's.
    has_own_text: bool,
    /// Whether the members' values are what is assigned to them.
    has_own_values: bool,
    /// Whether `auto()` gives the standard library's values.
    has_own_auto: bool,
}

/// Why an enumeration's members cannot be known.
const UNCLEAR: &str = "the members of an enumeration are known at run time only";

impl<'w> Evaluator<'_, 'w> {
    /// Whether a class certainly is an enumeration.
    pub fn is_enum(&self, class: ClassRef<'w>) -> bool {
        self.query.is_subclass(class, "enum.Enum") == Some(true)
    }

    /// The member that an attribute of a class gives; `None` if the class is no enumeration or
    /// the attribute no member.
    pub fn enum_member(&self, class: ClassRef<'w>, name: &str) -> Known<Option<Value>> {
        if !self.is_enum(class) {
            return Ok(None);
        }
        let members = self.members_of(class)?;
        let position = members.iter().position(|member| member.name == name);
        let Some(position) = position else { return Err(doubt(UNCLEAR)) };
        self.canonical(&members, position).map(|member| Some(Value::EnumMember(member)))
    }

    /// The member that stands for the one at a place: the first one of equal value.
    fn canonical(&self, members: &[EnumMember], position: usize) -> Known<EnumMember> {
        let member = &members[position];
        for earlier in &members[..position] {
            self.spend(1)?;
            if compare::equals(&earlier.value, &member.value)? {
                return Ok(earlier.clone());
            }
        }
        Ok(member.clone())
    }

    /// The members that iterating a class yields, aliases left out.
    pub fn members_of_named(&self, named: &Named) -> Known<Vec<Element>> {
        let class = named.place.and_then(|(file, offset)| self.class_at(file, offset));
        match class {
            Some(class) if self.is_enum(class) => self.iterated_members(class),
            _ => Err(doubt("what a class yields is known at run time only")),
        }
    }

    /// The class whose name stands at an offset of a file.
    fn class_at(&self, file: FileId, offset: u32) -> Option<ClassRef<'w>> {
        let statements = &self.query.world.file(file)?.outline.statements;
        let at = statements.partition_point(|placed| placed.start <= offset).checked_sub(1)?;
        let base = statements[at].start;
        class_in(std::slice::from_ref(&*statements[at].statement), offset - base, None)
            .map(|(class, owner)| ClassRef { file, base, class, owner })
    }

    fn enum_named_by(&self, expr: &Expr, frame: Frame<'_, 'w>) -> Option<ClassRef<'w>> {
        if !matches!(expr.kind, ExprKind::Name(_) | ExprKind::Attribute(..)) {
            return None;
        }
        match self.denote(expr, frame) {
            Ok(Denoted::Definition(Definition::Class(class))) if self.is_enum(class) => Some(class),
            _ => None,
        }
    }

    fn iterated_members(&self, class: ClassRef<'w>) -> Known<Vec<Element>> {
        let members = self.members_of(class)?;
        let mut seen = rustc_hash::FxHashSet::default();
        let mut found = Vec::new();
        let is_single = members.len() == 1;
        for member in members {
            self.spend(1)?;
            // Iterating flags leaves out those of several bits, since 3.11.
            let is_flag =
                self.shape(class)?.kind == Kind::Flag || self.shape(class)?.kind == Kind::IntFlag;
            if is_flag && !is_single_bit(&member.value) {
                return Err(doubt(UNCLEAR));
            }
            if is_single || seen.insert(compare::key(&member.value)?) {
                found.push(computed(Value::EnumMember(member)));
            }
        }
        Ok(found)
    }

    /// `Enum["NAME"]`; `None` if it is no enumeration that is subscripted.
    pub fn enum_subscript(
        &self,
        of: &Expr,
        index: &Expr,
        frame: Frame<'_, 'w>,
    ) -> Option<Known<Value>> {
        let class = self.enum_named_by(of, frame)?;
        Some(match self.value(index, frame) {
            Ok(Value::Str(name)) => self
                .enum_member(class, &name)
                .and_then(|member| member.ok_or_else(|| UNCLEAR.into())),
            Ok(_) => Err(UNCLEAR.into()),
            Err(reason) => Err(reason),
        })
    }

    /// `Enum(value)`
    pub fn enum_by_value(&self, class: ClassRef<'w>, value: &Value) -> Known<Value> {
        let members = self.members_of(class)?;
        for member in members {
            if compare::equals(&member.value, value)? {
                return Ok(Value::EnumMember(member));
            }
        }
        Err(doubt(UNCLEAR))
    }

    /// All members of a class's own body, aliases included, in order.
    fn members_of(&self, class: ClassRef<'w>) -> Known<Vec<EnumMember>> {
        let shape = self.shape(class)?;
        let named = self.class_named(class)?;
        let namespace = self.query.class_namespace(class);
        if let Some(reason) = &namespace.open {
            return Err(reason.clone());
        }
        let mut members: Vec<EnumMember> = Vec::new();
        for (name, value) in self.assigned(class, &namespace)? {
            let value = self.member_value(&shape, &name, value, &members);
            let data = data(shape.kind, &value)?;
            let text = self.member_text(&shape, &named.name, &name, &value);
            members.push(EnumMember {
                class: named.name.clone(),
                path: named.path.clone(),
                name,
                text,
                value: Box::new(value),
                data: data.map(Box::new),
            });
        }
        Ok(members)
    }

    /// What the body assigns to names that become members; `None` for `auto()`.
    fn assigned(
        &self,
        class: ClassRef<'w>,
        namespace: &Namespace<'w>,
    ) -> Known<Vec<(CompactString, Option<Value>)>> {
        let mut assigned = Vec::new();
        for (name, binding) in &namespace.names {
            if name.starts_with('_') {
                // Private names and `_ignore_` are not worth their rules.
                if is_dunder(name) || matches!(binding.definition, Definition::Function(_)) {
                    continue;
                }
                return Err(doubt(UNCLEAR));
            }
            if let Some(reason) = &binding.doubt {
                return Err(reason.clone());
            }
            match &binding.definition {
                Definition::Function(_) => {}
                Definition::Value(value) => {
                    let is_auto = self.is_auto(class, value.expr);
                    let found = match is_auto {
                        true => None,
                        false => Some(self.assigned_value(&binding.definition)?),
                    };
                    assigned.push((name.clone(), found));
                }
                _ => return Err(doubt(UNCLEAR)),
            }
        }
        Ok(assigned)
    }

    /// A member's value; functions and other descriptors do not become members.
    fn assigned_value(&self, definition: &Definition<'w>) -> Known<Value> {
        match self.deeper(|| self.definition(definition)) {
            Ok(Value::Named(_) | Value::Lambda(_) | Value::Object | Value::Iterable(..)) => {
                Err(doubt(UNCLEAR))
            }
            value => value,
        }
    }

    fn is_auto(&self, class: ClassRef<'w>, expr: &Expr) -> bool {
        let ExprKind::Call(call) = &expr.kind else { return false };
        let scope = crate::names::Scope::Class(class);
        call.args.is_empty()
            && matches!(
                self.query.resolve(scope, &call.func),
                Definition::External(name) if &*name == "enum.auto"
            )
    }

    fn member_value(
        &self,
        shape: &Shape,
        name: &str,
        assigned: Option<Value>,
        earlier: &[EnumMember],
    ) -> Value {
        if !shape.has_own_values {
            return Value::Unknown("an enumeration that makes its values itself".into());
        }
        match assigned {
            Some(value) => value,
            None if shape.has_own_auto => auto(shape.kind, name, earlier),
            None => Value::Unknown("an enumeration that makes its values itself".into()),
        }
    }

    /// `str(member)`, by the rules of the project's version of Python.
    fn member_text(
        &self,
        shape: &Shape,
        class: &str,
        name: &str,
        value: &Value,
    ) -> Option<CompactString> {
        if !shape.has_own_text {
            return None;
        }
        let qualified = || Some(format_compact!("{class}.{name}"));
        let content = || repr::text(value).ok().map(CompactString::from);
        let is_new = self.query.world.settings.python >= (3, 11);
        match shape.kind {
            Kind::Plain | Kind::Str | Kind::Int | Kind::Float => qualified(),
            Kind::IntEnum | Kind::IntFlag if is_new => content(),
            Kind::IntEnum | Kind::IntFlag => qualified(),
            Kind::StrEnum => content(),
            Kind::Flag => is_single_bit(value).then(qualified).flatten(),
        }
    }

    /// What an enumeration derives from.
    fn shape(&self, class: ClassRef<'w>) -> Known<Shape> {
        let mut names: Vec<CompactString> = Vec::new();
        let mut shape = Shape {
            kind: Kind::Plain,
            has_own_text: true,
            has_own_values: true,
            has_own_auto: true,
        };
        for entry in self.query.mro(class)? {
            match entry {
                MroEntry::External(name) => names.push(name),
                MroEntry::Class(class) => self.look_for_overrides(class, &mut shape)?,
            }
        }
        shape.kind = kind(&names).ok_or_else(|| doubt(UNCLEAR))?;
        Ok(shape)
    }

    fn look_for_overrides(&self, class: ClassRef<'w>, shape: &mut Shape) -> Known<()> {
        self.class_named(class)?;
        let is_plain = class.class.keywords.is_empty();
        let namespace = self.query.class_namespace(class);
        let has = |name: &str| namespace.get(name).is_some();
        if !is_plain || has("_missing_") || has("__getattribute__") || has("_ignore_") {
            return Err(doubt(UNCLEAR));
        }
        shape.has_own_text &= !has("__str__");
        shape.has_own_values &= !has("__new__") && !has("__init__") && !has("value");
        shape.has_own_auto &= !has("_generate_next_value_");
        Ok(())
    }
}

/// The class whose name stands at an offset, and the class around it.
fn class_in<'w>(
    statements: &'w [Statement],
    offset: u32,
    owner: Option<&'w Class>,
) -> Option<(&'w Class, Option<&'w Class>)> {
    statements.iter().find_map(|statement| match statement {
        Statement::Class(class) if class.name.span.start == offset => Some((&**class, owner)),
        Statement::Class(class) => class_in(&class.body, offset, Some(class)),
        Statement::Block(block) => {
            block.arms.iter().find_map(|arm| class_in(&arm.body, offset, owner))
        }
        _ => None,
    })
}

fn is_dunder(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

fn is_single_bit(value: &Value) -> bool {
    matches!(Number::of(value), Some(Number::Int(bits)) if bits > 0 && bits.count_ones() == 1)
}

/// The kind of an enumeration by the external classes in its method resolution order.
fn kind(names: &[CompactString]) -> Option<Kind> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let is_known = |name: &CompactString| {
        matches!(
            &**name,
            "enum.Enum"
                | "enum.IntEnum"
                | "enum.StrEnum"
                | "enum.Flag"
                | "enum.IntFlag"
                | "enum.ReprEnum"
                | "builtins.str"
                | "builtins.int"
                | "builtins.float"
                | "builtins.object"
        )
    };
    if !names.iter().all(is_known) {
        return None;
    }
    Some(match () {
        () if has("enum.StrEnum") => Kind::StrEnum,
        () if has("enum.IntFlag") => Kind::IntFlag,
        () if has("enum.IntEnum") => Kind::IntEnum,
        () if has("enum.Flag") => Kind::Flag,
        () if has("enum.ReprEnum") => return None,
        () if has("builtins.str") => Kind::Str,
        () if has("builtins.int") => Kind::Int,
        () if has("builtins.float") => Kind::Float,
        () => Kind::Plain,
    })
}

/// The content that a member has as a `str`, `int` or `float`.
fn data(kind: Kind, value: &Value) -> Known<Option<Value>> {
    let is_fit = match kind {
        Kind::Plain | Kind::Flag => return Ok(None),
        Kind::Str | Kind::StrEnum => matches!(value, Value::Str(_)),
        Kind::Int | Kind::IntEnum | Kind::IntFlag => matches!(value, Value::Int(_)),
        Kind::Float => matches!(value, Value::Float(_)),
    };
    match value {
        _ if is_fit => known(value).map(Some),
        Value::Unknown(_) => Ok(Some(value.clone())),
        _ => Err(doubt(UNCLEAR)),
    }
}

/// What `auto()` gives after members whose values ascend.
fn auto(kind: Kind, name: &str, earlier: &[EnumMember]) -> Value {
    let unclear = || Value::Unknown("what `auto()` gives is known at run time only".into());
    match kind {
        Kind::StrEnum if name.is_ascii() => return Value::Str(name.to_ascii_lowercase().into()),
        Kind::StrEnum | Kind::Str | Kind::Float => return unclear(),
        _ => {}
    }
    let mut last = 0;
    for member in earlier {
        match &*member.value {
            Value::Int(digits) => match digits.parse::<i128>() {
                Ok(number) if number > last => last = number,
                _ => return unclear(),
            },
            _ => return unclear(),
        }
    }
    match kind {
        Kind::Flag | Kind::IntFlag if last == 0 => int(1),
        Kind::Flag | Kind::IntFlag if last < 1 << 100 => {
            int(1_i128 << (128 - last.leading_zeros()))
        }
        Kind::Flag | Kind::IntFlag => unclear(),
        _ => int(last + 1),
    }
}
