//! The tree of collectors and items, as `pytest --collect-only` prints it.

use std::fmt::Write;

use fastest_index::collect::session::{Session, SessionItem};
use fastest_workspace::project::Project;
use rustc_hash::FxHashMap;

/// Prints each node when its first item comes, indented by its depth.
pub(super) fn tree(project: &Project, session: &Session, out: &mut String) {
    let mut folders = Folders { project, kinds: FxHashMap::default() };
    let mut open: Vec<String> = Vec::new();
    for item in session.items() {
        let nodes = nodes(&mut folders, &item);
        let shared = open.iter().zip(&nodes).take_while(|(a, b)| a == b).count();
        open.truncate(shared);
        for node in nodes.into_iter().skip(shared) {
            let _ = writeln!(out, "{}{node}", "  ".repeat(open.len()));
            open.push(node);
        }
        open.pop();
    }
}

/// The nodes from the rootdir's folder down to an item.
fn nodes(folders: &mut Folders<'_>, item: &SessionItem<'_>) -> Vec<String> {
    let mut nodes = folders.above(&item.file.node_id);
    let file = item.file.node_id.rsplit('/').next().unwrap_or_default();
    nodes.push(format!("<Module {file}>"));
    let mut classes = Vec::new();
    let mut class = item.function.class;
    while let Some(found) = class.and_then(|at| item.file.collected.classes.get(at as usize)) {
        let kind = if found.is_test_case { "UnitTestCase" } else { "Class" };
        let name = found.path.rsplit("::").next().unwrap_or_default();
        classes.push((format!("<{kind} {name}>"), found.is_test_case));
        class = found.parent;
    }
    let in_test_case = classes.first().is_some_and(|(_, is_test_case)| *is_test_case);
    nodes.extend(classes.into_iter().rev().map(|(node, _)| node));
    let kind = if in_test_case { "TestCaseFunction" } else { "Function" };
    nodes.push(format!("<{kind} {}>", item.name()));
    nodes
}

/// Folders, asked once whether they are packages.
struct Folders<'p> {
    project: &'p Project,
    kinds: FxHashMap<String, &'static str>,
}

impl Folders<'_> {
    fn above(&mut self, file: &str) -> Vec<String> {
        let rootdir = &self.project.config.rootdir;
        let top = rootdir.file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
        let mut nodes = vec![format!("<{} {top}>", self.kind(""))];
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut path = String::new();
        for name in folder.split('/').filter(|name| !name.is_empty()) {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(name);
            nodes.push(format!("<{} {name}>", self.kind(&path)));
        }
        nodes
    }

    fn kind(&mut self, folder: &str) -> &'static str {
        let rootdir = &self.project.config.rootdir;
        self.kinds.entry(folder.to_owned()).or_insert_with(|| {
            let is_package = rootdir.join(folder).join("__init__.py").is_file();
            if is_package { "Package" } else { "Dir" }
        })
    }
}
