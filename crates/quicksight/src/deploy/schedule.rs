//! Runs assets in dependency order, several at once.

use std::future::Future;

use futures_util::stream::{FuturesUnordered, StreamExt as _};

/// How one asset ended, as far as those that stand on it care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// What stands on it may go on.
    Well,
    /// What stands on it is skipped.
    Badly,
}

/// Starts `run` for every node whose dependencies ended well, at most `at_once` at
/// a time, in the order given where there is a choice. A node whose dependency did
/// not end well goes to `skip` with that dependency instead.
///
/// `dependencies[n]` lists the nodes that must come before node `n`; it must have
/// no cycle ([`cycle`]): nodes on one are never reached.
pub(crate) async fn run<F>(
    dependencies: &[Vec<usize>],
    at_once: usize,
    run: impl Fn(usize) -> F,
    mut skip: impl FnMut(usize, usize),
) where
    F: Future<Output = Ended>,
{
    let mut ended: Vec<Option<Ended>> = vec![None; dependencies.len()];
    let mut started = vec![false; dependencies.len()];
    let mut running = FuturesUnordered::new();
    loop {
        for node in 0..dependencies.len() {
            if started[node] {
                continue;
            }
            let bad = dependencies[node]
                .iter()
                .find(|before| ended[**before] == Some(Ended::Badly));
            if let Some(bad) = bad {
                started[node] = true;
                ended[node] = Some(Ended::Badly);
                skip(node, *bad);
            } else if running.len() < at_once.max(1)
                && dependencies[node]
                    .iter()
                    .all(|before| ended[*before] == Some(Ended::Well))
            {
                started[node] = true;
                let work = run(node);
                running.push(async move { (node, work.await) });
            }
        }
        match running.next().await {
            Some((node, how)) => ended[node] = Some(how),
            // A skipped node may stand before others that this pass had looked at.
            None if settled(dependencies, &started, &ended) => return,
            None => {}
        }
    }
}

/// Whether nothing more can start or be skipped.
fn settled(dependencies: &[Vec<usize>], started: &[bool], ended: &[Option<Ended>]) -> bool {
    (0..dependencies.len()).all(|node| {
        let before = &dependencies[node];
        started[node]
            || (!before.iter().all(|node| ended[*node] == Some(Ended::Well))
                && before.iter().all(|node| ended[*node] != Some(Ended::Badly)))
    })
}

/// Finds nodes that stand on each other, in that order, if there are any.
pub(crate) fn cycle(dependencies: &[Vec<usize>]) -> Option<Vec<usize>> {
    // Nodes whose dependencies are all gone go, until none does: the rest is on a
    // cycle or stands on one.
    let mut left: Vec<bool> = vec![true; dependencies.len()];
    loop {
        let free = (0..left.len())
            .find(|node| left[*node] && dependencies[*node].iter().all(|before| !left[*before]));
        match free {
            Some(node) => left[node] = false,
            None => break,
        }
    }
    let mut node = left.iter().position(|left| *left)?;
    let mut path = Vec::new();
    while !path.contains(&node) {
        path.push(node);
        node = *dependencies[node].iter().find(|before| left[**before])?;
    }
    let start = path.iter().position(|seen| *seen == node)?;
    path.drain(..start);
    path.reverse();
    Some(path)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[tokio::test]
    async fn dependencies_come_first_and_dependents_of_a_failure_are_skipped() {
        // 3 ← 1 ← 0 fails; 2 is alone; 4 stands on 2.
        let dependencies = [vec![], vec![0], vec![], vec![1], vec![2]];
        let (order, skipped) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        run(
            &dependencies,
            2,
            |node| {
                order.borrow_mut().push(node);
                async move {
                    tokio::task::yield_now().await;
                    if node == 0 { Ended::Badly } else { Ended::Well }
                }
            },
            |node, because| skipped.borrow_mut().push((node, because)),
        )
        .await;
        assert_eq!(*order.borrow(), [0, 2, 4]);
        assert_eq!(*skipped.borrow(), [(1, 0), (3, 1)]);
    }

    #[tokio::test]
    async fn a_skip_behind_the_reader_is_noticed() {
        // Node 0 stands on 1, which stands on the failing 2.
        let dependencies = [vec![1], vec![2], vec![]];
        let skipped = RefCell::new(Vec::new());
        run(
            &dependencies,
            8,
            |_| async { Ended::Badly },
            |node, because| skipped.borrow_mut().push((node, because)),
        )
        .await;
        assert_eq!(*skipped.borrow(), [(1, 2), (0, 1)]);
    }

    #[tokio::test]
    async fn no_more_than_asked_for_run_at_once() {
        let dependencies = vec![Vec::new(); 20];
        let (now, most) = (RefCell::new(0_usize), RefCell::new(0_usize));
        run(
            &dependencies,
            3,
            |_| {
                *now.borrow_mut() += 1;
                let here = *now.borrow();
                let mut most = most.borrow_mut();
                *most = here.max(*most);
                let now = &now;
                async move {
                    tokio::task::yield_now().await;
                    *now.borrow_mut() -= 1;
                    Ended::Well
                }
            },
            |_, _| {},
        )
        .await;
        assert_eq!((*now.borrow(), *most.borrow()), (0, 3));
    }

    #[test]
    fn cycles_are_found() {
        assert_eq!(cycle(&[vec![], vec![0], vec![1]]), None);
        assert_eq!(
            cycle(&[vec![1], vec![2], vec![1], vec![0]]),
            Some(vec![2, 1])
        );
        assert_eq!(cycle(&[vec![0]]), Some(vec![0]));
    }
}
