//! Watching files ourselves, for clients that cannot.

use fastest_workspace::watch::Watch;
use tower_lsp::lsp_types::MessageType;

use super::State;
use super::settings;
use crate::event::Event;

impl State {
    /// Watches the folders that nobody else watches.
    pub(super) fn watch_files(&mut self) {
        let client = self.profile.watches_files;
        let wanted = self.roots.iter().filter(|root| match root.settings.watch {
            settings::Watch::Auto => !client,
            settings::Watch::Server => true,
            settings::Watch::Off => false,
        });
        let folders: Vec<_> = wanted.map(|root| root.path.clone()).collect();
        if self.watched == folders {
            return;
        }
        self.watch = None;
        self.watched.clone_from(&folders);
        if folders.is_empty() {
            return;
        }
        let events = self.events.clone();
        match Watch::start(&folders, move |paths| events.send(Event::FilesChanged(paths))) {
            Ok(watch) => self.watch = Some(watch),
            Err(message) => {
                let message = format!("{message}; tests are not followed while files change");
                self.show(MessageType::WARNING, message);
            }
        }
    }
}
