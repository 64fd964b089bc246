//! What is said between runs.

use std::io::{Write as _, stdout};

/// Where it is said.
#[derive(Debug)]
pub(super) struct Screen {
    /// Whether somebody sits there and can answer: on a terminal, and what stands there is text.
    pub(super) talks: bool,
    pub(super) color: bool,
}

/// What the keys do, and how that is said in a word.
const KEYS: [(&str, &str, &str); 7] = [
    ("Enter", "again", "run the same again"),
    ("a", "all", "run all tests, without a filter"),
    ("f", "failed", "run the tests that failed last"),
    ("p", "path", "run the files whose path holds a text"),
    ("k", "keyword", "run the tests that match an expression, as -k does"),
    ("?", "help", "show this"),
    ("q", "quit", "quit, with the exit code of the last run (or Ctrl-C)"),
];

impl Screen {
    /// A new page for a run; what was on the last one can be scrolled back to.
    pub(super) fn turn(&self) {
        if self.talks {
            let (rows, _) = console::Term::stdout().size();
            print!("{}\x1b[H\x1b[J", "\n".repeat(usize::from(rows)));
        }
    }

    /// A line of ours: beside the report where somebody reads along, else apart from it.
    pub(super) fn say(&self, text: &str) {
        if self.talks {
            println!("\r\x1b[K{}", self.dimmed(text));
        } else {
            eprintln!("{text}");
        }
    }

    /// That something is waited for, at the end of what is on the screen.
    pub(super) fn prompt(&self, filters: &str) {
        if !self.talks {
            return;
        }
        let filters = if filters.is_empty() { String::new() } else { format!(" {filters}") };
        let keys = |all: &[(&str, &str, &str)]| {
            let keys: Vec<String> =
                all.iter().map(|(key, word, _)| format!("{key}: {word}")).collect();
            format!("[watching{filters}] {}", keys.join(", "))
        };
        let long = keys(&KEYS);
        let fits = long.chars().count() < width();
        let text = if fits { long } else { keys(&KEYS[5..]) };
        let text: String = text.chars().take(width().saturating_sub(1)).collect();
        print!("\r\x1b[K{}", self.dimmed(&text));
        let _gone = stdout().flush();
    }

    /// A question with what is typed so far.
    pub(super) fn ask(&self, question: &str, typed: &str) {
        // Of a long line the end is what matters.
        let room = width().saturating_sub(question.chars().count() + 3);
        let hidden = typed.chars().count().saturating_sub(room);
        let shown: String = typed.chars().skip(hidden).collect();
        print!("\r\x1b[K{question}: {shown}");
        let _gone = stdout().flush();
    }

    /// What all keys do.
    pub(super) fn help(&self) {
        for (key, _, meaning) in KEYS {
            println!("\r\x1b[K  {key:5}  {meaning}");
        }
    }

    /// Takes away what stands in the line of the prompt.
    pub(super) fn clear_line(&self) {
        if self.talks {
            print!("\r\x1b[K");
            let _gone = stdout().flush();
        }
    }

    fn dimmed(&self, text: &str) -> String {
        if self.color { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// How wide the terminal is now.
fn width() -> usize {
    usize::from(console::Term::stdout().size().1)
}
