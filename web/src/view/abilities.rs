//! What works here and what does not, with the reason and what would help.

use super::parts::{El, el};
use crate::i18n::Words;
use crate::store::Store;
use protocol::capability::{Unavailable, WorldInfo, WorldKind};

/// The list, world by world.
#[must_use]
pub fn list() -> El {
    let store = Store::get();
    el("div").region(move || {
        let Some(welcome) = store.welcome.get() else { return Vec::new() };
        let words = store.words();
        let shown = welcome.worlds.iter().filter(|info| info.kind != WorldKind::Replay);
        shown.map(|info| world(words, info)).collect()
    })
}

fn world(words: &'static Words, info: &WorldInfo) -> El {
    let rows = info.capabilities.iter().flat_map(|capability| {
        let name = el("dt").text((words.shell.ability)(capability.ability));
        match &capability.unavailable {
            None => [name, el("dd").text(words.shell.works)],
            Some(why) => [name.class("off"), reason(words, el("dd"), why)],
        }
    });
    let section = el("section").child(el("h3").text((words.shell.world)(info.kind)));
    let why = info.unavailable.as_ref().map(|why| reason(words, el("p"), why));
    section.children(why).child(el("dl").children(rows))
}

/// Adds a reason in the reader's language, with this machine's particulars and what would help.
pub fn reason(words: &'static Words, to: El, why: &Unavailable) -> El {
    let remedy = (!why.remedy.is_empty())
        .then(|| el("span").class("remedy").text(words.shell.remedy).text(" ").child(el("code").text(&why.remedy)));
    let detail = el("span").class("detail").attr("lang", "en").text(&why.detail);
    to.text((words.trouble.reason)(why.reason)).text(" ").child(detail).children(remedy)
}
