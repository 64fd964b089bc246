//! What is known by heart of the standard library's and pytest's objects.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::containers::computed;
use super::numbers::{count, int};
use super::{Named, Value};
use crate::world::Settings;

/// Classes and functions whose `__name__` is the name that they go by, in CPython 3.9 to 3.13:
/// a module, a colon and names on each line.
const OBJECTS: &str = include_str!("stdlib_objects.txt");

static BY_MODULE: LazyLock<FxHashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (module, names) = line.split_once(": ")?;
        Some((module, names.split(' ').collect()))
    };
    OBJECTS.lines().filter_map(line).collect()
});

/// Decorators that give what they decorate, or something of the same name.
pub const KEEPING_NAME: &[&str] = &[
    "builtins.staticmethod",
    "contextlib.asynccontextmanager",
    "contextlib.contextmanager",
    "dataclasses.dataclass",
    "enum.unique",
    "functools.cache",
    "functools.lru_cache",
    "functools.total_ordering",
    "typing.final",
    "typing.no_type_check",
    "typing.runtime_checkable",
];

/// The decorators of the `attrs` package.
pub const ATTRS: &[&str] = &[
    "attr.attrs",
    "attr.define",
    "attr.frozen",
    "attr.mutable",
    "attr.s",
    "attrs.define",
    "attrs.frozen",
    "attrs.mutable",
];

/// Methods of `str` that are used as functions.
const STR_METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "format",
    "join",
    "lower",
    "lstrip",
    "replace",
    "rstrip",
    "split",
    "strip",
    "swapcase",
    "title",
    "upper",
];

/// The value of something outside of the sources, if it is known.
pub fn external(dotted: &str, settings: &Settings) -> Option<Value> {
    let (module, name) = dotted.rsplit_once('.')?;
    match module {
        "string" => string(name),
        "math" | "cmath" => math(name),
        "sys" => sys(name, settings),
        "os" => os(name, settings),
        "logging" => level(name),
        "pytest" => pytest(name, settings),
        "builtins" => builtin(name),
        "pickle" if name == "HIGHEST_PROTOCOL" => Some(count(5)),
        "codecs" if name == "BOM_UTF8" => Some(Value::Bytes(b"\xef\xbb\xbf".to_vec())),
        "datetime" if name == "UTC" => Some(Value::Object),
        "datetime.timezone" if matches!(name, "utc" | "min" | "max") => Some(Value::Object),
        "datetime.date" | "datetime.datetime" | "datetime.time" | "datetime.timedelta"
            if matches!(name, "min" | "max" | "resolution") =>
        {
            Some(Value::Object)
        }
        "builtins.str" if STR_METHODS.contains(&name) => {
            Some(Value::Named(Named { name: name.into(), path: dotted.into(), place: None }))
        }
        _ => None,
    }
    .or_else(|| named(module, name, dotted))
}

fn named(module: &str, name: &str, dotted: &str) -> Option<Value> {
    let names = BY_MODULE.get(module)?;
    names
        .binary_search(&name)
        .is_ok()
        .then(|| Value::Named(Named { name: name.into(), path: dotted.into(), place: None }))
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Str(text.into()))
}

fn builtin(name: &str) -> Option<Value> {
    match name {
        "NotImplemented" => Some(Value::Object),
        "Ellipsis" => Some(Value::Ellipsis),
        "__debug__" => Some(Value::Bool(true)),
        "EnvironmentError" | "IOError" => Some(Value::Named(Named {
            name: "OSError".into(),
            path: "builtins.OSError".into(),
            place: None,
        })),
        _ => None,
    }
}

fn string(name: &str) -> Option<Value> {
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    const WHITESPACE: &str = " \t\n\r\u{b}\u{c}";
    match name {
        "ascii_letters" => text(&[LOWER, UPPER].concat()),
        "ascii_lowercase" => text(LOWER),
        "ascii_uppercase" => text(UPPER),
        "digits" => text("0123456789"),
        "hexdigits" => text("0123456789abcdefABCDEF"),
        "octdigits" => text("01234567"),
        "punctuation" => text(PUNCTUATION),
        "whitespace" => text(WHITESPACE),
        "printable" => text(&["0123456789", LOWER, UPPER, PUNCTUATION, WHITESPACE].concat()),
        _ => None,
    }
}

fn math(name: &str) -> Option<Value> {
    match name {
        "pi" => Some(Value::Float(std::f64::consts::PI)),
        "e" => Some(Value::Float(std::f64::consts::E)),
        "tau" => Some(Value::Float(std::f64::consts::TAU)),
        "inf" => Some(Value::Float(f64::INFINITY)),
        "nan" => Some(Value::Float(f64::NAN)),
        _ => None,
    }
}

/// The micro version and what follows it are not known.
fn sys(name: &str, settings: &Settings) -> Option<Value> {
    match name {
        "maxsize" => Some(int(i64::MAX)),
        "maxunicode" => Some(int(0x0010_ffff)),
        "platform" => text(&settings.platform),
        "version_info" => {
            let unknown = || computed(Value::Unknown("it is Python's full version".into()));
            let (major, minor) = settings.python;
            let parts = [int(major), int(minor)].map(computed);
            Some(Value::Tuple(parts.into_iter().chain((0..3).map(|_| unknown())).collect()))
        }
        _ => None,
    }
}

fn os(name: &str, settings: &Settings) -> Option<Value> {
    let is_windows = settings.platform == "win32";
    match name {
        "name" => text(if is_windows { "nt" } else { "posix" }),
        "sep" => text(if is_windows { "\\" } else { "/" }),
        "linesep" => text(if is_windows { "\r\n" } else { "\n" }),
        "pathsep" => text(if is_windows { ";" } else { ":" }),
        "curdir" => text("."),
        "pardir" => text(".."),
        "F_OK" => Some(count(0)),
        _ => None,
    }
}

fn level(name: &str) -> Option<Value> {
    match name {
        "NOTSET" => Some(count(0)),
        "DEBUG" => Some(count(10)),
        "INFO" => Some(count(20)),
        "WARNING" | "WARN" => Some(count(30)),
        "ERROR" => Some(count(40)),
        "CRITICAL" | "FATAL" => Some(count(50)),
        _ => None,
    }
}

fn pytest(name: &str, settings: &Settings) -> Option<Value> {
    match name {
        "HIDDEN_PARAM" if settings.pytest >= (8, 4) => Some(Value::HiddenParam),
        "raises" | "warns" | "deprecated_call" | "param" => {
            let path = compact_str::format_compact!("pytest.{name}");
            Some(Value::Named(Named { name: name.into(), path, place: None }))
        }
        _ => None,
    }
}
