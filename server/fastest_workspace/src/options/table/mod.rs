//! Every option: names, value, version, and what it is for. The order is that of `--help`.

mod collection;
mod coverage;
mod debugging;
mod general;
mod logging;
mod others;
mod own;
mod reporting;
mod xdist;

use super::parse::Known;
use super::{PytestVersion, UsageError};

/// What an option takes and how it is checked.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Nothing.
    Flag,
    /// Any text.
    Text,
    /// Any text, or nothing: `--debug`, `--cov[=X]`.
    Optional,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// One of these.
    Choice(&'static [&'static str]),
}

/// How many values an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// None.
    None,
    /// Exactly one.
    One,
    /// One or none.
    Optional,
}

/// Whom an option is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever collects and runs tests: a worker's pytest gets it too.
    Worker,
    /// Whoever oversees the run: order, limits, reports. A worker must not get it.
    Overseer,
}

/// One option.
#[derive(Debug)]
pub struct Spec {
    /// All its names, in pytest's order.
    pub names: &'static [&'static str],
    /// argparse's name for it (`config.option.<dest>`).
    pub dest: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What its value is called in `--help`.
    pub metavar: &'static str,
    /// What it does, in one or two sentences.
    pub help: &'static str,
    /// The first pytest that has it.
    pub since: PytestVersion,
    /// Whom it is for.
    pub audience: Audience,
}

/// Options that `--help` lists together.
#[derive(Debug)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// Whether pytest knows these only after it has loaded a plugin.
    pub plugin: bool,
    /// The options.
    pub specs: &'static [Spec],
}

/// All groups, in `--help`'s order.
pub const GROUPS: &[Group] = &[
    general::GROUP,
    reporting::GROUP,
    reporting::WARNINGS,
    collection::GROUP,
    debugging::GROUP,
    logging::GROUP,
    own::GROUP,
    xdist::GROUP,
    coverage::GROUP,
    others::GROUP,
];

/// The option of that name, with the name as the table spells it.
#[must_use]
pub fn find(
    name: &str,
    known: Known,
    version: PytestVersion,
) -> Option<(&'static Spec, &'static str)> {
    specs(known, version)
        .find_map(|spec| spec.names.iter().find(|own| **own == name).map(|own| (spec, *own)))
}

/// All names of all options.
pub fn names(known: Known, version: PytestVersion) -> impl Iterator<Item = &'static str> {
    specs(known, version).flat_map(|spec| spec.names.iter().copied())
}

fn specs(known: Known, version: PytestVersion) -> impl Iterator<Item = &'static Spec> {
    GROUPS
        .iter()
        .filter(move |group| known == Known::All || !group.plugin)
        .flat_map(|group| group.specs)
        .filter(move |spec| spec.since <= version)
}

impl Spec {
    /// How many values it takes.
    #[must_use]
    pub const fn arity(&self) -> Arity {
        match self.kind {
            Kind::Flag => Arity::None,
            Kind::Optional => Arity::Optional,
            Kind::Text | Kind::Int | Kind::Float | Kind::Choice(_) => Arity::One,
        }
    }

    /// argparse's error about this option.
    #[must_use]
    pub fn fault(&self, what: &str) -> UsageError {
        UsageError::new(format!("argument {}: {what}", self.names.join("/")))
    }

    const fn new(names: &'static [&'static str], dest: &'static str, kind: Kind) -> Self {
        let (metavar, help) = ("", "");
        Self { names, dest, kind, metavar, help, since: (0, 0), audience: Audience::Worker }
    }

    const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    const fn meta(mut self, metavar: &'static str) -> Self {
        self.metavar = metavar;
        self
    }

    const fn since(mut self, major: u16, minor: u16) -> Self {
        self.since = (major, minor);
        self
    }

    const fn overseer(mut self) -> Self {
        self.audience = Audience::Overseer;
        self
    }
}

const fn flag(names: &'static [&'static str], dest: &'static str) -> Spec {
    Spec::new(names, dest, Kind::Flag)
}

const fn text(names: &'static [&'static str], dest: &'static str) -> Spec {
    Spec::new(names, dest, Kind::Text)
}
