//! Kinds of edits, and the places of a file at which they are made.

/// At so many places of the file, spread evenly.
const PLACES: usize = 25;

/// Edits of many keys are made at every so many of them.
const SOME: usize = 5;

/// A replacement: from line and character to line and character, by what.
pub type Change = ([u32; 4], String);

/// What one notification changes: one after the other.
pub type Edit = Vec<Change>;

/// A file as it is edited.
pub struct Text {
    pub lines: Vec<String>,
    pub places: Vec<Place>,
}

/// A plain test of the file that can be edited: `def test_x():` and an assertion.
pub struct Place {
    line: u32,
    /// Where the name ends.
    name_end: u32,
    /// Where the line below ends.
    body_end: u32,
}

/// A kind of edits; each takes back what it does.
pub struct Kind {
    pub name: &'static str,
    pub edits: fn(&Text, &Place) -> Vec<Edit>,
    /// At every so many places.
    pub every: usize,
}

/// What is typed and pasted most.
pub const KINDS: [Kind; 14] = [
    Kind { name: "new test pasted, taken back", edits: pasted, every: 1 },
    Kind { name: "new test typed, key by key", edits: typed, every: SOME },
    Kind { name: "test renamed, and back", edits: renamed, every: 1 },
    Kind { name: "key within a body", edits: within, every: 1 },
    Kind { name: "bracket left open, and gone", edits: bracket, every: 1 },
    Kind { name: "`\"\"\"` left open, and gone", edits: quotes, every: 1 },
    Kind { name: "decorator typed, key by key", edits: decorator, every: SOME },
    Kind { name: "parametrize list grown row by row", edits: rows, every: SOME },
    Kind { name: "module-level `if` typed, key by key", edits: condition, every: SOME },
    Kind { name: "module-level constant typed, key by key", edits: constant, every: SOME },
    Kind { name: "import typed at the top, key by key", edits: import, every: PLACES },
    Kind { name: "`import pytest` misspelt, and back", edits: misspelt, every: SOME },
    Kind { name: "200 lines cut, and undone", edits: cut, every: SOME },
    Kind { name: "300 lines pasted, and undone", edits: block, every: SOME },
];

/// Several changes in one notification.
pub const AT_ONCE: [Kind; 2] = [
    Kind { name: "two places of a test at once", edits: two, every: 1 },
    Kind { name: "25 places at once", edits: all, every: SOME },
];

impl Text {
    /// Of a text: tests that can be edited, spread evenly over it.
    pub fn new(text: &str) -> Self {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let all: Vec<Place> = lines.windows(3).enumerate().filter_map(place).collect();
        let step = (all.len() / PLACES).max(1);
        Self { lines, places: all.into_iter().step_by(step).take(PLACES).collect() }
    }
}

fn place((at, lines): (usize, &[String])) -> Option<Place> {
    let [above, test, body] = lines else { return None };
    let fits = above.is_empty()
        && test.starts_with("def test_")
        && body.starts_with("    assert ")
        && body.ends_with(|last: char| last.is_ascii_digit());
    let line = u32::try_from(at + 1).ok()?;
    let name_end = u32::try_from(test.find('(')?).ok()?;
    fits.then_some(Place { line, name_end, body_end: u32::try_from(body.len()).ok()? })
}

fn inserted(line: u32, character: u32, text: &str) -> Change {
    ([line, character, line, character], text.to_owned())
}

fn removed(line: u32, from: u32, to: u32) -> Change {
    ([line, from, line, to], String::new())
}

/// A text of one line comes, and goes.
fn back_and_forth(line: u32, character: u32, text: &str) -> Vec<Edit> {
    let end = character + text.len() as u32;
    vec![vec![inserted(line, character, text)], vec![removed(line, character, end)]]
}

/// Whole lines come, and go.
fn lines_and_back(line: u32, text: &str) -> Vec<Edit> {
    let end = line + text.matches('\n').count() as u32;
    vec![vec![inserted(line, 0, text)], vec![([line, 0, end, 0], String::new())]]
}

