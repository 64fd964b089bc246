//! Whatever is typed, the index is the one that the texts have, and it looks at no more than the
//! edit concerns.
//!
//! `PROPTEST_CASES` sets how many series of edits are tried, `PROPTEST_RNG_SEED` repeats one run.

use std::hash::{BuildHasher, Hasher, RandomState};

use fastest_syntax::document::{Document, Position, PositionEncoding, TextChange};
use fastest_syntax::outline::Outline;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use super::tests::file;
use super::*;

/// Test files come last: they may import each other in this order.
const FILES: [&str; 5] =
    ["conftest.py", "helpers.py", "sub/conftest.py", "test_one.py", "sub/test_two.py"];

/// What a file may hold, in any order. All of it needs or changes what others of it give.
#[rustfmt::skip]
const LINES: [&str; 62] = [
    "import pytest\n",
    "from helpers import *\n",
    "from helpers import CASES, Base, test_far\n",
    "from test_one import TestA, fx\n",
    "import helpers\n",
    "from missing import thing\n",
    "import missing\n",
    "import helpers, test_one\n",
    "raise ValueError\n",
    "if TYPE_CHECKING:\n    from helpers import Base, fx\n",
    "import unittest\n",
    "CASES = [1, 2]\n",
    "CASES = ['a', 'b', 'c']\n",
    "CASES.append(3)\n",
    "MORE = CASES + [7]\n",
    "del CASES\n",
    "pytestmark = pytest.mark.slow\n",
    "pytestmark = [pytest.mark.parametrize('p', [1, 2]), pytest.mark.slow]\n",
    "pytestmark = pytest.mark.usefixtures('fx')\n",
    "pytest_plugins = 'helpers'\n",
    "__test__ = False\n",
    "collect = pytest.mark.slow\n",
    "skip = pytest.mark.skip(reason='no')\n",
    "@pytest.fixture\ndef fx(): pass\n",
    "@pytest.fixture(params=CASES)\ndef fx(request): pass\n",
    "@pytest.fixture(autouse=True)\ndef always(): pass\n",
    "@pytest.fixture(autouse=True, params=[1, 2])\ndef always(request): pass\n",
    "@pytest.fixture(scope='module', params=MORE)\ndef wide(request, fx): pass\n",
    "@pytest.fixture(name='fx')\ndef other(): pass\n",
    "def pytest_generate_tests(metafunc): metafunc.parametrize('fx', [1])\n",
    "def test_plain(): pass\n",
    "def test_plain(fx): pass\n",
    "def test_wide(wide, fx): pass\n",
    "def test_far(p): pass\n",
    "def test_gen(): yield\n",
    "async def test_async(): pass\n",
    "@pytest.mark.parametrize('p', CASES)\ndef test_cases(p): pass\n",
    "@pytest.mark.parametrize('p', MORE)\ndef test_cases(p): pass\n",
    "@pytest.mark.parametrize('p, q', [(1, 2), pytest.param(3, 4, marks=skip)])\ndef test_two(p, q): pass\n",
    "@pytest.mark.parametrize('fx', [1, 2], indirect=True)\ndef test_through(fx): pass\n",
    "@pytest.mark.parametrize('p', [lambda: 1, Color.RED, Base], scope='module')\ndef test_odd(p): pass\n",
    "@collect\ndef test_marked(): pass\n",
    "@skip\n@wrap\ndef test_wrapped(fx): pass\n",
    "def wrap(function): return function\n",
    "class Base:\n    x = 1\n    def test_base(self): pass\n",
    "class Base:\n    pytestmark = pytest.mark.slow\n    def test_base(self, fx): pass\n    def test_more(self): pass\n",
    "class TestA(Base):\n    def test_own(self, fx): pass\n",
    "class TestA:\n    @pytest.fixture\n    def fx(self): pass\n    def test_own(self, fx): pass\n",
    "class TestB(TestA):\n    class TestInner(Base):\n        @pytest.mark.parametrize('p', CASES)\n        def test_in(self, p): pass\n",
    "class TestC(helpers.Base):\n    def __init__(self): pass\n",
    "class TestUnit(unittest.TestCase):\n    def test_u(self): pass\n",
    "class Color(enum.Enum):\n    RED = 1\n    BLUE = 2\n",
    "import enum\n",
    "TestA.__test__ = False\n",
    "test_plain.flavour = 1\n",
    "TestD = TestA\n",
    "test_value = skip(test_plain)\n",
    "test_lambda = lambda: None\n",
    "if FLAG:\n    def test_plain(): pass\nelse:\n    CASES = []\n",
    "FLAG = True\n",
    "try:\n    import missing\nexcept ImportError:\n    FLAG = False\n",
    "pytest.skip('no', allow_module_level=True)\n",
];

