//! Configurations compared with real pytest.
//!
//! `FASTEST_TEST_PYTHON` names a Python that has pytest; without it the test says so and passes.
//! `FASTEST_TEST_SEED` and `FASTEST_TEST_CASES` choose other and more cases.

mod layouts;

use std::io::Write as _;
use std::process::{Command, Stdio};

use fastest_workspace::config::ini::Setting;
use fastest_workspace::config::{ArgsSource, Config, Env, load};
use fastest_workspace::options::{Capture, Color, ImportMode, Traceback, UsageError};
use serde_json::{Map, Value, json};

use layouts::{Case, Random};

#[test]
fn generated_projects_are_configured_as_pytest_does() {
    let Some(python) = python() else { return };
    let seed = number("FASTEST_TEST_SEED", 1);
    let root = tempfile::tempdir().expect("a temporary directory");
    let base = root.path().canonicalize().expect("it exists");
    let mut random = Random(seed);
    let cases: Vec<Case> = (0..number("FASTEST_TEST_CASES", 300))
        .map(|n| random.case(&base.join(n.to_string())))
        .collect();
    println!("seed {seed}, {} cases", cases.len());
    compare(&python, &cases);
}

/// Projects on disk: `FASTEST_TEST_PROJECTS` holds lines of a directory, a tab, and its Python.
#[test]
fn real_projects_are_configured_as_pytest_does() {
    let Ok(projects) = std::env::var("FASTEST_TEST_PROJECTS") else {
        println!("not run: FASTEST_TEST_PROJECTS is not set");
        return;
    };
    for (dir, python) in projects.lines().filter_map(|line| line.split_once('\t')) {
        println!("{dir}");
        compare(python, &[Case { dir: dir.into(), argv: Vec::new(), addopts: None, alone: false }]);
    }
}

fn python() -> Option<String> {
    let python = std::env::var("FASTEST_TEST_PYTHON").ok();
    if python.is_none() {
        println!("not run: FASTEST_TEST_PYTHON is not set to a Python that has pytest");
    }
    python
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn compare(python: &str, cases: &[Case]) {
    let answers = oracle(python, cases);
    let version = answers[0].as_str().expect("the version comes first").to_owned();
    let mut numbers = version.split('.').map(|n| n.parse::<u16>().unwrap_or_default());
    let version = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let wrong: Vec<String> = cases
        .iter()
        .zip(&answers[1..])
        .filter_map(|(case, theirs)| difference(case, theirs, &ours(case, version, theirs)))
        .collect();
    assert_eq!(answers.len(), cases.len() + 1, "pytest answered every case");
    let shown: Vec<&str> = wrong.iter().take(5).map(String::as_str).collect();
    let errors = answers.iter().filter(|answer| answer.get("error").is_some()).count();
    println!("pytest {version:?}: {} cases, {errors} of them errors", cases.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), shown.join("\n"));
}

