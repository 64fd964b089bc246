//! Python's `textwrap.wrap`, as far as pytest uses it for reasons.

use crate::paint;

/// The text broken into lines of at most `width` columns, the first of which has `column`
/// columns taken already.
pub fn after(column: usize, text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut used = column;
    for chunk in chunks(text) {
        let wide = paint::width(chunk);
        if used + wide <= width || used == 0 {
            lines.push_str(chunk);
            used += wide;
        } else {
            lines.truncate(lines.trim_end().len());
            lines.push('\n');
            let chunk = chunk.trim_start();
            lines.push_str(chunk);
            used = paint::width(chunk);
        }
    }
    lines.truncate(lines.trim_end().len());
    lines
}

/// Words and the spaces between them, alternating.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let space = rest.chars().next()?.is_whitespace();
        let end = rest.find(|c: char| c.is_whitespace() != space).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn words_go_on_the_next_line() {
        assert_eq!(after(4, " (one two three)", 12), " (one\ntwo three)");
        assert_eq!(after(0, "short", 12), "short");
        assert_eq!(after(4, " (onetwothreefour)", 12), "\n(onetwothreefour)");
    }
}
