//! The rules, and which of them are on.

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A test or fixture requests a fixture that is nowhere.
    UnknownFixture,
    /// A fixture requests one of a narrower scope.
    FixtureScopeMismatch,
    /// Fixtures request one another in a circle.
    FixtureCycle,
    /// `parametrize` names an argument that the function does not take.
    ParametrizeUnknownArgument,
    /// A row of `parametrize` has too few or too many values.
    ParametrizeWrongCount,
    /// The function's body does nothing with an argument of `parametrize`.
    ParametrizeUnusedArgument,
    /// A test is defined again further down under the same name.
    DuplicateTest,
    /// A test class with a constructor is not collected.
    TestClassConstructor,
    /// A mark that is not registered, where that is an error.
    UnknownMark,
    /// `async def` without a plugin that runs it.
    AsyncTestNotRun,
    /// `assert (condition, message)` is always true.
    AssertTuple,
    /// A fixture is called like a function.
    FixtureCalledDirectly,
    /// A test returns a value.
    TestReturnsValue,
}

/// How much a rule's finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The test fails, or is not collected.
    Error,
    /// pytest warns, or something does not happen that is written there.
    Warning,
    /// It may well be meant.
    Hint,
}

/// Which rules are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules(u16);

impl Rule {
    /// All rules.
    pub const ALL: [Self; 13] = [
        Self::UnknownFixture,
        Self::FixtureScopeMismatch,
        Self::FixtureCycle,
        Self::ParametrizeUnknownArgument,
        Self::ParametrizeWrongCount,
        Self::ParametrizeUnusedArgument,
        Self::DuplicateTest,
        Self::TestClassConstructor,
        Self::UnknownMark,
        Self::AsyncTestNotRun,
        Self::AssertTuple,
        Self::FixtureCalledDirectly,
        Self::TestReturnsValue,
    ];

    /// Its name: the code of its diagnostics, and what settings call it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownFixture => "unknown-fixture",
            Self::FixtureScopeMismatch => "fixture-scope-mismatch",
            Self::FixtureCycle => "fixture-cycle",
            Self::ParametrizeUnknownArgument => "parametrize-unknown-argument",
            Self::ParametrizeWrongCount => "parametrize-wrong-count",
            Self::ParametrizeUnusedArgument => "parametrize-unused-argument",
            Self::DuplicateTest => "duplicate-test",
            Self::TestClassConstructor => "test-class-constructor",
            Self::UnknownMark => "unknown-mark",
            Self::AsyncTestNotRun => "async-test-not-run",
            Self::AssertTuple => "assert-tuple",
            Self::FixtureCalledDirectly => "fixture-called-directly",
            Self::TestReturnsValue => "test-returns-value",
        }
    }

    /// The rule of a name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// How much its findings matter.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::UnknownFixture
            | Self::FixtureScopeMismatch
            | Self::FixtureCycle
            | Self::ParametrizeUnknownArgument
            | Self::ParametrizeWrongCount
            | Self::UnknownMark
            | Self::FixtureCalledDirectly => Level::Error,
            Self::DuplicateTest
            | Self::TestClassConstructor
            | Self::AsyncTestNotRun
            | Self::AssertTuple
            | Self::TestReturnsValue => Level::Warning,
            Self::ParametrizeUnusedArgument => Level::Hint,
        }
    }

    /// Whether what it marks does nothing: editors show that faded.
    #[must_use]
    pub const fn is_unnecessary(self) -> bool {
        matches!(self, Self::ParametrizeUnusedArgument | Self::DuplicateTest)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self(u16::MAX)
    }
}

impl Rules {
    /// All rules but these.
    #[must_use]
    pub fn without(off: impl IntoIterator<Item = Rule>) -> Self {
        Self(off.into_iter().fold(u16::MAX, |on, rule| on & !rule.bit()))
    }

    /// Whether a rule is on.
    #[must_use]
    pub const fn has(self, rule: Rule) -> bool {
        self.0 & rule.bit() != 0
    }
}
