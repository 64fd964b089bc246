//! The terminal that keys are typed on: each is told at once and none is shown, for as long as
//! somebody listens. What a terminal was set to before it is set to again, whatever happens.

use tokio::sync::mpsc::UnboundedSender;

use super::keys::Key;

#[cfg(unix)]
pub(super) use unix::Keyboard;
#[cfg(unix)]
pub use unix::restore;

#[cfg(not(unix))]
pub(super) use other::Keyboard;
#[cfg(not(unix))]
pub use other::restore;

#[cfg(unix)]
mod unix {
    use std::io::{PipeReader, PipeWriter, Stdin, stdin};
    use std::sync::{Mutex, PoisonError};
    use std::thread::JoinHandle;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
    };

    use super::super::keys::keys;
    use super::{Key, UnboundedSender};

    /// What the terminal was set to before, while it is set to something else.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Somebody listens to the keyboard, until this is dropped.
    pub(in super::super) struct Keyboard {
        /// The thread ends when this closes.
        stop: Option<PipeWriter>,
        thread: Option<JoinHandle<()>>,
    }

    impl Keyboard {
        /// Tells keys as they are typed; `None` where standard input is no terminal, or one that
        /// belongs to another job of the shell.
        pub(in super::super) fn listen(keys: UnboundedSender<Key>) -> Option<Self> {
            set()?;
            let (stopped, stop) = std::io::pipe().ok()?;
            let thread = std::thread::Builder::new().name("keyboard".to_owned());
            let thread = thread.spawn(move || tell(&stopped, &keys)).ok()?;
            Some(Self { stop: Some(stop), thread: Some(thread) })
        }

        /// The process goes on after it was stopped (Ctrl-Z), and a shell has set the terminal to
        /// what shells want.
        pub(in super::super) fn resume(&self) {
            let _gone = set();
        }
    }

    impl Drop for Keyboard {
        fn drop(&mut self) {
            drop(self.stop.take());
            let _panicked = self.thread.take().map(JoinHandle::join);
            restore();
        }
    }

    /// Sets the terminal so that keys are told one by one and not shown. Ctrl-C and Ctrl-Z mean
    /// what they always mean; Ctrl-\ is a key, because nothing would set the terminal back after
    /// the signal that it usually sends.
    fn set() -> Option<()> {
        let input = stdin();
        if !is_ours(&input) {
            return None;
        }
        let mut modes = tcgetattr(&input).ok()?;
        let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        before.get_or_insert_with(|| modes.clone());
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        modes.special_codes[SpecialCodeIndex::VQUIT] = 0;
        tcsetattr(&input, OptionalActions::Now, &modes).ok()
    }

    /// Sets the terminal to what it was set to before anybody listened.
    pub fn restore() {
        let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(modes) = before.filter(|_| is_ours(&stdin())) {
            let _gone = tcsetattr(stdin(), OptionalActions::Now, &modes);
        }
    }

    /// Whether standard input is a terminal, and this is the job that it belongs to.
    fn is_ours(input: &Stdin) -> bool {
        tcgetpgrp(input).is_ok_and(|group| group == rustix::process::getpgrp())
    }

    /// The thread's work: waits for keys and for the end.
    fn tell(stopped: &PipeReader, sender: &UnboundedSender<Key>) {
        let input = stdin();
        let mut pending = Vec::new();
        while is_typed(&input, stopped) {
            let mut bytes = [0; 256];
            let count = match rustix::io::read(&input, &mut bytes) {
                Ok(0) => break,
                Ok(count) => count,
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
                Err(_) => break,
            };
            pending.extend_from_slice(&bytes[..count]);
            let (found, rest) = keys(&pending);
            pending = rest;
            for key in found {
                let _over = sender.send(key);
            }
        }
    }

    /// Waits until something can be read; false once nothing more is wanted.
    fn is_typed(input: &Stdin, stopped: &PipeReader) -> bool {
        let mut both =
            [PollFd::new(input, PollFlags::IN), PollFd::new(stopped, PollFlags::empty())];
        loop {
            match poll(&mut both, None) {
                Ok(_) => return both[1].revents().is_empty(),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use super::{Key, UnboundedSender};

    /// Somebody listens to the keyboard. A console cannot be told to stop waiting for a key, so
    /// one thread listens for as long as the process lives.
    pub(in super::super) struct Keyboard;

    impl Keyboard {
        /// Tells keys as they are typed.
        #[expect(clippy::unnecessary_wraps, reason = "elsewhere there may be no keyboard")]
        pub(in super::super) fn listen(keys: UnboundedSender<Key>) -> Option<Self> {
            std::thread::spawn(move || {
                let console = console::Term::stdout();
                while let Ok(typed) = console.read_key() {
                    let key = match typed {
                        console::Key::Char(char) => Key::Char(char),
                        console::Key::Enter => Key::Enter,
                        console::Key::Backspace => Key::Backspace,
                        console::Key::Escape => Key::Escape,
                        _ => continue,
                    };
                    if keys.send(key).is_err() {
                        return;
                    }
                }
            });
            Some(Self)
        }

        /// Nothing to do: no shell has touched the console.
        pub(in super::super) const fn resume(&self) {}
    }

    /// Nothing to do: the console is as it was.
    pub const fn restore() {}
}
