//! A list in pages: it grows by a million without being copied, and wastes no more than a page.

use std::ops::{Index, IndexMut};

/// So many items are on a page.
const BITS: u32 = 10;
const PAGE: usize = 1 << BITS;

/// A list in pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Pages<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Pages<T> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.pages.last() {
            Some(last) => (self.pages.len() - 1) * PAGE + last.len(),
            None => 0,
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Adds one at the end.
    pub fn push(&mut self, item: T) {
        match self.pages.last_mut().filter(|last| last.len() < PAGE) {
            Some(last) => last.push(item),
            None => {
                // The first page grows with its story, which may be a short one.
                let mut page = if self.pages.is_empty() { Vec::new() } else { Vec::with_capacity(PAGE) };
                page.push(item);
                self.pages.push(page);
            }
        }
    }

    /// Takes away all from `len` on.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len() {
            return;
        }
        self.pages.truncate(len.div_ceil(PAGE));
        if let Some(last) = self.pages.last_mut() {
            last.truncate(len - (len - 1) / PAGE * PAGE);
        }
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&T> {
        self.pages.get(at >> BITS)?.get(at & (PAGE - 1))
    }

    /// The last one.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.pages.last()?.last()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.pages.iter().flatten()
    }

    /// How many at the beginning fulfil a condition, if all that do are at the beginning.
    #[must_use]
    pub fn partition_point(&self, mut first: impl FnMut(&T) -> bool) -> usize {
        let page = self.pages.partition_point(|page| page.last().is_some_and(&mut first));
        match self.pages.get(page) {
            Some(found) => page * PAGE + found.partition_point(first),
            None => self.len(),
        }
    }
}

impl<T> Index<usize> for Pages<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        &self.pages[at >> BITS][at & (PAGE - 1)]
    }
}

impl<T> IndexMut<usize> for Pages<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        &mut self.pages[at >> BITS][at & (PAGE - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_list() {
        let mut pages = Pages::default();
        assert!(pages.is_empty() && pages.last().is_none());
        (0..3 * PAGE + 7).for_each(|n| pages.push(n));
        assert_eq!((pages.len(), pages[PAGE], pages.last()), (3 * PAGE + 7, PAGE, Some(&(3 * PAGE + 6))));
        assert!(pages.iter().copied().eq(0..3 * PAGE + 7));
        assert!(pages.iter().rev().copied().eq((0..3 * PAGE + 7).rev()));
        for below in [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 7, 9 * PAGE] {
            assert_eq!(pages.partition_point(|n| *n < below), below.min(pages.len()), "{below}");
        }
        for len in [9 * PAGE, 3 * PAGE, 2 * PAGE + 1, 1, 0] {
            pages.truncate(len);
            let len = len.min(3 * PAGE + 7);
            assert_eq!((pages.len(), pages.iter().count()), (len, len));
            assert_eq!(pages.get(len), None);
        }
        pages.push(5);
        assert_eq!(pages.iter().copied().collect::<Vec<_>>(), [5]);
    }
}
