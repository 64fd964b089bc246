use fastest_model::Span;

use super::*;
use crate::values::{Element, Value};

/// Where `text` is not an expression: pytest's message for `-k`.
#[track_caller]
fn check_error(text: &str, expected: &str) {
    let error = Expression::parse(text).expect_err("it is malformed");
    assert_eq!(error.for_option("-k", text), expected);
}

#[test]
fn mistakes_are_told_in_pytests_words() {
    check_error(
        "a b",
        "Wrong expression passed to '-k': a b: at column 3: expected end of input; got identifier",
    );
    check_error(
        "a and",
        "Wrong expression passed to '-k': a and: at column 6: \
         expected not OR left parenthesis OR identifier; got end of input",
    );
    check_error(
        "é #",
        "Wrong expression passed to '-k': é #: at column 3: unexpected character \"#\"",
    );
    check_error(
        "m(x='é\\')",
        "Wrong expression passed to '-k': m(x='é\\'): at column 7: \
         escaping with \"\\\" not supported in marker expression",
    );
    check_error(
        "m(x=1, x=2)",
        "Wrong expression passed to '-k': None: at column 1: keyword argument repeated: x",
    );
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let text = "(".repeat(100_000);
    let error = Expression::parse(&text).expect_err("it is malformed");
    assert_eq!(error.to_string(), "at column 301: nested more than 300 levels deep");
}

#[test]
fn unknown_is_decided_by_the_other_side_where_it_can() {
    let value = |text: &str| {
        let expression = Expression::parse(text).expect("it is valid");
        expression.evaluate(&mut |term| match term.name.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })
    };
    let cases = [
        ("", Some(false)),
        ("what or yes", Some(true)),
        ("what and no", Some(false)),
        ("what or no", None),
        ("not what", None),
        ("not (what and no) and yes", Some(true)),
    ];
    assert_eq!(cases.map(|(text, _)| (text, value(text))), cases);
}

#[test]
fn names_of_a_node_id_leave_the_rootdir_out() {
    let names = |id| node_names(id).collect::<Vec<_>>();
    assert_eq!(
        names("a/b/test_c.py::TestD::test_e[x::y/z]"),
        ["a", "b", "test_c.py", "TestD", "test_e[x::y/z]"]
    );
    assert_eq!(names("test_c.py::test_e"), ["test_c.py", "test_e"]);
    assert_eq!(names("a/doc.txt"), ["a", "doc.txt"]);
}

/// What `-k text` makes of an item.
#[track_caller]
fn check_keywords(text: &str, names: &[&str], expected: Result<Option<bool>, &str>) {
    let expression = Expression::parse(text).expect("it is valid");
    let known = KeywordNames { names, may_have_more: false };
    assert_eq!(known.matches(&expression), expected.map_err(str::to_owned), "{text}");
}

#[test]
fn keywords_are_substrings_in_any_case() {
    let names = ["pkg", "test_io.py", "TestÄrger", "test_Read[Ünit-1]"];
    check_keywords("READ and not write", &names, Ok(Some(true)));
    check_keywords("ärg and ÜNIT", &names, Ok(Some(true)));
    check_keywords("test_read[", &names, Ok(Some(true)));
    check_keywords("pkg/test_io", &names, Ok(Some(false)));
    check_keywords("read(a=1)", &names, Err("Keyword expressions do not support call parameters."));
    check_keywords("read or x(a=1)", &names, Ok(Some(true)));
}

#[test]
fn absent_keywords_are_unknown_where_there_may_be_more() {
    let names = KeywordNames { names: &["test_a"], may_have_more: true };
    let value = |text| names.matches(&Expression::parse(text).expect("it is valid"));
    assert_eq!(value("test_a"), Ok(Some(true)));
    assert_eq!(value("case_b"), Ok(None));
}

fn mark(name: &str, kwargs: &[(&str, Value)]) -> Mark {
    let element = |value: &Value| Element { value: value.clone(), origin: None };
    let kwargs = kwargs.iter().map(|(name, value)| ((*name).into(), element(value))).collect();
    Mark { name: name.into(), args: Vec::new(), kwargs, origin: None::<(_, Span)> }
}

/// What `-m text` makes of an item with these marks.
#[track_caller]
fn check_marks(text: &str, all: &[Mark], expected: Option<bool>) {
    let expression = Expression::parse(text).expect("it is valid");
    let all: Vec<&Mark> = all.iter().collect();
    assert_eq!(marks::matches(&expression, &all, false), expected, "{text}");
}

