//! Reading a root: its configuration, its environment, its files. Slow, so done on the pool.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use compact_str::CompactString;
use fastest_index::collect::Collected;
use fastest_index::collect::session::{Session, SessionFile};
use fastest_index::select::{NodeSelector, Selection};
use fastest_index::{Delta, FileId};
use fastest_model::Problem;
use fastest_workspace::config::Env;
use fastest_workspace::environment::Variables;
use fastest_workspace::project::{Discovery, Project};
use rustc_hash::FxHashMap;

use super::levels::Levels;
use crate::state::settings::Settings;

/// A test file of a root.
#[derive(Debug)]
pub struct Slot {
    /// Its node id.
    pub node_id: String,
    /// The file.
    pub path: PathBuf,
    /// The same, in the index.
    pub file: FileId,
    /// The node ids in it that the arguments ask for; empty for all.
    pub asked: Vec<NodeSelector>,
    /// Why none of its items is certain.
    pub doubt: Option<CompactString>,
    /// What is wrong with it besides what collecting it alone finds.
    pub problems: Vec<Problem>,
    /// What it holds.
    pub collected: Arc<Collected>,
    /// How many tests it has.
    pub tests: usize,
}

/// A root that was read.
#[derive(Debug)]
pub struct Loaded {
    /// The project.
    pub project: Project,
    /// Its test files, in pytest's order.
    pub files: Vec<Slot>,
    /// The folders above them.
    pub levels: Levels,
    /// What the arguments take away.
    pub selection: Selection,
    /// What is wrong with no test file, but with a conftest or the configuration.
    pub problems: Vec<Problem>,
    by_path: FxHashMap<PathBuf, usize>,
    by_node_id: FxHashMap<String, usize>,
}

/// Where pytest is started in a folder.
pub fn invocation_dir(folder: &Path, settings: &Settings) -> PathBuf {
    settings.cwd.as_ref().map_or_else(|| folder.to_owned(), |cwd| folder.join(cwd))
}

/// Reads a folder. `unsaved` are files that are open and were never written.
///
/// # Errors
/// What pytest would refuse: a sentence, possibly with a hint on a line of its own.
pub fn load(folder: &Path, settings: &Settings, unsaved: Vec<PathBuf>) -> Result<Loaded, String> {
    let mut argv = settings.args.clone();
    if let Some(interpreter) = &settings.interpreter {
        argv.extend(["--python".to_owned(), interpreter.clone()]);
    }
    let given = settings.env.iter().map(|(name, value)| (name.into(), value.into()));
    let variables: Variables = std::env::vars_os().chain(given).collect();
    let texts = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let env = Env::new(texts.chain(settings.env.clone()));
    let dir = invocation_dir(folder, settings);
    let mut project =
        Project::open(&dir, &argv, &variables, &env).map_err(|error| error.to_string())?;
    project.unsaved = unsaved;
    project.discover().map_err(|error| error.to_string())?;
    let Discovery { session, .. } = project.session().map_err(|error| error.to_string())?;
    project.save_cache();
    let options = &project.config.options.selecting;
    let selection = Selection::parse(&options.keyword, &options.mark, options.deselect.clone())?;
    Ok(Loaded::new(project, session, selection))
}

impl Loaded {
    fn new(project: Project, session: Session, selection: Selection) -> Self {
        let world = project.index.world();
        let mut files: Vec<Slot> = Vec::with_capacity(session.files.len());
        let mut by_node_id: FxHashMap<String, usize> = FxHashMap::default();
        for file in session.files {
            // A file that several arguments name is one file to look at.
            if let Some(&at) = by_node_id.get(&file.node_id) {
                if !files[at].asked.is_empty() {
                    files[at].asked.extend(file.asked);
                }
                continue;
            }
            let Some(source) = world.file(file.collected.file) else { continue };
            by_node_id.insert(file.node_id.clone(), files.len());
            files.push(slot(&project, file, source.path.to_path_buf(), &selection));
        }
        let by_path = files.iter().enumerate().map(|(at, slot)| (slot.path.clone(), at)).collect();
        let levels = Levels::new(files.iter().map(|slot| (&*slot.node_id, slot.tests)));
        let problems = session.problems.into_iter().chain(project.problems.iter().cloned());
        let problems = problems.collect();
        Self { project, files, levels, selection, problems, by_path, by_node_id }
    }

