//! How long an editor waits for an answer in a file of 10,000 lines, in a workspace of 100,000
//! tests: `cargo bench -p fastest_ide`.
//!
//! Every request asks anew, as a server does; what the index shares between questions is kept.
//! Prints the median and the slowest of so many requests of each kind.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastest_ide::diagnostics::memo::Bodies;
use fastest_ide::diagnostics::{Request, Rules, diagnose};
use fastest_ide::hover::Markup;
use fastest_ide::{Model, Texts, View};
use fastest_index::world::{File, FileId, Settings};
use fastest_index::{Change, Index};

const FILES: usize = 2_000;
const TESTS: usize = 50;
const ROUNDS: usize = 21;

const CONFTEST: &str = "import pytest
@pytest.fixture(scope='session')
def everywhere():
    \"\"\"Used by every test.\"\"\"
    return 1
@pytest.fixture
def seldom(everywhere):
    yield everywhere
";

/// Texts that are held in memory, as open documents and a warm disk are.
struct Held(rustc_hash::FxHashMap<PathBuf, Arc<str>>);

impl Texts for Held {
    fn text(&self, path: &Path) -> Option<Arc<str>> {
        self.0.get(path).cloned()
    }

    fn may_request(&self, path: &Path, name: &str) -> bool {
        // What a server remembers of the texts that it has read.
        path.ends_with("test_long.py") && name == "seldom"
    }
}

struct Workspace {
    index: Index,
    texts: Rc<Held>,
    long: FileId,
}

fn main() {
    let started = Instant::now();
    let mut workspace = Workspace::new(&long_file(""));
    println!("{} tests indexed in {:.1?}", FILES * TESTS, started.elapsed());
    requests(&mut workspace);
    keystrokes();
}

fn requests(workspace: &mut Workspace) {
    let text = workspace.text();
    let at = |what: &str| u32::try_from(text.rfind(what).expect("it is there")).unwrap_or(0);
    let (use_, rare, mark) =
        (at("everywhere, seldom") + 2, at("seldom, number") + 2, at("mark.p") + 5);
    let number = at("number)") + 2;
    let file = workspace.long;
    workspace.time("definition", |model| {
        black_box(fastest_ide::definition::definition(model, file, use_));
    });
    workspace.time("hover", |model| {
        black_box(fastest_ide::hover::hover(model, file, rare, Markup::Markdown));
    });
    workspace.time("completion in a signature", |model| {
        black_box(fastest_ide::completion::completion(model, file, rare));
    });
    workspace.time("completion of marks", |model| {
        black_box(fastest_ide::completion::completion(model, file, mark));
    });
    workspace.time("highlight", |model| {
        black_box(fastest_ide::references::highlights(model, file, rare));
    });
    workspace.time("references, 600 of them", |model| {
        let found = fastest_ide::references::references(model, file, rare, true);
        assert!(found.is_some_and(|found| found.len() > 600));
    });
    workspace.time("references, 100,000 of them", |model| {
        let found = fastest_ide::references::references(model, file, use_, true);
        assert!(found.is_some_and(|found| found.len() > 100_000));
    });
    workspace.time("rename of an argument", |model| {
        black_box(fastest_ide::rename::rename(model, file, number, "amount").is_ok());
    });
    workspace.time("document symbols", |model| {
        black_box(fastest_ide::symbols::document_symbols(model, file));
    });
    workspace.time("workspace symbols", |model| {
        black_box(fastest_ide::symbols::workspace_symbols(model, "t1999_49", 100));
    });
}

/// Edits of the long file, and its diagnostics after each.
fn keystrokes() {
    let mut bodies = Bodies::default();
    let mut first = true;
    for what in ["a body", "a signature"] {
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            let typed = match what {
                "a body" => format!("    x = {round}\n"),
                _ => format!("def test_typed_{round}(everywhere): pass\n"),
            };
            let mut workspace = Workspace::new_small(&long_file(&typed));
            let elapsed = workspace.diagnose(&mut bodies);
            if first {
                println!("{:32} {elapsed:>9.1?}", "diagnostics of an opened file");
                first = false;
            } else {
                times.push(elapsed);
            }
        }
        report(&format!("diagnostics after a key in {what}"), times);
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{name:40} median {median:>9.1?}  slowest {slowest:>9.1?}");
}

