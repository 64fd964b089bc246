//! The items that a command line means, of all files that it leads to.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use fastest_index::collect::Collected;
use fastest_index::collect::conftests::{collectors, hooks_decide};
use fastest_index::collect::ignore::Ignored;
use fastest_index::collect::session::{Session, SessionFile};
use fastest_index::select::{NodeSelector, Selection, unregistered_marks};
use fastest_index::world::FileId;
use fastest_model::{Problem, Severity};
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::ignored::Ignores;
use super::mismatch::Imported;
use super::strict::Registered;
use super::visits::Visit;
use super::{Project, broken, nodes};
use crate::modules::ImportMode;
use crate::options::UsageError;

/// From which pytest on `-m` may only name registered marks where marks are strict.
const STRICT_EXPRESSIONS: (u16, u16) = (9, 1);

/// What the session of a command line is.
#[derive(Debug)]
pub struct Discovery {
    /// The items.
    pub session: Session,
    /// Where there may be items that only run time can tell.
    pub open: Vec<OpenPlace>,
}

/// A place in a file that may yield items which the sources do not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPlace {
    /// The file's node id.
    pub node_id: String,
    /// The file, absolute.
    pub path: PathBuf,
    /// Why, as a lowercase fragment.
    pub reason: CompactString,
}

/// What is asked of every file on its way into a session.
struct Gate<'p> {
    ignores: Ignores<'p>,
    given: Vec<PathBuf>,
    /// Files already in the session, with what was asked of them.
    seen: FxHashSet<(&'p OsStr, Option<NodeSelector>)>,
    /// `None` in the import mode `importlib`, where names are not shared.
    imported: Option<Imported<'p>>,
    /// `None` unless unknown marks are an error.
    registered: Option<Registered<'p>>,
    /// Folders whose conftest cannot be loaded.
    broken: Vec<PathBuf>,
}

impl Project {
    /// The items that the command line means, in pytest's order.
    ///
    /// # Errors
    ///
    /// A malformed `-k` or `-m` expression, a conftest that cannot be loaded.
    pub fn session(&self) -> Result<Discovery, UsageError> {
        let broken = broken::conftests(&self.config, self.index.world(), self.visits.conftests())?;
        let options = &self.config.options.selecting;
        let selection = Selection::parse(&options.keyword, &options.mark, options.deselect.clone())
            .map_err(UsageError::new)?;
        let mut gate = self.gate(&broken);
        self.check_marks(&selection, gate.registered.as_ref())?;
        let files =
            self.visits.tests().filter_map(|visit| self.session_file(visit, &mut gate)).collect();
        let mut session = Session::assemble(files, &selection).map_err(UsageError::new)?;
        session.problems = broken;
        let open = self.open_places(&session, &gate);
        Ok(Discovery { session, open })
    }

