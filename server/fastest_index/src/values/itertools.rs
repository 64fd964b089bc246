//! The functions of `itertools` that build tables of cases.

use super::calls::Args;
use super::containers::computed;
use super::evaluate::Evaluator;
use super::library::{integer, once, unknown_call};
use super::{Element, Known, Value};

impl Evaluator<'_, '_> {
    /// `itertools.name(args)`
    pub fn itertools(&self, name: &str, args: Args) -> Known<Value> {
        match name {
            "product" => self.product(&args),
            "chain" => {
                let parts = args.plain()?.into_iter().map(|part| self.iterate(part));
                Ok(once(parts.collect::<Known<Vec<_>>>()?.concat()))
            }
            "chain.from_iterable" => {
                let parts = self.iterate(args.at(0)?.clone())?.into_iter();
                let parts = parts.map(|part| self.iterate(part.value));
                Ok(once(parts.collect::<Known<Vec<_>>>()?.concat()))
            }
            "combinations" | "permutations" | "combinations_with_replacement" => {
                self.chosen(name, &args.plain()?)
            }
            "repeat" => match args.plain()?.as_slice() {
                [value, times] => {
                    let times = usize::try_from(integer(times)?).unwrap_or(0);
                    self.spend(times)?;
                    Ok(once(vec![computed(value.clone()); times]))
                }
                _ => Err(unknown_call("itertools.repeat")),
            },
            _ => Err(unknown_call(name)),
        }
    }

    fn product(&self, args: &Args) -> Known<Value> {
        let repeat = match args.keyword("repeat") {
            Some(repeat) => usize::try_from(integer(repeat)?).unwrap_or(0),
            None => 1,
        };
        let mut columns = Vec::new();
        for index in 0..args.positional.len() {
            columns.push(self.iterate(args.at(index)?.clone())?);
        }
        let mut rows: Vec<Vec<Element>> = vec![Vec::new()];
        for _ in 0..repeat {
            for column in &columns {
                self.spend(rows.len() * column.len())?;
                let longer = |row: &Vec<Element>| {
                    let with = |element: &Element| {
                        [row.as_slice(), std::slice::from_ref(element)].concat()
                    };
                    column.iter().map(with).collect::<Vec<_>>()
                };
                rows = rows.iter().flat_map(longer).collect();
            }
        }
        Ok(tuples(rows))
    }

    /// Rows of `length` different places, in the order of `itertools`.
    fn chosen(&self, name: &str, values: &[Value]) -> Known<Value> {
        let (pool, length) = match values {
            [pool] if name == "permutations" => {
                let pool = self.iterate(pool.clone())?;
                let length = pool.len();
                (pool, length)
            }
            [pool, length] => {
                let length = usize::try_from(integer(length)?).map_err(|_| unknown_call(name))?;
                (self.iterate(pool.clone())?, length)
            }
            _ => return Err(unknown_call(name)),
        };
        let may_follow = |row: &[usize], next: usize| match name {
            "permutations" => !row.contains(&next),
            "combinations" => row.last().is_none_or(|&last| last < next),
            _ => row.last().is_none_or(|&last| last <= next),
        };
        let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
        for _ in 0..length {
            self.spend(rows.len() * pool.len())?;
            let mut longer = Vec::new();
            for row in &rows {
                let next = (0..pool.len()).filter(|&next| may_follow(row, next));
                longer.extend(next.map(|next| [row.as_slice(), &[next]].concat()));
            }
            self.spend(longer.len())?;
            rows = longer;
        }
        let row = |row: Vec<usize>| row.into_iter().map(|at| pool[at].clone()).collect();
        Ok(tuples(rows.into_iter().map(row).collect()))
    }
}

fn tuples(rows: Vec<Vec<Element>>) -> Value {
    once(rows.into_iter().map(|row| computed(Value::Tuple(row))).collect())
}
