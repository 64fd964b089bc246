//! The name that was probably meant.

/// The candidate that is nearest to a name: few letters added, left out, changed or swapped,
/// fewer than a third of them.
pub(super) fn nearest<'c>(
    name: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    let limit = (name.chars().count() / 3).max(1);
    let near = candidates.map(|candidate| (distance(name, candidate), candidate));
    let near = near.filter(|(distance, _)| (1..=limit).contains(distance));
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters are added, left out, changed, or swapped with their neighbour (the optimal
/// string alignment distance).
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut rows: [Vec<usize>; 3] = [Vec::new(), Vec::new(), (0..=other.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        rows.rotate_left(1);
        let mut row = Vec::with_capacity(other.len() + 1);
        row.push(i + 1);
        for (j, b) in other.iter().enumerate() {
            let mut best =
                (rows[1][j] + usize::from(a != b)).min(rows[1][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(rows[0][j - 1] + 1);
            }
            row.push(best);
        }
        rows[2] = row;
    }
    rows[2].last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[track_caller]
    fn check(name: &str, candidates: &[&str], expected: Option<&str>) {
        assert_eq!(nearest(name, candidates.iter().copied()), expected);
    }

    #[test]
    fn what_differs_little_is_near() {
        check("clinet", &["client", "clients"], Some("client"));
        check("tmp_pth", &["tmp_path", "tmp_path_factory"], Some("tmp_path"));
        check("db", &["bd", "database"], Some("bd"));
        check("database", &["db"], None);
        check("db", &["db"], None);
    }
}
