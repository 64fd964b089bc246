//! Emacs' own client (eglot) against the real server, in batch.

use std::process::Command;

use crate::debian::need;
use crate::python::oracle;
use crate::shell::{Done, binary, repository};

/// The test of `tests/editors/eglot`; installs Emacs where it is missing.
pub fn test() -> Done<Command> {
    need("emacs", &["emacs-nox", "elpa-eglot"])?;
    let python = oracle()?;
    let environment = python.parent().and_then(|bin| bin.parent());
    let mut command = Command::new("emacs");
    command.envs(environment.map(|folder| ("VIRTUAL_ENV", folder)));
    command.args(["-batch", "-l"]).arg(repository().join("tests/editors/eglot/eglot.el"));
    command.arg(binary("debug"));
    Ok(command)
}
