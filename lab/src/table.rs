//! A small sorted map. There are a few hundred of anything here, mostly in the order in which they came, and the map of
//! the standard library would be a third of what the lab adds to the page.

/// Keys and values, in the order of the keys.
#[derive(Clone, Debug)]
pub(crate) struct Table<K, V>(Vec<(K, V)>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> Table<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        // What is newest is asked for most.
        match self.0.last() {
            Some((last, _)) if last < key => Err(self.0.len()),
            _ => self.0.binary_search_by(|(other, _)| other.cmp(key)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.0[at].1)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|at| &mut self.0[at].1)
    }

    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Puts a value there, in place of the one before.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|at| self.0.remove(at).1)
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.0.retain(|(_, value)| keep(value));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

impl<K: Ord, V: Default> Table<K, V> {
    /// The value there, a new one if there was none.
    pub(crate) fn or_default(&mut self, key: K) -> &mut V {
        let at = match self.find(&key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, V::default()));
                at
            }
        };
        &mut self.0[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn one_value_for_each_key_in_the_order_of_the_keys() {
        let mut table = Table::default();
        for (key, value) in [(5, 'e'), (1, 'a'), (9, 'i'), (5, 'E'), (3, 'c')] {
            table.insert(key, value);
        }
        assert_eq!(table.iter().copied().collect::<Vec<_>>(), [(1, 'a'), (3, 'c'), (5, 'E'), (9, 'i')]);
        assert_eq!((table.get(&5), table.get(&4), table.get(&10)), (Some(&'E'), None, None));
        assert_eq!((table.remove(&3), table.remove(&3), table.len()), (Some('c'), None, 3));
        *table.or_default(2) = 'b';
        table.retain(char::is_ascii_lowercase);
        assert_eq!(table.keys().copied().collect::<Vec<_>>(), [1, 2, 9]);
    }
}
