#![no_main]

#[path = "../src/checks.rs"]
#[expect(dead_code, reason = "the other target's check is there too")]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::check_scan(data));
