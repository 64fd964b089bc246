//! Ids of parametrized functions, compared with real pytest.
//!
//! `FASTEST_TEST_PYTHON` names an interpreter that has pytest; without it nothing is compared,
//! and the test says so. An id that is given must be pytest's; what cannot be known is marked in
//! `parametrize/test_cases.py`, and nothing else may be unknown.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use fastest_index::names::{FunctionRef, Query, Scope};
use fastest_index::values::{
    Case, Decorator, Subject, Trouble, decorators, evaluate, fixture_params, parametrization,
};
use fastest_index::world::{File, Module};
use fastest_index::{Settings, World};
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::{Function, Statement};
use fastest_syntax::scan;

const SOURCE: &str = include_str!("parametrize/test_cases.py");

/// A function's ids, or why they cannot be known.
type Ids = Result<Vec<String>, String>;

#[test]
fn ids_are_those_of_pytest() {
    let Some(python) = std::env::var_os("FASTEST_TEST_PYTHON") else {
        eprintln!("SKIPPED: set FASTEST_TEST_PYTHON to an interpreter that has pytest");
        return;
    };
    let versions = ask_versions(Path::new(&python));
    let source = source_for(versions);
    let expected = ask_pytest(Path::new(&python), &source);
    let found = ids_of(&source, versions);
    let mut wrong = Vec::new();
    for (function, expected) in &expected {
        let is_marked = SOURCE.contains(&format!("\n# unknown\n{}", header(function)));
        match found.get(function) {
            Some(Ok(ids)) if ids == expected => {}
            Some(Err(_)) if is_marked => {}
            Some(Err(reason)) if is_exotic(function) => eprintln!("{function}: {reason}"),
            found => wrong.push(format!("{function}\n  pytest {expected:?}\n  ours   {found:?}")),
        }
    }
    assert!(expected.len() > 100, "pytest collected {} functions", expected.len());
    assert!(wrong.is_empty(), "{} functions differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Functions whose values need not be known, but if they are, they must be right.
fn is_exotic(function: &str) -> bool {
    matches!(
        function,
        "test_unsure_floats"
            | "test_ids_bound_method"
            | "test_large_int_times_float"
            | "test_standard_functions"
    )
}

/// The first line of a function's decorators, as it stands in the source.
fn header(function: &str) -> &'static str {
    let end = SOURCE.find(&format!("def {function}(")).expect("pytest collected it from there");
    let start = SOURCE[..end].rfind("\n\n").map_or(0, |at| at + 1);
    SOURCE[start..end].trim_start_matches(['\n']).trim_start_matches("# unknown\n")
}

type Versions = ((u16, u16), (u16, u16));

/// The versions of pytest and Python.
fn ask_versions(python: &Path) -> Versions {
    let script = "import sys, pytest\n\
        print(*pytest.__version__.split('.')[:2], *sys.version_info[:2])";
    let output =
        Command::new(python).args(["-c", script]).output().expect("FASTEST_TEST_PYTHON starts");
    let text = String::from_utf8(output.stdout).expect("Python prints UTF-8");
    let numbers: Vec<u16> =
        text.split_whitespace().map(|part| part.parse().expect("it is a number")).collect();
    ((numbers[0], numbers[1]), (numbers[2], numbers[3]))
}

/// The source without the functions that need a newer pytest.
fn source_for((pytest, _): Versions) -> String {
    let is_for = |block: &&str| pytest >= (8, 4) || !block.contains("HIDDEN_PARAM");
    let blocks: Vec<&str> = SOURCE.split("\n\n\n").filter(is_for).collect();
    blocks.join("\n\n\n")
}

/// The ids of each function in order.
fn ask_pytest(python: &Path, source: &str) -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parametrize_against_pytest");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    std::fs::write(folder.join("test_cases.py"), source).expect("the folder can be written to");
    std::fs::write(folder.join("pytest.ini"), "[pytest]\nmarkers = slow\n")
        .expect("the folder can be written to");
    let script = "import json, pytest\n\
        class P:\n  \
          def pytest_collection_finish(self, session):\n    \
            for item in session.items:\n      \
              call = getattr(item, 'callspec', None)\n      \
              if call: print('ID', json.dumps([item.originalname, item.name]))\n\
        pytest.main(['-q', '--collect-only', '-p', 'no:cacheprovider', '-W', 'ignore', \
        'test_cases.py'], plugins=[P()])\n";
    let output = Command::new(python)
        .args(["-c", script])
        .current_dir(&folder)
        .output()
        .expect("FASTEST_TEST_PYTHON starts");
    let text = String::from_utf8(output.stdout).expect("Python prints UTF-8");
    assert!(!text.contains("ERROR "), "{text}");
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let Some(pair) = line.strip_prefix("ID ") else { continue };
        let pair: Vec<String> = serde_json::from_str(pair).expect("it is JSON");
        let id =
            pair[1].strip_prefix(pair[0].as_str()).expect("it begins with the function").to_owned();
        expected.entry(pair[0].clone()).or_default().push(id);
    }
    expected
}

