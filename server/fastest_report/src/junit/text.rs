//! Text in XML: what it cannot hold is spelled out, as pytest does.

use std::{borrow::Cow, fmt::Write};

use quick_xml::{escape::escape, events::attributes::Attribute, name::QName};

/// Messages in attributes are about this long; the whole is in the element.
const MOST: usize = 500;

/// The text with characters that XML forbids spelled out (`#x07`): pytest's `bin_xml_escape`.
pub fn legal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_legal(character) {
            spelled.push(character);
        } else if character as u32 <= 0xFF {
            let _infallible = write!(spelled, "#x{:02X}", character as u32);
        } else {
            let _infallible = write!(spelled, "#x{:04X}", character as u32);
        }
    }
    Cow::Owned(spelled)
}

fn is_legal(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{80}'..='\u{d7ff}')
        || matches!(character, '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// An attribute. Line ends and tabs, which a reader would take for spaces, are spelled out.
pub fn attribute<'a>(name: &'a str, value: &str) -> Attribute<'a> {
    let escaped = escape(&*legal(value)).replace('\n', "&#10;");
    let escaped = escaped.replace('\r', "&#13;").replace('\t', "&#9;");
    Attribute { key: QName(name.as_bytes()), value: Cow::Owned(escaped.into_bytes()) }
}

/// A message for an attribute: whole lines as far as they fit (pytest's `shorten_message`).
pub fn shortened(message: &str) -> String {
    let lines: Vec<&str> = if message.is_empty() { vec![""] } else { message.lines().collect() };
    let (mut kept, mut size) = (0, 0);
    for line in &lines {
        let length = line.chars().count();
        if kept > 0 && size + length + 1 > MOST {
            break;
        }
        kept += 1;
        size += length + 1;
    }
    let text = lines[..kept].join("\n");
    let cut = text.chars().count() > MOST;
    let rest = lines.len() - kept;
    let note = match (rest, cut) {
        (0, false) => return message.to_owned(),
        (0, true) => "truncated".to_owned(),
        (1, _) => "+1 more line".to_owned(),
        _ => format!("+{rest} more lines"),
    };
    let text = if cut { text.chars().take(MOST).chain("...".chars()).collect() } else { text };
    format!("{text}\n[{note}; full report in element text]")
}

/// A string as Python's `repr` writes it.
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut written = String::from(quote);
    for character in text.chars() {
        match character {
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            '\\' => written.push_str("\\\\"),
            other if other == quote => written.extend(['\\', other]),
            other => written.push(other),
        }
    }
    written.push(quote);
    written
}
