//! What workers write to their standard streams.

/// How much of a worker's last output a crash report shows, in bytes: a fault handler's stack
/// of a few threads.
const TAIL: usize = 8 * 1024;

/// The output of one worker.
#[derive(Debug, Default)]
pub struct Output {
    /// What came before it was known whether anybody should see it.
    held: Vec<(bool, String)>,
    tail: String,
    open: bool,
}

impl Output {
    /// Take in a piece (whether from stderr; text); give back what is to be shown now.
    pub fn push(&mut self, stderr: bool, text: String) -> Vec<(bool, String)> {
        self.tail.push_str(&text);
        let surplus = self.tail.len().saturating_sub(TAIL);
        let cut = (surplus..=self.tail.len()).find(|&at| self.tail.is_char_boundary(at));
        self.tail.drain(..cut.unwrap_or(0));
        if self.open {
            return vec![(stderr, text)];
        }
        self.held.push((stderr, text));
        Vec::new()
    }

    /// Decide whether what was held back is shown (it is given back) or dropped, unless that
    /// is decided; what follows is shown.
    ///
    /// All workers say the same while they start, so that only the first one's words are shown.
    pub fn open(&mut self, show_held: bool) -> Vec<(bool, String)> {
        let held = std::mem::take(&mut self.held);
        self.open = true;
        if show_held { held } else { Vec::new() }
    }

    /// The last words.
    pub fn tail(&self) -> &str {
        &self.tail
    }
}
