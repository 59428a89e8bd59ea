//! Values that tell when they change, of any type.
//!
//! leptos compiles its signals and memos anew for every type that is in one, and there are some forty. Here all are one:
//! what is in them is [`Any`], and only the few lines that look into it are compiled for each type.

use leptos::prelude::{Get, GetUntracked, IsDisposed, Memo as Worked, RwSignal, Set, Track, Update, WithUntracked};
use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

const SAME: &str = "a handle names the type it was made with";

type Boxed = Box<dyn Any + Send + Sync>;

/// A value that changes. A handle: copies share it, and it is gone with the reactive owner it was made in.
pub struct Live<T> {
    signal: RwSignal<Boxed>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Live<T> {}

impl<T: Send + Sync + 'static> Live<T> {
    /// One that is `value` at first.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { signal: kept(Box::new(value)), of: PhantomData }
    }

    /// Looks at it, and again when it changes.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        self.track();
        self.with_untracked(look)
    }

    /// Looks at it once.
    pub fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        let (mut look, mut found) = (Some(look), None);
        look_into(self.signal, &mut |value| found = look.take().map(|look| look(cast(value))));
        found.expect("it was looked into")
    }

    /// A copy of it, and again when it changes.
    #[must_use]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// A copy of it, once.
    #[must_use]
    pub fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Whether its owner lives, and so it does.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.signal.is_disposed()
    }

    /// Runs again when it changes.
    pub fn track(&self) {
        self.signal.track();
    }

    /// Changes it, and says so.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        let mut change = Some(change);
        change_in(self.signal, &mut |value| {
            if let Some(change) = change.take() {
                change(value.downcast_mut().expect(SAME));
            }
        });
    }

    /// Puts another in its place, and says so.
    pub fn set(&self, value: T) {
        put_into(self.signal, Box::new(value));
    }
}

/// A value that follows from others. It changes only when what follows is another.
pub struct Memo<T> {
    worked: Worked<Kept>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// What follows from what `work` reads.
    #[must_use]
    pub fn new(work: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let same = |one: &dyn Any, other: &dyn Any| cast::<T>(one) == cast(other);
        let work = move || Kept { value: Arc::new(work()), same };
        Self { worked: follows(Box::new(work)), of: PhantomData }
    }

    /// Looks at it, and again when it changes.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(cast(&*worked(self.worked)))
    }

    /// Looks at it once.
    pub fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(cast(&*worked_now(self.worked)))
    }

    /// A copy of it, and again when it changes.
    #[must_use]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// A copy of it, once.
    #[must_use]
    pub fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Runs again when it changes.
    pub fn track(&self) {
        self.worked.track();
    }
}

impl<T: PartialEq + Clone + Send + Sync + 'static> From<Live<T>> for Memo<T> {
    fn from(live: Live<T>) -> Self {
        Self::new(move || live.get())
    }
}

/// What a [`Memo`] keeps.
#[derive(Clone)]
struct Kept {
    value: Arc<dyn Any + Send + Sync>,
    same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

fn cast<T: 'static>(value: &dyn Any) -> &T {
    value.downcast_ref().expect(SAME)
}

// Never inlined: they are what is to be there once.

#[inline(never)]
fn kept(value: Boxed) -> RwSignal<Boxed> {
    RwSignal::new(value)
}

#[inline(never)]
fn look_into(signal: RwSignal<Boxed>, look: &mut dyn FnMut(&dyn Any)) {
    signal.with_untracked(|value| look(&**value));
}

#[inline(never)]
fn change_in(signal: RwSignal<Boxed>, change: &mut dyn FnMut(&mut dyn Any)) {
    signal.update(|value| change(&mut **value));
}

#[inline(never)]
fn put_into(signal: RwSignal<Boxed>, value: Boxed) {
    signal.set(value);
}

#[inline(never)]
fn follows(work: Box<dyn Fn() -> Kept + Send + Sync>) -> Worked<Kept> {
    Worked::new(move |_| work())
}

#[inline(never)]
fn worked(memo: Worked<Kept>) -> Arc<dyn Any + Send + Sync> {
    memo.get().value
}

#[inline(never)]
fn worked_now(memo: Worked<Kept>) -> Arc<dyn Any + Send + Sync> {
    memo.get_untracked().value
}
