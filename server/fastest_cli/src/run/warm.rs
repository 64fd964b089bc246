//! The process that workers are forked from.

use std::io::{self, IsTerminal as _, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use fastest_runner::zygote::forks_by_default;
use fastest_runner::{Bundle, Preload, Zygote, ZygoteLaunch, resident};
use fastest_workspace::options::Daemon;
use fastest_workspace::project::{Preloadable, Project};

/// Variables that let an interpreter measure coverage from its first line: what is measured
/// belongs to the process of a worker alone.
const MEASURED: [&str; 2] = ["COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"];

/// The process, from its start on, for one run or for one after the other.
pub(super) struct Warm {
    stays: bool,
    kept: Option<Kept>,
    /// What a process for the next run is to be left for, because none was found.
    leaves: Option<(resident::Grounds, ZygoteLaunch)>,
}

/// A process and what it holds.
struct Kept {
    zygote: Zygote,
    /// What it was started for.
    grounds: Grounds,
    /// What it has imported.
    imported: Preloadable,
}

/// What a process is started for: with others it would be stale.
#[derive(PartialEq, Eq)]
struct Grounds {
    python: PathBuf,
    dir: PathBuf,
    /// The folders of installed packages, and when something was last installed or removed there.
    installed: Vec<(PathBuf, Option<SystemTime>)>,
}

impl Warm {
    /// For one run.
    pub(super) const fn once() -> Self {
        Self { stays: false, kept: None, leaves: None }
    }

    /// For one run after the other.
    pub(super) const fn staying() -> Self {
        Self { stays: true, kept: None, leaves: None }
    }

    /// Starts the process, before anything else is done, for importing pytest takes longest; none
    /// where workers are not to be forked or it cannot be started, which a spawned worker will
    /// explain.
    pub(super) fn start(&mut self, project: &Project, python: &Path) {
        let measured = MEASURED.iter().any(|name| std::env::var_os(name).is_some());
        if !forks_by_default() || project.config.options.own.no_fork || measured {
            self.kept = None;
            return;
        }
        let grounds = Grounds::of(project, python);
        let serves = |kept: &Kept| kept.zygote.is_alive() && kept.grounds == grounds;
        if self.kept.as_ref().is_some_and(serves) {
            return;
        }
        // The last one ends before another begins.
        self.kept = None;
        let Ok(launch) = self.launch(&grounds) else { return };
        let zygote = self.find(project, &launch).map_or_else(|| Zygote::start(launch), Ok);
        self.keep(zygote, grounds);
    }

    /// A fork of the process that an earlier run left; if there is none, one is left after this.
    fn find(&mut self, project: &Project, launch: &ZygoteLaunch) -> Option<Zygote> {
        if self.stays || !wants_resident(project) {
            return None;
        }
        let environment = project.environment.as_ref().ok()?;
        environment.pytest.as_ref()?;
        let roots = [&environment.stdlib[..], &environment.site_packages[..]].concat();
        let found = resident::Grounds::of(launch, &project.config.rootdir, &roots)?;
        let zygote = resident::attach(&found, launch.clone());
        self.leaves = zygote.is_none().then(|| (found, launch.clone()));
        zygote
    }

    /// Leaves a process for the next run, if none was found for this one.
    pub(super) fn leave(&mut self) {
        if let Some((grounds, launch)) = self.leaves.take() {
            // Then the next run starts as this one did.
            let _none = resident::leave(&grounds, &launch);
        }
    }

    fn launch(&self, grounds: &Grounds) -> io::Result<ZygoteLaunch> {
        Ok(ZygoteLaunch {
            python: grounds.python.clone(),
            dir: grounds.dir.clone(),
            env: super::environment(),
            bundle: Arc::new(Bundle::unpack()?),
            for_one_run: !self.stays,
        })
    }

    fn keep(&mut self, zygote: io::Result<Zygote>, grounds: Grounds) {
        let imported = Preloadable::default();
        self.kept = zygote.ok().map(|zygote| Kept { zygote, grounds, imported });
    }

    /// Tells it what to import before it forks, now that the sources are known; which modules of
    /// the standard library the tests import. One that is to become the only worker imports
    /// nothing before its time.
    pub(super) fn preload(&mut self, project: &Project, workers: usize) -> Vec<String> {
        let wanted = project.preloadable(super::coverage::is_measured(&project.config));
        let standard = wanted.standard.clone();
        if workers == 1 && !self.stays {
            return standard;
        }
        if let Some(Kept { grounds, zygote, .. }) =
            self.kept.take_if(|kept| !kept.may_go_on(&wanted))
        {
            drop(zygote);
            let zygote = self.launch(&grounds).and_then(Zygote::start);
            self.keep(zygote, grounds);
        }
        if let Some(kept) = &mut self.kept {
            let Preloadable { modules, roots, rewritten, .. } = wanted.clone();
            kept.zygote.preload(Preload { modules, roots, untouched: rewritten });
            kept.imported = wanted;
        }
        standard
    }

    /// What the workers of a run are forked from.
    pub(super) fn zygote(&mut self) -> Option<Zygote> {
        match self.stays {
            true => self.kept.as_ref().map(|kept| kept.zygote.clone()),
            false => self.kept.take().map(|kept| kept.zygote),
        }
    }
}

/// Whether a process may stay after the run.
fn wants_resident(project: &Project) -> bool {
    let is_ci = || ["CI", "BUILD_NUMBER"].iter().any(|name| std::env::var_os(name).is_some());
    match project.config.options.own.daemon {
        Daemon::On => true,
        Daemon::Off => false,
        Daemon::Auto => stdout().is_terminal() && !is_ci(),
    }
}

impl Kept {
    /// Whether everything that it has imported may be imported still.
    fn may_go_on(&self, wanted: &Preloadable) -> bool {
        let before = &self.imported;
        before.modules.iter().all(|module| wanted.modules.contains(module))
            && wanted.rewritten.iter().all(|module| before.rewritten.contains(module))
            || before.modules.is_empty()
    }
}

impl Grounds {
    fn of(project: &Project, python: &Path) -> Self {
        let environment = project.environment.as_ref().ok();
        let folders = environment.map(|environment| environment.site_packages.clone());
        let changed = |folder: &Path| std::fs::metadata(folder).ok()?.modified().ok();
        let dated = |folder: PathBuf| (folder.clone(), changed(&folder));
        Self {
            python: python.to_owned(),
            dir: project.config.invocation_dir.clone(),
            installed: folders.unwrap_or_default().into_iter().map(dated).collect(),
        }
    }
}
