//! zsh: `_arguments` does the work.

use std::fmt::Write as _;

use super::{COMMANDS, PROGRAMS, Values, needs_value, summary, values};
use crate::options::table::{Arity, Spec};

const TARGETS: &str = r#"
_fastest_targets() {
    if (( CURRENT == 3 && $+_fastest_commands[$words[2]] )); then
        compadd -- ${=_fastest_commands[$words[2]]}
    elif [[ $PREFIX == *::* ]]; then
        local -a ids
        ids=(${(f)"$($words[1] --collect-only -q ${PREFIX%%::*} 2> /dev/null)"})
        compadd -- ${(M)ids:#*::*}
    else
        _files
    fi
}
"#;

/// The script.
pub fn script(specs: &[&Spec]) -> String {
    let mut script = format!("#compdef {}\n", PROGRAMS.join(" "));
    script.push_str(
        "# Completions of fastest for zsh: put this into a folder of $fpath as _fastest.\n",
    );
    let commands: Vec<String> =
        COMMANDS.iter().map(|(command, words)| format!("{command} '{words}'")).collect();
    let _ = writeln!(script, "\ntypeset -gA _fastest_commands=({})", commands.join(" "));
    script.push_str(TARGETS);
    script.push_str("\n_fastest() {\n    _arguments -s -S \\\n");
    for spec in specs {
        for name in spec.names {
            let _ = writeln!(script, "        '{}' \\", argument(spec, name));
        }
    }
    script.push_str("        '*:test:_fastest_targets'\n}\n\n");
    // The file is a function that completes when it is loaded, or a script that is sourced.
    script.push_str(
        "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n    _fastest \"$@\"\nelse\n",
    );
    let _ = writeln!(script, "    compdef _fastest {}\nfi", PROGRAMS.join(" "));
    script
}

/// `*--tb=[How tracebacks look]:style:(auto long)`.
fn argument(spec: &Spec, name: &str) -> String {
    let help = quoted(summary(spec)).replace('[', "\\[").replace(']', "\\]");
    let sign = match (spec.arity(), name.starts_with("--")) {
        (Arity::None, _) => "",
        (Arity::One, true) => "=",
        (Arity::One, false) => "+",
        (Arity::Optional, _) => "=-",
    };
    let action = match values(spec) {
        Values::None => return format!("*{name}[{help}]"),
        Values::Words(words) => format!("({})", words.join(" ")).replace(':', "\\:"),
        Values::Paths => "_files".to_owned(),
        Values::Anything => " ".to_owned(),
    };
    let metavar = if spec.metavar.is_empty() { "value" } else { spec.metavar };
    let metavar = metavar.replace(':', " ");
    let colons = if needs_value(spec) { ":" } else { "::" };
    format!("*{name}{sign}[{help}]{colons}{metavar}:{action}")
}

fn quoted(text: &str) -> String {
    text.replace('\'', "'\\''")
}
