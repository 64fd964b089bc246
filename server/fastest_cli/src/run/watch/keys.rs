//! What is typed: keys from bytes, commands from keys, a line from keys.

/// A key, as far as it means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Backspace,
    /// Ctrl-U: the line is to be empty.
    Kill,
    Escape,
    /// Ctrl-D, Ctrl-\, or a terminal that is gone.
    End,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Again,
    All,
    Failed,
    Path,
    Keyword,
    Help,
    Quit,
}

impl Command {
    /// What a key asks for where no line is being typed.
    pub(super) const fn of(key: Key) -> Option<Self> {
        Some(match key {
            Key::Enter | Key::Char('r') => Self::Again,
            Key::Char('a') => Self::All,
            Key::Char('f') => Self::Failed,
            Key::Char('p') => Self::Path,
            Key::Char('k') => Self::Keyword,
            Key::Char('?' | 'h') => Self::Help,
            Key::Char('q') | Key::End => Self::Quit,
            _ => return None,
        })
    }
}

/// The keys of what was read, and the bytes at its end that are the beginning of a character.
#[cfg(unix)]
pub(super) fn keys(bytes: &[u8]) -> (Vec<Key>, Vec<u8>) {
    let mut keys = Vec::new();
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'\r' | b'\n' => keys.push(Key::Enter),
            0x7f | 0x08 => keys.push(Key::Backspace),
            0x15 => keys.push(Key::Kill),
            0x04 | 0x1c => keys.push(Key::End),
            // An arrow or the like comes in one piece with what follows.
            0x1b if tail.is_empty() => keys.push(Key::Escape),
            0x1b => rest = after_sequence(tail),
            0x00..0x20 => {}
            first => {
                let length = length(*first);
                let start = &bytes[bytes.len() - tail.len() - 1..];
                let Some(whole) = start.get(..length) else { return (keys, start.to_vec()) };
                if let Some(char) = std::str::from_utf8(whole).ok().and_then(|t| t.chars().next()) {
                    keys.push(Key::Char(char));
                    rest = &start[length..];
                }
            }
        }
    }
    (keys, Vec::new())
}

/// How many bytes a character has, by its first.
#[cfg(unix)]
const fn length(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    }
}

/// What follows an escape sequence (ECMA-48: `[`, parameters, one final byte; or a single one).
#[cfg(unix)]
fn after_sequence(bytes: &[u8]) -> &[u8] {
    let parameters = match bytes {
        [b'[' | b'O', parameters @ ..] => parameters,
        _ => return &bytes[1..],
    };
    let end = parameters.iter().position(|byte| (0x40..0x7f).contains(byte));
    &parameters[end.map_or(parameters.len(), |end| end + 1)..]
}

/// A line that is being typed.
#[derive(Debug, Default)]
pub(super) struct Line(pub(super) String);

/// Where a line has come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// There is more to come.
    Going,
    /// It is this.
    Done(String),
    /// It is given up.
    Dropped,
}

impl Line {
    /// Takes in a key.
    pub(super) fn take(&mut self, key: Key) -> Typed {
        match key {
            Key::Char(char) => self.0.push(char),
            Key::Backspace => drop(self.0.pop()),
            Key::Kill => self.0.clear(),
            Key::Enter => return Typed::Done(self.0.trim().to_owned()),
            Key::Escape | Key::End => return Typed::Dropped,
        }
        Typed::Going
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::{Command, Key, Line, Typed, keys};

    #[test]
    fn bytes_are_keys() {
        let (found, rest) = keys("aé\n\u{7f}\x1b[1;5Aq\x15\x04".as_bytes());
        let expected = [
            Key::Char('a'),
            Key::Char('é'),
            Key::Enter,
            Key::Backspace,
            Key::Char('q'),
            Key::Kill,
            Key::End,
        ];
        assert_eq!((found.as_slice(), rest.as_slice()), (&expected[..], &[][..]));
        assert_eq!(keys(b"\x1b"), (vec![Key::Escape], vec![]));
        assert_eq!(keys(b"k\xc3"), (vec![Key::Char('k')], vec![0xc3]));
        assert_eq!(keys(b"\xff\xffk").0.last(), Some(&Key::Char('k')));
    }

    #[test]
    fn keys_are_commands_or_nothing() {
        assert_eq!(Command::of(Key::Enter), Some(Command::Again));
        assert_eq!(Command::of(Key::End), Some(Command::Quit));
        assert_eq!(Command::of(Key::Char('z')), None);
    }

    #[test]
    fn a_line_is_edited_and_given_up() {
        let mut line = Line::default();
        for key in [Key::Char('x'), Key::Kill, Key::Char('y'), Key::Char('z'), Key::Backspace] {
            assert_eq!(line.take(key), Typed::Going);
        }
        assert_eq!(line.take(Key::Enter), Typed::Done("y".to_owned()));
        assert_eq!(line.take(Key::Escape), Typed::Dropped);
    }
}