#[test]
fn marks_match_whole_names_and_arguments() {
    let all = [
        mark("slow", &[]),
        mark("env", &[("name", Value::Str("ci".into())), ("n", Value::Int("3".into()))]),
        mark("env", &[("on", Value::Bool(true)), ("x", Value::None), ("f", Value::Float(2.0))]),
        mark("env", &[("what", Value::Unknown("it is computed".into()))]),
    ];
    check_marks("slow and env", &all, Some(true));
    check_marks("slo", &all, Some(false));
    check_marks("SLOW", &all, Some(false));
    check_marks("env(name='ci', n=3)", &all, Some(true));
    check_marks("env(name='ci', n=03)", &all, Some(true));
    check_marks("env(name='ci', n=4)", &all, Some(false));
    check_marks("env(name='ci', on=True)", &all, Some(false));
    check_marks("env(on=1, x=None, f=2)", &all, Some(true));
    check_marks("env(x=False)", &all, Some(false));
    check_marks("env(what=1)", &all, None);
    check_marks("env(what=1, n=3)", &all, Some(false));
}

#[test]
fn unregistered_names_are_listed_sorted() {
    let expression = Expression::parse("b or (a and slow) or not b").expect("it is valid");
    let message = "Unknown marker(s) in '-m' expression: a, b. \
                   Use 'pytest --markers' to see available markers.";
    assert_eq!(unregistered_marks(&expression, &["slow".to_owned()]).as_deref(), Some(message));
    let all = ["a", "b", "slow"].map(str::to_owned);
    assert_eq!(unregistered_marks(&expression, &all), None);
}

/// Which of these items, by the names below their file, an argument means.
#[track_caller]
fn check_selector(argument: &str, expected: &[&str]) {
    let selector = NodeSelector::parse(argument).expect("it is valid");
    let items =
        ["test_a", "test_a[1]", "test_a[a[b]::c]", "test_ab", "T::test_a[1]", "T::U::test_a"];
    let meant = |item: &&str| {
        let bare = item.split('[').next().unwrap_or_default();
        let mut nodes: Vec<&str> = bare.split("::").collect();
        let at = bare.rfind("::").map_or(0, |at| at + 2);
        *nodes.last_mut().expect("one at least") = &item[at..];
        selector.matches(&nodes)
    };
    let found: Vec<&str> = items.into_iter().filter(meant).collect();
    assert_eq!(found, expected, "{argument}");
}

#[test]
fn node_ids_mean_files_classes_functions_and_cases() {
    check_selector(
        "t.py",
        &["test_a", "test_a[1]", "test_a[a[b]::c]", "test_ab", "T::test_a[1]", "T::U::test_a"],
    );
    check_selector("t.py::test_a", &["test_a", "test_a[1]", "test_a[a[b]::c]"]);
    check_selector("t.py::test_a[1]", &["test_a[1]"]);
    check_selector("t.py::test_a[a[b]::c]", &["test_a[a[b]::c]"]);
    check_selector("t.py::T", &["T::test_a[1]", "T::U::test_a"]);
    check_selector("t.py::T::U", &["T::U::test_a"]);
    check_selector("t.py::T::test_a", &["T::test_a[1]"]);
    check_selector("t.py::test", &[]);
    let message = "path cannot contain [] parametrization: t.py[1]";
    assert_eq!(NodeSelector::parse("t.py[1]"), Err(message.to_owned()));
}

/// Which of these arguments remain.
#[track_caller]
fn check_subsumed(arguments: &[&str], expected: &[usize]) {
    let parse = |text: &&str| NodeSelector::parse(text).expect("it is valid");
    let all: Vec<NodeSelector> = arguments.iter().map(parse).collect();
    let expected: Vec<NodeSelector> = expected.iter().map(|&at| all[at].clone()).collect();
    assert_eq!(drop_subsumed(all), expected);
}

#[test]
fn arguments_within_others_are_dropped() {
    check_subsumed(&["/a/t.py::f", "/b", "/a/t.py"], &[1, 2]);
    check_subsumed(&["/a/t.py::f[1]", "/a/t.py::f[2]", "/a/t.py::f[1]"], &[0, 1]);
    check_subsumed(&["/a/t.py::f[1]", "/a/t.py::f"], &[1]);
    check_subsumed(&["/ab", "/a", "/a/b", "/a.py"], &[0, 1, 3]);
}

#[test]
fn options_work_together() {
    let selection =
        Selection::parse("  read", "not slow", vec!["a/test_b.py::test_read[".to_owned()])
            .expect("they are valid");
    let slow = mark("slow", &[]);
    let keeps = |node_id: &str, marks: &[&Mark]| {
        let names: Vec<&str> = node_names(node_id).collect();
        let names = KeywordNames { names: &names, may_have_more: false };
        selection.keeps(&Candidate { node_id, names: &names, marks, may_have_marks: false })
    };
    assert_eq!(keeps("a/test_b.py::test_read", &[]), Ok(Some(true)));
    assert_eq!(keeps("a/test_b.py::test_read[1]", &[]), Ok(Some(false)));
    assert_eq!(keeps("a/test_b.py::test_read", &[&slow]), Ok(Some(false)));
    assert_eq!(keeps("a/test_b.py::test_write", &[]), Ok(Some(false)));
    assert!(Selection::parse("  ", "", Vec::new()).expect("it is empty").is_everything());
    assert!(!Selection::parse("", " ", Vec::new()).expect("it is blank").is_everything());
}
