//! The settings of all echo servers: each live, and each says when it holds.

use super::desk::Desk;
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::{Command, ServerAction};
use protocol::ids::Nanos;
use protocol::program::{Holds, LoopRule, ServerSettings, Setting, TcpMode};
use std::mem::discriminant;

const MODES: [TcpMode; 3] = [TcpMode::OneAtATime, TcpMode::TaskPerClient, TcpMode::TutorialExactly];
const RULES: [LoopRule; 4] = [LoopRule::Once, LoopRule::UntilShort, LoopRule::UntilEof, LoopRule::Framed];

fn set(store: Store, desk: Desk, setting: Setting) {
    desk.act(store, Command::Server(ServerAction::Set(setting)));
}

/// The settings.
#[component]
pub fn Settings() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let wanted = move || store.settings.with(|settings| settings.wanted.clone());
    let mode = Memo::new(move |_| wanted().tcp_mode);
    let rule = Memo::new(move |_| wanted().rule);
    let bytes = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let shown = |size: Option<u32>| size.map(|size| size.to_string()).unwrap_or_default();
    view! {
        <div class="settings">
            <p class="aside">{move || store.words().server.for_all}</p>
            <label>
                {move || store.words().server.mode}
                <select
                    class="field"
                    on:change=move |event| {
                        let index = event_target_value(&event).parse().unwrap_or(0);
                        set(store, desk, Setting::TcpMode(MODES[index % MODES.len()]));
                    }
                >
                    {MODES
                        .iter()
                        .enumerate()
                        .map(|(index, one)| {
                            view! {
                                <option value=index selected=move || mode.get() == *one>
                                    {move || (store.words().server.modes)(*one)}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <p class="aside">{move || (store.words().server.mode_help)(mode.get())}</p>
            <label>
                {move || store.words().server.rule}
                <select
                    class="field"
                    on:change=move |event| {
                        let index = event_target_value(&event).parse().unwrap_or(0);
                        set(store, desk, Setting::Rule(RULES[index % RULES.len()]));
                    }
                >
                    {RULES
                        .iter()
                        .enumerate()
                        .map(|(index, one)| {
                            view! {
                                <option value=index selected=move || rule.get() == *one>
                                    {move || (store.words().server.rules)(*one)}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <Number
                label=Signal::derive(move || store.words().server.recv_size)
                value=Signal::derive(move || wanted().recv_size.to_string())
                least=1
                most=ServerSettings::MOST_RECV.into()
                change=|text| text.parse().ok().map(Setting::RecvSize)
            />
            <Number
                label=Signal::derive(move || store.words().server.backlog)
                value=Signal::derive(move || wanted().backlog.to_string())
                least=0
                most=ServerSettings::MOST_BACKLOG.into()
                change=|text| text.parse().ok().map(Setting::Backlog)
            />
            <Number
                label=Signal::derive(move || store.words().server.think)
                value=Signal::derive(move || (wanted().think.0 / 1_000_000).to_string())
                least=0
                most=ServerSettings::MOST_THINK.0 / 1_000_000
                change=|text| text.parse().ok().map(|millis| Setting::Think(Nanos::from_millis(millis)))
            />
            <Number
                label=Signal::derive(move || store.words().server.send_buffer)
                value=Signal::derive(move || shown(wanted().send_buffer))
                least=ServerSettings::LEAST_BUFFER.into()
                most=ServerSettings::MOST_BUFFER.into()
                change=move |text| bytes(text).map(Setting::SendBuffer)
            />
            <Number
                label=Signal::derive(move || store.words().server.recv_buffer)
                value=Signal::derive(move || shown(wanted().recv_buffer))
                least=ServerSettings::LEAST_BUFFER.into()
                most=ServerSettings::MOST_BUFFER.into()
                change=move |text| bytes(text).map(Setting::RecvBuffer)
            />
            <Flag
                label=Signal::derive(move || store.words().server.accepting)
                value=Signal::derive(move || wanted().accepting)
                change=Setting::Accepting
            />
            <Flag
                label=Signal::derive(move || store.words().server.no_delay)
                value=Signal::derive(move || wanted().no_delay)
                change=Setting::NoDelay
            />
            <Flag
                label=Signal::derive(move || store.words().server.reuse_address)
                value=Signal::derive(move || wanted().reuse_address)
                change=Setting::ReuseAddress
            />
            {move || {
                let words = &store.words().server;
                let waiting = store.settings.with(|settings| settings.waiting.clone());
                let names = waiting.iter().map(words.setting).collect::<Vec<_>>().join(", ");
                (!waiting.is_empty()).then(|| view! { <p class="warn">{(words.waiting)(&names)}</p> })
            }}
        </div>
    }
}

/// When a setting holds, if that is not at once.
fn holds(store: Store, example: Setting) -> impl IntoView {
    move || {
        let words = &store.words().server;
        let kind = discriminant(&example);
        let waits = store.settings.with(|settings| settings.waiting.iter().any(|one| discriminant(one) == kind));
        match example.holds() {
            Holds::Rebind if waits => Some(view! { <small class="warn">{words.waits}</small> }),
            Holds::NextConnection => Some(view! { <small class="">{words.next_connection}</small> }),
            _ => None,
        }
    }
}

#[component]
fn Number(
    label: Signal<&'static str>,
    value: Signal<String>,
    least: u64,
    most: u64,
    change: impl Fn(&str) -> Option<Setting> + Copy + 'static,
) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let example = change(&least.to_string());
    let on_change = move |event: web_sys::Event| {
        if let Some(setting) = change(event_target_value(&event).trim()) {
            set(store, desk, setting);
        }
    };
    view! {
        <label>
            {label}
            <input
                class="field"
                type="number"
                min=least
                max=most
                placeholder=move || store.words().console.system_default
                prop:value=value
                on:change=on_change
            />
            {example.map(|example| holds(store, example))}
        </label>
    }
}

#[component]
fn Flag(label: Signal<&'static str>, value: Signal<bool>, change: fn(bool) -> Setting) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=value
                on:change=move |event| set(store, desk, change(event_target_checked(&event)))
            />
            {label}
            {holds(store, change(true))}
        </label>
    }
}
