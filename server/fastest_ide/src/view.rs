//! What questions are asked of: the index's world, and the texts of its files.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use fastest_index::world::{FileId, World};
use fastest_model::Span;

/// Texts, which the world does not hold. Whoever implements it answers for one moment: a text
/// and the outline that the world has of it belong together.
pub trait Texts {
    /// The text of a file: the open buffer, or what is on disk. `None` where it cannot be read.
    fn text(&self, path: &Path) -> Option<Arc<str>>;

    /// Whether a file's text may hold `getfixturevalue("name")` of this name: a shell that
    /// remembers that spares reading the file. Saying yes is never wrong.
    fn may_request(&self, path: &Path, name: &str) -> bool {
        let _ = (path, name);
        true
    }

    /// Whether nobody waits for the answer any more: what takes long gives up then, and whatever
    /// it says is not looked at.
    fn is_given_up(&self) -> bool {
        false
    }

    /// The source of an installed module that the world does not hold, by its dotted name
    /// (`_pytest.tmpdir`): where pytest's own fixtures are written. `None` where it is not found.
    fn installed(&self, dotted: &str) -> Option<(PathBuf, Arc<str>)> {
        let _ = dotted;
        None
    }
}

/// One moment of a workspace.
#[derive(Clone)]
pub struct View<'w> {
    /// Settings, files, modules.
    pub world: &'w World,
    /// Texts of the files.
    pub texts: Rc<dyn Texts>,
    /// Lines of ini `markers` and what plugins register (`slow: takes long`).
    pub markers: Rc<[String]>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The file, absolute.
    pub path: Arc<Path>,
    /// The whole of it, in bytes from the file's start: a definition with its decorators.
    pub span: Span,
    /// The name within, to which a cursor goes.
    pub focus: Span,
}

/// One place that is to be replaced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file, absolute.
    pub path: Arc<Path>,
    /// What is replaced, in bytes from the file's start.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl View<'_> {
    /// A place in a file of the world; `None` after the file is gone.
    #[must_use]
    pub fn target(&self, file: FileId, span: Span, focus: Span) -> Option<Target> {
        let path = Arc::clone(&self.world.file(file)?.path);
        Some(Target { path, span, focus })
    }

    /// Whether a file is the project's own: below the rootdir, and not installed there.
    #[must_use]
    pub fn is_own(&self, file: FileId) -> bool {
        self.world.file(file).is_some_and(|file| {
            let below = file.path.strip_prefix(&self.world.settings.rootdir);
            below.is_ok_and(|path| {
                path.components().all(|part| {
                    !matches!(part.as_os_str().to_str(), Some("site-packages" | "dist-packages"))
                })
            })
        })
    }

    /// A file as people know it: relative to the rootdir where it lies below it.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        let rootdir = &self.world.settings.rootdir;
        let shown = path.strip_prefix(rootdir).unwrap_or(path);
        if path.starts_with(rootdir) {
            return shown.display().to_string();
        }
        // Of an installed package, what comes after `site-packages` says enough.
        let parts: Vec<_> = path.components().collect();
        let installed = parts.iter().rposition(|part| {
            matches!(part.as_os_str().to_str(), Some("site-packages" | "dist-packages"))
        });
        match installed {
            Some(at) => parts[at + 1..].iter().collect::<PathBuf>().display().to_string(),
            None => path.display().to_string(),
        }
    }
}
