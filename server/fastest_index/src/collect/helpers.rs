//! What a function may call: bodies are not read, so that is whatever stands beside it.

use fastest_syntax::outline::{Function, Statement};

use crate::names::{FunctionRef, Query};

/// Whether something holds of a function of the same module or class, tests and hooks left out.
///
/// `pytest_bdd.scenario` parametrizes in a function that it calls, and so do suites' own functions
/// set the attributes of a class that they are given.
pub(super) fn any(
    query: &Query<'_>,
    function: FunctionRef<'_>,
    holds: impl Fn(&Function) -> bool,
) -> bool {
    let helps = |statement: &Statement| match statement {
        Statement::Function(function) => {
            let name = function.name.text.as_str();
            !name.starts_with("test") && !name.starts_with("pytest_") && holds(function)
        }
        _ => false,
    };
    let beside = query
        .world
        .file(function.file)
        .is_some_and(|file| file.outline.statements.iter().any(|placed| helps(&placed.statement)));
    beside || function.owner.is_some_and(|class| class.body.iter().any(helps))
}