fn oracle(python: &str, cases: &[Case]) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config_oracle.py");
    let input: Vec<Value> = cases
        .iter()
        .map(|case| {
            let env = case.addopts.iter().map(|text| ("PYTEST_ADDOPTS", text)).collect::<Vec<_>>();
            let env: Map<String, Value> =
                env.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect();
            json!({"cwd": case.dir, "argv": case.argv, "env": env, "alone": case.alone})
        })
        .collect();
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("FASTEST_TEST_PYTHON can be started");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(json!(input).to_string().as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Both answers, if they differ. Errors are worded by pytest, Python and us, each their way: that
/// there is one is what counts.
fn difference(case: &Case, theirs: &Value, ours: &Value) -> Option<String> {
    if failed(theirs) && failed(ours) {
        if std::env::var_os("FASTEST_TEST_SHOW_ERRORS").is_some() {
            println!("pytest: {}\n  ours: {}", theirs["error"], ours["error"]);
        }
        return None;
    }
    let (theirs, ours) = (without_empty(theirs), without_empty(ours));
    (theirs != ours).then(|| format!("{case:?}\n{}", unequal("", &theirs, &ours)))
}

/// The values that differ, by name.
fn unequal(name: &str, theirs: &Value, ours: &Value) -> String {
    match (theirs, ours) {
        _ if theirs == ours => String::new(),
        (Value::Object(a), Value::Object(b)) if !failed(theirs) && !failed(ours) => {
            let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
            names.map(|name| unequal(name, &theirs[name], &ours[name])).collect()
        }
        _ => format!("{name}\n  pytest: {theirs}\n  ours:   {ours}\n"),
    }
}

fn failed(answer: &Value) -> bool {
    answer.get("error").is_some()
}

/// An answer without what is empty (older versions have no value where newer have an empty one),
/// with numbers as text, and without pytest 9.2's name for an empty default.
fn without_empty(value: &Value) -> Value {
    let empty = |value: &Value| {
        *value == Value::Null
            || *value == json!("")
            || *value == json!("skip")
            || *value == json!([])
    };
    match value {
        Value::Object(entries) => entries
            .iter()
            .filter(|(_, value)| !empty(value))
            .map(|(name, value)| (name.clone(), without_empty(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Number(number) => json!(number.as_f64().unwrap_or_default().to_string()),
        other => other.clone(),
    }
}

fn ours(case: &Case, version: (u16, u16), theirs: &Value) -> Value {
    let mut env = Env::new([("HOME".to_owned(), std::env::var("HOME").unwrap_or_default())]);
    env.addopts.clone_from(&case.addopts);
    let loaded = load(&case.dir, &case.argv, &env, version)
        .and_then(|config| config.options.unrecognized(version, |_| !case.alone).map(|()| config));
    match loaded {
        Ok(config) => described(&config, theirs),
        Err(error) => json!({"error": error.to_string()}),
    }
}

/// A configuration, as far as pytest has answered: plugins that are kept out have no options.
fn described(config: &Config, theirs: &Value) -> Value {
    let names = |part: &str| theirs[part].as_object().map(|names| names.keys().cloned());
    let mut options = options(config);
    options.retain(|name, _| names("options").is_none_or(|mut names| names.any(|n| n == *name)));
    let ini = names("ini").into_iter().flatten();
    let ini: Map<String, Value> =
        ini.map(|name| (name.clone(), setting(config.getini(&name)))).collect();
    let source = match config.args_source {
        ArgsSource::Args => "ARGS",
        ArgsSource::Testpaths => "TESTPATHS",
        ArgsSource::InvocationDir => "INVOCATION_DIR",
    };
    json!({
        "rootdir": config.rootdir,
        "inipath": config.inipath,
        "args": config.args,
        "source": source,
        "options": options,
        "ini": ini,
    })
}

fn options(config: &Config) -> Map<String, Value> {
    let options = &config.options;
    let several = |list: &Vec<String>| if list.is_empty() { Value::Null } else { json!(list) };
    json!({
        "keyword": options.selecting.keyword,
        "markexpr": options.selecting.mark,
        "verbose": options.display.verbosity,
        "ignore": several(&options.collecting.ignore),
        "ignore_glob": several(&options.collecting.ignore_glob),
        "deselect": several(&options.selecting.deselect),
        "maxfail": Some(options.running.max_fail).filter(|limit| *limit != 0),
        "plugins": several(&options.configuring.plugins),
        "importmode": match options.collecting.import_mode {
            ImportMode::Prepend => "prepend",
            ImportMode::Append => "append",
            ImportMode::Importlib => "importlib",
        },
        "pyargs": options.collecting.pyargs,
        "keepduplicates": options.collecting.keep_duplicates,
        "collectonly": options.collecting.only,
        "reportchars": options.display.report,
        "tbstyle": match options.display.traceback {
            Traceback::Auto => "auto",
            Traceback::Long => "long",
            Traceback::Short => "short",
            Traceback::No => "no",
            Traceback::Line => "line",
            Traceback::Native => "native",
        },
        "capture": match options.running.capture {
            Capture::Fd => "fd",
            Capture::Sys => "sys",
            Capture::No => "no",
            Capture::TeeSys => "tee-sys",
        },
        "durations": options.display.durations,
        "doctestglob": options.collecting.doctest_glob,
        "doctestmodules": options.collecting.doctest_modules,
        "color": match options.display.color {
            Color::Yes => "yes",
            Color::No => "no",
            Color::Auto => "auto",
        },
        "lf": options.selecting.last_failed,
        "failedfirst": options.selecting.failed_first,
        "newfirst": options.selecting.new_first,
        "stepwise": options.selecting.stepwise,
        "showlocals": options.display.locals,
        "noconftest": options.collecting.noconftest,
        "continue_on_collection_errors": options.collecting.continue_on_errors,
    })
    .as_object()
    .cloned()
    .unwrap_or_default()
}

fn setting(read: Result<Setting, UsageError>) -> Value {
    match read {
        Err(_) => json!({"error": true}),
        Ok(Setting::None) => Value::Null,
        Ok(Setting::Text(text)) => json!(text),
        Ok(Setting::Bool(truth)) => json!(truth),
        Ok(Setting::Int(number)) => json!(number),
        Ok(Setting::Float(number)) => json!(number),
        Ok(Setting::List(list)) => json!(list),
        Ok(Setting::Paths(paths)) => json!(paths),
    }
}
