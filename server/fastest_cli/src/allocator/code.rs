//! The program's own code and constants, of which a process needs most parts once.
//!
//! Linux counts the pages of a program that a process has touched as its memory until it needs
//! them for something else. Discovery touches most of ours, and running tests little.

use std::{fs, ops::Range};

use rustix::mm::{Advice, madvise};

/// Gives back all of it that is in memory; what is used again is read again, from the system's
/// cache of files. Where that cannot be, it stays.
pub fn give_back() {
    let Ok(program) = fs::read_link("/proc/self/exe") else { return };
    let smaps = fs::read_to_string("/proc/self/smaps").unwrap_or_default();
    unchanged(&smaps, &program.to_string_lossy()).iter().for_each(forget);
}

#[expect(unsafe_code, reason = "what the system has in memory is changed")]
fn forget(range: &Range<usize>) {
    let address = std::ptr::with_exposed_provenance_mut(range.start);
    // SAFETY: nobody can write there and nobody has, so that what the file holds is what is there.
    let _stays = unsafe { madvise(address, range.len(), Advice::LinuxDontNeed) };
}

/// The addresses of what is mapped of the program's file by `/proc/PID/smaps`, cannot be written to,
/// and has not been: constants with addresses are filled in before they become such.
fn unchanged(smaps: &str, program: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut mapped = None;
    for line in smaps.lines() {
        if line.starts_with("Anonymous:") {
            let own = mapped.take();
            found.extend(own.filter(|_| line.split_whitespace().nth(1) == Some("0")));
        } else if let Some(range) = addresses(line) {
            let access = line.split_whitespace().nth(1);
            let is_ours = matches!(access, Some("r-xp" | "r--p")) && line.ends_with(program);
            mapped = is_ours.then_some(range);
        }
    }
    found
}

/// The addresses that the first line about a mapping begins with.
fn addresses(line: &str) -> Option<Range<usize>> {
    let (from, to) = line.split_whitespace().next()?.split_once('-')?;
    Some(usize::from_str_radix(from, 16).ok()?..usize::from_str_radix(to, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_written_to_is_found() {
        let smaps = "\
            1000-2000 r--p 00000000 fe:00 42                  /opt/a b/fastest-lsp\n\
            Rss:                   4 kB\nAnonymous:             0 kB\n\
            2000-4000 r-xp 00001000 fe:00 42                  /opt/a b/fastest-lsp\n\
            Anonymous:             0 kB\n\
            4000-5000 r--p 00003000 fe:00 42                  /opt/a b/fastest-lsp\n\
            Anonymous:             4 kB\n\
            5000-6000 rw-p 00004000 fe:00 42                  /opt/a b/fastest-lsp\n\
            Anonymous:             0 kB\n\
            7000-8000 r-xp 00000000 fe:00 43                  /lib/libc.so.6\n\
            Anonymous:             0 kB\n";
        assert_eq!(unchanged(smaps, "/opt/a b/fastest-lsp"), [0x1000..0x2000, 0x2000..0x4000]);
        assert!(unchanged("", "/opt/a b/fastest-lsp").is_empty());
    }

    /// The test goes on, and its own code is read again.
    #[test]
    fn what_is_given_back_is_read_again() {
        for _ in 0..3 {
            give_back();
            assert_eq!((0..4).map(|n| n.to_string()).collect::<String>(), "0123");
        }
    }
}
