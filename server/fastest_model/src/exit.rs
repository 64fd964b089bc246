//! Exit codes of the command line: pytest's own, and one of ours.

/// What the process tells its parent. The first seven are pytest's `ExitCode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// All tests passed.
    Ok = 0,
    /// Some tests failed.
    TestsFailed = 1,
    /// The run was interrupted, by the user or by collection errors.
    Interrupted = 2,
    /// pytest itself broke.
    InternalError = 3,
    /// The command line or the configuration cannot be used.
    UsageError = 4,
    /// No test was collected.
    NoTestsCollected = 5,
    /// All tests passed, with more warnings than `--max-warnings` allows.
    MaxWarnings = 6,
    /// `fastest-lsp` itself broke: a defect of ours, to be reported.
    Crash = 70,
}

impl ExitCode {
    /// The number that the process exits with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}
