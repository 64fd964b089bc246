use fastest_syntax::document::Document;

use crate::folding::folding;

#[test]
fn what_spans_lines_folds() {
    let text = "import a
import b

# one
# two
class TestA:
    def test_x(self):
        if True:
            pass

@mark(
    1,
)
def test_y(): pass
";
    let mut document = Document::new(text);
    let folds = folding(document.tree());
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    let shown: Vec<String> = folds
        .iter()
        .map(|fold| format!("{:?} {}-{}", fold.kind, line(fold.span.start), line(fold.span.end)))
        .collect();
    assert_eq!(
        shown,
        ["Imports 1-2", "Comment 4-5", "Region 6-9", "Region 7-9", "Region 8-9", "Region 11-13"]
    );
}
