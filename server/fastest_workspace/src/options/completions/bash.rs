//! bash: it splits words at `=` and `:`, so the word is taken from the line itself.

use std::fmt::Write as _;

use super::{COMMANDS, PROGRAMS, Values, needs_value, values};
use crate::options::table::Spec;

const HEAD: &str = r#"# Completions of fastest for bash: source this, or put it where bash-completion looks.
_fastest() {
    local line=${COMP_LINE:0:COMP_POINT} program=$1
    local word=${line##*[[:space:]]} option= value= before=
    local -a words
    read -ra words <<< "${line%"$word"}"
    before=${words[${#words[@]} - 1]}
    COMPREPLY=()
    if [[ $word == --*=* ]]; then
        option=${word%%=*} value=${word#*=}
    elif [[ $word != -* ]]; then
        option=$before value=$word
    fi
    if [[ ${#words[@]} == 2 ]]; then
        case $before in
"#;

const OPTIONS: &str = r#"        esac
    fi
    case $option in
"#;

const TAIL: &str = r#"    esac
    if [[ $word == --*=* ]]; then
        return
    fi
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$_fastest_options" -- "$word"))
        [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
        return
    fi
    if [[ $word == *::* ]]; then
        local start=${word%"${word##*:}"}
        local IFS=$'\n'
        COMPREPLY=($("$program" --collect-only -q "${word%%::*}" 2> /dev/null |
            while read -r id; do
                [[ $id == "$word"* ]] && printf '%q\n' "${id#"$start"}"
            done))
        return
    fi
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$word"))
    compopt -o filenames
}
"#;

/// The script.
pub fn script(specs: &[&Spec]) -> String {
    let mut script = HEAD.to_owned();
    for (command, words) in COMMANDS {
        let _ = writeln!(
            script,
            "            {command})\n                COMPREPLY=($(compgen -W \"{words}\" -- \"$word\"))\n                return ;;"
        );
    }
    script.push_str(OPTIONS);
    for spec in specs {
        let names: Vec<&str> = spec.names.to_vec();
        let names = names.join("|");
        match values(spec) {
            Values::Words(words) => {
                let words = words.join(" ");
                let _ = writeln!(
                    script,
                    "        {names})\n            COMPREPLY=($(compgen -W \"{words}\" -- \"$value\"))\n            return ;;"
                );
            }
            Values::Paths if needs_value(spec) => {
                let _ = writeln!(
                    script,
                    "        {names})\n            local IFS=$'\\n'\n            COMPREPLY=($(compgen -f -- \"$value\"))\n            compopt -o filenames\n            return ;;"
                );
            }
            Values::Anything if needs_value(spec) => {
                let _ = writeln!(script, "        {names})\n            return ;;");
            }
            _ => {}
        }
    }
    let options: Vec<String> = specs.iter().flat_map(|spec| listed(spec)).collect();
    format!(
        "{script}{TAIL}_fastest_options='{}'\ncomplete -F _fastest {}\n",
        options.join(" "),
        PROGRAMS.join(" "),
    )
}

/// Long names end in `=` where a value must follow.
fn listed(spec: &Spec) -> Vec<String> {
    let with_value = |name: &&str| {
        let sign = if needs_value(spec) && name.starts_with("--") { "=" } else { "" };
        format!("{name}{sign}")
    };
    spec.names.iter().map(with_value).collect()
}
