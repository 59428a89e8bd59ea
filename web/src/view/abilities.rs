//! What works here and what does not, with the reason and what would help.

use super::parts::live;
use crate::i18n::Words;
use crate::store::Store;
use leptos::prelude::*;
use protocol::capability::{Unavailable, WorldInfo, WorldKind};

/// The list, world by world.
pub fn list() -> AnyView {
    let store = Store::get();
    let worlds = live(move || {
        let words = store.words();
        let welcome = store.welcome.get()?;
        let shown = welcome.worlds.iter().filter(|info| info.kind != WorldKind::Replay);
        Some(shown.map(|info| world(words, info)).collect_view().into_any())
    });
    view! { {worlds} }.into_any()
}

fn world(words: &'static Words, info: &WorldInfo) -> impl IntoView + use<> {
    let why = info.unavailable.as_ref().map(|why| reason(words, why));
    let rows = info.capabilities.iter().map(|capability| {
        let works = capability.unavailable.is_none();
        let why = match &capability.unavailable {
            None => words.shell.works.into_any(),
            Some(why) => reason(words, why),
        };
        view! {
            <dt class:off=!works>{(words.shell.ability)(capability.ability)}</dt>
            <dd>{why}</dd>
        }
    });
    view! {
        <h3>{(words.shell.world)(info.kind)}</h3>
        {why.map(|why| view! { <p>{why}</p> })}
        <dl class="abilities">{rows.collect_view()}</dl>
    }
}

/// A reason in the reader's language, with this machine's particulars and what would help.
pub fn reason(words: &'static Words, why: &Unavailable) -> AnyView {
    let remedy = (!why.remedy.is_empty()).then(|| {
        view! {
            <span class="remedy">{words.shell.remedy} " " <code>{why.remedy.clone()}</code></span>
        }
    });
    view! {
        {(words.trouble.reason)(why.reason)}
        " "
        <span class="detail" lang="en">
            {why.detail.clone()}
        </span>
        {remedy}
    }
    .into_any()
}
