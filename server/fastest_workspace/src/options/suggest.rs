//! The known option that an unknown one was probably meant to be.

use super::parse::Known;
use super::{PytestVersion, table};

/// The known long option nearest to `name`, if one is near enough to be meant.
pub fn nearest(name: &str, version: PytestVersion) -> Option<&'static str> {
    let limit = name.trim_start_matches('-').len() / 3;
    table::names(Known::All, version)
        .filter(|known| known.starts_with("--"))
        .map(|known| (distance(name, known), known))
        .filter(|(distance, _)| *distance <= limit.max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// How many letters must be changed, added, removed, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let change = rows[i][j] + usize::from(ca != cb);
            let mut least = change.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *cb && b[j - 1] == *ca {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
