//! `-k` and `-m` expressions, ours against the real `_pytest.mark.expression`.
//!
//! Needs a Python with pytest 9 (`FASTEST_TEST_PYTHON`); without one it says so and passes, and
//! `cargo xtask test` always gives it one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use fastest_index::select::{Expression, Scalar, Term};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Answers each expression with `[column, message]` of its mistake, or with its value for a
/// matcher that [`matcher`] repeats.
const ORACLE: &str = r#"
import json, sys
from _pytest.mark.expression import Expression

def shown(value):
    return f"{type(value).__name__}:{value}"

def matcher(name, /, **kwargs):
    text = name + "".join(f";{k}={shown(v)}" for k, v in kwargs.items())
    return sum(text.encode()) % 3 != 0

for line in sys.stdin:
    try:
        answer = Expression.compile(json.loads(line)).evaluate(matcher)
    except SyntaxError as e:
        answer = [e.offset, e.msg]
    print(json.dumps(answer), flush=True)
"#;

struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("FASTEST_TEST_PYTHON") else {
            eprintln!("SKIPPED: FASTEST_TEST_PYTHON names no Python with pytest");
            return None;
        };
        let mut child = Command::new(python)
            .args(["-c", ORACLE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("FASTEST_TEST_PYTHON starts");
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Some(Self { child, input, output })
    }

    fn ask(&mut self, expression: &str) -> Value {
        writeln!(self.input, "{}", json!(expression)).expect("the oracle reads");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("the oracle writes");
        serde_json::from_str(&answer).expect("the oracle answers in JSON")
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ours(text: &str) -> Value {
    match Expression::parse(text) {
        Ok(expression) => json!(expression.evaluate(&mut |term| Some(matcher(term)))),
        Err(error) => json!([error.column, error.message]),
    }
}

fn matcher(term: &Term) -> bool {
    let mut text = term.name.to_string();
    for (name, value) in term.kwargs.as_deref().unwrap_or_default() {
        let shown = match value {
            Scalar::None => "NoneType:None".to_owned(),
            Scalar::Bool(true) => "bool:True".to_owned(),
            Scalar::Bool(false) => "bool:False".to_owned(),
            Scalar::Int(digits) => format!("int:{digits}"),
            Scalar::Str(string) => format!("str:{string}"),
        };
        text.push_str(&format!(";{name}={shown}"));
    }
    text.bytes().map(u32::from).sum::<u32>() % 3 != 0
}

/// Strings of the grammar's tokens, mostly not of the grammar.
fn soup() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        4 => prop::sample::select(vec![
            "a", "bc", "test_x[1-a]", "::", "a.b", "x+y", "-", "-5", "007", "-0", "1_0", "True",
            "False", "None", "class", "match", "é", "Über",
        ]),
        4 => prop::sample::select(vec!["and", "or", "not", "(", ")", "=", ",", " "]),
        1 => prop::sample::select(vec![
            "'s'", "\"t u\"", "''", "'\\'", "'", "\"", "#", "\n", "\t", "!", "𝒳", "²a", "ः", "a\u{301}",
        ]),
    ];
    prop::collection::vec((token, prop::sample::select(vec!["", " "])), 0..12).prop_map(|parts| {
        parts.into_iter().map(|(token, blank)| format!("{token}{blank}")).collect()
    })
}

/// Strings of the grammar.
fn valid() -> impl Strategy<Value = String> {
    let value = prop_oneof!["-?[0-9]{1,3}", "'[a-z ()]{0,3}'", "True|False|None"];
    let kwargs = prop::collection::btree_map("[a-d_]{1,2}", value, 1..3).prop_map(|all| {
        let all: Vec<_> = all.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("({})", all.join(", "))
    });
    let leaf = ("[a-z_.:\\[\\]/+]{1,4}x", prop_oneof![3 => Just(String::new()), 1 => kwargs])
        .prop_map(|(name, kwargs)| name + &kwargs);
    leaf.prop_recursive(5, 30, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.prop_map(|a| format!("({a})")),
        ]
    })
}

#[test]
fn random_expressions_mean_what_pytest_makes_of_them() {
    let Some(mut oracle) = Oracle::start() else { return };
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(3000) });
    let oracle = std::cell::RefCell::new(&mut oracle);
    runner
        .run(&prop_oneof![soup(), valid()], |text| {
            prop_assert_eq!(ours(&text), oracle.borrow_mut().ask(&text), "{}", text);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// Python and Rust may know different versions of Unicode, and letters are added to each: those
/// that Python knows must be letters here too, and no others that were known for long.
#[test]
fn every_letter_and_digit_is_one_to_pytest_too() {
    let Some(mut oracle) = Oracle::start() else { return };
    let long_known = ('\u{80}'..='\u{33FF}').chain('\u{F900}'..='\u{FFFF}');
    let differing: Vec<char> = long_known
        .filter(|c| !c.is_control())
        .filter(|c| {
            let text = format!("{c}");
            ours(&text).is_boolean() != oracle.ask(&text).is_boolean()
        })
        .collect();
    assert!(differing.len() < 20, "{differing:?}");
}
