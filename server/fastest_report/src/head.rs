//! The first lines: versions, the configuration, and what was collected.

use fastest_model::run::SessionInfo;

use crate::{style::Style, tally::Tally};

/// The header below the first line.
pub fn header(style: &Style, info: &SessionInfo) -> String {
    let SessionInfo { platform, python, pytest, pluggy, executable, header, .. } = info;
    let path = if style.verbosity > 0 { format!(" -- {executable}") } else { String::new() };
    let mut text =
        format!("platform {platform} -- Python {python}, pytest-{pytest}, pluggy-{pluggy}{path}\n");
    if !style.own_line.is_empty() {
        text.push_str(&style.own_line);
        text.push('\n');
    }
    for line in header {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// `collected 3 items / 1 error / 1 deselected / 2 selected`.
pub fn collected(tally: &Tally) -> String {
    let deselected = tally.count("deselected");
    let all = tally.collected + deselected;
    let plural = |count| if count == 1 { "" } else { "s" };
    let mut line = format!("collected {all} item{}", plural(all));
    let errors = tally.count("error");
    if errors > 0 {
        line.push_str(&format!(" / {errors} error{}", plural(errors)));
    }
    if deselected > 0 {
        line.push_str(&format!(" / {deselected} deselected"));
    }
    let skipped = tally.count("skipped");
    if skipped > 0 {
        line.push_str(&format!(" / {skipped} skipped"));
    }
    if deselected > 0 {
        line.push_str(&format!(" / {} selected", tally.collected));
    }
    line
}
