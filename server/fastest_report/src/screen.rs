//! Text on its way to the terminal: knows the column, as pytest's terminal writer does.

use crate::paint::{self, Ink};

/// What is to be written next, and where the cursor then is.
#[derive(Debug)]
pub struct Screen {
    pub width: usize,
    color: bool,
    column: usize,
    text: String,
}

impl Screen {
    /// An empty one.
    pub const fn new(width: usize, color: bool) -> Self {
        Self { width, color, column: 0, text: String::new() }
    }

    /// The columns used on the present line.
    pub const fn column(&self) -> usize {
        self.column
    }

    /// Write text, which may hold line ends.
    pub fn write(&mut self, text: &str, inks: &[Ink]) {
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = paint::width(last),
            None => self.column += paint::width(text),
        }
        self.text.push_str(&paint::paint(self.color, inks, text));
    }

    /// Write text that has its colours already.
    pub fn write_painted(&mut self, text: &str) {
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = paint::width(last),
            None => self.column += paint::width(text),
        }
        self.text.push_str(text);
    }

    /// Write a line.
    pub fn line(&mut self, text: &str, inks: &[Ink]) {
        self.write(text, inks);
        self.write("\n", &[]);
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}
