//! The allocator.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{c_int, c_long};

use mimalloc::MiMalloc;

/// Discovery makes many small values on all cores at once, at which the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// mimalloc, asked for memory as C asks for it wherever that is aligned enough. Its own crate asks
/// for aligned memory each time, for which mimalloc takes the longer way, and a larger block, unless
/// the size is a power of two.
struct Allocator;

/// `MI_MAX_ALIGN_SIZE` of mimalloc: how all blocks of at least that size are aligned.
const ALIGNED: usize = 16;

#[expect(unsafe_code, reason = "allocators are")]
// SAFETY: all is mimalloc's, whose functions free what any of them has given.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED && layout.align() <= layout.size() {
            library::mi_malloc(layout.size()).cast()
        } else {
            // SAFETY: the caller's.
            unsafe { MiMalloc.alloc(layout) }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED && layout.align() <= layout.size() {
            library::mi_zalloc(layout.size()).cast()
        } else {
            // SAFETY: the caller's.
            unsafe { MiMalloc.alloc_zeroed(layout) }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { MiMalloc.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { MiMalloc.realloc(block, layout, size) }
    }
}

/// `mi_option_purge_delay` of mimalloc's `mi_option_e`, in milliseconds.
const PURGE_DELAY: c_int = 15;

#[expect(unsafe_code, reason = "mimalloc is written in C, and its crate does not name its options")]
mod library {
    use std::ffi::c_void;

    use super::{c_int, c_long};

    unsafe extern "C" {
        pub safe fn mi_malloc(size: usize) -> *mut c_void;
        pub safe fn mi_zalloc(size: usize) -> *mut c_void;
        pub safe fn mi_option_set(option: c_int, value: c_long);
        pub safe fn mi_collect(force: bool);
        #[cfg(test)]
        pub safe fn mi_option_get(option: c_int) -> c_long;
    }
}

/// Makes so much memory accessible at once as nearly every discovery takes. mimalloc asks the
/// system for every 64 KB of it, where they are asked for one by one.
pub fn begin() {
    const LEAST: usize = 4 * 1024 * 1024;
    std::hint::black_box(Vec::<u8>::with_capacity(LEAST));
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

/// Gives back what has been freed by now, by this thread and those of the pool, and the program's
/// own code: what discovery took, before tests run. Returns at once; each thread does its own part.
pub fn give_back() {
    library::mi_collect(true);
    rayon::spawn_broadcast(|_| library::mi_collect(true));
    #[cfg(target_os = "linux")]
    code::give_back();
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
mod code;
#[cfg(target_os = "linux")]
mod huge;

#[cfg(test)]
mod tests {
    use super::{ALIGNED, Allocator, PURGE_DELAY, give_back_at_once, library::mi_option_get};
    use std::alloc::{GlobalAlloc, Layout};

    #[test]
    #[expect(unsafe_code, reason = "the allocator is asked itself")]
    fn blocks_are_aligned() {
        for size in (1..2_000).chain([4_095, 65_537, 3_000_001]) {
            for align in [1, 2, 4, 8, ALIGNED, 32, 4096] {
                let layout = Layout::from_size_align(size, align).unwrap();
                // SAFETY: the layout is the same for all.
                unsafe {
                    let block = Allocator.alloc(layout);
                    assert_eq!(block.addr() % align, 0, "{layout:?}");
                    let block = Allocator.realloc(block, layout, size + 24);
                    assert_eq!(block.addr() % align, 0, "{layout:?}, grown");
                    Allocator.dealloc(block, Layout::from_size_align(size + 24, align).unwrap());
                    let zeroed = Allocator.alloc_zeroed(layout);
                    assert_eq!(zeroed.addr() % align, 0, "{layout:?}, zeroed");
                    Allocator.dealloc(zeroed, layout);
                }
            }
        }
    }

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
