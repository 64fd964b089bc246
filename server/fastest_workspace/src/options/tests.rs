//! Command lines and what they come to.

use super::parse::{Known, Piece, pieces};
use super::{Options, UsageError, argfile, collect, help, shell, table};

const VERSION: (u16, u16) = (9, 2);

fn words(line: &str) -> Vec<String> {
    shell::split(line).expect("the test's line is well quoted")
}

fn options(line: &str) -> Result<Options, UsageError> {
    let pieces = pieces(&words(line), Known::All, VERSION)?;
    collect(pieces, VERSION, |arg| arg.starts_with("tests"))
}

/// How a line is split: options in angle brackets, unknown ones with a question mark.
fn check_split(line: &str, expected: &str) {
    let shown = match pieces(&words(line), Known::All, VERSION) {
        Err(error) => error.to_string(),
        Ok(pieces) => pieces.iter().map(show).collect::<Vec<_>>().join(" "),
    };
    assert_eq!(shown, expected, "{line}");
}

fn show(piece: &Piece) -> String {
    match piece {
        Piece::Positional(arg) => arg.clone(),
        Piece::Unknown(arg) => format!("?{arg}"),
        Piece::Option(given) => match &given.value {
            None => format!("<{}>", given.name),
            Some(value) => format!("<{}={value}>", given.name),
        },
    }
}

#[test]
fn values_follow_or_are_joined() {
    check_split("-k slow", "<-k=slow>");
    check_split("-kslow", "<-k=slow>");
    check_split("-k=slow", "<-k=slow>");
    check_split("--tb=short --tb line", "<--tb=short> <--tb=line>");
    check_split("-k=", "<-k=>");
    check_split("--junit-xml= a", "<--junit-xml=> a");
}

#[test]
fn short_options_are_combined() {
    check_split("-xvs", "<-x> <-v> <-s>");
    check_split("-vkslow", "<-v> <-k=slow>");
    check_split("-rfE", "<-r=fE>");
    check_split("-vZx", "<-v> ?-Zx");
}

#[test]
fn what_looks_like_an_option_is_no_value() {
    check_split("-k -x", "argument -k: expected one argument");
    check_split("-k '-w or y'", "<-k=-w or y>");
    check_split("-k", "argument -k: expected one argument");
    check_split("--verbosity -1", "<--verbosity=-1>");
    check_split("--verbosity=-1", "<--verbosity=-1>");
}

#[test]
fn optional_values_are_taken_where_they_follow() {
    check_split("--cov --debug x", "<--cov> <--debug=x>");
    check_split("--cov=a --cov b", "<--cov=a> <--cov=b>");
}

#[test]
fn long_options_are_not_abbreviated() {
    check_split("--collect", "?--collect");
    check_split("--max=1", "?--max=1");
}

#[test]
fn two_hyphens_end_options() {
    check_split("-v -- -x a", "<-v> -x a");
}

#[test]
fn flags_take_no_value() {
    check_split(
        "--co=1",
        "argument --collectonly/--collect-only/--co: ignored explicit argument '1'\n\
         hint: this option takes no value",
    );
}

#[test]
fn values_are_checked_in_argparses_words() {
    let message = |line: &str| options(line).expect_err("it is wrong").message;
    assert_eq!(message("--maxfail x"), "argument --maxfail: invalid int value: 'x'");
    assert_eq!(
        message("--color blue"),
        "argument --color: invalid choice: 'blue' (choose from 'yes', 'no', 'auto')"
    );
    assert_eq!(
        message("-n many"),
        "argument -n/--numprocesses: invalid parse_numprocesses value: 'many'"
    );
}

#[test]
fn workers_get_what_matters_to_them() {
    let options = options("-xvn4 -k slow --tb=short --lf --co --python x tests -o a=b --cov");
    let expected = ["-v", "-kslow", "--tb=short", "-oa=b"];
    assert_eq!(options.expect("all is known").passthrough, expected);
}

#[test]
fn the_later_option_wins_and_counts_add_up() {
    let options = options("-vvq -x --maxfail=3 -s --capture=sys -l --no-showlocals -p ' a '");
    let options = options.expect("all is known");
    assert_eq!(options.display.verbosity, 1);
    assert_eq!(options.display.quiet, 1);
    assert_eq!(options.running.max_fail, 3);
    assert_eq!(options.running.capture, super::Capture::Sys);
    assert!(!options.display.locals);
    assert_eq!(options.configuring.plugins, ["a"]);
}

