//! Modules that import one another, some of them in a `try`: what such an import gives depends on
//! the module that Python happens to import first, so nothing certain may be said of it.
//!
//! Graphs of imports are made at random and their values used in `parametrize`; pytest collects
//! the test files in several orders. Imports without a `try` take what their modules bind before
//! they import anything: a circle that cannot be imported at all is no project.
//! `FASTEST_TEST_SEED` and `FASTEST_TEST_CASES` choose other and more graphs.

use std::fmt::Write as _;

use fastest_tests::case::{Case, Project};

use crate::oracle::Oracle;
use crate::ours;

/// The orders in which the test files are given.
const RUNS: [&str; 4] =
    ["", "test_a.py test_b.py test_c.py", "test_c.py test_b.py test_a.py", "test_b.py"];

/// A small generator of numbers, repeatable by its seed (Lehmer's).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        usize::try_from(self.0).expect("it is small") % limit.max(1)
    }
}

#[test]
fn circles_of_imports_are_never_certain_and_wrong() {
    let Some(python) = fastest_tests::oracle_python() else { return };
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let seed = number("FASTEST_TEST_SEED", 20_261_130);
    println!("FASTEST_TEST_SEED={seed}");
    let mut dice = Dice(seed % 2_147_483_646 + 1);
    let mut oracle = Oracle::start(&python);
    let binary = fastest_tests::binary();
    let (mut certain, mut open) = (0, 0);
    for at in 0..number("FASTEST_TEST_CASES", 25) {
        let text = project(&mut dice);
        let case = Case::parse("circles", &text);
        let project = Project::write(&case, oracle.python_version());
        for run in &case.runs {
            let expected = oracle.collect(&project, run);
            let seen = ours::certain_and_wrong(&project, run, &expected, &binary, &oracle);
            let place = format!("FASTEST_TEST_SEED={seed}, case {at}, {run:?}");
            assert!(seen.wrong.is_empty(), "{place}\n{}\n{text}", seen.wrong.join("\n"));
            certain += seen.certain;
            open += seen.open;
        }
    }
    println!("{certain} items were certain, {open} were not");
    assert!(certain > 0 && open > 0, "the graphs show nothing: {certain} certain, {open} not");
}

/// The text of a project: three to six modules, three test files that use their values.
fn project(dice: &mut Dice) -> String {
    let count = 3 + dice.below(4);
    let mut text = String::new();
    for run in RUNS {
        let _ = writeln!(text, "run: {run}");
    }
    text.push_str("--- pytest.ini\n[pytest]\npythonpath = .\n");
    for module in 0..count {
        let _ = writeln!(text, "--- m{module}.py\nEARLY{module} = {module}\nV{module} = 'none'");
        for _ in 0..1 + dice.below(3) {
            import(dice, module, count, &mut text);
        }
        let _ = writeln!(text, "LATE{module} = {}", 10 + module);
    }
    for file in ["a", "b", "c"] {
        let (one, two) = (dice.below(count), dice.below(count));
        let _ = writeln!(
            text,
            "--- test_{file}.py\nimport pytest\nfrom m{one} import V{one} as one\n\
             from m{two} import V{two} as two, LATE{two}\n\
             @pytest.mark.parametrize('value', [one, LATE{two}])\ndef test_one(value): pass\n\
             @pytest.mark.parametrize('value', [two])\ndef test_two(value): pass"
        );
    }
    text
}

/// An import of another module; in a `try`, mostly.
fn import(dice: &mut Dice, module: usize, count: usize, text: &mut String) {
    let from = (module + 1 + dice.below(count - 1)) % count;
    let attempt = match dice.below(6) {
        0 => return text.push_str(&format!("import m{from}\n")),
        1 => return text.push_str(&format!("from m{from} import EARLY{from}\n")),
        2 => format!("from m{from} import EARLY{from} as V{module}"),
        3 => format!("import m{from}\n    V{module} = 'there'"),
        4 => format!("from m{from} import V{from} as V{module}"),
        _ => format!("from m{from} import LATE{from} as V{module}"),
    };
    let _ = writeln!(text, "try:\n    {attempt}\nexcept ImportError:\n    V{module} = 'no{from}'");
}
