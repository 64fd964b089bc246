//! Splitting arguments as argparse does.
//!
//! The rules are those of `argparse.ArgumentParser._parse_optional` with `allow_abbrev=False`:
//! every argument is first classed as option or positional, then options take the arguments that
//! follow them and are positional.

use super::table::{Arity, Spec};
use super::{PytestVersion, UsageError, table};

/// An option as it was given.
#[derive(Clone, Debug)]
pub struct Given {
    /// What the option is.
    pub spec: &'static Spec,
    /// The name it was given under.
    pub name: &'static str,
    /// Its value; `None` for flags, and for an optional value that is absent.
    pub value: Option<String>,
}

/// One part of a command line.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A known option with its value.
    Option(Given),
    /// A path, node id or dotted name.
    Positional(String),
    /// What looks like an option, and is none that is known.
    Unknown(String),
}

/// Which options a parse knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Those of pytest and ours: what pytest knows before it has loaded plugins.
    Core,
    /// Plugins' too.
    All,
}

/// How an argument looks to the parser before values are taken.
enum Class {
    Positional,
    Option { spec: &'static Spec, name: &'static str, tail: Option<Tail> },
    Unknown,
}

/// What follows an option's name within the same argument.
enum Tail {
    /// After `=`.
    Value(String),
    /// Right after a short name: its value, or more short options.
    Joined(String),
}

/// The parts of a command line, in order.
///
/// # Errors
/// In argparse's words: a value that is missing, one that is not wanted.
pub fn pieces(
    args: &[String],
    known: Known,
    version: PytestVersion,
) -> Result<Vec<Piece>, UsageError> {
    let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let mut splitter = Splitter { rest: &args[..end], known, version, pieces: Vec::new() };
    while let Some((arg, rest)) = splitter.rest.split_first() {
        splitter.rest = rest;
        splitter.take(arg)?;
    }
    let mut pieces = splitter.pieces;
    pieces.extend(args.iter().skip(end + 1).cloned().map(Piece::Positional));
    Ok(pieces)
}

struct Splitter<'a> {
    rest: &'a [String],
    known: Known,
    version: PytestVersion,
    pieces: Vec<Piece>,
}

impl Splitter<'_> {
    fn take(&mut self, arg: &str) -> Result<(), UsageError> {
        match self.class(arg) {
            Class::Positional => self.pieces.push(Piece::Positional(arg.to_owned())),
            Class::Unknown => self.pieces.push(Piece::Unknown(arg.to_owned())),
            Class::Option { spec, name, tail } => self.option(spec, name, tail)?,
        }
        Ok(())
    }

    fn class(&self, arg: &str) -> Class {
        if !arg.starts_with('-') || arg.len() == 1 {
            return Class::Positional;
        }
        if let Some((spec, name)) = self.find(arg) {
            return Class::Option { spec, name, tail: None };
        }
        if let Some((head, value)) = arg.split_once('=')
            && let Some((spec, name)) = self.find(head)
        {
            return Class::Option { spec, name, tail: Some(Tail::Value(value.to_owned())) };
        }
        if let Some((head, joined)) = split_short(arg)
            && let Some((spec, name)) = self.find(head)
        {
            return Class::Option { spec, name, tail: Some(Tail::Joined(joined.to_owned())) };
        }
        if is_negative_number(arg) || arg.contains(' ') {
            Class::Positional
        } else {
            Class::Unknown
        }
    }

    fn option(
        &mut self,
        spec: &'static Spec,
        name: &'static str,
        tail: Option<Tail>,
    ) -> Result<(), UsageError> {
        let value = match (spec.arity(), tail) {
            (Arity::None, Some(Tail::Joined(joined))) => {
                self.push(spec, name, None);
                return self.joined(&joined);
            }
            (Arity::None, Some(Tail::Value(value))) => return Err(unwanted(spec, &value)),
            (Arity::None, None) => None,
            (_, Some(Tail::Value(value) | Tail::Joined(value))) => Some(value),
            (Arity::Optional, None) => self.following(),
            (Arity::One, None) => {
                Some(self.following().ok_or_else(|| spec.fault("expected one argument"))?)
            }
        };
        self.push(spec, name, value);
        Ok(())
    }

    /// The further short options of `-xvs`, of which the last may carry a value.
    fn joined(&mut self, joined: &str) -> Result<(), UsageError> {
        let width = joined.chars().next().map_or(0, char::len_utf8);
        let (letter, rest) = joined.split_at(width);
        let Some((spec, name)) = self.find(&format!("-{letter}")) else {
            self.pieces.push(Piece::Unknown(format!("-{joined}")));
            return Ok(());
        };
        let tail = match (spec.arity(), rest) {
            (_, "") => None,
            (Arity::None, rest) => Some(Tail::Joined(rest.to_owned())),
            (_, rest) => Some(Tail::Value(rest.strip_prefix('=').unwrap_or(rest).to_owned())),
        };
        self.option(spec, name, tail)
    }

    /// Takes the next argument if it is a positional.
    fn following(&mut self) -> Option<String> {
        let (next, rest) = self.rest.split_first()?;
        if !matches!(self.class(next), Class::Positional) {
            return None;
        }
        self.rest = rest;
        Some(next.clone())
    }

    fn push(&mut self, spec: &'static Spec, name: &'static str, value: Option<String>) {
        self.pieces.push(Piece::Option(Given { spec, name, value }));
    }

    fn find(&self, name: &str) -> Option<(&'static Spec, &'static str)> {
        table::find(name, self.known, self.version)
    }
}

/// `-kEXPR` as `-k` and `EXPR`.
fn split_short(arg: &str) -> Option<(&str, &str)> {
    let letter = arg.strip_prefix('-')?.chars().next().filter(|c| *c != '-')?;
    Some(arg.split_at(1 + letter.len_utf8()))
}

/// argparse's `^-\d+$|^-\d*\.\d+$`.
fn is_negative_number(arg: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = arg.strip_prefix('-').filter(|number| !number.is_empty()) else {
        return false;
    };
    match number.split_once('.') {
        None => digits(number),
        Some((whole, part)) => digits(whole) && !part.is_empty() && digits(part),
    }
}

fn unwanted(spec: &Spec, value: &str) -> UsageError {
    spec.fault(&format!("ignored explicit argument '{value}'")).hint("this option takes no value")
}