#[test]
fn unknown_options_keep_what_is_no_path() {
    let options = options("--foo 3 --bar tests/a.py --baz=1 more").expect("plugins may know them");
    assert_eq!(options.unknown, ["--foo", "3", "--bar", "--baz=1"]);
    assert_eq!(options.args, ["tests/a.py", "more"]);
    assert_eq!(options.unrecognized(VERSION, |_| true), Ok(()));
}

#[test]
fn a_near_option_is_named() {
    let options = options("--colect-only --declared").expect("plugins may know them");
    let error = options.unrecognized(VERSION, |name| name == "--declared");
    assert_eq!(
        error.expect_err("one is left").to_string(),
        "unrecognized arguments: --colect-only\nhint: did you mean `--collect-only`?"
    );
}

#[test]
fn strict_means_what_the_version_says() {
    let overrides = |version| {
        let pieces = pieces(&words("--strict"), Known::Core, version).expect("it is known");
        collect(pieces, version, |_| false).expect("it is right").configuring
    };
    assert_eq!(overrides((9, 0)).overrides, ["strict=true"]);
    assert!(overrides((8, 4)).overrides.is_empty());
    assert!(overrides((8, 4)).strict_markers);
}

#[test]
fn options_come_with_their_version() {
    assert!(table::find("--max-warnings", Known::Core, (9, 0)).is_none());
    assert!(table::find("--max-warnings", Known::Core, (9, 1)).is_some());
    assert!(table::find("-n", Known::Core, VERSION).is_none());
    assert!(table::find("-n", Known::All, VERSION).is_some());
}

#[test]
fn names_are_given_once() {
    let mut names: Vec<&str> = table::names(Known::All, VERSION).collect();
    names.sort_unstable();
    let repeated: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert_eq!(repeated, Vec::<&[&str]>::new());
}

#[test]
fn words_are_split_as_shlex_does() {
    let check = |line: &str, expected: &[&str]| assert_eq!(words(line), expected, "{line}");
    check("a  b\tc\nd", &["a", "b", "c", "d"]);
    check(r#"-k "a 'b' \"c\" \d""#, &["-k", r#"a 'b' "c" \d"#]);
    check(r"a\ b 'c\d' # e", &["a b", r"c\d", "#", "e"]);
    check("'' x''y", &["", "xy"]);
    assert_eq!(shell::split("'a"), Err("No closing quotation"));
    assert_eq!(shell::split("a\\"), Err("No escaped character"));
}

#[test]
fn argument_files_are_read_line_by_line() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("outer"), "-k\na b\n@inner\n").expect("a file");
    std::fs::write(dir.path().join("inner"), "tests").expect("a file");
    let args = words("-v @outer");
    let expanded = argfile::expand(&args, dir.path(), VERSION);
    assert_eq!(expanded, Ok(["-v", "-k", "a b", "tests"].map(String::from).to_vec()));
    assert_eq!(argfile::expand(&args, dir.path(), (8, 1)), Ok(args.clone()));
    std::fs::write(dir.path().join("inner"), "@outer").expect("a file");
    assert!(argfile::expand(&args, dir.path(), VERSION).is_err());
}

#[test]
fn help_lists_options_by_group() {
    let text = help("fastest", VERSION, 80);
    let start = text.lines().take(8).collect::<Vec<_>>().join("\n");
    assert_eq!(
        start,
        "usage: fastest [options] [file_or_dir] [file_or_dir] [...]\n\n\
         positional arguments:\n  file_or_dir\n\n\
         general:\n  -k EXPRESSION         Run only tests whose names, or those of their classes,\n\
         \x20                       modules, directories or marks, match the expression: `-k"
    );
    let explanations = text.lines().filter(|line| line.starts_with("    "));
    assert_eq!(explanations.map(str::len).filter(|length| *length > 80).max(), None);
    assert!(text.contains("\n  --junit-xml=path      Write a JUnit XML report to this file.\n"));
    assert!(!text.contains("--timeout"));
}
