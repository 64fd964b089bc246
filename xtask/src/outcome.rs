//! What the runners' output says: counts, and what failed.

/// Lines that are repeated of one failure: its name, and where and why it failed.
const LINES_OF_ONE: usize = 6;

/// Lines that are repeated of a step.
const LINES_OF_ALL: usize = 60;

/// The failures of a step's output, each with its first lines; the last lines where none is to be
/// recognised, as of a compiler.
pub fn failures(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let begun = |at: usize| at.saturating_sub(LINES_OF_ONE - 1)..=at;
    let wanted = |at: usize| lines[begun(at)].iter().any(|line| is_failure(line));
    let found: Vec<&str> =
        (0..lines.len()).filter(|at| wanted(*at)).map(|at| lines[at]).take(LINES_OF_ALL).collect();
    let last = lines.len().saturating_sub(LINES_OF_ALL / 3);
    if found.is_empty() { lines[last..].join("\n") } else { found.join("\n") }
}

/// A failed test's line: pytest's, nextest's, libtest's, Node's and mocha's, and our own scripts'.
fn is_failure(line: &str) -> bool {
    let line = line.trim_start();
    ["FAILED ", "ERROR ", "FAIL ", "✖ ", "thread '"].iter().any(|start| line.starts_with(start))
        || line.starts_with("test ") && line.ends_with("FAILED")
}

/// How many tests passed and failed, from the runners' own closing lines.
pub fn counts(text: &str) -> (u64, u64) {
    let summaries = text.lines().filter(|line| is_summary(line));
    summaries.fold((0, 0), |(passed, failed), line| {
        let failures = before(line, "failed") + before(line, "error") + before(line, "errors");
        // Node's runner says `pass 5` and `fail 1`, a line each.
        let (node_passed, node_failed) = (after(line, "pass"), after(line, "fail"));
        (passed + before(line, "passed") + node_passed, failed + failures + node_failed)
    })
}

/// nextest's, libtest's, pytest's (`5 passed in 0.12s`), Node's, and our own scripts'.
fn is_summary(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Summary [")
        || line.starts_with("test result:")
        || ["conformance:", "vscode:", "neovim ", "eglot:", "ℹ pass ", "ℹ fail "]
            .iter()
            .any(|start| line.starts_with(start))
        || (line.contains(" passed") || line.contains(" failed"))
            && line.contains(" in ")
            && is_time(line.trim_end_matches(['=', ' ']))
}

/// Whether a line ends with a time, as pytest writes it: `0.12s`, `63.07s (0:01:03)`.
fn is_time(line: &str) -> bool {
    line.split(" (").next().is_some_and(|line| line.ends_with('s'))
}

/// The number before a word: 12 in `12 passed; 1 failed`.
fn before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let pairs = words.windows(2).filter(|pair| pair[1] == word);
    pairs.filter_map(|pair| pair[0].parse::<u64>().ok()).sum()
}

/// The number after a word: 12 in `pass 12`.
fn after(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split_whitespace().collect();
    let pairs = words.windows(2).filter(|pair| pair[0] == word);
    pairs.filter_map(|pair| pair[1].parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::{counts, failures};

    #[test]
    fn closing_lines_of_all_runners_are_read() {
        let text = "test a ... ok\n\
            test result: ok. 11 passed; 1 failed; 0 ignored; 0 measured; finished in 0.01s\n\
            \x20    Summary [   1.2s] 9 tests run: 7 passed, 2 failed, 0 skipped\n\
            ===== 3 passed, 1 error in 0.12s =====\n\
            4 passed in 1.0s\n\
            ==== 6 passed in 63.07s (0:01:03) ====\n\
            conformance: 5 passed, 0 failed\n\
            neovim 0.12: 20 passed, 3 failed\n\
            ℹ tests 9\n\
            ℹ pass 8\n\
            ℹ fail 1\n\
            everything passed in the end, they said\n";
        assert_eq!(counts(text), (11 + 7 + 3 + 4 + 6 + 5 + 20 + 8, 1 + 2 + 1 + 3 + 1));
    }

    #[test]
    fn failures_are_found_with_what_they_say() {
        let text = "--- tree\n✔ one\n✖ two\nError: waited in vain\n  at b\n✔ three\nx\ny\nz\n";
        assert_eq!(failures(text), "✖ two\nError: waited in vain\n  at b\n✔ three\nx\ny");
        assert_eq!(failures("error[E0308]: mismatched types\n"), "error[E0308]: mismatched types");
    }
}
