//! Prints what the diagnostics find in a project: `check FOLDER [--python PYTHON] [ARGUMENTS]`.
//!
//! The arguments are those of pytest. Every finding must be true: this is how that is looked at
//! over whole suites.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use fastest_ide::diagnostics::memo::Bodies;
use fastest_ide::diagnostics::{Request, Rules, diagnose, doubt};
use fastest_ide::{Model, Texts, View};
use fastest_workspace::config::Env;
use fastest_workspace::environment::Variables;
use fastest_workspace::project::Project;

struct Disk;

impl Texts for Disk {
    fn text(&self, path: &Path) -> Option<Arc<str>> {
        Some((&*fastest_syntax::decode::decode(&std::fs::read(path).ok()?).ok()?).into())
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let arguments: Vec<String> = arguments.collect();
    let variables: Vec<(String, String)> = std::env::vars().collect();
    let opened = Project::open(&folder, &arguments, &Variables::of_process(), &Env::new(variables));
    let mut project = opened.unwrap_or_else(|error| panic!("{error}"));
    project.discover().unwrap_or_else(|error| panic!("{error}"));
    learn_plugins(&mut project);
    let registered = project.registered_marks();
    let world = project.index.world();
    let view = View { world, texts: Rc::new(Disk), markers: Rc::default() };
    let model = Model::new(view.clone());
    let mut bodies = Bodies::default();
    let mut count = 0;
    let mut doubts: BTreeMap<String, usize> = BTreeMap::new();
    for (file, source) in world.files().filter(|(file, _)| view.is_own(*file)) {
        let request = Request {
            model: &model,
            file,
            collected: project.index.collected(file).map(|collected| &**collected),
            rules: Rules::default(),
            registered: registered.as_deref(),
        };
        let found = diagnose(&request, &mut bodies);
        if let (Some(_), Some(doubt)) = (request.collected, doubt(&model, file)) {
            *doubts.entry(doubt).or_default() += 1;
        }
        let text = model.text(file).unwrap_or_default();
        for diagnostic in found {
            count += 1;
            let line = text[..diagnostic.span.start as usize].matches('\n').count() + 1;
            let (path, rule) = (view.shown(&source.path), diagnostic.rule.code());
            println!("{path}:{line}: {rule}: {}", diagnostic.message);
        }
    }
    for (doubt, files) in doubts {
        println!("(in doubt: {files} files, {doubt})");
    }
    println!("{count} findings in {}", folder.display());
}

/// Reads what plugins define, and what that needs, until nothing is wanted any more.
fn learn_plugins(project: &mut Project) {
    for _ in 0..32 {
        let wanted = fastest_ide::fixtures::wanted(project.index.world());
        if !project.learn(&wanted) {
            return;
        }
    }
}
