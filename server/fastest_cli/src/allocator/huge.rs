//! Pages of 2 MB for memory that will be taken soon.
//!
//! mimalloc reserves a gigabyte of addresses and makes them accessible piece by piece, so that Linux
//! has only pages of 4 KB to give: 100,000 tests are 15,000 page faults. What is still reserved is
//! made accessible here at once, and Linux asked for large pages (`madvise(2)`, `MADV_HUGEPAGE`).

use std::{fs, ops::Range};

use rustix::mm::{Advice, MprotectFlags, madvise, mprotect};

/// From so many bytes of sources on, which take 15 MB.
pub const WORTH: u64 = 1_500_000;

/// How many bytes each byte of the sources takes: outlines, the list, what the cache keeps are 12.
/// The allocator leaves room between what it gives to one thread and to another.
pub const FOR_EACH: u64 = 20;

const PAGE: usize = 2 * 1024 * 1024;

/// What the allocator reserves is larger than this, in bytes; what else has no access is not.
const LEAST: usize = 32 * PAGE;

/// Makes so many bytes of what the allocator has reserved accessible, in large pages. Where that
/// cannot be, it goes on as it would have.
pub fn prepare(bytes: u64) {
    // It lies in what is accessible by then.
    let own = Box::new(0_u8);
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    if let Some(reserved) = reserved(&maps, std::ptr::from_ref(&*own).addr()) {
        make_accessible(&reserved, usize::try_from(bytes).unwrap_or(usize::MAX));
    }
}

#[expect(unsafe_code, reason = "what the system knows of memory is changed")]
fn make_accessible(reserved: &Range<usize>, bytes: usize) {
    let start = reserved.start.next_multiple_of(PAGE);
    let length = bytes.min(reserved.end.saturating_sub(start)) / PAGE * PAGE;
    let address = std::ptr::with_exposed_provenance_mut(start);
    // SAFETY: nobody uses memory that nobody can access. The allocator, whose it is, makes it as
    // accessible before it uses it, and finds it empty then as before.
    unsafe {
        if mprotect(address, length, MprotectFlags::READ | MprotectFlags::WRITE).is_ok() {
            // Large pages may be off.
            let _off = madvise(address, length, Advice::LinuxHugepage);
        }
    }
}

/// What the allocator has reserved, from the addresses around `own` on, by `/proc/PID/maps`; there
/// is much without access at the end of it.
fn reserved(maps: &str, own: usize) -> Option<Range<usize>> {
    let (mut begin, mut end) = (0, None);
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (from, to) = fields.next()?.split_once('-')?;
        let range = usize::from_str_radix(from, 16).ok()?..usize::from_str_radix(to, 16).ok()?;
        let access = fields.next()?;
        let is_near = end == Some(range.start) || range.contains(&own);
        if is_near {
            begin = if end.is_none() { range.start } else { begin };
            end = Some(range.end);
            if access == "---p" && range.len() >= LEAST {
                return Some(begin..range.end);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::reserved;

    const MAPS: &str = "20000000000-20000ff0000 rw-p 00000000 00:00 0 \n\
        20000ff0000-20001000000 ---p 00000000 00:00 0 \n\
        20001000000-20001d80000 rw-p 00000000 00:00 0 \n\
        20001d80000-20040000000 ---p 00000000 00:00 0 \n\
        7fac88000000-7fac88021000 rw-p 00000000 00:00 0 \n\
        7fac88021000-7fac88022000 ---p 00000000 00:00 0 \n\
        7fac8e224000-7fac8e424000 rw-p 00000000 00:00 0 [heap]\n";

    #[test]
    fn what_is_reserved_lies_behind_what_is_used() {
        assert_eq!(reserved(MAPS, 0x200_0000_0010), Some(0x200_0000_0000..0x200_4000_0000));
        assert_eq!(reserved(MAPS, 0x200_01d7_ffff), Some(0x200_0100_0000..0x200_4000_0000));
        assert_eq!(reserved(MAPS, 0x7fac_8800_0000), None, "too little");
        assert_eq!(reserved(MAPS, 0x7fac_8e22_4000), None, "nothing behind it");
        assert_eq!(reserved(MAPS, 0x1000), None);
        assert_eq!(reserved("", 0x1000), None);
    }
}
