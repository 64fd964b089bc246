//! Configuration values: what a file and `-o` say, read as the option's type demands.
//!
//! This is pytest's `Config.getini`. Values of INI files, of `[tool.pytest.ini_options]` and of
//! `-o` are text that is converted; those of pytest 9's TOML tables keep their types, which are
//! checked.

use std::path::{Path, PathBuf};

use super::known::{self, Kind, Known};
use super::python_text::{quoted, repr, type_name};
use crate::options::{PytestVersion, UsageError, shell};

/// How values are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As text that is converted.
    #[default]
    Ini,
    /// As typed values that are checked.
    Toml,
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, to be converted.
    Text(String),
    /// A list of `[tool.pytest.ini_options]`.
    List(Vec<String>),
    /// A value of a TOML table that is read natively.
    Native(toml::Value),
}

/// A value as its option takes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Not set, and without a default.
    None,
    /// Text.
    Text(String),
    /// Truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Several texts.
    List(Vec<String>),
    /// Several paths, absolute.
    Paths(Vec<PathBuf>),
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    name: String,
    value: Value,
    overridden: bool,
}

/// All values of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct Ini {
    inipath: Option<PathBuf>,
    invocation_dir: PathBuf,
    version: PytestVersion,
    entries: Vec<Entry>,
}

impl Ini {
    /// Nothing set; paths count from the file's directory, or where pytest was called.
    #[must_use]
    pub fn new(inipath: Option<PathBuf>, invocation_dir: &Path, version: PytestVersion) -> Self {
        let invocation_dir = invocation_dir.to_owned();
        Self { inipath, invocation_dir, version, entries: Vec::new() }
    }

    /// Takes what the file says.
    pub fn set_file(&mut self, table: super::files::Table) {
        let entry = |(name, value)| Entry { name, value, overridden: false };
        self.entries = table.entries.into_iter().map(entry).collect();
    }

    /// Puts what `-o` says over it.
    pub fn set_overrides(&mut self, overrides: Vec<(String, String)>) {
        for (name, value) in overrides {
            self.entries.retain(|entry| entry.name != name);
            self.entries.push(Entry { name, value: Value::Text(value), overridden: true });
        }
    }

    /// The names that are set, in the file's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The names that are set and that pytest itself does not know, sorted. Plugins may.
    #[must_use]
    pub fn foreign(&self) -> Vec<&str> {
        let mut foreign: Vec<&str> =
            self.names().filter(|name| known::find(name, self.version).is_none()).collect();
        foreign.sort_unstable();
        foreign
    }

