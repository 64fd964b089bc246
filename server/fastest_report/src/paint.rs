//! Colours and separators, as pytest's terminal writer makes them.

use crate::style::Style;

/// A colour of pytest's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    Red,
    Green,
    Yellow,
    Cyan,
}

impl Color {
    const fn code(self) -> &'static str {
        match self {
            Self::Red => "31",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Cyan => "36",
        }
    }
}

/// The text in a colour, if the style has colours.
pub fn color(style: &Style, color: Color, text: &str) -> String {
    wrap(style, color.code(), text)
}

/// The text bold and in a colour, if the style has colours.
pub fn strong(style: &Style, color: Color, text: &str) -> String {
    wrap(style, &format!("1;{}", color.code()), text)
}

/// The text bold, if the style has colours.
pub fn bold(style: &Style, text: &str) -> String {
    wrap(style, "1", text)
}

fn wrap(style: &Style, codes: &str, text: &str) -> String {
    if style.color && !text.is_empty() {
        format!("\x1b[{codes}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A title between signs that fill the width: pytest's `sep`. `shown` is the title's width.
///
/// pytest leaves the last column free, and gives the line a sign more at its end where the
/// halves leave room for one.
pub fn sep(width: usize, sign: char, title: &str, shown: usize) -> String {
    let signs = (width.saturating_sub(shown + 2) / 2).max(1);
    let fill: String = std::iter::repeat_n(sign, signs).collect();
    let more = if shown + 2 + 2 * signs < width { sign.to_string() } else { String::new() };
    format!("{fill} {title} {fill}{more}")
}

/// How many columns a text takes: one for each character.
pub fn width(text: &str) -> usize {
    text.chars().count()
}
