//! How long it takes from an edit to the new items, in a workspace of 100,000 tests:
//! `cargo bench -p fastest_index --bench edit`.
//!
//! One file has more than 10,000 lines and is open; each edit of it goes through its document and
//! the index, as in a server, and memory comes from the allocator that the server has. Prints
//! percentiles, and what re-discovery of 1,000 tests takes inside the process when one of their
//! files has changed and when all have.
//!
//! Times are the processor's, of the thread that edits: where others are busy, too, they say what
//! a quiet machine would take. The longest is also told by the clock. All edits are made several
//! times over, and `by itself` is the 99th percentile of the least that each took: a machine that
//! is slow for some milliseconds shows in `p99`, an edit that is slow shows in both.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastest_index::world::{File, Settings};
use fastest_index::{Change, Index};
use fastest_syntax::document::{Document, Position, PositionEncoding, TextChange};
use rustix::time::{ClockId, clock_gettime};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often all edits of a kind are made.
const ROUNDS: usize = 3;

const FILES: usize = 2_000;
const TESTS: usize = 50;

/// What is typed at the end of a line; each is taken back by the next edit.
const EDITS: [(&str, &str); 5] = [
    (BODY, "x"),
    ("key behind any line", "x"),
    ("new test", "\n\ndef test_new(everywhere):\n    pass\n"),
    ("unbalanced bracket", " ("),
    ("unterminated triple quotes", " \"\"\""),
];

/// What is typed in lines of bodies only.
const BODY: &str = "key within a body";

const CONFTEST: &str = "import pytest\n\n\n@pytest.fixture\ndef everywhere():\n    return 1\n";

fn main() {
    let mut workspace = Workspace::new(FILES, &long_file());
    for (name, typed) in EDITS {
        workspace.type_and_take_back(name, typed);
    }
    rediscovery();
}

/// An index, and its open document.
struct Workspace {
    index: Index,
    document: Document,
}

impl Workspace {
    fn new(files: usize, open: &str) -> Self {
        let mut index = Index::new(Settings::new("/p"));
        let document = Document::new(open);
        let mut changes = vec![
            file("conftest.py", Arc::new(fastest_syntax::scan(CONFTEST))),
            file("test_open.py", Arc::clone(document.outline())),
        ];
        let texts = (0..files).map(|number| (path_of(number), short_file(number, 0)));
        changes
            .extend(texts.map(|(path, text)| file(&path, Arc::new(fastest_syntax::scan(&text)))));
        let tests: Vec<Change> = changes.iter().filter_map(as_test).collect();
        changes.extend(tests);
        index.apply(changes);
        index.expect_edits(&path_in("test_open.py"));
        Self { index, document }
    }

    /// Edits some hundred places and prints how long single edits took.
    fn type_and_take_back(&mut self, name: &str, typed: &str) {
        let lines = u32::try_from(self.document.text().len_lines()).unwrap_or(0);
        let is_within = |line: &u32| {
            let text = self.document.text().line(*line as usize);
            name != BODY || text.chars().take_while(|char| *char == ' ').count() > 4
        };
        let places: Vec<u32> = (0..lines).step_by(31).filter(is_within).collect();
        let round = |_| {
            places.iter().flat_map(|&line| self.there_and_back(line, typed)).collect::<Vec<Time>>()
        };
        report(name, &(0..ROUNDS).map(round).collect::<Vec<_>>());
    }

    fn there_and_back(&mut self, line: u32, typed: &str) -> [Time; 2] {
        let at = Position::new(line, u32::MAX);
        let encoding = PositionEncoding::Utf16;
        let start = self.document.offset_at(at, encoding);
        let first = self.edit(TextChange { range: Some((at, at)), text: typed.to_owned() });
        let end = start + u32::try_from(typed.len()).unwrap_or(0);
        let [from, to] = [start, end].map(|offset| self.document.position_at(offset, encoding));
        let taken_back = TextChange { range: Some((from, to)), text: String::new() };
        [first, self.edit(taken_back)]
    }

