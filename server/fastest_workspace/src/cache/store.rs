//! The bytes of the cache: a header, an index of all files, then each file's encoded outline.
//!
//! All numbers are little-endian on every machine. The index is read at once and is covered by one
//! checksum together with the header; outlines are decoded when they are asked for, each covered
//! by its own checksum in the index.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use fastest_syntax::outline::Outline;
use postcard::ser_flavors::Flavor;
use rustc_hash::FxHashMap;
use serde::Serialize;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

const MAGIC: [u8; 8] = *b"fastest\x01";
/// The layout of this file. What it holds is versioned by the build that wrote it.
const FORMAT: u32 = 1;
/// Magic, format, build, entries, bytes of the index; then the checksum.
const HEADER: usize = 8 + 4 + 8 + 4 + 4;
const CHECKSUM: usize = 8;
/// An entry of the index without its key.
const ENTRY: usize = 8 + 8 + 8 + 8 + 8 + 4 + 4 + 1;

/// A cache file's content.
#[derive(Debug, Default)]
pub(super) struct Store {
    bytes: Vec<u8>,
    entries: Vec<Stored>,
    /// From the hash of a key to the entry.
    by_key: FxHashMap<u64, u32>,
}

/// An entry of the index.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) size: u64,
    pub(super) mtime_ns: u64,
    /// The hash of the file's bytes.
    pub(super) content: u64,
    /// Whether the time of modification was old enough to be trusted.
    pub(super) is_settled: bool,
    pub(super) checksum: u64,
    key: Range<usize>,
    blob: Range<usize>,
}

/// An entry to be written.
pub(super) struct NewEntry<'a> {
    pub(super) key: &'a str,
    pub(super) size: u64,
    pub(super) mtime_ns: u64,
    pub(super) content: u64,
    pub(super) is_settled: bool,
    /// Of the blob.
    pub(super) checksum: u64,
    pub(super) blob: Cow<'a, [u8]>,
}

/// An outline as it is kept, and its checksum.
pub(super) fn encode(outline: &Outline) -> Option<(Vec<u8>, u64)> {
    thread_local! {
        // Grown once, where each outline's own bytes would be moved while they grow.
        static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        append(outline, scratch)?;
        Some((scratch.as_slice().to_vec(), xxh3_64(scratch)))
    })
}

/// Encodes a value to the end of bytes.
pub(super) fn append(value: &impl Serialize, bytes: &mut Vec<u8>) -> Option<()> {
    postcard::serialize_with_flavor(value, Appended(bytes)).ok()
}

/// So few bytes are pushed sooner than they are copied: numbers, mostly.
const FEW: usize = 5;

/// Has postcard write to the end of bytes. Its own flavor for that takes all bytes one by one.
struct Appended<'b>(&'b mut Vec<u8>);

impl Flavor for Appended<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() <= FEW {
            bytes.iter().for_each(|byte| self.0.push(*byte));
        } else {
            self.0.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// What identifies the code that made the outlines: set by the build script.
fn build() -> u64 {
    xxh3_64(env!("FASTEST_OUTLINE_BUILD").as_bytes())
}

impl Store {
    /// Reads a whole file; `None` if it is not exactly what this build would have written.
    pub(super) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let header = bytes.get(..HEADER)?;
        let mut reader = Reader { bytes: &bytes, at: 0 };
        let is_ours =
            reader.take(8)? == MAGIC && reader.u32()? == FORMAT && reader.u64()? == build();
        let (count, index_len) = (reader.u32()? as usize, reader.u32()? as usize);
        let checksum = reader.u64()?;
        let index = bytes.get(HEADER + CHECKSUM..)?.get(..index_len)?;
        if !is_ours || checksum != index_checksum(header, index) {
            return None;
        }
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            entries.push(reader.entry(HEADER + CHECKSUM + index_len)?);
        }
        let by_key = entries
            .iter()
            .zip(0u32..)
            .map(|(entry, position)| (xxh3_64(&bytes[entry.key.clone()]), position))
            .collect();
        let is_whole = entries.iter().all(|entry| entry.blob.end <= bytes.len());
        is_whole.then_some(Self { bytes, entries, by_key })
    }

    pub(super) fn entries(&self) -> &[Stored] {
        &self.entries
    }

    pub(super) fn position(&self, key: &str) -> Option<usize> {
        let position = *self.by_key.get(&xxh3_64(key.as_bytes()))? as usize;
        (self.key(&self.entries[position]) == key).then_some(position)
    }

    pub(super) fn key(&self, entry: &Stored) -> &str {
        std::str::from_utf8(&self.bytes[entry.key.clone()]).unwrap_or_default()
    }

    pub(super) fn blob(&self, entry: &Stored) -> &[u8] {
        &self.bytes[entry.blob.clone()]
    }

    /// Decodes an entry's outline; `None` if its bytes are damaged.
    pub(super) fn outline(&self, entry: &Stored) -> Option<Outline> {
        let blob = self.blob(entry);
        if xxh3_64(blob) != entry.checksum {
            return None;
        }
        postcard::from_bytes(blob).ok()
    }
}

/// The bytes of a file with these entries that stand before their outlines.
pub(super) fn compose_head(entries: &[NewEntry<'_>]) -> Vec<u8> {
    let index = compose_index(entries);
    let mut bytes = Vec::with_capacity(HEADER + CHECKSUM + index.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend(build().to_le_bytes());
    bytes.extend(u32_of(entries.len()).to_le_bytes());
    bytes.extend(u32_of(index.len()).to_le_bytes());
    bytes.extend(index_checksum(&bytes, &index).to_le_bytes());
    bytes.extend(index);
    bytes
}

fn compose_index(entries: &[NewEntry<'_>]) -> Vec<u8> {
    let mut index = Vec::with_capacity(entries.len() * (ENTRY + 48));
    let mut offset = 0u64;
    for entry in entries {
        let numbers = [entry.size, entry.mtime_ns, entry.content, entry.checksum, offset];
        index.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        index.extend(u32_of(entry.blob.len()).to_le_bytes());
        index.extend(u32_of(entry.key.len()).to_le_bytes());
        index.push(u8::from(entry.is_settled));
        index.extend(entry.key.as_bytes());
        offset += entry.blob.len() as u64;
    }
    index
}

/// A cache of 4 GiB is refused by its own checksum, which then is another one's.
fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn index_checksum(header: &[u8], index: &[u8]) -> u64 {
    xxh3_64_with_seed(index, xxh3_64(header))
}

/// Takes little-endian numbers from bytes that may be anything.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn entry(&mut self, blobs: usize) -> Option<Stored> {
        let (size, mtime_ns, content) = (self.u64()?, self.u64()?, self.u64()?);
        let (checksum, offset) = (self.u64()?, usize::try_from(self.u64()?).ok()?);
        let (blob_len, key_len) = (self.u32()? as usize, self.u32()? as usize);
        let is_settled = self.take(1)? == [1];
        let key = self.at..self.at.checked_add(key_len)?;
        std::str::from_utf8(self.take(key_len)?).ok()?;
        let start = blobs.checked_add(offset)?;
        let blob = start..start.checked_add(blob_len)?;
        Some(Stored { size, mtime_ns, content, is_settled, checksum, key, blob })
    }
}
