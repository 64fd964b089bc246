//! How the server was started: its own few arguments.

use std::net::SocketAddr;
use std::path::PathBuf;

/// How the client is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard input and output.
    Stdio,
    /// A client that listens at a loopback address.
    Socket(SocketAddr),
}

/// How the server was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeOptions {
    /// How the client is reached.
    pub channel: Channel,
    /// Where the log goes instead of standard error.
    pub log_file: Option<PathBuf>,
}

impl ServeOptions {
    /// Reads arguments; `None` when they do not ask for a server.
    ///
    /// # Errors
    /// A sentence that says what is wrong with an argument of the server's.
    pub fn parse(arguments: &[String]) -> Option<Result<Self, String>> {
        let serves =
            |argument: &String| matches!(name_of(argument), "--stdio" | "--socket" | "--log-file");
        (arguments.is_empty() || arguments.iter().any(serves)).then(|| read(arguments))
    }
}

fn name_of(argument: &str) -> &str {
    argument.split('=').next().unwrap_or(argument)
}

fn read(arguments: &[String]) -> Result<ServeOptions, String> {
    let mut options = ServeOptions { channel: Channel::Stdio, log_file: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || match argument.split_once('=') {
            Some((_, value)) => Ok(value.to_owned()),
            None => rest.next().cloned().ok_or_else(|| format!("{argument} needs a value")),
        };
        match name_of(argument) {
            "--stdio" => options.channel = Channel::Stdio,
            "--socket" => options.channel = Channel::Socket(loopback(&value()?)?),
            "--log-file" => options.log_file = Some(value()?.into()),
            // Editors' client libraries add it on their own.
            "--clientProcessId" => drop(value()?),
            _ => return Err(format!("`{argument}` is no argument of the language server")),
        }
    }
    Ok(options)
}

/// Whoever can connect can run code, so nobody but this machine may.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let text = text.replace("localhost", "127.0.0.1");
    let text = if text.contains(':') { text } else { format!("127.0.0.1:{text}") };
    let address: SocketAddr = text
        .parse()
        .map_err(|_| format!("`{text}` is no address: give --socket 127.0.0.1:PORT"))?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err(format!("`{text}` is not on this machine: only loopback addresses are taken"))
}

#[cfg(test)]
mod tests {
    use super::{Channel, ServeOptions};

    fn parse(text: &str) -> Option<Result<ServeOptions, String>> {
        let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        ServeOptions::parse(&arguments)
    }

    #[test]
    fn no_argument_means_a_server_and_pytests_do_not() {
        assert!(matches!(parse("").unwrap().unwrap().channel, Channel::Stdio));
        assert!(matches!(parse("--stdio").unwrap().unwrap().channel, Channel::Stdio));
        assert_eq!(parse("--collect-only -q"), None);
    }

    #[test]
    fn sockets_are_of_this_machine_only() {
        let Channel::Socket(address) =
            parse("--socket=localhost:70 --log-file x").unwrap().unwrap().channel
        else {
            panic!("no socket")
        };
        assert_eq!(address.to_string(), "127.0.0.1:70");
        assert!(parse("--socket 192.168.0.1:70").unwrap().unwrap_err().contains("loopback"));
        assert!(parse("--socket").unwrap().unwrap_err().contains("needs a value"));
    }
}
