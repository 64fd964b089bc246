//! All that is heard while a project is watched: files, keys, signals.

use std::path::PathBuf;

use fastest_runner::{Signal, Signals};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::keyboard::Keyboard;
use super::keys::Key;

/// What was heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// Files were written, made or removed.
    Changed(Vec<PathBuf>),
    Key(Key),
    /// Ctrl-C.
    Interrupt,
    /// The process is to end.
    End,
    /// The process goes on after Ctrl-Z.
    Resumed,
}

/// Where it is heard.
pub(super) struct Ears {
    changes: UnboundedReceiver<Vec<PathBuf>>,
    typed: UnboundedReceiver<Key>,
    keys: UnboundedSender<Key>,
    signals: Signals,
    keyboard: Option<Keyboard>,
}

impl Ears {
    /// In a runtime.
    pub(super) fn new(changes: UnboundedReceiver<Vec<PathBuf>>) -> Self {
        let (keys, typed) = unbounded_channel();
        Self { changes, typed, keys, signals: Signals::new(), keyboard: None }
    }

    /// Listens to the keyboard, or leaves it to the tests that run; whether somebody listens.
    pub(super) fn listen_to_keys(&mut self, listen: bool) -> bool {
        if !listen {
            self.keyboard = None;
        } else if self.keyboard.is_none() {
            self.keyboard = Keyboard::listen(self.keys.clone());
        }
        self.keyboard.is_some()
    }

    /// The next thing; waiting for it may be given up at any time.
    pub(super) async fn next(&mut self) -> Heard {
        let heard = tokio::select! {
            biased;
            signal = self.signals.next() => match signal {
                Signal::Interrupt => Heard::Interrupt,
                Signal::End => Heard::End,
                Signal::Resume => Heard::Resumed,
            },
            Some(key) = self.typed.recv() => Heard::Key(key),
            Some(paths) = self.changes.recv() => Heard::Changed(paths),
        };
        if let (Heard::Resumed, Some(keyboard)) = (&heard, &self.keyboard) {
            keyboard.resume();
        }
        heard
    }
}
