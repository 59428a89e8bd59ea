//! How an open client reads, changed while it runs.

use super::console::Tabbed;
use super::desk::Desk;
use super::newcomer::RULES;
use crate::model::story::ClientPhase;
use crate::store::Store;
use leptos::prelude::*;
use protocol::address::Transport;
use protocol::call::SocketOption;
use protocol::command::{ClientAction, Command};
use protocol::event::Reads;
use protocol::program::{LoopRule, ServerSettings};

/// The options of the client in front.
#[component]
pub fn Habits(
    /// The client in front.
    current: Memo<Option<Tabbed>>,
) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let client = move || current.get().map(|tab| tab.client);
    let open = Memo::new(move |_| {
        let Some(client) = client() else { return false };
        let phase = store.read(|story| story.client_state(client.program).phase);
        !client.ended && phase != ClientPhase::Closed
    });
    let tell = move |action: ClientAction| {
        if let Some(tab) = current.get_untracked() {
            desk.act(store, Command::Client { client: tab.client.program, action });
        }
    };
    let reads = Memo::new(move |_| {
        client().and_then(|client| client.reads).unwrap_or(Reads { recv_size: 1024, rule: LoopRule::UntilLen })
    });
    let paused = Memo::new(move |_| {
        store.version.track();
        let program = current.get().map(|tab| tab.client.program);
        store.told.with(|told| program.is_some_and(|program| told.paused.contains(&program)))
    });
    let no_delay = Memo::new(move |_| {
        store.version.track();
        let program = current.get().map(|tab| tab.client.program);
        store.told.with(|told| program.is_some_and(|program| told.no_delay(program)))
    });
    let is_tcp = Memo::new(move |_| client().is_some_and(|client| client.transport == Some(Transport::Tcp)));
    let size = move |event: web_sys::Event| {
        if let Ok(recv_size) = event_target_value(&event).parse() {
            tell(ClientAction::Program { recv_size, rule: reads.get_untracked().rule });
        }
    };
    let rule = move |event: web_sys::Event| {
        let index: usize = event_target_value(&event).parse().unwrap_or(0);
        tell(ClientAction::Program { recv_size: reads.get_untracked().recv_size, rule: RULES[index % RULES.len()] });
    };
    view! {
        <Show when=move || open.get()>
            <details class="options habits">
                <summary>{move || store.words().console.options}</summary>
                <div class="options-row">
                    <label>
                        <span>{move || store.words().console.recv_size}</span>
                        <input
                            class="field"
                            type="number"
                            min="1"
                            max=ServerSettings::MOST_RECV
                            prop:value=move || reads.get().recv_size
                            on:change=size
                        />
                    </label>
                    <label>
                        <span>{move || store.words().console.rule}</span>
                        <select class="field" on:change=rule>
                            {RULES
                                .iter()
                                .enumerate()
                                .map(|(index, one)| {
                                    view! {
                                        <option value=index selected=move || reads.get().rule == *one>
                                            {move || (store.words().console.rules)(*one)}
                                        </option>
                                    }
                                })
                                .collect_view()}
                        </select>
                    </label>
                    <Show when=move || is_tcp.get()>
                        <label class="check">
                            <input
                                type="checkbox"
                                prop:checked=move || no_delay.get()
                                on:change=move |event| {
                                    tell(ClientAction::Option(SocketOption::NoDelay(event_target_checked(&event))));
                                }
                            />
                            {move || store.words().console.no_delay}
                        </label>
                    </Show>
                    <button
                        class="btn small"
                        class:on=move || paused.get()
                        aria-pressed=move || paused.get().to_string()
                        on:click=move |_| tell(ClientAction::Reading(paused.get_untracked()))
                    >
                        {move || {
                            let words = &store.words().console;
                            if paused.get() { words.resume_reading } else { words.pause_reading }
                        }}
                    </button>
                    <button
                        class="btn small"
                        title=move || store.words().console.one_recv_title
                        on:click=move |_| tell(ClientAction::Recv)
                    >
                        {move || store.words().console.one_recv}
                    </button>
                </div>
            </details>
        </Show>
    }
}
