//! What only pytest itself can answer, asked instead of a run (`--markers`, `--fixtures`).

use std::{
    io,
    path::Path,
    process::{Command, ExitStatus},
};

/// What the interpreter runs: pytest as its own script starts it, without a folder of ours or
/// the working directory on `sys.path`.
const BOOT: &str = "import sys; sys.path[:1 if sys.path[:1] == [''] else 0] = []; \
    import pytest; sys.argv[0] = 'pytest'; sys.exit(pytest.main())";

/// Lets pytest answer on our own standard streams, in a folder, with these arguments and none of
/// `PYTEST_ADDOPTS`; how it ended.
///
/// # Errors
/// If the interpreter cannot be started.
pub fn ask_pytest(python: &Path, dir: &Path, args: &[String]) -> io::Result<ExitStatus> {
    let mut command = Command::new(python);
    command.args(["-c", BOOT]).args(args).current_dir(dir).env("PYTEST_ADDOPTS", "");
    command.status()
}