    /// The place of the file at a path.
    pub fn at_path(&self, path: &Path) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The place of the file with a node id.
    pub fn at_node_id(&self, node_id: &str) -> Option<usize> {
        self.by_node_id.get(node_id).copied()
    }

    /// Whether a file was never written.
    pub fn is_unsaved(&self, slot: &Slot) -> bool {
        self.project.unsaved.contains(&slot.path) && !slot.path.exists()
    }

    /// The places of the files that a change of the index concerns.
    pub fn places(&self, delta: &Delta) -> Vec<usize> {
        let changed = |slot: &Slot| delta.changed.contains(&slot.file);
        if delta.changed.is_empty() {
            return Vec::new();
        }
        let all = self.files.iter().enumerate();
        all.filter(|(_, slot)| changed(slot)).map(|(at, _)| at).collect()
    }

    /// Takes over what the index now has of a file; whether it is anything new.
    pub fn refresh(&mut self, at: usize) -> bool {
        let slot = &mut self.files[at];
        let Some(collected) = self.project.index.collected(slot.file) else { return false };
        let collected = with_problems(collected, &slot.problems);
        if slot.collected.has_items_of(&collected) {
            return false;
        }
        slot.collected = collected;
        let tests = slot.count(&self.selection);
        let before = std::mem::replace(&mut slot.tests, tests);
        self.levels.count(&slot.node_id, before, tests);
        true
    }
}

impl Slot {
    /// The items to show: those of a file that does not parse are what is left of it.
    pub fn shown(&self, selection: &Selection) -> Session {
        let collected = if self.collected.fails() {
            Arc::new(Collected { problems: Vec::new(), ..Collected::clone(&self.collected) })
        } else {
            Arc::clone(&self.collected)
        };
        self.assemble(collected, selection)
    }

    /// The items of the file that the arguments leave, in pytest's order.
    pub fn session(&self, selection: &Selection) -> Session {
        self.assemble(Arc::clone(&self.collected), selection)
    }

    fn assemble(&self, collected: Arc<Collected>, selection: &Selection) -> Session {
        Session::assemble(vec![self.session_file(&collected)], selection).unwrap_or_default()
    }

    /// The file of a session that has collected this from it.
    pub fn session_file(&self, collected: &Arc<Collected>) -> SessionFile {
        SessionFile {
            node_id: self.node_id.clone(),
            collected: Arc::clone(collected),
            asked: self.asked.clone(),
            doubt: self.doubt.clone(),
        }
    }

    /// How many tests the arguments leave.
    fn count(&self, selection: &Selection) -> usize {
        if self.collected.fails() || self.collected.skipped.is_some() {
            0
        } else if self.asked.is_empty() && selection.is_everything() {
            self.collected.item_count()
        } else {
            self.session(selection).items().len()
        }
    }
}

fn slot(project: &Project, file: SessionFile, path: PathBuf, selection: &Selection) -> Slot {
    let own = project.index.collected(file.collected.file);
    let own = own.map_or(&[][..], |own| &own.problems);
    let problems = file.collected.problems.iter().filter(|p| !own.contains(p)).cloned().collect();
    let mut slot = Slot {
        node_id: file.node_id,
        path,
        file: file.collected.file,
        asked: file.asked,
        doubt: file.doubt,
        problems,
        collected: file.collected,
        tests: 0,
    };
    slot.tests = slot.count(selection);
    slot
}

fn with_problems(collected: &Arc<Collected>, problems: &[Problem]) -> Arc<Collected> {
    let mut collected = Arc::clone(collected);
    if !problems.is_empty() {
        Arc::make_mut(&mut collected).problems.extend(problems.iter().cloned());
    }
    collected
}
