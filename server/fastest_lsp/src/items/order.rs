//! Which blocks of a file are which after an edit, and in what order they then stand.

use rustc_hash::{FxHashMap, FxHashSet};

/// What becomes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The block that was there.
    pub old: Option<usize>,
    /// What is there now; `None` where a broken file has lost it.
    pub new: Option<usize>,
    /// Whether it is what it was.
    pub is_same: bool,
}

impl Step {
    fn stays(old: usize, new: usize) -> Self {
        Self { old: Some(old), new: Some(new), is_same: true }
    }
}

/// The steps from old blocks (names, and whether they were lost before) to new ones, in the new
/// order; with `keeps`, what is gone stays behind what it stood behind. `None` if two have the
/// same name.
pub fn plan(
    old: &[(&str, bool)],
    new: &[&str],
    keeps: bool,
    same: impl Fn(usize, usize) -> bool,
) -> Option<Vec<Step>> {
    let stays = |one: usize, two: usize| !old[one].1 && same(one, two);
    let least = old.len().min(new.len());
    let above = (0..least).take_while(|&at| stays(at, at)).count();
    let from_end = |at: usize| (old.len() - 1 - at, new.len() - 1 - at);
    let is_below = |at: &usize| stays(from_end(*at).0, from_end(*at).1);
    let below = (0..least - above).take_while(is_below).count();
    let (olds, news) = (above..old.len() - below, above..new.len() - below);
    let mut by_name: FxHashMap<&str, usize> = olds.clone().map(|at| (old[at].0, at)).collect();
    let names: FxHashSet<&str> = news.clone().map(|at| new[at]).collect();
    if by_name.len() != olds.len() || names.len() != news.len() {
        return None;
    }
    let mut new_of: FxHashMap<usize, usize> = FxHashMap::default();
    let mut between = Vec::with_capacity(news.len());
    for at in news {
        let partner = by_name.remove(new[at]);
        partner.map(|old| new_of.insert(old, at));
        let is_same = partner.is_some_and(|partner| same(partner, at));
        between.push(Step { old: partner, new: Some(at), is_same });
    }
    // What is lost, by what stands before it.
    let mut lost: FxHashMap<Option<usize>, Vec<Step>> = FxHashMap::default();
    let mut before = None;
    for at in olds.filter(|_| keeps) {
        match new_of.get(&at) {
            Some(new) => before = Some(*new),
            None => {
                let step = Step { old: Some(at), new: None, is_same: false };
                lost.entry(before).or_default().push(step);
            }
        }
    }
    let mut steps: Vec<Step> = (0..above).map(|at| Step::stays(at, at)).collect();
    steps.extend(lost.remove(&None).into_iter().flatten());
    for step in between {
        steps.push(step);
        steps.extend(lost.remove(&step.new).into_iter().flatten());
    }
    steps.extend((0..below).rev().map(|at| Step::stays(from_end(at).0, from_end(at).1)));
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::plan;

    /// `=` for what stays, `~` for what is looked at again, `+` for what comes, `!` for what is
    /// lost; a name in capitals is another thing than the same name in small letters.
    fn told(old: &str, new: &str, keeps: bool) -> Option<String> {
        let (olds, news): (Vec<&str>, Vec<&str>) =
            (old.split(' ').collect(), new.split(' ').collect());
        let lower: Vec<String> = news.iter().map(|name| name.to_lowercase()).collect();
        let names: Vec<&str> = lower.iter().map(String::as_str).collect();
        let named: Vec<(&str, bool)> = olds.iter().map(|name| (*name, false)).collect();
        let steps = plan(&named, &names, keeps, |one, two| olds[one] == news[two])?;
        let shown = steps.iter().map(|step| match (step.old, step.new) {
            (Some(old), Some(_)) if step.is_same => format!("={}", olds[old]),
            (Some(old), Some(_)) => format!("~{}", olds[old]),
            (None, Some(new)) => format!("+{}", names[new]),
            (old, None) => format!("!{}", olds[old.unwrap()]),
        });
        Some(shown.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn blocks_are_found_again_by_their_places_and_names() {
        assert_eq!(told("a b c", "a B c", false).unwrap(), "=a ~b =c");
        assert_eq!(told("a b c", "a x b c", false).unwrap(), "=a +x =b =c");
        assert_eq!(told("a b c d", "a c B d", false).unwrap(), "=a =c ~b =d");
        assert_eq!(told("a b c", "a c", false).unwrap(), "=a =c");
        assert_eq!(told("a b c", "a x x c", false), None);
    }

    #[test]
    fn what_is_lost_stays_behind_what_it_stood_behind() {
        assert_eq!(told("a b c d", "a", true).unwrap(), "=a !b !c !d");
        assert_eq!(told("a b c d", "B x d", true).unwrap(), "!a ~b !c +x =d");
    }
}
