//! Conditions that are the same for every run with one interpreter on one platform.

use std::cmp::Ordering;

use compact_str::CompactString;
use fastest_syntax::expr::{BinaryOp, Call, CompareOp, Expr, ExprKind, UnaryOp};

use super::{Definition, Query, Scope};
use crate::world::Module;

/// A value that a condition is made of.
#[derive(Clone, Debug, PartialEq)]
enum Constant {
    None,
    Bool(bool),
    Int(i128),
    Str(CompactString),
    Tuple(Vec<Self>),
    /// `sys.version_info`: major and minor are known, three more parts are not.
    Version(Vec<Self>),
    /// A module, function or class: true, and nothing but itself.
    Object,
}

impl Constant {
    fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Str(value) => !value.is_empty(),
            Self::Tuple(items) => !items.is_empty(),
            Self::Version(_) | Self::Object => true,
        }
    }

    /// The number that a bool or int is.
    fn number(&self) -> Option<i128> {
        match self {
            Self::Bool(value) => Some(i128::from(*value)),
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }
}

impl<'w> Query<'w> {
    /// Whether a condition holds, as far as it is about the platform, the version of Python,
    /// which modules there are, constants, and names bound to such.
    #[must_use]
    pub fn decide(&self, scope: Scope<'w>, expr: &Expr) -> Option<bool> {
        let _level = self.enter()?;
        match &expr.kind {
            ExprKind::Unary(UnaryOp::Not, value) => Some(!self.decide(scope, value)?),
            ExprKind::BoolOp(is_and, values) => {
                let mut answer = Some(*is_and);
                for value in values {
                    match self.decide(scope, value) {
                        Some(decided) if decided != *is_and => return Some(decided),
                        Some(_) => {}
                        None => answer = None,
                    }
                }
                answer
            }
            ExprKind::List(items) | ExprKind::Set(items) => Self::is_filled(items),
            ExprKind::Dict(items) if items.is_empty() => Some(false),
            ExprKind::Lambda(_) => Some(true),
            _ => Some(self.constant(scope, expr)?.is_true()),
        }
    }

    fn is_filled(items: &[Expr]) -> Option<bool> {
        let starred = |item: &Expr| matches!(item.kind, ExprKind::Starred(_));
        match items {
            [] => Some(false),
            items if items.iter().all(starred) => None,
            _ => Some(true),
        }
    }

