//! A defect of ours ends the process with an exit code of its own, and says what to send us.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;

use fastest_model::ExitCode;

/// From now on a panic prints a report on stderr and ends the process with [`ExitCode::Crash`].
///
/// Workers end with it: what they are forked from, or they themselves, see our end closed. For
/// the command line only; a server answers the request that broke and goes on.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        crate::run::restore_terminal();
        let what = what(info);
        if is_closed_pipe(&what) {
            std::process::exit(ExitCode::InternalError.code().into());
        }
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        eprintln!("{}", report(&what, &arguments, &Backtrace::force_capture().to_string()));
        std::process::exit(ExitCode::Crash.code().into());
    }));
}

/// What was said and where.
fn what(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let place = info.location().map_or_else(String::new, |place| format!(" at {place}"));
    format!("{}{place}", text.unwrap_or("no message"))
}

/// Whether nobody reads what is printed any more (`| head`), which `print!` panics over.
fn is_closed_pipe(what: &str) -> bool {
    what.starts_with("failed printing to std") && what.contains("Broken pipe")
}

fn report(what: &str, arguments: &[String], backtrace: &str) -> String {
    format!(
        "\nERROR: fastest-lsp has crashed, which is a defect of ours and none of your tests'.\n\
         Please report it at {}/issues, with all of the following and, if you can, the file or \
         the project that it happens with:\n\n  \
         version    {}\n  system     {} {}\n  arguments  {}\n  crash      {what}\n\n{backtrace}\n\
         hint: until it is mended, `pytest` runs the same tests",
        env!("CARGO_PKG_REPOSITORY"),
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        arguments.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::report;

    #[test]
    fn a_report_has_what_a_developer_needs() {
        let arguments = ["--run".to_owned(), "tests".to_owned()];
        let text = report("index out of bounds at a.rs:1:2", &arguments, "0: main");
        for part in ["/issues", env!("CARGO_PKG_VERSION"), "--run tests", "a.rs:1:2", "0: main"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
