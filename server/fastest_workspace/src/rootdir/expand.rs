//! Variables in paths, as `os.path.expandvars` of POSIX replaces them.

use std::collections::HashMap;

/// `text` with `$name` and `${name}` replaced; names that are not set stay as they are.
pub fn variables(text: &str, values: &HashMap<String, String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, name) = name(rest);
        match values.get(name) {
            Some(value) => expanded.push_str(value),
            None => expanded.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    expanded + rest
}

/// How long the reference at the start of `text` is, and whom it names.
fn name(text: &str) -> (usize, &str) {
    let after = &text[1..];
    if let Some(braced) = after.strip_prefix('{') {
        return braced.find('}').map_or((1, ""), |end| (end + 3, &braced[..end]));
    }
    let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
    (1 + end, &after[..end])
}
