//! Names the code that makes outlines: a cache written by other code is not read.
//!
//! The name is a hash of the sources of `fastest_syntax` and of the locked dependencies, so it is
//! the same on every machine that builds the same sources.

use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let root = Path::new("../..");
    let mut files = vec![root.join("Cargo.lock")];
    for directory in ["server/fastest_syntax/src", "server/fastest_model/src"] {
        add_files(&root.join(directory), &mut files);
    }
    files.sort();
    let mut hash = Fnv::new();
    for file in &files {
        println!("cargo:rerun-if-changed={}", file.display());
        hash.add(file.to_string_lossy().as_bytes());
        hash.add(&fs::read(file).unwrap_or_default());
    }
    println!("cargo:rustc-env=FASTEST_OUTLINE_BUILD={:016x}", hash.0);
}

fn add_files(directory: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo:rerun-if-changed={}", directory.display());
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            add_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// FNV-1a, 64 bits.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
