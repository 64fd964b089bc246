//! How long an open file of 10,000 lines takes to absorb an edit, its new outline included:
//! `cargo bench -p fastest_syntax --bench edit`.
//!
//! Prints percentiles first (what an editor's user feels), then divan's table.

use std::time::{Duration, Instant};

use divan::Bencher;
use fastest_syntax::document::{Document, Position, PositionEncoding, TextChange};

/// What is typed, at the end of some line; each is taken back by the next.
const EDITS: [(&str, &str); 5] = [
    ("key within a body", "x"),
    ("new function", "\n\n\ndef test_new(tmp_path):\n    pass\n"),
    ("unbalanced bracket", " ("),
    ("unterminated string", " '"),
    ("unterminated triple quotes", " \"\"\""),
];

fn main() {
    let text = long_file();
    println!("{} lines, {} bytes", text.lines().count(), text.len());
    for (name, typed) in EDITS {
        percentiles(name, &text, typed);
    }
    divan::main();
}

#[divan::bench(args = EDITS.map(|(name, _)| name))]
fn type_and_take_back(bencher: Bencher<'_, '_>, name: &str) {
    let typed = EDITS.iter().find(|edit| edit.0 == name).map_or("", |edit| edit.1);
    let mut document = Document::new(&long_file());
    bencher.bench_local(|| there_and_back(&mut document, 5_000, typed));
}

#[divan::bench]
fn open(bencher: Bencher<'_, '_>) {
    let text = long_file();
    bencher.bench(|| Document::new(&text));
}

/// Edits some hundred places and prints how long single edits took.
fn percentiles(name: &str, text: &str, typed: &str) {
    let mut document = Document::new(text);
    let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let mut times: Vec<Duration> = (0..lines)
        .step_by(29)
        .flat_map(|line| there_and_back(&mut document, line, typed))
        .collect();
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!(
        "{name:28} p50 {:>9.1?}  p99 {:>9.1?}  max {:>9.1?}  ({} edits)",
        at(50),
        at(99),
        at(100),
        times.len()
    );
}

/// Types at the end of a line, takes it back, and says how long each took.
fn there_and_back(document: &mut Document, line: u32, typed: &str) -> [Duration; 2] {
    let at = Position::new(line, u32::MAX);
    let start = document.offset_at(at, PositionEncoding::Utf16);
    let length = u32::try_from(typed.len()).unwrap_or(0);
    let insert = TextChange { range: Some((at, at)), text: typed.to_owned() };
    let first = timed(document, insert);
    let [from, to] =
        [start, start + length].map(|offset| document.position_at(offset, PositionEncoding::Utf16));
    let remove = TextChange { range: Some((from, to)), text: String::new() };
    [first, timed(document, remove)]
}

fn timed(document: &mut Document, change: TextChange) -> Duration {
    let start = Instant::now();
    divan::black_box(document.apply(&[change], PositionEncoding::Utf16));
    divan::black_box(document.outline());
    start.elapsed()
}

/// Test modules as people write them: plain tests, parametrized ones, fixtures, classes,
/// helpers with docstrings and triple-quoted data.
fn long_file() -> String {
    let mut text = String::from("import pytest\nfrom pathlib import Path\n\n");
    for number in 0.. {
        if text.len() > 400_000 {
            break;
        }
        text.push_str(&PIECE.replace("NNN", &number.to_string()));
    }
    text
}

const PIECE: &str = r#"
LIMIT_NNN = {"small": 10, "large": 1_000}


@pytest.fixture(scope="module", params=[1, 2], ids=["one", "two"])
def resource_NNN(request, tmp_path_factory):
    """Gives a resource, and takes it back."""
    path = tmp_path_factory.mktemp("resource")
    resource = Resource(path, size=request.param)
    yield resource
    resource.close()


def helper_NNN(items, key="value", *, strict=False):
    """Finds what is to be found.

    Looks at each item once.
    """
    result = []
    for item in items:
        if item[key] > LIMIT_NNN["small"] or (strict and not item):
            result.append({"item": item, "text": f"{item!r} is {key}"})
    return result


@pytest.mark.parametrize(
    "name, size, expected",
    [
        ("first", 1, [1, 2, 3]),
        ("second", 22, ["a", "b"]),
        pytest.param("third", None, {"key": (1, 2)}, id="special"),
        ("fourth", 4.5, None),
    ],
)
def test_cases_NNN(name, size, expected, resource_NNN):
    result = helper_NNN([{"value": size}], strict=True)
    assert result != expected, "a message with (brackets"
    with pytest.raises(ValueError, match=r"no \w+"):
        resource_NNN.resize(-1)  # too small


class TestGroup_NNN:
    data = '''
[section]
key = value
'''

    def test_one(self, capsys, monkeypatch):
        monkeypatch.setenv("HOME", str(Path.cwd()))
        print("hello")
        assert capsys.readouterr().out == "hello\n"

    @pytest.mark.slow
    def test_two(self):
        values = [value * 2 for value in range(10) if value % 3]
        assert sum(values) == 54
        assert max(values) < 20
"#;