    /// The value of an option as it is written; for options of plugins.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.name == name).map(|entry| &entry.value)
    }

    /// Whether an option of a plugin has a text.
    #[must_use]
    pub fn is_text(&self, name: &str, text: &str) -> bool {
        match self.raw(name) {
            Some(Value::Text(found) | Value::Native(toml::Value::String(found))) => found == text,
            _ => false,
        }
    }

    /// pytest's `getini`: the value, or the default. An option that pytest does not know is none.
    ///
    /// # Errors
    /// When the value is not what the option takes.
    pub fn get(&self, name: &str) -> Result<Setting, UsageError> {
        let Some(known) = known::find(name, self.version) else { return Ok(Setting::None) };
        match self.chosen(known) {
            None => Ok(known.default.setting()),
            Some(entry) => self.read(known, entry).map_err(|error| self.placed(error, known.name)),
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// As [`Ini::get`].
    pub fn list(&self, name: &str) -> Result<Vec<String>, UsageError> {
        match self.get(name)? {
            Setting::List(list) => Ok(list),
            _ => Ok(Vec::new()),
        }
    }

    /// A list of paths.
    ///
    /// # Errors
    /// As [`Ini::get`].
    pub fn paths(&self, name: &str) -> Result<Vec<PathBuf>, UsageError> {
        match self.get(name)? {
            Setting::Paths(paths) => Ok(paths),
            _ => Ok(Vec::new()),
        }
    }

    /// A truth; `None` when it is neither set nor has a default.
    ///
    /// # Errors
    /// As [`Ini::get`].
    pub fn truth(&self, name: &str) -> Result<Option<bool>, UsageError> {
        match self.get(name)? {
            Setting::Bool(truth) => Ok(Some(truth)),
            _ => Ok(None),
        }
    }

    /// A truth that falls back on `strict` (pytest 9).
    ///
    /// # Errors
    /// As [`Ini::get`].
    pub fn strictness(&self, name: &str) -> Result<bool, UsageError> {
        match self.truth(name)? {
            Some(truth) => Ok(truth),
            None => Ok(self.truth("strict")?.unwrap_or_default()),
        }
    }

    /// A text; numbers as they are written.
    ///
    /// # Errors
    /// As [`Ini::get`].
    pub fn text(&self, name: &str) -> Result<String, UsageError> {
        Ok(match self.get(name)? {
            Setting::Text(text) => text,
            Setting::Int(number) => number.to_string(),
            Setting::Float(number) => number.to_string(),
            _ => String::new(),
        })
    }

    /// The entry that counts: `-o` before the file, the option's own name before an alias.
    fn chosen(&self, known: &Known) -> Option<&Entry> {
        let own = |entry: &&Entry| entry.name == known.name;
        self.entries
            .iter()
            .filter(|entry| own(entry) || known.aliases(self.version).contains(&&*entry.name))
            .max_by_key(|entry| (entry.overridden, own(entry)))
    }

    fn read(&self, known: &Known, entry: &Entry) -> Result<Setting, UsageError> {
        let Kind::AnyOf(kinds) = known.kind(self.version) else {
            return self.convert(known.name, known.kind(self.version), &entry.value);
        };
        if let Some(setting) =
            kinds.iter().find_map(|kind| self.convert(known.name, *kind, &entry.value).ok())
        {
            return Ok(setting);
        }
        let expected = kinds.iter().map(|kind| kind.shown()).collect::<Vec<_>>().join(" | ");
        let (got, value) = described(&entry.value);
        Err(self.fault(known.name, &format!("one of {expected}, got {got}: {value}")))
    }

    fn convert(&self, name: &str, kind: Kind, value: &Value) -> Result<Setting, UsageError> {
        if let Kind::Choice(choices) = kind {
            return self.choice(name, choices, value);
        }
        match value {
            Value::Text(text) => self.text_as(kind, text),
            Value::List(items) => self.list_as(name, kind, items),
            Value::Native(value) => self.native_as(name, kind, value),
        }
    }

    fn text_as(&self, kind: Kind, text: &str) -> Result<Setting, UsageError> {
        let words = || shell::split(text).map_err(UsageError::new);
        let bad = |kind: &str| UsageError::new(format!("invalid {kind}: {}", quoted(text)));
        Ok(match kind {
            Kind::Paths => Setting::Paths(self.absolute(&words()?)),
            Kind::Args => Setting::List(words()?),
            Kind::Lines => Setting::List(
                text.split('\n')
                    .map(str::trim)
                    .filter(|l| !l.is_empty())
                    .map(String::from)
                    .collect(),
            ),
            Kind::Bool => Setting::Bool(truth(text.trim())?),
            Kind::Int => Setting::Int(text.trim().parse().map_err(|_| bad("number"))?),
            Kind::Float => Setting::Float(text.trim().parse().map_err(|_| bad("number"))?),
            Kind::Text | Kind::Choice(_) | Kind::AnyOf(_) => Setting::Text(text.to_owned()),
        })
    }

    fn list_as(&self, name: &str, kind: Kind, items: &[String]) -> Result<Setting, UsageError> {
        let written = || {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            format!("[{}]", items.join(", "))
        };
        match kind {
            Kind::Paths => Ok(Setting::Paths(self.absolute(items))),
            Kind::Args | Kind::Lines => Ok(Setting::List(items.to_vec())),
            Kind::Bool => truth(&written()).map(Setting::Bool),
            Kind::Int | Kind::Float => Err(UsageError::new(format!(
                "Expected {} string for option {name} of type {}, but got: {}",
                if matches!(kind, Kind::Int) { "an int" } else { "a float" },
                if matches!(kind, Kind::Int) { "integer" } else { "float" },
                written()
            ))),
            Kind::Text | Kind::Choice(_) | Kind::AnyOf(_) => Ok(Setting::List(items.to_vec())),
        }
    }

    fn native_as(
        &self,
        name: &str,
        kind: Kind,
        value: &toml::Value,
    ) -> Result<Setting, UsageError> {
        use toml::Value as Toml;
        Ok(match (kind, value) {
            (Kind::Paths, Toml::Array(items)) => {
                Setting::Paths(self.absolute(&self.texts(name, items)?))
            }
            (Kind::Args | Kind::Lines, Toml::Array(items)) => {
                Setting::List(self.texts(name, items)?)
            }
            (Kind::Bool, Toml::Boolean(truth)) => Setting::Bool(*truth),
            (Kind::Int, Toml::Integer(number)) => Setting::Int(*number),
            (Kind::Float, Toml::Float(number)) => Setting::Float(*number),
            #[expect(clippy::cast_precision_loss, reason = "Python does the same when it counts")]
            (Kind::Float, Toml::Integer(number)) => Setting::Float(*number as f64),
            (Kind::Text, Toml::String(text)) => Setting::Text(text.clone()),
            _ => {
                let got = format!("got {}: {}", type_name(value), repr(value));
                return Err(self.fault(name, &format!("{}, {got}", kind.wanted())));
            }
        })
    }

    fn texts(&self, name: &str, items: &[toml::Value]) -> Result<Vec<String>, UsageError> {
        let text = |(index, item): (usize, &toml::Value)| match item {
            toml::Value::String(text) => Ok(text.clone()),
            other => Err(self.fault(
                name,
                &format!(
                    "a list of strings, but item at index {index} is {}: {}",
                    type_name(other),
                    repr(other)
                ),
            )),
        };
        items.iter().enumerate().map(text).collect()
    }

    fn choice(
        &self,
        name: &str,
        choices: &'static [&'static str],
        value: &Value,
    ) -> Result<Setting, UsageError> {
        let text = match value {
            Value::Text(text) | Value::Native(toml::Value::String(text)) => text,
            other => {
                let (got, value) = described(other);
                return Err(self.fault(name, &format!("a string, got {got}: {value}")));
            }
        };
        if choices.contains(&text.as_str()) {
            return Ok(Setting::Text(text.clone()));
        }
        let offered = Kind::Choice(choices).shown();
        Err(self.fault(name, &format!("one of {offered}, got {}", quoted(text))))
    }

    /// pytest's error about a value.
    fn fault(&self, name: &str, expected: &str) -> UsageError {
        let path =
            self.inipath.as_ref().map_or("None".to_owned(), |path| path.display().to_string());
        UsageError::new(format!("{path}: config option '{name}' expects {expected}"))
    }

    /// Says whose value an error is about, where pytest does not.
    fn placed(&self, error: UsageError, name: &str) -> UsageError {
        if error.message.contains(name) {
            return error;
        }
        let error = error.context("config option", name);
        match &self.inipath {
            Some(path) => error.context("inifile", path.display().to_string()),
            None => error,
        }
    }

    fn absolute(&self, paths: &[String]) -> Vec<PathBuf> {
        let base = self.inipath.as_ref().and_then(|path| path.parent());
        let base = base.unwrap_or(&self.invocation_dir);
        paths.iter().map(|path| base.join(path).components().collect()).collect()
    }
}

/// pytest's `parse_override_ini`: names and values of `-o`; the last one of a name counts.
///
/// # Errors
/// When an `-o` has no `=`.
pub fn parse_overrides(overrides: &[String]) -> Result<Vec<(String, String)>, UsageError> {
    let parse = |text: &String| match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(UsageError::new(format!(
            "-o/--override-ini expects option=value style (got: {}).",
            quoted(text)
        ))),
    };
    overrides.iter().map(parse).collect()
}

/// pytest's `_strtobool`.
fn truth(text: &str) -> Result<bool, UsageError> {
    match text.to_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Ok(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Ok(false),
        _ => Err(UsageError::new(format!("invalid truth value {}", quoted(&text.to_lowercase())))
            .hint("true or false")),
    }
}

/// The Python type and the `repr` of a value.
fn described(value: &Value) -> (&'static str, String) {
    match value {
        Value::Text(text) => ("str", quoted(text)),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            ("list", format!("[{}]", items.join(", ")))
        }
        Value::Native(value) => (type_name(value), repr(value)),
    }
}