    fn edit(&mut self, change: TextChange) -> Time {
        timed(|| {
            self.document.apply(&[change], PositionEncoding::Utf16);
            let outline = Arc::clone(self.document.outline());
            divan::black_box(self.index.apply([file("test_open.py", outline)]));
        })
    }
}

/// 1,000 tests, of which one file or all are read and collected again.
fn rediscovery() {
    let files = 1_000 / TESTS;
    let mut workspace = Workspace::new(files, "");
    for (name, changed) in [("one file of 1,000 tests", 1), ("all files of 1,000 tests", files)] {
        let times = (1..200).map(|round| {
            let texts: Vec<String> = (0..changed).map(|number| short_file(number, round)).collect();
            timed(|| {
                let outlines = texts.iter().map(|text| Arc::new(fastest_syntax::scan(text)));
                let changes = outlines.enumerate().map(|(number, o)| file(&path_of(number), o));
                divan::black_box(workspace.index.apply(changes));
            })
        });
        report(name, &[times.collect()]);
    }
}

/// What something took.
struct Time {
    /// Of this thread.
    processor: Duration,
    clock: Duration,
}

fn timed(work: impl FnOnce()) -> Time {
    let (started, before) = (Instant::now(), processor_time());
    work();
    Time { processor: processor_time().saturating_sub(before), clock: started.elapsed() }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Prints percentiles of the times of several rounds of the same edits.
fn report(name: &str, rounds: &[Vec<Time>]) {
    let least = |edit: usize| rounds.iter().map(|times| times[edit].processor).min();
    let least: Vec<Duration> = (0..rounds[0].len()).filter_map(least).collect();
    let all: Vec<Duration> = rounds.iter().flatten().map(|time| time.processor).collect();
    let clock = rounds.iter().flatten().map(|time| time.clock).max().unwrap_or_default();
    let (count, [median, slow, slowest]) =
        (all.len(), [50, 99, 100].map(|at| percentile(&all, at)));
    let by_itself = percentile(&least, 99);
    println!(
        "{name:28} p50 {median:>9.1?}  p99 {slow:>9.1?}  max {slowest:>9.1?}  \
         by itself {by_itself:>9.1?}  (clock {clock:.1?}; {count} edits)"
    );
}

fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() - 1) * percent / 100]
}

fn file(path: &str, outline: Arc<fastest_syntax::outline::Outline>) -> Change {
    let path = path_in(path);
    let module = path.file_stem().unwrap_or_default().to_string_lossy().as_ref().into();
    Change::File(File { path, module, is_package: false, outline })
}

fn path_in(path: &str) -> Arc<Path> {
    Path::new("/p").join(path).into()
}

fn as_test(change: &Change) -> Option<Change> {
    let Change::File(file) = change else { return None };
    let name = file.path.file_name()?.to_str()?;
    name.starts_with("test_").then(|| Change::Test(file.path.to_path_buf(), true))
}

fn path_of(number: usize) -> String {
    format!("d{}/test_{number}.py", number % 50)
}

fn short_file(number: usize, round: usize) -> String {
    let mut text = String::from("import pytest\n");
    for test in 0..TESTS {
        let _ = write!(
            text,
            "\n\ndef test_t{number}_{test}_{round}(everywhere):\n    assert everywhere\n"
        );
    }
    text
}

/// More than 10,000 lines: plain tests, parametrized ones, methods, docstrings.
fn long_file() -> String {
    let mut text = String::from("import pytest\n");
    for test in 0..700 {
        let _ = write!(
            text,
            "

class TestCase{test}:
    def test_method(self, everywhere):
        \"\"\"It holds.\"\"\"
        value = everywhere + {test}
        assert value


@pytest.mark.parametrize('number', [{test}, 3, pytest.param(5, id='five')])
def test_number_{test}(everywhere, number):
    assert number
    with pytest.raises(ValueError):
        raise ValueError(everywhere)
"
        );
    }
    text
}
