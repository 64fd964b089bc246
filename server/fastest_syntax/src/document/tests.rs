use proptest::prelude::*;

use super::*;
use crate::expr::ExprKind;
use crate::outline::Statement;

const SOURCE: &str = "import a\n\n\ndef f(x):\n    pass\n\n\nclass C:\n    def m(self): pass\n";

fn insert(line: u32, column: u32, text: &str) -> TextChange {
    let at = Position::new(line, column);
    TextChange { range: Some((at, at)), text: text.to_owned() }
}

/// What one edit of [`SOURCE`] reads again (how many statements), whether it changes what they
/// say, and whether it changes the problems.
fn check(change: TextChange, reread: usize, meaning_changed: bool, problems_changed: bool) {
    let mut document = Document::new(SOURCE);
    let applied = document.apply(std::slice::from_ref(&change), PositionEncoding::Utf16);
    assert_eq!(
        (applied.reread(), applied.meaning_changed, applied.problems_changed),
        (reread, meaning_changed, problems_changed),
        "{change:?}"
    );
    assert_eq!(document.outline(), Document::new(&document.text().to_string()).outline());
}

#[test]
fn an_edit_says_what_it_changed() {
    check(insert(4, 8, "; return"), 1, false, false);
    check(insert(4, 4, "yield; "), 1, true, false);
    check(insert(3, 5, "oo"), 1, true, false);
    check(insert(2, 0, "# comment\n"), 1, false, false);
    check(insert(6, 0, "x = 1\n"), 3, true, false);
    check(insert(0, 8, " ("), 2, false, true);
    check(insert(4, 4, "'"), 1, false, true);
    check(insert(4, 4, ""), 0, false, false);
}

#[test]
fn a_whole_text_costs_what_differs() {
    let text = SOURCE.replace("pass\n\n", "yield\n\n");
    check(TextChange { range: None, text }, 1, true, false);
    check(TextChange { range: None, text: SOURCE.to_owned() }, 0, false, false);
    check(TextChange { range: None, text: String::new() }, 0, true, false);
}

/// Functions with docstrings.
fn documented(count: usize) -> String {
    let one = |at| format!("def f{at}():\n    \"\"\"It holds ({at}).\"\"\"\n    pass\n\n\n");
    (0..count).map(one).collect()
}

#[test]
fn a_string_that_is_closed_again_costs_its_own_statement() {
    let mut document = Document::new(&documented(100));
    let before = Arc::clone(document.outline());
    for line in [2, 0, 52] {
        document.apply(&[insert(line, 80, " \"\"\"")], PositionEncoding::Utf16);
        assert!(document.outline().statements.len() < 100);
        let column = u32::try_from(document.text().line(line as usize).len_chars()).expect("short");
        let typed = (Position::new(line, column - 5), Position::new(line, column - 1));
        let taken_back = TextChange { range: Some(typed), text: String::new() };
        let applied = document.apply(&[taken_back], PositionEncoding::Utf16);
        assert!(applied.reread() < 3 && applied.restored > 40, "{applied:?}");
        let pairs = before.statements.iter().zip(&document.outline().statements);
        let others = pairs.filter(|(one, other)| !Arc::ptr_eq(&one.statement, &other.statement));
        assert!(others.count() <= 3);
        assert_eq!(**document.outline(), crate::scan(&document.text().to_string()));
    }
}

#[derive(Clone, Debug)]
struct Typed {
    line: u32,
    column: u32,
    removed: u32,
    text: &'static str,
}

fn typed() -> impl Strategy<Value = Typed> {
    const TEXTS: &[&str] =
        &["\"\"\"", "'''", "(", ")", "x", "\n", "def g():\n    pass\n", "", "\u{feff}", "#"];
    (0..200u32, 0..16u32, 0..6u32, prop::sample::select(TEXTS))
        .prop_map(|(line, column, removed, text)| Typed { line, column, removed, text })
}

proptest! {
    /// What was taken away comes back whole, in parts, and not at all.
    #[test]
    fn what_is_taken_back_is_what_a_scan_finds(
        edits in prop::collection::vec((typed(), any::<bool>()), 1..12),
    ) {
        let mut document = Document::new(&documented(40));
        for (Typed { line, column, removed, text }, is_undone) in edits {
            let from = Position::new(line, column);
            let range = Some((from, Position::new(line, column + removed)));
            let before = document.text().to_string();
            let change = TextChange { range, text: text.to_owned() };
            document.apply(&[change], PositionEncoding::Utf16);
            prop_assert_eq!(&**document.outline(), &crate::scan(&document.text().to_string()));
            if is_undone {
                let undo = TextChange { range: None, text: before };
                document.apply(&[undo], PositionEncoding::Utf16);
                prop_assert_eq!(&**document.outline(), &crate::scan(&document.text().to_string()));
            }
        }
    }
}

#[test]
fn reversed_ranges_are_swapped() {
    let range = Some((Position::new(4, 8), Position::new(4, 4)));
    let mut document = Document::new(SOURCE);
    document.apply(&[TextChange { range, text: "...".to_owned() }], PositionEncoding::Utf8);
    assert_eq!(document.text().line(4), "    ...\n");
}

#[test]
fn a_mark_means_something_at_the_start_only() {
    let mut document = Document::new("\u{feff}x = 1\ny = 2\n");
    for change in [insert(0, 0, "z = 3\n"), insert(0, 0, "\u{feff}")] {
        document.apply(&[change], PositionEncoding::Utf16);
        assert_eq!(**document.outline(), crate::scan(&document.text().to_string()));
    }
    let range = Some((Position::new(0, 0), Position::new(1, 0)));
    document.apply(&[TextChange { range, text: String::new() }], PositionEncoding::Utf16);
    assert_eq!(**document.outline(), crate::scan("\u{feff}x = 1\ny = 2\n"));
}

#[test]
fn cases_of_a_half_typed_list_are_kept() {
    let text = "@mark.parametrize('a', [1, 2,\ndef test(a): pass\n\n\ndef test_b(): pass\n";
    let document = Document::new(text);
    let outline = document.outline();
    let [first, second] = outline.statements.as_slice() else { panic!("{outline:?}") };
    let Statement::Function(function) = &*first.statement else { panic!("{first:?}") };
    let ExprKind::Call(call) = &function.decorators[0].kind else { panic!("{function:?}") };
    let ExprKind::List(cases) = &call.args[1].kind else { panic!("{call:?}") };
    assert_eq!(cases.len(), 2);
    assert!(matches!(&*second.statement, Statement::Function(_)));
    assert_eq!(outline.problems, crate::scan(text).problems);
}

#[test]
fn errors_are_found_and_gone_when_mended() {
    let mut document = Document::new("x = 1\ndef f(:\n    pass\n");
    let errors = document.syntax_errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(document.position_at(errors[0].span.start, PositionEncoding::Utf8).line, 1);
    document.apply(&[insert(1, 6, ")")], PositionEncoding::Utf16);
    assert_eq!(document.syntax_errors(), []);
}
