//! Questions asked of small projects that are written as text.
//!
//! A project is a text with a line `#- path` before each file; `$0` is the cursor. Files below
//! `site-packages/` are installed, and those of them that are named `plugin…` are plugins.

mod completion;
mod definition;
mod diagnostics;
mod folding;
mod hierarchy;
mod hover;
mod references;
mod rename;
mod symbols;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use fastest_index::world::{File, FileId, Module, Settings, World};
use fastest_model::Span;
use rustc_hash::FxHashMap;

use crate::view::{Target, Texts, View};

/// A project made of text.
pub(crate) struct Project {
    pub world: World,
    texts: FxHashMap<PathBuf, Arc<str>>,
    pub markers: Vec<String>,
    /// The file with the cursor, and the cursor; the last file where there is none.
    pub file: FileId,
    pub offset: u32,
}

/// The texts of a project.
struct Sources(FxHashMap<PathBuf, Arc<str>>);

impl Texts for Sources {
    fn text(&self, path: &Path) -> Option<Arc<str>> {
        self.0.get(path).cloned()
    }

    fn installed(&self, dotted: &str) -> Option<(PathBuf, Arc<str>)> {
        let text = "from x import y\n@fixture\ndef tmp_path(request, tmp_path_factory) -> Path:\n    \"\"\"A folder.\"\"\"\n    yield 1\n";
        (dotted == "_pytest.tmpdir")
            .then(|| (PathBuf::from("/venv/site-packages/_pytest/tmpdir.py"), text.into()))
    }
}

impl Project {
    pub fn new(sources: &str) -> Self {
        Self::with(sources, |_| {})
    }

    pub fn with(sources: &str, configure: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new("/p");
        let files = split(sources);
        for (path, _) in &files {
            if let Some(name) = path.strip_prefix("site-packages/")
                && name.starts_with("plugin")
            {
                settings.plugins.push(name.trim_end_matches(".py").into());
            }
        }
        configure(&mut settings);
        let world = World::new(settings);
        let texts = FxHashMap::default();
        let mut project = Self { world, texts, markers: Vec::new(), file: FileId(0), offset: 0 };
        for (path, text) in files {
            project.add(path, &text);
        }
        project
    }

    fn add(&mut self, path: &str, text: &str) {
        let cursor = text.find("$0");
        let text = text.replacen("$0", "", 1);
        let installed = path.strip_prefix("site-packages/");
        let module = installed.unwrap_or(path).trim_end_matches(".py");
        let module = module.trim_end_matches("/__init__").replace('/', ".");
        let root = if installed.is_some() { "/venv" } else { "/p" };
        let id = self.world.set_file(File {
            path: Arc::from(Path::new(root).join(path)),
            module: module.as_str().into(),
            is_package: path.ends_with("__init__.py"),
            outline: Arc::new(fastest_syntax::scan(&text)),
        });
        self.world.set_module(&module, Module::Source(id));
        self.texts.insert(Path::new(root).join(path), text.into());
        if let Some(cursor) = cursor {
            (self.file, self.offset) = (id, u32::try_from(cursor).expect("texts are short"));
        } else if self.offset == 0 {
            self.file = id;
        }
    }

    pub fn view(&self) -> View<'_> {
        let texts = Rc::new(Sources(self.texts.clone()));
        View { world: &self.world, texts, markers: self.markers.clone().into() }
    }

    pub fn text_of(&self, file: FileId) -> &str {
        &self.texts[&*self.world.file(file).expect("it is in").path]
    }

    /// `path:line: text of the line, with «» around the focus`
    pub fn shown(&self, target: &Target) -> String {
        let text = match self.world.file_at(&target.path) {
            Some(file) => self.text_of(file).to_owned(),
            None => self.view().texts.installed("_pytest.tmpdir").expect("it is").1.to_string(),
        };
        format!("{}:{}", self.view().shown(&target.path), marked(&text, target.focus))
    }
}

/// `line: text of the line, with «» around the span`
pub(crate) fn marked(text: &str, span: Span) -> String {
    let (start, end) = (span.start as usize, span.end as usize);
    let line = text[..start].matches('\n').count() + 1;
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
    format!("{line}: {}«{}»{}", text[from..start].trim_start(), &text[start..end], &text[end..to])
}

/// The files of a text.
fn split(sources: &str) -> Vec<(&str, String)> {
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in sources.lines() {
        match (line.strip_prefix("#- "), files.last_mut()) {
            (Some(path), _) => files.push((path.trim(), String::new())),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => files.push(("test_a.py", format!("{line}\n"))),
        }
    }
    files
}
