//! Words that functions' bodies are searched for.

use std::ops::Range;

use memchr::memmem::Finder;

/// How far a search goes beyond what it is asked for, in bytes. Most functions hold none of the
/// words, and starting a search takes longer than going on with it; but an edit's should not read
/// all of a long file.
const AHEAD: usize = 4096;

/// The words, each with what is known of where it stands.
pub(super) struct Words {
    pub yields: Word,
    pub parametrize: Word,
    pub globals: Word,
    pub setattr: Word,
    pub register: Word,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            yields: Word::new("yield"),
            parametrize: Word::new("parametrize"),
            globals: Word::new("globals("),
            setattr: Word::new("setattr("),
            register: Word::new(".register("),
        }
    }
}

/// A word that one text is searched for, mostly from its start to its end.
pub(super) struct Word {
    finder: Finder<'static>,
    /// Within this range the word starts nowhere.
    clear: Range<usize>,
}

impl Word {
    fn new(word: &'static str) -> Self {
        Self { finder: Finder::new(word), clear: 0..0 }
    }

    /// Whether a range of the text holds the word. The text is the same each time.
    pub fn is_in(&mut self, text: &[u8], range: Range<usize>) -> bool {
        let len = self.finder.needle().len();
        // The first place at which the word is too long for the range.
        let end = (range.end + 1).saturating_sub(len);
        if self.clear.start <= range.start && end <= self.clear.end {
            return false;
        }
        let limit = text.len().min(range.end + AHEAD);
        let found = self.finder.find(&text[range.start..limit]).map(|at| range.start + at);
        self.clear = range.start..found.unwrap_or((limit + 1).saturating_sub(len));
        found.is_some_and(|at| at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::Word;

    #[test]
    fn a_word_is_found_where_it_stands_and_nowhere_else() {
        let text = [" yield ".repeat(3), "yiel".repeat(3000), "yield".to_owned()].concat();
        let mut word = Word::new("yield");
        let mut random = 1_u64;
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let start = (random >> 33) as usize % (text.len() + 1);
            let length = (random >> 20) as usize % 40;
            let start = if random & 1 == 0 { start } else { start % 30 };
            let range = start..text.len().min(start + length);
            let expected = text[range.clone()].contains("yield");
            assert_eq!(word.is_in(text.as_bytes(), range.clone()), expected, "{range:?}");
        }
    }
}
