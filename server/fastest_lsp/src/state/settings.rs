//! Settings of a root: `docs/settings.schema.json`, read from JSON.

use std::collections::BTreeMap;

use fastest_ide::diagnostics::Rule;
use serde_json::{Map, Value};

/// When tests run without being asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContinuousSetting {
    /// Never.
    #[default]
    Off,
    /// After a save.
    Save,
    /// After a pause in typing.
    Edit,
}

/// Who watches files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// The client where it can, else the server.
    #[default]
    Auto,
    /// The server.
    Server,
    /// Nobody.
    Off,
}

/// Which lenses are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct LensSettings {
    /// Any.
    pub enable: bool,
    /// Debug.
    pub debug: bool,
    /// The last result.
    pub result: bool,
    /// On rows of parametrize.
    pub cases: bool,
}

/// The settings of a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The interpreter or environment; `None`: found.
    pub interpreter: Option<String>,
    /// pytest's arguments.
    pub args: Vec<String>,
    /// Where pytest is started.
    pub cwd: Option<String>,
    /// Variables for the tests.
    pub env: BTreeMap<String, String>,
    /// Workers; `None`: one for each core.
    pub workers: Option<usize>,
    /// Whether tests may be run.
    pub trusted: bool,
    /// When tests run without being asked.
    pub continuous: ContinuousSetting,
    /// The pause in typing.
    pub debounce_ms: u64,
    /// Whether files whose tests were run are collected again when they are saved.
    pub collect_on_save: bool,
    /// Lenses.
    pub lens: LensSettings,
    /// Failures as diagnostics.
    pub failures: bool,
    /// Collection errors as diagnostics.
    pub collection: bool,
    /// What the rules find as diagnostics.
    pub rules: bool,
    /// Rules that are switched off.
    pub rules_off: Vec<Rule>,
    /// Where debugpy is.
    pub debugpy_path: Option<String>,
    /// Who watches files.
    pub watch: Watch,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interpreter: None,
            args: Vec::new(),
            cwd: None,
            env: BTreeMap::new(),
            workers: None,
            trusted: true,
            continuous: ContinuousSetting::Off,
            debounce_ms: 300,
            collect_on_save: true,
            lens: LensSettings { enable: true, debug: true, result: true, cases: true },
            failures: true,
            collection: true,
            rules: true,
            rules_off: Vec::new(),
            debugpy_path: None,
            watch: Watch::Auto,
        }
    }
}

impl Settings {
    /// These settings with what a client says instead, and what it says wrongly: each a sentence.
    pub fn with(&self, value: &Value) -> (Self, Vec<String>) {
        let mut reader = Reader { wrong: Vec::new() };
        let mut settings = self.clone();
        match value {
            Value::Null => {}
            Value::Object(given) => settings.read(given, &mut reader),
            _ => reader.wrong.push("the settings of fastest are to be an object".to_owned()),
        }
        (settings, reader.wrong)
    }

    fn read(&mut self, given: &Map<String, Value>, reader: &mut Reader) {
        for (name, value) in given {
            match name.as_str() {
                "interpreter" => reader.text_or_null(name, value, &mut self.interpreter),
                "args" => reader.texts(name, value, &mut self.args),
                "cwd" => reader.text_or_null(name, value, &mut self.cwd),
                "env" => reader.variables(name, value, &mut self.env),
                "workers" => reader.workers(name, value, &mut self.workers),
                "trusted" => reader.flag(name, value, &mut self.trusted),
                "continuous" => self.continuous = reader.continuous(value, self.continuous),
                "debounceMs" => reader.number(name, value, &mut self.debounce_ms),
                "collectOnSave" => reader.flag(name, value, &mut self.collect_on_save),
                "debugpyPath" => reader.text_or_null(name, value, &mut self.debugpy_path),
                "watch" => self.watch = reader.watch(value, self.watch),
                "codeLens" => self.read_lenses(value, reader),
                "diagnostics" => self.read_diagnostics(value, reader),
                // Settings of the client's own live in the same section.
                _ => {}
            }
        }
    }

    fn read_lenses(&mut self, value: &Value, reader: &mut Reader) {
        for (name, value) in value.as_object().into_iter().flatten() {
            let full = format!("codeLens.{name}");
            match name.as_str() {
                "enable" => reader.flag(&full, value, &mut self.lens.enable),
                "debug" => reader.flag(&full, value, &mut self.lens.debug),
                "result" => reader.flag(&full, value, &mut self.lens.result),
                "cases" => reader.flag(&full, value, &mut self.lens.cases),
                _ => {}
            }
        }
    }

    fn read_diagnostics(&mut self, value: &Value, reader: &mut Reader) {
        for (name, value) in value.as_object().into_iter().flatten() {
            let full = format!("diagnostics.{name}");
            match name.as_str() {
                "failures" => reader.flag(&full, value, &mut self.failures),
                "collection" => reader.flag(&full, value, &mut self.collection),
                "rules" => reader.flag(&full, value, &mut self.rules),
                "off" => reader.rules(&full, value, &mut self.rules_off),
                _ => {}
            }
        }
    }

