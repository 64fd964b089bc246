//! Instances: which calls of classes certainly give an object that pytest names by argument and
//! index.

use compact_str::format_compact;

use super::calls::Args;
use super::evaluate::Evaluator;
use super::{Known, Value, doubt};
use crate::names::{ClassRef, Definition, MroEntry};

impl<'w> Evaluator<'_, 'w> {
    /// An instance of a class of the sources.
    pub fn construct(&self, class: ClassRef<'w>, args: &Args) -> Known<Value> {
        let name = &class.class.name.text;
        let custom = || format_compact!("what `{name}()` makes is known at run time only");
        if args.positional.len() == 1 && self.is_enum(class) {
            return self.enum_by_value(class, args.at(0)?);
        }
        self.class_named(class)?;
        let mut has_init = false;
        let mut has_call = false;
        for entry in self.query.mro(class)? {
            match entry {
                MroEntry::External(base) if is_plain_base(&base) => {}
                MroEntry::External(_) => return Err(custom()),
                MroEntry::Class(class) => {
                    self.class_named(class)?;
                    if !self.has_plain_metaclass(class) || !self.is_plain_body(class) {
                        return Err(custom());
                    }
                    let namespace = self.query.class_namespace(class);
                    has_init |= namespace.get("__init__").is_some();
                    has_call |= namespace.get("__call__").is_some();
                }
            }
        }
        // What wraps a function often takes over its name (`functools.update_wrapper`).
        if has_init && has_call { Err(custom()) } else { Ok(Value::Object) }
    }

    /// Whether nothing in a class's body decides what is made or what its attributes are.
    fn is_plain_body(&self, class: ClassRef<'w>) -> bool {
        let namespace = self.query.class_namespace(class);
        let special = ["__new__", "__name__", "__getattr__", "__getattribute__"];
        namespace.open.is_none() && special.iter().all(|name| namespace.get(name).is_none())
    }

    /// Whether calling a class does what `type.__call__` does.
    fn has_plain_metaclass(&self, class: ClassRef<'w>) -> bool {
        class.class.keywords.iter().all(|keyword| match keyword.name.as_deref() {
            Some("metaclass") => matches!(
                self.query.resolve(class.scope(), &keyword.value),
                Definition::External(name) if matches!(&*name, "abc.ABCMeta" | "builtins.type")
            ),
            Some(_) => true,
            None => false,
        })
    }

    /// An instance of a class, or the result of a function, of the standard library.
    pub fn object(&self, dotted: &str, args: &Args) -> Known<Value> {
        match dotted {
            "re.compile" => match args.at(0)? {
                pattern @ (Value::Str(_) | Value::Bytes(_)) => {
                    Ok(Value::Pattern(Box::new(pattern.clone())))
                }
                pattern @ Value::Pattern(_) => Ok(pattern.clone()),
                _ => Err(doubt("a pattern that is known at run time only")),
            },
            "collections.OrderedDict" => self.library("builtins.dict", clone(args)),
            "textwrap.dedent" => dedent(args.at(0)?),
            "typing.cast" => args.at(1).cloned(),
            "re.escape" => Err(doubt("a pattern that is known at run time only")),
            _ if args.keyword("__name__").is_some() => Err(doubt("an object with a name")),
            _ if is_value_type(dotted) => Ok(Value::Object),
            _ => Err(format_compact!("what `{dotted}()` returns is known at run time only")),
        }
    }
}

fn clone(args: &Args) -> Args {
    Args {
        positional: args.positional.clone(),
        keywords: args.keywords.clone(),
        is_open: args.is_open,
    }
}

/// `textwrap.dedent` of lines that are indented by blanks only.
fn dedent(value: &Value) -> Known<Value> {
    let Value::Str(text) = value else {
        return Err(doubt("a text that is known at run time only"));
    };
    if text.contains(|char: char| char.is_whitespace() && char != ' ' && char != '\n') {
        return Err(doubt("a text indented by more than blanks"));
    }
    let indents = text.split('\n').filter(|line| !line.trim().is_empty());
    let margin = indents.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let line = |line: &str| match line.trim().is_empty() {
        true => String::new(),
        false => line[margin..].to_owned(),
    };
    let lines: Vec<String> = text.split('\n').map(line).collect();
    Ok(Value::Str(lines.join("\n").into()))
}

/// Classes outside of the sources whose subclasses are made as usual and are no data type that
/// pytest names by value.
fn is_plain_base(dotted: &str) -> bool {
    matches!(
        dotted,
        "builtins.object"
            | "abc.ABC"
            | "typing.Generic"
            | "typing.Protocol"
            | "builtins.dict"
            | "builtins.list"
            | "builtins.tuple"
            | "builtins.set"
            | "builtins.frozenset"
            | "builtins.Exception"
            | "builtins.BaseException"
            | "builtins.ValueError"
            | "builtins.TypeError"
            | "builtins.RuntimeError"
            | "builtins.KeyError"
            | "builtins.LookupError"
            | "builtins.AttributeError"
            | "builtins.OSError"
            | "builtins.Warning"
            | "builtins.UserWarning"
            | "typing.NamedTuple"
    ) || dotted.starts_with("collections.abc.")
        || is_value_type(dotted)
}

/// Classes of the standard library whose instances have neither a `__name__` nor a value that
/// pytest makes an id of.
fn is_value_type(dotted: &str) -> bool {
    matches!(
        dotted,
        "argparse.ArgumentParser"
            | "argparse.Namespace"
            | "array.array"
            | "collections.ChainMap"
            | "collections.Counter"
            | "collections.UserDict"
            | "collections.UserList"
            | "collections.defaultdict"
            | "collections.deque"
            | "datetime.date"
            | "datetime.datetime"
            | "datetime.time"
            | "datetime.timedelta"
            | "datetime.timezone"
            | "decimal.Decimal"
            | "fractions.Fraction"
            | "functools.partial"
            | "io.BytesIO"
            | "io.StringIO"
            | "io.TextIOWrapper"
            | "ipaddress.IPv4Address"
            | "ipaddress.IPv4Interface"
            | "ipaddress.IPv4Network"
            | "ipaddress.IPv6Address"
            | "ipaddress.IPv6Interface"
            | "ipaddress.IPv6Network"
            | "ipaddress.ip_address"
            | "ipaddress.ip_interface"
            | "ipaddress.ip_network"
            | "pathlib.Path"
            | "pathlib.PosixPath"
            | "pathlib.PurePath"
            | "pathlib.PurePosixPath"
            | "pathlib.PureWindowsPath"
            | "pathlib.WindowsPath"
            | "random.Random"
            | "threading.Event"
            | "threading.Lock"
            | "types.MappingProxyType"
            | "types.SimpleNamespace"
            | "uuid.UUID"
            | "uuid.uuid4"
            | "zoneinfo.ZoneInfo"
            | "datetime.datetime.now"
            | "datetime.datetime.fromisoformat"
            | "datetime.datetime.utcnow"
            | "datetime.date.today"
            | "datetime.datetime.today"
            | "datetime.date.fromisoformat"
            | "datetime.datetime.strptime"
            | "contextlib.nullcontext"
            | "pytest.raises"
            | "operator.itemgetter"
            | "operator.attrgetter"
            | "operator.methodcaller"
    )
}