/// A text is typed on an empty line, and taken back.
fn keys(from: u32, text: &str) -> Vec<Edit> {
    let (mut line, mut character) = (from, 0);
    let mut edits = Vec::new();
    for key in text.chars() {
        edits.push(vec![inserted(line, character, &key.to_string())]);
        (line, character) = if key == '\n' { (line + 1, 0) } else { (line, character + 1) };
    }
    edits.push(vec![([from, 0, line, character], String::new())]);
    edits
}

fn pasted(_: &Text, place: &Place) -> Vec<Edit> {
    lines_and_back(place.line, "def test_pasted():\n    assert 1 + 1 == 2\n\n\n")
}

/// On the empty line above the test.
fn typed(_: &Text, place: &Place) -> Vec<Edit> {
    keys(place.line - 1, "def test_typed():\n    assert 1 + 1 == 2")
}

fn renamed(_: &Text, place: &Place) -> Vec<Edit> {
    back_and_forth(place.line, place.name_end, "x")
}

fn within(_: &Text, place: &Place) -> Vec<Edit> {
    back_and_forth(place.line + 1, place.body_end, "0")
}

/// Behind `    assert `.
fn bracket(_: &Text, place: &Place) -> Vec<Edit> {
    back_and_forth(place.line + 1, 11, "(")
}

fn quotes(_: &Text, place: &Place) -> Vec<Edit> {
    back_and_forth(place.line + 1, 4, "\"\"\"")
}

fn decorator(_: &Text, place: &Place) -> Vec<Edit> {
    keys(place.line - 1, "@pytest.mark.slow")
}

fn rows(_: &Text, place: &Place) -> Vec<Edit> {
    let head = "@pytest.mark.parametrize('n', [\n";
    let test = format!("{head}    1,\n])\ndef test_rows(n):\n    assert n\n\n\n");
    let mut edits = lines_and_back(place.line, &test);
    for row in 2..12 {
        edits.insert(row - 1, vec![inserted(place.line + row as u32, 0, &format!("    {row},\n"))]);
    }
    for row in (2..12).rev() {
        let line = place.line + row;
        edits.insert(edits.len() - 1, vec![([line, 0, line + 1, 0], String::new())]);
    }
    edits
}

fn condition(_: &Text, place: &Place) -> Vec<Edit> {
    keys(place.line - 1, "if sys.platform == 'win32':\n    LIMIT = 1")
}

fn constant(_: &Text, place: &Place) -> Vec<Edit> {
    keys(place.line - 1, "LIMIT = 10")
}

/// On the first empty line, which follows the imports of the standard library.
fn import(text: &Text, _: &Place) -> Vec<Edit> {
    let empty = text.lines.iter().position(String::is_empty).unwrap_or_default();
    keys(empty as u32, "import json")
}

fn misspelt(text: &Text, _: &Place) -> Vec<Edit> {
    let import = text.lines.iter().position(|line| line == "import pytest").unwrap_or_default();
    let line = import as u32;
    vec![vec![removed(line, 12, 13)], vec![inserted(line, 12, "t")]]
}

fn cut(text: &Text, place: &Place) -> Vec<Edit> {
    let from = place.line as usize;
    let gone = &text.lines[from..(from + 200).min(text.lines.len())];
    let whole: String = gone.iter().map(|line| format!("{line}\n")).collect();
    let mut edits = lines_and_back(place.line, &whole);
    edits.reverse();
    edits
}

fn block(_: &Text, place: &Place) -> Vec<Edit> {
    let tests = (0..60).map(|n| {
        format!("def test_block_{n}(store):\n    store.put('a', {n})\n    assert len(store)\n\n\n")
    });
    lines_and_back(place.line, &tests.collect::<String>())
}

fn two(_: &Text, place: &Place) -> Vec<Edit> {
    let (line, name, body) = (place.line, place.name_end, place.body_end);
    let there = vec![inserted(line, name, "x"), inserted(line + 1, body, "0")];
    vec![there, vec![removed(line, name, name + 1), removed(line + 1, body, body + 1)]]
}

fn all(text: &Text, _: &Place) -> Vec<Edit> {
    let places = || text.places.iter().map(|place| (place.line + 1, place.body_end));
    let there = places().map(|(line, end)| inserted(line, end, "0")).collect();
    vec![there, places().map(|(line, end)| removed(line, end, end + 1)).collect()]
}