/// What is typed within lines.
#[rustfmt::skip]
const KEYS: [&str; 24] = [
    "", "", "x", "\n", "\n\n", "# ", " ", "(", ")", "[", "]", "\"\"\"", "'", ",", ":", "@", "1",
    "fx", "def ", "test_", "CASES", "    pass\n", ", fx", "😀",
];

/// One edit.
#[derive(Clone, Debug)]
enum Edit {
    /// Puts a line in before the line at so many 65536ths of the text.
    Line(u16, &'static str),
    /// Takes lines away from such a line on.
    Cut(u16, u32),
    /// Replaces so many characters at a place.
    Key(u16, usize, &'static str),
    /// Takes back what the last edit of the file did.
    Undo,
    /// The module `missing` comes or goes.
    Missing,
}

fn edit() -> impl Strategy<Value = Edit> {
    let line = proptest::sample::select(&LINES[..]);
    let key = proptest::sample::select(&KEYS[..]);
    prop_oneof![
        4 => (any::<u16>(), line).prop_map(|(at, line)| Edit::Line(at, line)),
        2 => (any::<u16>(), 1..4u32).prop_map(|(at, lines)| Edit::Cut(at, lines)),
        4 => (any::<u16>(), 0..4usize, key).prop_map(|(at, gone, key)| Edit::Key(at, gone, key)),
        2 => Just(Edit::Undo),
        1 => Just(Edit::Missing),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let line = proptest::sample::select(&LINES[..]);
    proptest::collection::vec(line, 0..9).prop_map(|lines| lines.concat())
}

/// Files that are open, and the index that follows them.
struct Editor {
    documents: Vec<Document>,
    undo: Vec<Vec<(String, Arc<Outline>)>>,
    index: Index,
    /// What the module `missing` is.
    missing: Module,
    /// What the deltas add up to.
    folded: FxHashMap<FileId, Arc<Collected>>,
}

impl Editor {
    fn open(texts: &[String]) -> Self {
        let documents: Vec<Document> = texts.iter().map(|text| Document::new(text)).collect();
        let undo = vec![Vec::new(); texts.len()];
        let index = Index::new(Settings::new("/p"));
        let (missing, folded) = (Module::Absent, FxHashMap::default());
        let mut editor = Self { documents, undo, index, missing, folded };
        let delta = editor.index.apply(editor.changes());
        editor.fold(&delta);
        editor
    }

    /// What puts all texts into an index.
    fn changes(&self) -> Vec<Change> {
        let of = |(name, document): (&&str, &Document)| {
            let file = file_of(name, document);
            let test = Change::Test(file.path.to_path_buf(), name.contains("test_"));
            [test, Change::Import(module_of(name).into(), file)]
        };
        let missing = Change::Module("missing".into(), self.missing);
        FILES.iter().zip(&self.documents).flat_map(of).chain([missing]).collect()
    }

    fn fold(&mut self, delta: &Delta) {
        for id in &delta.changed {
            self.folded.insert(*id, Arc::clone(self.index.collected(*id).expect("a test file")));
        }
        for id in &delta.removed {
            self.folded.remove(id);
        }
    }

    fn edit(&mut self, at: usize, edit: &Edit) -> Delta {
        if matches!(edit, Edit::Missing) {
            let is_absent = self.missing == Module::Absent;
            self.missing = if is_absent { Module::Namespace } else { Module::Absent };
            let delta = self.index.apply([Change::Module("missing".into(), self.missing)]);
            self.fold(&delta);
            return delta;
        }
        let Some(change) = self.change(at, edit) else { return Delta::default() };
        let before = &self.documents[at];
        let before = (before.text().to_string(), Arc::clone(before.outline()));
        let undone = match edit {
            Edit::Undo => self.undo[at].pop(),
            _ => {
                self.undo[at].push(before);
                None
            }
        };
        self.documents[at].apply(&[change], PositionEncoding::Utf8);
        let mut file = file_of(FILES[at], &self.documents[at]);
        // What comes back are the same objects, as in a long file.
        if let Some((_, outline)) = undone {
            file.outline = outline;
        }
        let delta = self.index.apply([Change::File(file)]);
        self.fold(&delta);
        delta
    }

    /// Replaces a text of a file by another one where it comes first.
    fn replace(&mut self, at: usize, old: &str, new: &str) -> Delta {
        let text = self.documents[at].text().to_string().replacen(old, new, 1);
        self.documents[at].apply(&[TextChange { range: None, text }], PositionEncoding::Utf8);
        let delta = self.index.apply([Change::File(file_of(FILES[at], &self.documents[at]))]);
        self.fold(&delta);
        self.check();
        delta
    }

    fn change(&self, at: usize, edit: &Edit) -> Option<TextChange> {
        let document = &self.documents[at];
        let lines = document.text().len_lines();
        let line = |place: u16| {
            u32::try_from(lines * usize::from(place) / (usize::from(u16::MAX) + 1)).unwrap_or(0)
        };
        let start_of = |line| Position::new(line, 0);
        let (range, text) = match edit {
            Edit::Line(place, text) => {
                let start = start_of(line(*place));
                ((start, start), (*text).to_owned())
            }
            Edit::Cut(place, count) => {
                let first = line(*place);
                ((start_of(first), start_of(first + count)), String::new())
            }
            Edit::Key(place, gone, key) => {
                let len = document.text().len_bytes();
                let start = len * usize::from(*place) / usize::from(u16::MAX);
                let place = |offset: usize| {
                    let offset = u32::try_from(offset).expect("texts here are small");
                    document.position_at(offset, PositionEncoding::Utf8)
                };
                ((place(start), place((start + gone).min(len))), (*key).to_owned())
            }
            Edit::Missing => return None,
            Edit::Undo => {
                let (text, _) = self.undo[at].last()?;
                return Some(TextChange { range: None, text: text.clone() });
            }
        };
        Some(TextChange { range: Some(range), text })
    }

    /// The index is the one that a new one of the same texts is, and so is what deltas add up to.
    fn check(&self) {
        let mut fresh = Index::new(Settings::new("/p"));
        fresh.apply(self.changes());
        for (id, collected) in &*fresh.snapshot().files {
            let kept = self.index.collected(*id).expect("it is a test file in both");
            assert_eq!(**kept, **collected, "{:?}", self.texts());
            assert!(self.folded[id].has_items_of(collected), "deltas: {:?}", self.texts());
        }
    }

    fn texts(&self) -> Vec<String> {
        self.documents.iter().map(|document| document.text().to_string()).collect()
    }
}

fn module_of(name: &str) -> String {
    name.trim_end_matches(".py").replace('/', ".")
}

fn file_of(name: &str, document: &Document) -> File {
    File { outline: Arc::clone(document.outline()), ..file(name, "") }
}

/// Runs a property on random input; its seed is printed when it fails.
fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value)) {
    let config = ProptestConfig::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().build_hasher().finish(),
    };
    eprintln!("PROPTEST_RNG_SEED={seed}");
    let config =
        ProptestConfig { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..config };
    let result = TestRunner::new(config).run(strategy, |value| {
        property(value);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("PROPTEST_RNG_SEED={seed}\n{failure}");
    }
}

#[test]
fn an_edited_index_is_a_fresh_one() {
    let texts = proptest::collection::vec(text(), FILES.len());
    let edits = proptest::collection::vec((0..8usize, edit()), 1..12);
    check(&(texts, edits), |(texts, edits)| {
        let mut editor = Editor::open(&texts);
        editor.check();
        for (at, edit) in edits {
            // Most edits are of test files, and most of those of one.
            editor.edit(at.min(FILES.len() - 1), &edit);
            editor.check();
        }
    });
}

/// Makes edits of `test_one.py`, each a text that is replaced by another one where it comes
/// first, and says how many names were looked into for the last.
#[track_caller]
fn check_looked(source: &str, edits: &[(&str, &str)], looked: usize) {
    let mut texts = vec![String::new(); FILES.len()];
    texts[0] = "import pytest\n@pytest.fixture\ndef far(): pass\n".to_owned();
    source.clone_into(&mut texts[3]);
    let mut editor = Editor::open(&texts);
    let mut delta = Delta::default();
    for (old, new) in [("", "\n")].iter().chain(edits) {
        delta = editor.replace(3, old, new);
    }
    assert_eq!(delta.names, looked, "{edits:?}");
}

const SOURCE: &str = "\
import pytest
CASES = [1, 2]
OTHER = [3]
@pytest.fixture
def near(far): pass
def test_a():
    pass
def test_b(near):
    pass
@pytest.mark.parametrize('p', CASES)
def test_c(p):
    pass
@pytest.mark.parametrize('p', [CASES, OTHER])
def test_d(p, near):
    pass
class Base:
    def test_e(self): pass
class TestF(Base):
    def test_f(self, far): pass
";

/// `test_c`, which tells where the rows of `CASES` stand: it is looked into where one of both
/// moves and the other does not.
const TELLS_ROWS: usize = 1;

#[test]
fn what_comes_back_is_not_looked_into_again() {
    let one = |at| format!("def test_{at}():\n    \"\"\"It holds.\"\"\"\n    pass\n\n");
    let source: String = (0..60).map(one).collect();
    let mut document = Document::new(&source);
    let mut index = Index::new(Settings::new("/p"));
    let mut apply = |document: &Document| {
        let file = file_of("test_one.py", document);
        let test = Change::Test(file.path.to_path_buf(), true);
        index.apply([test, Change::File(file)])
    };
    apply(&document);
    let end = Position::new(2, 8);
    // What it takes to collect a file again is kept from its first edit on.
    let first = TextChange { range: Some((end, end)), text: " ".to_owned() };
    document.apply(&[first], PositionEncoding::Utf8);
    apply(&document);
    let [opened, typed, closed] = [
        TextChange { range: Some((end, end)), text: "\"\"\"".to_owned() },
        TextChange { range: Some((end, end)), text: "x".to_owned() },
        TextChange { range: Some((end, Position::new(2, 12))), text: String::new() },
    ];
    let names = [opened, typed, closed].map(|change| {
        document.apply(&[change], PositionEncoding::Utf8);
        apply(&document).names
    });
    assert!(names[1..].iter().all(|&names| names <= 2), "{names:?}");
}

#[test]
fn nothing_is_looked_into_again_because_old_versions_are_dropped() {
    let mut texts = vec![String::new(); FILES.len()];
    SOURCE.clone_into(&mut texts[3]);
    let mut editor = Editor::open(&texts);
    editor.replace(3, "", "\n");
    for _ in 0..120 {
        let delta = editor.replace(3, "def test_c(p):\n    pass", "def test_c(p):\n    passpass");
        assert_eq!(delta.names, 1);
    }
    assert!(editor.index.versions.len() < 100);
}

#[test]
fn the_first_edit_of_an_open_file_looks_into_its_name_alone() {
    let mut texts = vec![String::new(); FILES.len()];
    SOURCE.clone_into(&mut texts[3]);
    let mut editor = Editor::open(&texts);
    editor.index.expect_edits(&file("test_one.py", "").path);
    let delta = editor.replace(3, "def test_c(p):\n    pass", "def test_c(p):\n    passed");
    assert_eq!(delta.names, 1);
}

#[test]
fn an_edit_within_a_body_looks_into_its_name_alone() {
    check_looked(SOURCE, &[("def test_c(p):\n    pass", "def test_c(p):\n    passed")], 1);
    check_looked(SOURCE, &[("    pass", "    passed")], 1 + TELLS_ROWS);
    // What inherits from a class is made of it.
    check_looked(SOURCE, &[("test_e(self): pass", "test_e(self): pass; pass")], 2);
}

#[test]
fn an_edit_that_moves_things_looks_into_nothing() {
    check_looked(SOURCE, &[("import pytest", "# above\nimport pytest")], 0);
    check_looked(SOURCE, &[("import pytest", "'docs'\nimport pytest")], 0);
    check_looked(&format!("{SOURCE}# below\n"), &[("# below", "# far below")], 0);
}

#[test]
fn a_new_name_looks_into_itself_alone() {
    check_looked(SOURCE, &[("class Base", "def test_new(near): pass\nclass Base")], 1 + 1);
    // What stood before it ends where the next thing begins, and is read again.
    check_looked(SOURCE, &[("def test_b(near):\n    pass\n", "")], 1 + TELLS_ROWS);
}

#[test]
fn a_constant_concerns_those_who_name_it() {
    check_looked(SOURCE, &[("[3]", "[3, 4]")], 2 + TELLS_ROWS);
    check_looked(SOURCE, &[("[1, 2]", "[1]")], 3);
}

#[test]
fn a_fixture_concerns_those_who_need_it() {
    check_looked(SOURCE, &[("def near(far)", "def near()")], 3 + TELLS_ROWS);
    check_looked(SOURCE, &[("near(far): pass", "near(far): pass; pass")], 3 + TELLS_ROWS);
}

#[test]
fn what_concerns_everything_looks_into_everything() {
    let names = 10;
    check_looked(SOURCE, &[("CASES =", "pytestmark = pytest.mark.slow\nCASES =")], names + 1);
    check_looked(SOURCE, &[("fixture\ndef near", "fixture(autouse=True)\ndef near")], names);
    check_looked(SOURCE, &[("CASES =", "exec('x')\nCASES =")], names);
    check_looked(SOURCE, &[("CASES =", "from helpers import *\nCASES =")], 0);
}

#[test]
fn an_import_concerns_those_who_name_it() {
    check_looked(SOURCE, &[("import pytest", "import pytest, enum")], 1);
    check_looked(SOURCE, &[("import pytest", "import pytest, helpers")], 1);
    // While its name is not whole, nothing of the module is collected.
    let typed = [("import pytest", "import missing, pytest"), ("missing", "enum")];
    check_looked(SOURCE, &typed, 1);
    check_looked(SOURCE, &[typed[0], ("import missing, pytest", "import pytest")], 0);
}

#[test]
fn what_stops_the_module_concerns_what_follows() {
    let stops = ("class Base", "raise ValueError\nclass Base");
    // The test before it is read again.
    check_looked(SOURCE, &[stops, ("raise ValueError\n", "")], 1);
}

#[test]
fn a_condition_at_the_top_level_changes_nothing_for_the_others() {
    let source = format!("import sys\nif sys.platform == 'win32':\n    CASES = []\n{SOURCE}");
    check_looked(&source, &[("def test_c(p):\n    pass", "def test_c(p):\n    passed")], 1);
}

#[test]
fn another_file_concerns_those_who_look_at_it() {
    let mut texts = vec![String::new(); FILES.len()];
    texts[1] = "class Base:\n def test_far(self): pass\n".to_owned();
    texts[3] = format!("from helpers import Base as Far\n{SOURCE}class TestG(Far): pass\n");
    let mut editor = Editor::open(&texts);
    editor.replace(3, "pass", "passed");
    let delta = editor.replace(1, "test_far", "test_near");
    assert_eq!(delta.names, 2, "the class that is imported, and the one made of it");
}

/// Whether a class that is handed on may hold further tests is asked again when what it is handed
/// to has changed.
#[test]
fn a_function_concerns_the_classes_that_it_is_given() {
    let source = "def fill(cls): return cls\n\n\nclass TestA:\n    def test_a(self): pass\n\n\n\
                  class TestB:\n    @classmethod\n    def load(cls): return cls\n    \
                  def test_b(self): pass\n\n\ndef more(): return cls\n\n\n\
                  fill(TestA)\nTestB.load()\nmore()\n";
    let mut texts = vec![String::new(); FILES.len()];
    source.clone_into(&mut texts[3]);
    for old in ["def fill(cls): return cls", "def load(cls): return cls", "def more(): return cls"]
    {
        let mut editor = Editor::open(&texts);
        editor.check();
        let new = old.replace("return cls", "setattr(cls, cls.name, 1)");
        editor.replace(3, old, &new);
        editor.check();
        let snapshot = editor.index.snapshot();
        assert!(snapshot.files.values().any(|file| !file.open.is_empty()), "{new}");
        editor.replace(3, &new, old);
        editor.check();
    }
}
