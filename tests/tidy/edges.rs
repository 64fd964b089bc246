//! Which crate may depend on which: the table of rooms.

use std::process::Command;

use serde_json::Value;

/// Each room, what of the project it may depend on, and whether it may be asynchronous.
const ROOMS: [(&str, &[&str], bool); 12] = [
    ("fastest_model", &[], false),
    ("fastest_syntax", &["fastest_model"], false),
    ("fastest_index", &["fastest_model", "fastest_syntax"], false),
    ("fastest_ide", &["fastest_model", "fastest_syntax", "fastest_index"], false),
    ("fastest_workspace", &["fastest_model", "fastest_syntax", "fastest_index"], false),
    ("fastest_schedule", &["fastest_model"], false),
    ("fastest_runner", &["fastest_model", "fastest_schedule"], true),
    ("fastest_report", &["fastest_model"], false),
    (
        "fastest_lsp",
        &[
            "fastest_model",
            "fastest_syntax",
            "fastest_index",
            "fastest_ide",
            "fastest_workspace",
            "fastest_schedule",
            "fastest_runner",
            "fastest_report",
        ],
        true,
    ),
    (
        "fastest_cli",
        &[
            "fastest_model",
            "fastest_syntax",
            "fastest_index",
            "fastest_workspace",
            "fastest_schedule",
            "fastest_runner",
            "fastest_report",
            "fastest_lsp",
        ],
        true,
    ),
    ("fastest_tests", &[], false),
    // The scripted client of the language server, for its benchmark.
    ("xtask", &["fastest_tests"], false),
];

/// Crates that make a room asynchronous or an LSP server, by the start of their names.
const ASYNCHRONOUS: [&str; 6] = ["tokio", "async", "futures", "smol", "tower", "lsp"];

#[test]
fn crates_depend_only_as_the_table_of_rooms_says() {
    let mut wrong = Vec::new();
    for package in packages() {
        let name = text(&package["name"]);
        let Some((_, rooms, is_async)) = ROOMS.iter().find(|(room, ..)| *room == name) else {
            wrong.push(format!("{name} is not in the table of rooms"));
            continue;
        };
        for needed in dependencies(&package) {
            let is_room = ROOMS.iter().any(|(room, ..)| *room == needed);
            if is_room && !rooms.contains(&needed.as_str()) {
                wrong.push(format!("{name} depends on {needed}"));
            }
            let foreign = ASYNCHRONOUS.iter().any(|start| needed.starts_with(start));
            if foreign && !is_async {
                wrong.push(format!("{name} depends on {needed}, which is for the shells"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn folders_are_named_after_their_crates() {
    for package in packages() {
        let manifest = text(&package["manifest_path"]);
        let folder = std::path::Path::new(&manifest).parent().expect("it is in a folder");
        let folder = folder.file_name().expect("the folder has a name").to_string_lossy();
        let name = text(&package["name"]);
        assert!(folder == name || (name == "fastest_tests" && folder == "tests"), "{manifest}");
    }
}

fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .current_dir(fastest_tests::repository())
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .output()
        .expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&done.stdout).expect("cargo answers in JSON");
    metadata["packages"].as_array().expect("it lists packages").clone()
}

/// Names of what is linked into the product, tests' own needs left out.
fn dependencies(package: &Value) -> Vec<String> {
    let all = package["dependencies"].as_array().expect("it lists dependencies");
    let linked = all.iter().filter(|dependency| dependency["kind"] != "dev");
    linked.map(|dependency| text(&dependency["name"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_owned()
}