    fn constant(&self, scope: Scope<'w>, expr: &Expr) -> Option<Constant> {
        let _level = self.enter()?;
        Some(match &expr.kind {
            ExprKind::None => Constant::None,
            ExprKind::Bool(value) => Constant::Bool(*value),
            ExprKind::Int(digits) => Constant::Int(digits.parse().ok()?),
            ExprKind::Str(text) => Constant::Str(text.clone()),
            ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
                let items = items.iter().map(|item| self.constant(scope, item));
                Constant::Tuple(items.collect::<Option<_>>()?)
            }
            ExprKind::Name(name) if name == "__name__" => self.module_name(scope)?,
            ExprKind::Name(_) | ExprKind::Attribute(_, _) => self.named(scope, expr)?,
            ExprKind::Unary(UnaryOp::Minus, value) => {
                Constant::Int(self.constant(scope, value)?.number()?.checked_neg()?)
            }
            ExprKind::Unary(UnaryOp::Not, _) | ExprKind::BoolOp(..) => {
                Constant::Bool(self.decide(scope, expr)?)
            }
            ExprKind::Binary(left, op, right) => {
                let left = self.constant(scope, left)?.number()?;
                arithmetic(left, *op, self.constant(scope, right)?.number()?)?
            }
            ExprKind::Compare(first, rest) => Constant::Bool(self.compare(scope, first, rest)?),
            ExprKind::Subscript(value, index) => item(self.constant(scope, value)?, index)?,
            ExprKind::Conditional(body, test, orelse) => {
                let expr = if self.decide(scope, test)? { body } else { orelse };
                self.constant(scope, expr)?
            }
            ExprKind::Call(call) => self.call(scope, call)?,
            _ => return None,
        })
    }

    /// `__name__`: never `"__main__"` in what pytest imports.
    fn module_name(&self, scope: Scope<'w>) -> Option<Constant> {
        let file = match scope {
            Scope::Module(file) | Scope::Before(file, _) => file,
            Scope::Class(class) => class.file,
        };
        Some(Constant::Str(self.world.file(file)?.module.clone()))
    }

    fn named(&self, scope: Scope<'w>, expr: &Expr) -> Option<Constant> {
        if let ExprKind::Attribute(value, name) = &expr.kind
            && matches!(name.as_str(), "major" | "minor")
            && let Some(Constant::Version(parts)) = self.constant(scope, value)
        {
            return parts.get(usize::from(name == "minor")).cloned();
        }
        let definition = match &expr.kind {
            ExprKind::Name(name) => {
                let binding = self.lookup(scope, name)?;
                if binding.doubt.is_some() {
                    return None;
                }
                binding.definition
            }
            _ => self.resolve(scope, expr),
        };
        match definition {
            Definition::External(name) => self.external_constant(&name),
            Definition::Value(value) if value.unpack.is_none() => {
                self.constant(value.scope, value.expr)
            }
            Definition::Module(_) | Definition::Class(_) | Definition::Function(_) => {
                Some(Constant::Object)
            }
            _ => None,
        }
    }

    fn external_constant(&self, name: &str) -> Option<Constant> {
        let settings = &self.world.settings;
        let is_windows = settings.platform == "win32";
        Some(match name {
            "sys.version_info" => {
                let (major, minor) = settings.python;
                Constant::Version(vec![Constant::Int(major.into()), Constant::Int(minor.into())])
            }
            "sys.platform" => Constant::Str(settings.platform.as_str().into()),
            "os.name" => Constant::Str(if is_windows { "nt" } else { "posix" }.into()),
            "typing.TYPE_CHECKING" => Constant::Bool(false),
            "builtins.__debug__" => Constant::Bool(true),
            _ => return None,
        })
    }

    fn compare(&self, scope: Scope<'w>, first: &Expr, rest: &[(CompareOp, Expr)]) -> Option<bool> {
        let mut left = self.constant(scope, first)?;
        for (op, right) in rest {
            let right = self.constant(scope, right)?;
            if !holds(&left, *op, &right)? {
                return Some(false);
            }
            left = right;
        }
        Some(true)
    }

    fn call(&self, scope: Scope<'w>, call: &Call) -> Option<Constant> {
        if let ExprKind::Attribute(value, method) = &call.func.kind
            && let Some(answer) = self.text_method(scope, value, method, call)
        {
            return Some(answer);
        }
        let Definition::External(name) = self.resolve(scope, &call.func) else { return None };
        match (&*name, call.args.as_slice()) {
            ("builtins.bool", [value]) => Some(Constant::Bool(self.decide(scope, value)?)),
            ("platform.system", []) => match self.world.settings.platform.as_str() {
                "linux" => Some(Constant::Str("Linux".into())),
                "darwin" => Some(Constant::Str("Darwin".into())),
                "win32" => Some(Constant::Str("Windows".into())),
                _ => None,
            },
            ("importlib.util.find_spec", [module]) => match self.constant(scope, module)? {
                Constant::Str(module) => self.spec(&module),
                _ => None,
            },
            _ => None,
        }
    }

    /// `importlib.util.find_spec(module)`
    fn spec(&self, module: &str) -> Option<Constant> {
        if self.is_external(module) {
            return None;
        }
        match self.module(module)? {
            Module::Absent => Some(Constant::None),
            Module::Source(_) | Module::Binary | Module::Namespace => Some(Constant::Object),
            Module::Ambiguous => None,
        }
    }

    /// `sys.platform.startswith("win")` and the like.
    fn text_method(
        &self,
        scope: Scope<'w>,
        value: &Expr,
        method: &str,
        call: &Call,
    ) -> Option<Constant> {
        if !matches!(method, "startswith" | "endswith" | "lower") {
            return None;
        }
        let Constant::Str(text) = self.constant(scope, value)? else { return None };
        if method == "lower" {
            return Some(Constant::Str(text.to_lowercase()));
        }
        let [affix] = call.args.as_slice() else { return None };
        let matches = |affix: &Constant| match affix {
            Constant::Str(affix) if method == "startswith" => Some(text.starts_with(&**affix)),
            Constant::Str(affix) => Some(text.ends_with(&**affix)),
            _ => None,
        };
        let answer = match self.constant(scope, affix)? {
            Constant::Tuple(affixes) => {
                affixes.iter().map(matches).collect::<Option<Vec<_>>>()?.contains(&true)
            }
            affix => matches(&affix)?,
        };
        Some(Constant::Bool(answer))
    }
}

