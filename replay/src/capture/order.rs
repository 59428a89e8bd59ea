//! Putting packets in the order of time. Files nearly always are in order, so what counts is that the code is short.

/// Sorts numbered times; they are all different, because their numbers are.
pub fn sort(keys: &mut [(u64, u32)]) {
    if keys.is_sorted() {
        return;
    }
    // Heapsort: never slow, whatever somebody wrote into a file.
    for root in (0..keys.len() / 2).rev() {
        sink(keys, root);
    }
    for end in (1..keys.len()).rev() {
        keys.swap(0, end);
        sink(&mut keys[..end], 0);
    }
}

/// Lets a key sink below those that are later.
fn sink(keys: &mut [(u64, u32)], mut root: usize) {
    loop {
        let left = root * 2 + 1;
        let Some(later) = keys.get(left) else { return };
        let child = if keys.get(left + 1).is_some_and(|right| right > later) { left + 1 } else { left };
        if keys[root] >= keys[child] {
            return;
        }
        keys.swap(root, child);
        root = child;
    }
}

#[cfg(test)]
mod tests {
    use super::sort;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_order_becomes_that_of_time(times in prop::collection::vec(0..20_u64, 0..60)) {
            let mut keys: Vec<(u64, u32)> = times.into_iter().zip(0..).collect();
            let mut expected = keys.clone();
            expected.sort();
            sort(&mut keys);
            prop_assert_eq!(keys, expected);
        }
    }
}
