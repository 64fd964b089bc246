//! Unknown marks where they are an error: `--strict-markers`.

use std::cell::OnceCell;

use fastest_index::collect::Collected;
use fastest_index::values::Mark;
use fastest_index::world::{FileId, World};
use fastest_model::{Problem, Severity, Span};

use super::Project;

/// The marks that may be used.
///
/// What plugins and conftests add is read only where the configuration does not have a mark.
pub(super) struct Registered<'p> {
    project: &'p Project,
    /// Those of pytest and the configuration.
    configured: &'p [String],
    /// `None` where it cannot be told.
    declared: OnceCell<Option<Vec<String>>>,
}

impl<'p> Registered<'p> {
    /// Those of a project; `None` unless others are an error.
    pub fn of(project: &'p Project) -> Option<Self> {
        let configured = project.index.world().settings.strict_markers.as_deref()?;
        Some(Self { project, configured, declared: OnceCell::new() })
    }

    /// All names; `None` where they cannot be told.
    pub fn names(&self) -> Option<Vec<String>> {
        Some([self.configured, self.declared()?].concat())
    }

    fn declared(&self) -> Option<&[String]> {
        self.declared.get_or_init(|| self.project.declarations().marks()).as_deref()
    }

    /// Whether a mark is known not to be registered.
    fn lacks(&self, name: &str) -> bool {
        let is_among = |names: &[String]| names.iter().any(|known| known == name);
        !is_among(self.configured) && self.declared().is_some_and(|names| !is_among(names))
    }

    /// The first use of an unknown mark among a file's tests: it raises while the file is
    /// imported (`MarkGenerator.__getattr__`).
    pub fn unknown_in(&self, world: &World, collected: &Collected) -> Option<Problem> {
        if !collected.summary.is_marked {
            return None;
        }
        let unknown = |(mark, _): &(&Mark, _)| self.lacks(&mark.name);
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