fn arithmetic(left: i128, op: BinaryOp, right: i128) -> Option<Constant> {
    let small = u32::try_from(right).ok();
    let number = match op {
        BinaryOp::Add => left.checked_add(right),
        BinaryOp::Sub => left.checked_sub(right),
        BinaryOp::Mul => left.checked_mul(right),
        BinaryOp::Pow => left.checked_pow(small?),
        BinaryOp::LeftShift => left.checked_mul(2i128.checked_pow(small?)?),
        _ => None,
    };
    number.map(Constant::Int)
}

/// `value[index]`, also of `sys.version_info`.
fn item(value: Constant, index: &Expr) -> Option<Constant> {
    let (parts, is_version) = match value {
        Constant::Version(parts) => (parts, true),
        Constant::Tuple(parts) => (parts, false),
        _ => return None,
    };
    let number = |expr: &Expr| match &expr.kind {
        ExprKind::Int(digits) => digits.parse::<usize>().ok(),
        _ => None,
    };
    match &index.kind {
        ExprKind::Slice(lower, Some(upper), None) => {
            let lower = lower.as_ref().map_or(Some(0), |lower| number(lower))?;
            let upper = number(upper)?;
            let upper = if is_version { upper } else { upper.min(parts.len()) };
            Some(Constant::Tuple(parts.get(lower..upper)?.to_vec()))
        }
        _ => parts.get(number(index)?).cloned(),
    }
}

fn holds(left: &Constant, op: CompareOp, right: &Constant) -> Option<bool> {
    match op {
        CompareOp::Is | CompareOp::IsNot => {
            let same = match (left, right) {
                (Constant::None, Constant::None) => true,
                (Constant::None, _) | (_, Constant::None) => false,
                (Constant::Bool(left), Constant::Bool(right)) => left == right,
                _ => return None,
            };
            Some(same == (op == CompareOp::Is))
        }
        CompareOp::In | CompareOp::NotIn => {
            let within = match (left, right) {
                (Constant::Str(left), Constant::Str(right)) => right.contains(&**left),
                (left, Constant::Tuple(items)) => {
                    let equal = items.iter().map(|item| holds(left, CompareOp::Eq, item));
                    equal.collect::<Option<Vec<_>>>()?.contains(&true)
                }
                _ => return None,
            };
            Some(within == (op == CompareOp::In))
        }
        _ => ordered(left, op, right),
    }
}

fn ordered(left: &Constant, op: CompareOp, right: &Constant) -> Option<bool> {
    let Some(order) = order(left, right) else {
        // Values of different kinds are not equal; ordering them is an error.
        let differ = std::mem::discriminant(left) != std::mem::discriminant(right);
        let known =
            ![left, right].iter().any(|it| matches!(it, Constant::Version(_) | Constant::Object));
        return match op {
            CompareOp::Eq if differ && known => Some(false),
            CompareOp::NotEq if differ && known => Some(true),
            _ => None,
        };
    };
    Some(match op {
        CompareOp::Eq => order == Ordering::Equal,
        CompareOp::NotEq => order != Ordering::Equal,
        CompareOp::Less => order == Ordering::Less,
        CompareOp::LessEq => order != Ordering::Greater,
        CompareOp::Greater => order == Ordering::Greater,
        CompareOp::GreaterEq => order != Ordering::Less,
        _ => return None,
    })
}

fn order(left: &Constant, right: &Constant) -> Option<Ordering> {
    match (left, right) {
        (Constant::Str(left), Constant::Str(right)) => Some(left.cmp(right)),
        (Constant::None, Constant::None) => Some(Ordering::Equal),
        (Constant::Tuple(left), Constant::Tuple(right)) => {
            for (left, right) in left.iter().zip(right) {
                match order(left, right)? {
                    Ordering::Equal => {}
                    unequal => return Some(unequal),
                }
            }
            Some(left.len().cmp(&right.len()))
        }
        (Constant::Version(version), Constant::Tuple(parts)) => version_order(version, parts),
        (Constant::Tuple(parts), Constant::Version(version)) => {
            version_order(version, parts).map(Ordering::reverse)
        }
        _ => Some(left.number()?.cmp(&right.number()?)),
    }
}

/// How `sys.version_info`, of which the first parts are known, compares to a tuple.
fn version_order(version: &[Constant], parts: &[Constant]) -> Option<Ordering> {
    for (known, part) in version.iter().zip(parts) {
        match order(known, part)? {
            Ordering::Equal => {}
            unequal => return Some(unequal),
        }
    }
    match parts.get(version.len()..) {
        // The longer tuple is the greater one, and `version_info` has five parts.
        None | Some([]) => Some(Ordering::Greater),
        // No release comes before its own `.0`.
        Some([Constant::Int(0)]) => Some(Ordering::Greater),
        Some(_) => None,
    }
}
