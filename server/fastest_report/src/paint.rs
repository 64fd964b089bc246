//! Colours and separators, as pytest's terminal writer makes them.

use unicode_width::UnicodeWidthChar;

/// What pytest's markup can do to text, in the order of its escape codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Bold = 1,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
    Purple = 35,
    Cyan = 36,
    White = 37,
}

impl Ink {
    /// The colour of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "red" => Self::Red,
            "green" => Self::Green,
            "yellow" => Self::Yellow,
            "blue" => Self::Blue,
            "purple" => Self::Purple,
            "cyan" => Self::Cyan,
            "white" => Self::White,
            _ => return None,
        })
    }

    /// The sequence that turns it on.
    pub fn code(self) -> String {
        format!("\x1b[{}m", self as u8)
    }
}

/// The text in these inks, if there is colour at all.
pub fn paint(color: bool, inks: &[Ink], text: &str) -> String {
    if !color || inks.is_empty() || text.is_empty() {
        return text.to_owned();
    }
    let codes: String = inks.iter().map(|ink| ink.code()).collect();
    format!("{codes}{text}\x1b[0m")
}

/// A title between signs that fill the width: pytest's `sep`, which counts characters.
///
/// It gives the line a sign more at its end where the halves leave room for one.
pub fn sep(width: usize, sign: char, title: &str) -> String {
    let shown = title.chars().count();
    let signs = (width.saturating_sub(shown + 2) / 2).max(1);
    let fill: String = std::iter::repeat_n(sign, signs).collect();
    let more = if shown + 2 + 2 * signs < width { sign.to_string() } else { String::new() };
    format!("{fill} {title} {fill}{more}")
}

/// How many columns a text takes: two for wide East Asian characters, none for combining ones.
pub fn width(text: &str) -> usize {
    text.chars().map(|character| character.width().unwrap_or(0)).sum()
}
