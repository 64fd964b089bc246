//! Unknown marks where they are an error: `--strict-markers`.

use fastest_index::collect::Collected;
use fastest_index::values::Mark;
use fastest_index::world::{FileId, World};
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
        if !collected.summary.is_marked {
            return None;
        }
        let unknown = |(mark, _): &(&Mark, _)| !self.names.iter().any(|name| mark.name == *name);
        let here = |(_, written): &(&Mark, Option<(FileId, Span)>)| {
            let (file, span) = written.unwrap_or((collected.file, Span::default()));
            (file != collected.file, span.start)
        };
        let (mark, written) = collected.certain_marks().filter(unknown).min_by_key(here)?;
        Some(problem(world, collected, mark, written))
    }
}

fn problem(
    world: &World,
    collected: &Collected,
    mark: &Mark,
    written: Option<(FileId, Span)>,
) -> Problem {
    let message = format!("'{}' not found in `markers` configuration option", mark.name);
    let problem = Problem::new(Severity::CollectError, message);
    let (file, span) = written.unzip();
    let Some(file) = world.file(file.unwrap_or(collected.file)) else { return problem };
    let problem = problem.in_file(&*file.path);
    match span {
        Some(span) => problem.at(span),
        None => problem,
    }
}
