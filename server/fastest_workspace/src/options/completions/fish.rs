//! fish: one `complete` for each option and program.

use std::fmt::Write as _;

use super::{COMMANDS, PROGRAMS, Values, needs_value, summary, values};
use crate::options::table::Spec;

const HEAD: &str = r#"# Completions of fastest for fish: put this into ~/.config/fish/completions/fastest.fish.
function __fastest_ids
    set -l word (commandline -ct)
    set -l program (commandline -opc)[1]
    string match -q '*::*' -- $word
    and $program --collect-only -q (string split -f 1 '::' -- $word) 2> /dev/null | string match '*::*'
end
"#;

/// The script.
pub fn script(specs: &[&Spec]) -> String {
    let mut script = HEAD.to_owned();
    for program in PROGRAMS {
        let _ = writeln!(script, "complete -c {program} -a '(__fastest_ids)'");
        for (command, words) in COMMANDS {
            let _ = writeln!(
                script,
                "complete -c {program} -n '__fish_seen_subcommand_from {command}' -f -a '{words}'"
            );
        }
        for spec in specs {
            let _ = writeln!(script, "complete -c {program}{}", arguments(spec));
        }
    }
    script
}

fn arguments(spec: &Spec) -> String {
    let mut text = String::new();
    for name in spec.names {
        match name.strip_prefix("--") {
            Some(long) => text.push_str(&format!(" -l {long}")),
            None => text.push_str(&format!(" -s {}", name.trim_start_matches('-'))),
        }
    }
    match values(spec) {
        Values::None => {}
        Values::Words(words) => text.push_str(&format!(" -x -a '{}'", words.join(" "))),
        Values::Paths if needs_value(spec) => text.push_str(" -r -F"),
        Values::Anything if needs_value(spec) => text.push_str(" -x"),
        Values::Paths | Values::Anything => {}
    }
    let help = summary(spec).replace('\\', "\\\\").replace('\'', "\\'");
    text + &format!(" -d '{help}'")
}