    /// Whether what is discovered depends on the difference.
    pub fn discovers_like(&self, other: &Self) -> bool {
        self.interpreter == other.interpreter
            && self.args == other.args
            && self.cwd == other.cwd
            && self.env == other.env
    }
}

struct Reader {
    wrong: Vec<String>,
}

impl Reader {
    fn wrong(&mut self, name: &str, value: &Value, expected: &str) {
        self.wrong.push(format!("`fastest.{name}` is to be {expected}, not `{value}`"));
    }

    fn flag(&mut self, name: &str, value: &Value, to: &mut bool) {
        match value.as_bool() {
            Some(flag) => *to = flag,
            None => self.wrong(name, value, "true or false"),
        }
    }

    fn rules(&mut self, name: &str, value: &Value, to: &mut Vec<Rule>) {
        let mut codes = Vec::new();
        self.texts(name, value, &mut codes);
        to.clear();
        for code in codes {
            match Rule::from_code(&code) {
                Some(rule) => to.push(rule),
                None => self.wrong.push(format!("`fastest.{name}` names no rule with `{code}`")),
            }
        }
    }

    fn number(&mut self, name: &str, value: &Value, to: &mut u64) {
        match value.as_u64() {
            Some(number) => *to = number,
            None => self.wrong(name, value, "a number"),
        }
    }

    fn text_or_null(&mut self, name: &str, value: &Value, to: &mut Option<String>) {
        match value {
            Value::Null => *to = None,
            Value::String(text) => *to = Some(text.clone()).filter(|text| !text.is_empty()),
            _ => self.wrong(name, value, "a text or null"),
        }
    }

    fn texts(&mut self, name: &str, value: &Value, to: &mut Vec<String>) {
        let texts = value.as_array().map(|values| {
            values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        match texts.flatten() {
            Some(texts) => *to = texts,
            None => self.wrong(name, value, "a list of texts"),
        }
    }

    fn variables(&mut self, name: &str, value: &Value, to: &mut BTreeMap<String, String>) {
        let variables = value.as_object().map(|given| {
            let pair =
                |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
            given.iter().map(pair).collect::<Option<BTreeMap<_, _>>>()
        });
        match variables.flatten() {
            Some(variables) => *to = variables,
            None => self.wrong(name, value, "an object of texts"),
        }
    }

    fn workers(&mut self, name: &str, value: &Value, to: &mut Option<usize>) {
        match (value.as_str(), value.as_u64()) {
            (Some("auto"), _) => *to = None,
            (_, Some(count @ 1..)) => *to = usize::try_from(count).ok(),
            _ => self.wrong(name, value, "\"auto\" or a number from 1"),
        }
    }

    fn continuous(&mut self, value: &Value, before: ContinuousSetting) -> ContinuousSetting {
        match value.as_str() {
            Some("off") => ContinuousSetting::Off,
            Some("save") => ContinuousSetting::Save,
            Some("edit") => ContinuousSetting::Edit,
            _ => {
                self.wrong("continuous", value, "\"off\", \"save\" or \"edit\"");
                before
            }
        }
    }

    fn watch(&mut self, value: &Value, before: Watch) -> Watch {
        match value.as_str() {
            Some("auto") => Watch::Auto,
            Some("server") => Watch::Server,
            Some("off") => Watch::Off,
            _ => {
                self.wrong("watch", value, "\"auto\", \"server\" or \"off\"");
                before
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Settings;

    #[test]
    fn wrong_values_are_named_and_leave_the_default() {
        let (settings, wrong) = Settings::default().with(&json!({
            "args": ["-k", 1], "workers": 0, "trusted": false, "cwd": "", "codeLens": {"debug": 1},
            "watch": "never", "env": {"A": "1"}, "other": 5
        }));
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        assert!(wrong[0].starts_with("`fastest.args` is to be a list of texts, not"));
        let env = [("A".to_owned(), "1".to_owned())].into();
        assert_eq!(settings, Settings { trusted: false, env, ..Settings::default() });
    }

    /// The schema, the page and the code speak of the same settings with the same defaults.
    #[test]
    fn the_schema_has_every_setting_and_its_default() {
        let schema = include_str!("../../../../docs/settings.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let mut defaults = json!({});
        for (name, property) in schema["properties"].as_object().unwrap() {
            defaults[name] = match property.get("properties").and_then(Value::as_object) {
                Some(inner) => {
                    inner.iter().map(|(k, v)| (k.clone(), v["default"].clone())).collect()
                }
                None => property["default"].clone(),
            };
        }
        let flipped = Settings { trusted: false, debounce_ms: 7, ..Settings::default() };
        let (read, wrong) = flipped.with(&defaults);
        assert_eq!((read, wrong), (Settings::default(), Vec::new()));
    }
}
