//! Programs that come from Debian's packages.

use std::process::Command;

use crate::shell::{Done, output, run};

/// A program of Debian's that is installed where it is missing.
pub fn need(program: &str, packages: &[&str]) -> Done {
    if output(Command::new(program).arg("--version")).is_ok() {
        return Ok(());
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        run(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
    };
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}
