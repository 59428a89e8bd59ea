//! What is shown as text, for other programs: a ladder of letters, Mermaid, the log of calls; and where one is, as a
//! link.

use crate::live::Live;
use crate::model::export::{self, Speak};
use crate::model::filter::Filter;
use crate::model::ladder::Cast;
use crate::model::story::{Line, Story};
use crate::model::{Say, wording};
use crate::store::Store;
use crate::typed::escape;
use crate::view::desk::Desk;
use crate::view::find::Finder;
use crate::view::parts::{El, Said, button, el};
use crate::view::{link, outside};
use protocol::{Nanos, SysError};

/// Something that can be written: its title, what it is for, the file it is saved as.
#[derive(Clone, Copy)]
struct Written {
    title: Said,
    more: Said,
    /// Its name and sort; none for what is only copied.
    file: Option<(&'static str, &'static str)>,
    /// Whether there is any.
    has: fn(Store) -> bool,
    write: fn(Store, Desk, Filter) -> String,
}

const ALL: [Written; 5] = [
    Written {
        title: |words| words.take.text,
        more: |words| words.take.text_more,
        file: Some(("socketscope.txt", "text/plain")),
        has: |_| true,
        write: |store, _, filter| shown(store, filter, export::text),
    },
    Written {
        title: |_| "Mermaid",
        more: |words| words.take.mermaid_more,
        file: Some(("socketscope.mmd", "text/plain")),
        has: |_| true,
        write: |store, _, filter| shown(store, filter, export::mermaid),
    },
    Written {
        title: |words| words.take.log,
        more: |words| words.take.log_more,
        file: Some(("socketscope.log", "text/plain")),
        has: |_| true,
        write: |store, _, _| {
            let head = store.words().take.log_head;
            store.peek(|story| export::log(story, &cast(store, story), store.now(), head))
        },
    },
    Written {
        title: |words| words.take.transcript,
        more: |words| words.tools.transcript_more,
        file: None,
        has: |store| store.followed.get().is_some(),
        write: |store, _, _| transcript(store),
    },
    Written {
        title: |words| words.take.link,
        more: |words| words.take.link_more,
        file: None,
        has: |_| true,
        write: |store, desk, _| link::address(store, desk),
    },
];

/// The items: each can be copied, and most can be saved.
pub fn items(store: Store) -> impl Iterator<Item = El> {
    ALL.into_iter().map(move |one| item(store, one))
}

fn item(store: Store, one: Written) -> El {
    let Written { title, more, file, has, write } = one;
    let (desk, finder) = (Desk::get(), Finder::get());
    let write = move || write(store, desk, finder.filter.get_untracked());
    // The last thing that happened to it: nothing, copied, not copied.
    let copied = Live::new(0_usize);
    let under = move || {
        let words = &store.words().tools;
        match copied.get() {
            _ if !has(store) => words.no_transcript,
            0 => more(store.words()),
            1 => words.copied,
            _ => words.not_copied,
        }
        .to_owned()
    };
    let off = move || (!has(store)).then(String::new);
    let copy = move || outside::copy(write(), move |done| copied.set(if done { 1 } else { 2 }));
    let words = [el("span").say(title), el("small").attr("role", "status").text_as(under)];
    let wide = button("item").attr_as("disabled", off).children(words);
    match file {
        // Only to be copied: the whole row does that.
        None => wide.press(copy),
        Some((name, kind)) => {
            // Fails only in a browser that cannot make files.
            let save = wide.press(move || drop(outside::download(name, kind, &write())));
            let label = move || Some([store.words().tools.copy, ": ", title(store.words())].concat());
            let copy = button("btn").attr_as("aria-label", label).say(|words| words.tools.copy).press(copy);
            el("div").class("item-row").child(save).child(copy)
        }
    }
}

fn cast(store: Store, story: &Story) -> Cast {
    Cast::around(story, store.followed.get_untracked(), false)
}

fn shown(store: Store, filter: Filter, write: fn(&Story, &Cast, Filter, Nanos, Speak<'_>) -> String) -> String {
    let words = store.words();
    let say = |what: &Say| (words.ladder.say)(what);
    store.peek(|story| write(story, &cast(store, story), filter, store.now(), &say))
}

/// The transcript of the followed client as plain text.
fn transcript(store: Store) -> String {
    let words = store.words();
    let Some(client) = store.followed.get_untracked() else { return String::new() };
    let failed = |error: &SysError| format!("✗ {}", (words.trouble.call)(error));
    let line = |line: &Line| match line {
        Line::Sent { data, len, times, result, .. } => {
            let outcome = match result {
                None => words.console.waiting.to_owned(),
                Some(Ok(sent)) => format!("= {sent}"),
                Some(Err(error)) => failed(error),
            };
            let times = if *times > 1 { format!("  × {times}") } else { String::new() };
            format!(">>> {}    send({len}) {outcome}{times}", escape(data))
        }
        Line::Received { data, len, recvs, took, .. } => {
            let took = took.map(wording::time);
            format!("{}    {}", escape(data), (words.console.received)(*len, *recvs, took.as_deref()))
        }
        Line::Call { call, result, .. } => match result {
            None => format!("{call} {}", words.console.waiting),
            Some(Ok(value)) => format!("{call} = {value}"),
            Some(Err(error)) => format!("{call} {}", failed(error)),
        },
        Line::End => words.console.end.to_owned(),
    };
    store.peek(|story| story.transcript(client).iter().map(line).collect::<Vec<_>>().join("\n"))
}