fn ids_of(source: &str, (pytest, python): Versions) -> BTreeMap<String, Ids> {
    let mut world = World::new(Settings { pytest, python, ..Settings::new("/project") });
    let file = world.set_file(File {
        path: Arc::from(Path::new("/project/test_cases.py")),
        module: "test_cases".into(),
        is_package: false,
        outline: Arc::new(scan(source)),
    });
    world.set_module("test_cases", Module::Source(file));
    let query = Query::new(&world);
    let mut ids = BTreeMap::new();
    let outline = &world.file(file).expect("it was put in").outline;
    for placed in &outline.statements {
        let functions: Vec<FunctionRef<'_>> = match &*placed.statement {
            Statement::Function(function) => {
                vec![FunctionRef { file, base: placed.start, function, owner: None }]
            }
            Statement::Class(class) => class
                .body
                .iter()
                .filter_map(|statement| match statement {
                    Statement::Function(function) => {
                        let owner = Some(&**class);
                        Some(FunctionRef { file, base: placed.start, function, owner })
                    }
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        for function in functions {
            let name = function.function.name.text.to_string();
            ids.insert(name, ids_of_function(&query, function, outline));
        }
    }
    ids
}

fn ids_of_function<'w>(
    query: &Query<'w>,
    function: FunctionRef<'w>,
    outline: &fastest_syntax::outline::Outline,
) -> Ids {
    let subject = Subject { node_id: "test_cases.py::f", function: "f", line: 1 };
    let mut ids = vec![String::new()];
    let found = decorators(query, function.scope(), function.base, &function.function.decorators);
    for decorator in found.iter().rev() {
        if let Decorator::Mark(mark) = decorator
            && mark.name == "parametrize"
        {
            let made = parametrization(query, mark, subject).map_err(describe)?;
            ids = times(&ids, &made.cases.map_err(|doubt| doubt.reason.to_string())?);
        }
    }
    for param in &function.function.params {
        if let Some((base, fixture)) = fixture(outline, &param.name.text) {
            let value = |name: &str| {
                let expr = fixture_argument(fixture, name)?;
                Some(evaluate(query, Scope::Before(function.file, base), base, expr))
            };
            let params = value("params").expect("the fixture has some");
            let ids_value = value("ids");
            let made =
                fixture_params(query, &params, ids_value.as_ref(), &param.name.text, subject);
            let cases = made.map_err(describe)?.expect("they are not `None`").cases;
            ids = times(&ids, &cases.map_err(|doubt| doubt.reason.to_string())?);
        }
    }
    Ok(ids.into_iter().map(bracketed).collect())
}

fn bracketed(id: String) -> String {
    match id.strip_prefix('-') {
        Some(id) => format!("[{id}]"),
        None => id,
    }
}

fn times(ids: &[String], cases: &[Case]) -> Vec<String> {
    let longer = |id: &String, case: &Case| match &case.id {
        Some(part) => format!("{id}-{part}"),
        None => id.clone(),
    };
    ids.iter().flat_map(|id| cases.iter().map(move |case| longer(id, case))).collect()
}

fn describe(trouble: Trouble) -> String {
    match trouble {
        Trouble::Unknown(reason) => reason.to_string(),
        Trouble::Error(message) => format!("error: {message}"),
    }
}

fn fixture<'o>(
    outline: &'o fastest_syntax::outline::Outline,
    name: &str,
) -> Option<(u32, &'o Function)> {
    outline.statements.iter().find_map(|placed| match &*placed.statement {
        Statement::Function(function)
            if function.name.text == name && fixture_argument(function, "params").is_some() =>
        {
            Some((placed.start, function))
        }
        _ => None,
    })
}

fn fixture_argument<'o>(function: &'o Function, name: &str) -> Option<&'o Expr> {
    function.decorators.iter().find_map(|decorator| match &decorator.kind {
        ExprKind::Call(call) => {
            let keyword =
                call.keywords.iter().find(|keyword| keyword.name.as_deref() == Some(name));
            keyword.map(|keyword| &keyword.value)
        }
        _ => None,
    })
}
