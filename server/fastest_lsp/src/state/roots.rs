//! Workspace folders: added, removed, configured, read.

use std::path::PathBuf;

use serde_json::Value;
use tower_lsp::lsp_types::request::{RegisterCapability, WorkspaceConfiguration};
use tower_lsp::lsp_types::{
    ConfigurationItem, ConfigurationParams, DidChangeWatchedFilesRegistrationOptions,
    FileSystemWatcher, GlobPattern, MessageType, Registration, RegistrationParams,
    ShowMessageParams,
};

use super::settings::{Settings, Watch};
use super::{SETTINGS_PATIENCE, State, Timer};
use crate::event::Event;
use crate::roots::{Loaded, Root, load};

/// What the client is to watch. What matters in a folder is decided by us.
const WATCHED: &str =
    "**/{*.py,*.toml,*.ini,*.cfg,.python-version,pyvenv.cfg,*.pth,*.dist-info,*.txt,*.rst}";

impl State {
    /// Takes a folder in, and begins to read it.
    pub(super) fn add_folder(&mut self, uri: &str, name: String) {
        let id = uri.trim_end_matches('/');
        let Some(path) = crate::uris::to_path(uri) else {
            tracing::warn!("`{uri}` is no folder of this machine");
            return;
        };
        if self.roots.iter().any(|root| root.id == id) {
            return;
        }
        let own = || path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let name = if name.is_empty() { own() } else { name };
        self.roots.push(Root::new(uri, path, name, self.base.clone()));
        self.read_root(self.roots.len() - 1);
    }

    /// `workspace/didChangeWorkspaceFolders`
    pub(super) fn change_folders(&mut self, added: Vec<(String, String)>, removed: &[String]) {
        for uri in removed {
            let id = uri.trim_end_matches('/');
            if let Some(at) = self.roots.iter().position(|root| root.id == id) {
                let root = self.roots.remove(at);
                self.forget_root(root);
            }
        }
        for (uri, name) in added {
            self.add_folder(&uri, name);
        }
        self.tell_roots();
        self.watch_files();
        self.follow_terminals();
        self.ask_configuration();
        self.answer_waiting();
    }

    /// Reads a root on the pool.
    pub(super) fn read_root(&mut self, at: usize) {
        let root = &mut self.roots[at];
        root.epoch += 1;
        root.loading = true;
        let (id, epoch) = (root.id.clone(), root.epoch);
        let (path, settings) = (root.path.clone(), root.settings.clone());
        let unsaved = self.documents.unsaved();
        let events = self.events.clone();
        self.out.runtime().spawn_blocking(move || {
            let started = std::time::Instant::now();
            let read = || load::load(&path, &settings, unsaved.clone());
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
                .unwrap_or_else(|_| Err("reading it failed; see the log".to_owned()));
            tracing::info!("read {id} in {:?}", started.elapsed());
            events.send(Event::RootRead { root: id, epoch, result: Box::new(result) });
        });
    }

    /// A root was read: the client is told what is different.
    pub(super) fn root_read(&mut self, id: &str, epoch: u64, result: Result<Loaded, String>) {
        let Some(at) = self.roots.iter().position(|root| root.id == id) else { return };
        let root = &mut self.roots[at];
        // A newer reading is under way.
        if root.epoch != epoch {
            return;
        }
        root.loading = false;
        let behind = std::mem::take(&mut root.behind);
        match result {
            Ok(loaded) => {
                root.problem = None;
                let before = root.loaded.replace(loaded);
                self.put_open_documents(at);
                // What the rules say of documents could not be told before.
                self.diagnose_open();
                self.tell_root(at, before.as_ref());
                self.warm(at);
            }
            Err(problem) => {
                tracing::warn!("{id}: {problem}");
                root.problem = Some(problem);
            }
        }
        self.tell_roots();
        self.answer_waiting();
        self.follow_terminals();
        if !behind.is_empty() {
            self.files_changed(behind.into_iter().collect());
        }
    }

    /// The root that a file belongs to: the innermost.
    pub(super) fn root_of(&self, path: &std::path::Path) -> Option<usize> {
        let holding = self.roots.iter().enumerate().filter(|(_, root)| root.holds(path));
        holding.max_by_key(|(_, root)| root.path.as_os_str().len()).map(|(at, _)| at)
    }

    /// Asks the client to tell of changes to files and settings.
    pub(super) fn register(&mut self) {
        let mut registrations = Vec::new();
        let wants_watching = self.roots.iter().any(|root| root.settings.watch == Watch::Auto)
            || self.roots.is_empty();
        if self.profile.watches_files && wants_watching {
            let glob_pattern = GlobPattern::String(WATCHED.to_owned());
            let options = DidChangeWatchedFilesRegistrationOptions {
                watchers: vec![FileSystemWatcher { glob_pattern, kind: None }],
            };
            registrations.push(Registration {
                id: "fastest-files".to_owned(),
                method: "workspace/didChangeWatchedFiles".to_owned(),
                register_options: serde_json::to_value(options).ok(),
            });
        }
        if self.profile.registers_configuration {
            registrations.push(Registration {
                id: "fastest-configuration".to_owned(),
                method: "workspace/didChangeConfiguration".to_owned(),
                register_options: Some(serde_json::json!({"section": "fastest"})),
            });
        }
        if !registrations.is_empty() {
            self.out.ask::<RegisterCapability>(RegistrationParams { registrations }, |_| {});
        }
    }

