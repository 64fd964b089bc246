//! The allocator.

use std::ffi::{c_int, c_long};

/// Discovery makes many small values on all cores at once, at which the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` of mimalloc's `mi_option_e`, in milliseconds.
const PURGE_DELAY: c_int = 15;

#[expect(unsafe_code, reason = "mimalloc is written in C, and its crate does not name its options")]
mod library {
    use super::{c_int, c_long};

    unsafe extern "C" {
        pub safe fn mi_option_set(option: c_int, value: c_long);
        pub safe fn mi_collect(force: bool);
        #[cfg(test)]
        pub safe fn mi_option_get(option: c_int) -> c_long;
    }
}

/// Has freed memory given back to the system at once, and not a second later if something is
/// allocated then: a process that stays waits most of the time.
pub fn give_back_at_once() {
    library::mi_option_set(PURGE_DELAY, 0);
}

/// Has nothing given back any more: the process is about to end.
pub fn keep_what_is_freed() {
    library::mi_option_set(PURGE_DELAY, -1);
}

/// Gives back what has been freed by now, by this thread and those of the pool: what discovery
/// took, before tests run. Returns at once; each thread does its own part.
pub fn give_back() {
    library::mi_collect(true);
    rayon::spawn_broadcast(|_| library::mi_collect(true));
}

/// Prepares for what so many bytes of sources will take. To get as much memory page by page is a
/// sixth of the time in which 100,000 tests are listed; for little, large pages take longer.
pub fn expect(bytes: u64) {
    #[cfg(target_os = "linux")]
    if bytes >= huge::WORTH {
        huge::prepare(bytes.saturating_mul(huge::FOR_EACH));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

#[cfg(target_os = "linux")]
mod huge;

#[cfg(test)]
mod tests {
    use super::{PURGE_DELAY, give_back_at_once, library::mi_option_get};

    #[test]
    fn the_option_is_the_one_that_is_meant() {
        if std::env::var_os("MIMALLOC_PURGE_DELAY").is_none() {
            // No other option has this value where nobody has set it.
            assert_eq!(mi_option_get(PURGE_DELAY), 1000);
        }
        give_back_at_once();
        assert_eq!(mi_option_get(PURGE_DELAY), 0);
    }
}
