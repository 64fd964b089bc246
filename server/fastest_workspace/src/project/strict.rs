//! Unknown marks where they are an error: `--strict-markers`.

use fastest_index::collect::Collected;
use fastest_index::values::Mark;
use fastest_index::world::World;
use fastest_model::{Problem, Severity, Span};

/// Names of marks that may be used.
#[derive(Debug)]
pub(super) struct Registered {
    names: Vec<String>,
}

impl Registered {
    /// Those of pytest and the configuration, and what plugins and conftests add.
    pub fn new(configured: &[String], declared: Vec<String>) -> Self {
        let mut names = configured.to_vec();
        names.extend(declared);
        Self { names }
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The first use of an unknown mark among a file's tests: it raises while the file is
    /// imported (`MarkGenerator.__getattr__`).
    pub fn unknown_in(&self, world: &World, collected: &Collected) -> Option<Problem> {
        let unknown = |mark: &&Mark| !self.names.iter().any(|name| mark.name == *name);
        let here = |mark: &&Mark| {
            let (file, span) = mark.origin.unwrap_or((collected.file, Span::default()));
            (file != collected.file, span.start)
        };
        let mark = certain_marks(collected).filter(unknown).min_by_key(here)?;
        Some(problem(world, collected, mark))
    }
}

/// The marks of classes and of functions that are certainly defined.
fn certain_marks(collected: &Collected) -> impl Iterator<Item = &Mark> {
    let functions = collected.functions.iter().filter(|function| function.doubt.is_none());
    let of_functions = functions.flat_map(|function| {
        let cases = function.cases.iter().flatten().flat_map(|case| &case.marks);
        function.marks.iter().chain(cases)
    });
    collected.classes.iter().flat_map(|class| class.marks.iter()).chain(of_functions)
}

fn problem(world: &World, collected: &Collected, mark: &Mark) -> Problem {
    let message = format!("'{}' not found in `markers` configuration option", mark.name);
    let problem = Problem::new(Severity::CollectError, message);
    let (file, span) = mark.origin.unzip();
    let Some(file) = world.file(file.unwrap_or(collected.file)) else { return problem };
    let problem = problem.in_file(&*file.path);
    match span {
        Some(span) => problem.at(span),
        None => problem,
    }
}
