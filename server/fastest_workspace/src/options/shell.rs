//! Splitting a line into words as Python's `shlex.split` does.

/// The words of `line`.
///
/// `#` starts no comment, and no newline is special: `shlex.split` is not a shell.
///
/// # Errors
/// `shlex`'s message for an open quotation or a trailing backslash.
pub fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.next_if(|c| is_space(*c)).is_some() {}
        if chars.peek().is_none() {
            return Ok(words);
        }
        words.push(word(&mut chars)?);
    }
}

fn word(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, &'static str> {
    let mut word = String::new();
    while let Some(c) = chars.next_if(|c| !is_space(*c)) {
        match c {
            '\\' => word.push(chars.next().ok_or("No escaped character")?),
            '\'' | '"' => quoted(c, chars, &mut word)?,
            _ => word.push(c),
        }
    }
    Ok(word)
}

/// The rest of a quotation; within `"`, a backslash escapes only itself and the quote.
fn quoted(
    quote: char,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    word: &mut String,
) -> Result<(), &'static str> {
    loop {
        match chars.next().ok_or("No closing quotation")? {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => {
                let next = chars.next().ok_or("No escaped character")?;
                if next != '"' && next != '\\' {
                    word.push('\\');
                }
                word.push(next);
            }
            c => word.push(c),
        }
    }
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}