impl Workspace {
    fn new(long: &str) -> Self {
        Self::of(FILES, long)
    }

    /// Diagnostics of a file that is certain do not depend on how many other files there are.
    fn new_small(long: &str) -> Self {
        Self::of(2, long)
    }

    fn of(files: usize, long: &str) -> Self {
        let mut settings = Settings::new("/p");
        settings.pytest = (9, 2);
        let mut index = Index::new(settings);
        let mut texts = rustc_hash::FxHashMap::default();
        let mut changes = Vec::new();
        let mut add = |path: String, text: String| {
            let path: Arc<Path> = Path::new("/p").join(path).into();
            let outline = Arc::new(fastest_syntax::scan(&text));
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let is_test = name.starts_with("test_");
            texts.insert(path.to_path_buf(), text.into());
            if is_test {
                changes.push(Change::Test(path.to_path_buf(), true));
            }
            let module = name.as_str().into();
            changes.push(Change::File(File { path, module, is_package: false, outline }));
        };
        add("conftest.py".to_owned(), CONFTEST.to_owned());
        add("test_long.py".to_owned(), long.to_owned());
        for file in 0..files {
            add(format!("d{}/test_{file}.py", file % 50), short_file(file));
        }
        index.apply(changes);
        let long = index.world().file_at(Path::new("/p/test_long.py")).expect("it was put in");
        Self { index, texts: Rc::new(Held(texts)), long }
    }

    fn text(&self) -> Arc<str> {
        self.texts.text(Path::new("/p/test_long.py")).expect("it is held")
    }

    fn time(&mut self, name: &str, ask: impl Fn(&Model<'_>)) {
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let texts = Rc::clone(&self.texts);
            let started = Instant::now();
            self.index.ask(|world, memory| {
                let view = View { world, texts, markers: Rc::default() };
                ask(&Model::sharing(view, Arc::clone(memory)));
            });
            times.push(started.elapsed());
        }
        report(name, times);
    }

    fn diagnose(&mut self, bodies: &mut Bodies) -> Duration {
        let collected = self.index.collected(self.long).cloned();
        let (texts, file) = (Rc::clone(&self.texts), self.long);
        let started = Instant::now();
        self.index.ask(|world, memory| {
            let view = View { world, texts, markers: Rc::default() };
            let model = Model::sharing(view, Arc::clone(memory));
            let collected = collected.as_deref();
            let rules = Rules::default();
            let request = Request { model: &model, file, collected, rules, registered: None };
            black_box(diagnose(&request, bodies));
        });
        started.elapsed()
    }
}

fn short_file(file: usize) -> String {
    let mut text = String::from("import pytest\n");
    for test in 0..TESTS {
        text.push_str(&format!("def test_t{file}_{test}(everywhere):\n    assert everywhere\n\n"));
    }
    text
}

/// 10,000 lines: plain tests, parametrized ones, methods. `typed` stands in the middle.
fn long_file(typed: &str) -> String {
    let mut text = String::from("import pytest\n");
    for test in 0..600 {
        if test == 300 {
            text.push_str(&format!("\ndef test_edited(everywhere):\n    y = 1\n{typed}"));
        }
        text.push_str(
            &format!(
                "
class TestCase{test}:
    def test_method(self, everywhere):
        value = everywhere + {test}
        assert value

@pytest.mark.parametrize('number, other', [({test}, 2), (3, 4)])
def test_number_{test}(everywhere, seldom, number):
    assert number
    with pytest.raises(ValueError):
        raise ValueError(seldom, 'seldom')
    for item in range(10):
        assert item >= 0
"
            )
            .replace("number, other', [(", "number', [")
            .replace(", 2), (3, 4)]", ", 3]"),
        );
    }
    text
}
