//! What must be said above the ladder: the source is away, events are missing.

use super::desk::Desk;
use super::link;
use super::parts::{El, button, cross, el, holds, notice, worded};
use super::shelf;
use crate::live::{Live, Memo};
use crate::memory;
use crate::model::story::Story;
use crate::source::Link;
use crate::source::station::{ADDRESS, Nearby, START};
use crate::store::Store;
use leptos::prelude::*;
use protocol::capability::WorldKind;
use protocol::command::{Command, WorldAction};

/// Under this name the browser remembers that it was told how to start a Socketscope program.
const SEEN: &str = "alone";

/// The notices.
#[must_use]
pub fn notices() -> El {
    let store = Store::get();
    let frozen = holds(move || store.frozen.get().is_some());
    let is_away = holds(move || matches!(store.link.get(), Link::Away { .. }));
    // Whoever has read it once knows it; that a program came is news.
    let seen = memory::recall(SEEN).is_some();
    let dismissed = Live::new(if seen { vec![Nearby::Silent, Nearby::Copy, Nearby::Hosted] } else { Vec::new() });
    let forgotten = Memo::new(move || store.read(Story::forgotten));
    let known = Live::new(0);
    shelf::notices(el("div").class("notices"))
        .when(is_away, move || away(store))
        .region(move || broken(store).into_iter().collect())
        .region(move || nearby(store, dismissed).into_iter().collect())
        .region(move || holes(store).into_iter().collect())
        .region(move || full(store).into_iter().collect())
        .region(move || gone(store, forgotten.get(), known).into_iter().collect())
        .region(|| link::astray(Desk::get()).into_iter().collect())
        .when(frozen, || el("p").class("notice").say(|words| words.shell.frozen))
}

/// The program is away. Drawn once, however often it is tried again: a button that is drawn anew under the pointer does
/// not hear the click.
fn away(store: Store) -> El {
    let said = move || {
        let Link::Away { farewell, .. } = store.link.get() else { return String::new() };
        let words = store.words();
        let said = farewell.as_deref().map(words.trouble.farewell).unwrap_or_default();
        [&said, words.shell.away_long].join(" ")
    };
    let when = move || {
        store.tick.track();
        let Link::Away { next, .. } = store.link.get() else { return String::new() };
        let words = &store.words().shell;
        next.map_or_else(
            || words.retrying.to_owned(),
            |next| (words.retry_in)(next.saturating_sub(js_sys::Date::now() as u64).div_ceil(1_000)),
        )
    };
    // Nobody wants to hear the seconds counted.
    let when = el("span").attr("aria-live", "off").text_as(when);
    let retry = worded("btn", |words| words.shell.try_now).press(move || store.reconnect());
    let lab = goes_to(store, WorldKind::InThisPage, store.words().place.go_on);
    let text = el("p").child(el("span").text_as(said)).text(" ").child(when);
    el("div").class("notice bad").attr("role", "alert").child(text).child(retry).children(lab)
}

/// What the program says cannot be understood.
fn broken(store: Store) -> Option<El> {
    let Link::Broken(why) = store.link.get() else { return None };
    let reload = worded("btn", |words| words.shell.reload).press(|| {
        // Fails only in a frame that may not navigate, and the button stays.
        let _ = window().location().reload();
    });
    Some(notice("notice bad", move || (store.words().shell.broken)(&why)).child(reload))
}

/// A button that goes to a world, if one can.
fn goes_to(store: Store, kind: WorldKind, words: fn(&str) -> String) -> Option<El> {
    let welcome = store.welcome.get()?;
    welcome.worlds.iter().find(|info| info.kind == kind && info.unavailable.is_none())?;
    let desk = Desk::get();
    let label = words((store.words().shell.world)(kind));
    Some(button("btn").text(&label).press(move || desk.act(store, Command::World(WorldAction::Switch(kind)))))
}

/// What to tell of the Socketscope program while this page does without it.
fn nearby(store: Store, dismissed: Live<Vec<Nearby>>) -> Option<El> {
    let now = store.nearby.get();
    if dismissed.with(|dismissed| dismissed.contains(&now)) {
        return None;
    }
    let words = &store.words().place;
    let code = || el("code").text(START);
    let link = || el("a").attr("href", ADDRESS).text(ADDRESS);
    let text = el("p");
    let text = match now {
        Nearby::Unasked => return None,
        Nearby::Silent => text.text(words.alone[0]).text(" ").child(code()).text(" ").text(words.alone[1]),
        Nearby::Copy => told(text, words.copy, code(), link()),
        Nearby::Hosted => told(text, words.hosted, code(), link()),
        Nearby::Here => text.text(words.here),
    };
    let go = (now == Nearby::Here).then(|| goes_to(store, WorldKind::ThisComputer, words.go_there)).flatten();
    let dismiss = cross("btn quiet", |words| words.shell.dismiss).press(move || {
        if now != Nearby::Here {
            memory::remember(SEEN, "yes");
        }
        dismissed.update(|dismissed| dismissed.push(now));
    });
    Some(el("div").class("notice").attr("role", "status").child(text).children(go).child(dismiss))
}

/// A run that fills the page's memory stands still until somebody decides.
fn full(store: Store) -> Option<El> {
    let events = store.time.with(|time| time.as_ref().filter(|time| time.full).map(|time| time.events))?;
    Some(notice("notice warn", move || (store.words().time.full)(events)))
}

/// The page has no room for everything: how much of the beginning it does not have any more.
fn gone(store: Store, forgotten: u64, known: Live<u64>) -> Option<El> {
    // A new story may have forgotten less than the last.
    if forgotten == 0 || forgotten == known.get() {
        return None;
    }
    let dismiss = cross("btn quiet", |words| words.shell.dismiss).press(move || known.set(forgotten));
    Some(notice("notice warn", move || (store.words().time.forgotten)(forgotten)).child(dismiss))
}

fn told(text: El, words: [&str; 2], code: El, link: El) -> El {
    text.text(words[0]).text(" ").child(code).text(" ").text(words[1]).text(" ").child(link)
}

fn holes(store: Store) -> Option<El> {
    let holes = store.holes.get();
    let last = *holes.last()?;
    let count = holes.iter().map(|hole| hole.last.0 + 1 - hole.first.0).sum();
    // An unexplained one is the one to tell about.
    let reason = if holes.iter().any(|hole| hole.reason.is_none()) { None } else { last.reason };
    let dismiss = cross("btn quiet", |words| words.shell.dismiss).press(move || store.holes.set(Vec::new()));
    Some(notice("notice warn", move || (store.words().shell.hole)(count, reason)).child(dismiss))
}