    /// Asks the client for the settings of each root.
    pub(super) fn ask_configuration(&mut self) {
        if !self.profile.configuration || self.roots.is_empty() {
            return;
        }
        let ids: Vec<String> = self.roots.iter().map(|root| root.id.clone()).collect();
        let items = ids.iter().map(|id| ConfigurationItem {
            scope_uri: id.parse().ok(),
            section: Some("fastest".to_owned()),
        });
        let params = ConfigurationParams { items: items.collect() };
        let events = self.events.clone();
        self.asked_settings += 1;
        self.set_timer(SETTINGS_PATIENCE, Timer::Settings);
        self.out.ask::<WorkspaceConfiguration>(params, move |answers| {
            let answers = answers.unwrap_or_default();
            events.send(Event::ConfigurationAnswered(ids.into_iter().zip(answers).collect()));
        });
    }

    /// The client has answered, or does not: runs that were asked for since it was asked begin.
    pub(super) fn configuration_answered(&mut self, answers: Vec<(String, Value)>) {
        self.configuration_read(answers);
        self.asked_settings = self.asked_settings.saturating_sub(1);
        if self.asked_settings == 0 {
            self.release_held();
        }
    }

    /// Begins the runs that wait for settings.
    pub(super) fn release_held(&mut self) {
        self.asked_settings = 0;
        for event in std::mem::take(&mut self.held) {
            self.on(event);
        }
    }

    /// `workspace/didChangeConfiguration`: the client is asked, or has said it.
    pub(super) fn configured(&mut self, settings: &Value) {
        if self.profile.configuration {
            self.ask_configuration();
            return;
        }
        let ours = settings.get("fastest").cloned().unwrap_or(Value::Null);
        let answers = self.roots.iter().map(|root| (root.id.clone(), ours.clone())).collect();
        self.configuration_read(answers);
    }

    /// Settings have come: roots that they concern are read again.
    fn configuration_read(&mut self, answers: Vec<(String, Value)>) {
        for (id, value) in answers {
            let (settings, wrong) = self.base.with(&value);
            wrong.into_iter().for_each(|wrong| self.show(MessageType::WARNING, wrong));
            let Some(at) = self.roots.iter().position(|root| root.id == id) else { continue };
            self.set_settings(at, settings);
        }
    }

    fn set_settings(&mut self, at: usize, settings: Settings) {
        let root = &mut self.roots[at];
        if root.settings == settings {
            return;
        }
        let reads_again = !root.settings.discovers_like(&settings);
        let trusted = settings.trusted;
        root.settings = settings;
        if reads_again || !trusted {
            self.cool(at);
        }
        if reads_again {
            self.read_root(at);
        }
        self.settings_changed(at);
        self.watch_files();
        if !reads_again {
            self.warm(at);
        }
    }

    /// Shows a sentence to the user.
    pub(super) fn show(&self, typ: MessageType, message: String) {
        self.out.notify("window/showMessage", &ShowMessageParams { typ, message });
    }

    /// Files were written, made or removed on disk.
    pub(super) fn files_changed(&mut self, paths: Vec<PathBuf>) {
        let mut reread: Vec<Vec<PathBuf>> = vec![Vec::new(); self.roots.len()];
        let mut whole = vec![false; self.roots.len()];
        for path in paths {
            // What the editor saves it tells of itself.
            if self.documents.get(&path).is_none() && path.extension().is_some_and(|e| e == "py") {
                self.saved_file(&path);
            }
            for at in self.concerned(&path) {
                let root = &mut self.roots[at];
                if root.loading {
                    root.behind.insert(path.clone());
                } else if is_plain_source(root, &path) {
                    reread[at].push(path.clone());
                } else {
                    whole[at] = true;
                }
            }
        }
        for (at, paths) in reread.into_iter().enumerate() {
            if whole[at] || paths.len() > MOST_REREAD {
                self.read_root(at);
            } else if !paths.is_empty() {
                self.reread(at, &paths);
            }
        }
    }

    /// The roots that a changed file matters to.
    fn concerned(&self, path: &std::path::Path) -> Vec<usize> {
        // An open document is what the editor says it is.
        let is_open = self.documents.get(path).is_some_and(|_| path.exists());
        let mut concerned = Vec::new();
        for (at, root) in self.roots.iter().enumerate() {
            let Some(loaded) = &root.loaded else { continue };
            let known = loaded.project.index.world().file_at(path).is_some();
            let matters = known || (root.holds(path) && may_matter(path));
            if matters && !(known && is_open) {
                concerned.push(at);
            }
        }
        concerned
    }
}

/// More files than this at once (a branch switch) are not read one by one: the whole root is
/// discovered again, in the background, for which 100,000 tests need a tenth of a second.
const MOST_REREAD: usize = 50;

/// Whether a file is one that was read and still is there, and says nothing about others' being.
fn is_plain_source(root: &Root, path: &std::path::Path) -> bool {
    let Some(loaded) = &root.loaded else { return false };
    let known = loaded.project.index.world().file_at(path).is_some();
    let is_conftest = path.file_name().is_some_and(|name| name == "conftest.py");
    known && !is_conftest && path.is_file()
}

/// Whether a file that was not read may be one that is to be.
fn may_matter(path: &std::path::Path) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return false };
    let configuration = [
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "pyproject.toml",
        "tox.ini",
        "setup.cfg",
        "pyvenv.cfg",
        ".python-version",
    ];
    let hidden = path.components().any(|part| {
        matches!(part.as_os_str().to_str(), Some(".git" | "__pycache__" | ".pytest_cache"))
    });
    !hidden
        && (configuration.contains(&&*name)
            || name.ends_with(".py")
            || name.ends_with(".pth")
            || name.ends_with(".dist-info")
            // A folder that came or went may hold anything.
            || path.extension().is_none())
}