    fn gate(&self, broken: &[Problem]) -> Gate<'_> {
        let folder = |problem: &Problem| Some(problem.path.as_ref()?.parent()?.to_owned());
        let files = self.index.snapshot().files.len();
        let shares_names = self.config.options.collecting.import_mode != ImportMode::Importlib;
        Gate {
            ignores: Ignores::new(&self.ignores),
            given: self.visits.given(),
            seen: FxHashSet::with_capacity_and_hasher(files, FxBuildHasher),
            imported: shares_names.then(|| Imported::with_capacity(files)),
            registered: Registered::of(self),
            broken: broken.iter().filter_map(folder).collect(),
        }
    }

    fn check_marks(
        &self,
        selection: &Selection,
        registered: Option<&Registered<'_>>,
    ) -> Result<(), UsageError> {
        let Some(expression) = &selection.marks else { return Ok(()) };
        if self.config.version < STRICT_EXPRESSIONS {
            return Ok(());
        }
        let Some(names) = registered.and_then(Registered::names) else { return Ok(()) };
        match unregistered_marks(expression, &names) {
            Some(complaint) => Err(UsageError::new(complaint)),
            None => Ok(()),
        }
    }

    fn session_file<'p>(&'p self, visit: Visit<'p>, gate: &mut Gate<'p>) -> Option<SessionFile> {
        let path = &*visit.entry.path;
        let asked = visit.asked();
        let fresh = gate.seen.insert((path.as_os_str(), asked.clone()));
        if !fresh && !self.config.options.collecting.keep_duplicates {
            return None;
        }
        let doubt = gate.admits(visit)?;
        let world = self.index.world();
        let id = world.file_at(path)?;
        let mut collected = Arc::clone(self.index.collected(id)?);
        if let Some(problem) = gate.problem(self, &collected, doubt.is_none()) {
            Arc::make_mut(&mut collected).problems.push(problem);
        }
        Some(SessionFile {
            node_id: nodes::node_id(path, &self.config.rootdir, &gate.given),
            collected,
            asked: asked.into_iter().collect(),
            doubt,
        })
    }

    fn open_places(&self, session: &Session, gate: &Gate<'_>) -> Vec<OpenPlace> {
        let mut open = Vec::new();
        for (at, file) in session.files.iter().enumerate() {
            let found = file.asked.is_empty() || session.unseen.contains(&at);
            if !found || file.collected.fails() || file.collected.skipped.is_some() {
                continue;
            }
            let Some(source) = self.index.world().file(file.collected.file) else { continue };
            open.extend(file.collected.open.iter().map(|place| OpenPlace {
                node_id: file.node_id.clone(),
                path: source.path.to_path_buf(),
                reason: place.reason.clone(),
            }));
        }
        let doctests = self.visits.doctests().filter(|visit| gate.admits(*visit).is_some());
        open.extend(doctests.filter(|visit| has_doctests(&visit.entry.path)).map(|visit| {
            OpenPlace {
                node_id: nodes::node_id(&visit.entry.path, &self.config.rootdir, &gate.given),
                path: visit.entry.path.to_path_buf(),
                reason: CompactString::const_new("its doctests are items"),
            }
        }));
        open.extend(self.collectors(gate));
        open
    }

    /// Whether hooks of conftests or plugins decide which files are collected or which items are
    /// left: what pytest says of one file alone may not be what it says of all.
    #[must_use]
    pub fn hooks_decide(&self) -> bool {
        hooks_decide(self.index.world(), self.met_conftests())
    }

    fn met_conftests(&self) -> impl Iterator<Item = FileId> {
        self.visits.conftests().filter_map(|path| self.index.world().file_at(path))
    }

    /// Conftests and plugins that collect other files than test files.
    fn collectors(&self, gate: &Gate<'_>) -> Vec<OpenPlace> {
        let world = self.index.world();
        let place = |(file, hook)| {
            let path = world.file(file)?.path.to_path_buf();
            let node_id = nodes::node_id(&path, &self.config.rootdir, &gate.given);
            let reason = format_compact!("its `{hook}` may collect further files");
            Some(OpenPlace { node_id, path, reason })
        };
        collectors(world, self.met_conftests()).into_iter().filter_map(place).collect()
    }
}

impl<'p> Gate<'p> {
    /// Whether a file is collected at all, and why that is not certain.
    fn admits(&self, visit: Visit<'_>) -> Option<Option<CompactString>> {
        let path = &*visit.entry.path;
        if self.broken.iter().any(|folder| path.starts_with(folder)) {
            return None;
        }
        match self.ignores.of(path, visit.root) {
            Ignored::Yes => None,
            Ignored::No => Some(None),
            Ignored::Maybe(reason) => Some(Some(reason)),
        }
    }

    /// Why a file fails that would be fine by itself.
    fn problem(
        &mut self,
        project: &'p Project,
        collected: &Collected,
        certain: bool,
    ) -> Option<Problem> {
        let world = project.index.world();
        let file = world.file(collected.file).filter(|_| certain)?;
        let mismatch =
            |imported: &mut Imported<'p>| imported.import(&file.module, &file.path, collected);
        if let Some(problem) = self.imported.as_mut().and_then(mismatch) {
            return Some(problem);
        }
        let registered = self.registered.as_ref().filter(|_| !collected.fails())?;
        registered.unknown_in(world, collected)
    }
}

/// Whether doctest may find an example in a file: in its text or docstrings, or in strings that
/// the module puts where docstrings are looked for.
fn has_doctests(path: &Path) -> bool {
    let source = std::fs::read(path).unwrap_or_default();
    let source = String::from_utf8_lossy(&source);
    [">>>", "__test__", "__doc__"].iter().any(|sign| source.contains(sign))
}

/// The problems of a session, worst first: what a command line reports and exits with.
#[must_use]
pub fn problems_of(session: &Session) -> Vec<&Problem> {
    let of_files = session.files.iter().flat_map(|file| &file.collected.problems);
    let mut problems: Vec<&Problem> = session.problems.iter().chain(of_files).collect();
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    problems.dedup();
    problems
}

/// Whether any file of a session cannot be collected.
#[must_use]
pub fn has_errors(session: &Session) -> bool {
    problems_of(session).first().is_some_and(|p| p.severity >= Severity::CollectError)
}
