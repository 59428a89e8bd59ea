//! The form of a new client: what it speaks, to whom, and how it reads.

use super::console::order;
use super::desk::{Desk, focus};
use crate::source::Link;
use crate::store::Store;
use leptos::prelude::*;
use protocol::address::{Address, Family, Transport};
use protocol::call::SocketOption;
use protocol::command::{ClientAction, Command, Reply};
use protocol::program::{ClientSpec, LoopRule, ServerSettings, Target};

/// Every transport, as listed.
pub const TRANSPORTS: [Transport; 4] = [Transport::Tcp, Transport::Udp, Transport::UnixStream, Transport::UnixDatagram];
/// Rules that make sense for a client, as listed.
pub const RULES: [LoopRule; 5] =
    [LoopRule::UntilLen, LoopRule::Once, LoopRule::UntilShort, LoopRule::UntilEof, LoopRule::Framed];

/// What was filled in.
#[derive(Clone, Copy)]
struct Form {
    transport: RwSignal<Transport>,
    family: RwSignal<Family>,
    target: RwSignal<usize>,
    connected: RwSignal<bool>,
    recv_size: RwSignal<u32>,
    rule: RwSignal<LoopRule>,
    no_delay: RwSignal<bool>,
    send_buffer: RwSignal<Option<u32>>,
    recv_buffer: RwSignal<Option<u32>>,
}

/// A target one can choose.
#[derive(Clone, PartialEq)]
struct Choice {
    target: Target,
    label: String,
}

impl Form {
    fn new() -> Self {
        Self {
            transport: RwSignal::new(Transport::Tcp),
            family: RwSignal::new(Family::Ipv4),
            target: RwSignal::new(0),
            connected: RwSignal::new(true),
            recv_size: RwSignal::new(1024),
            rule: RwSignal::new(LoopRule::UntilLen),
            no_delay: RwSignal::new(false),
            send_buffer: RwSignal::new(None),
            recv_buffer: RwSignal::new(None),
        }
    }

    fn choices(&self, store: Store) -> Vec<Choice> {
        let words = &store.words().console;
        let (transport, family) = (self.transport.get(), self.family.get());
        let fits = |other: Transport, address: &Address| {
            other == transport && address.inet().is_none_or(|address| address.is_ipv4() == (family == Family::Ipv4))
        };
        let servers = store.servers.get();
        let servers = servers.iter().filter(|server| fits(server.transport, &server.address)).map(|server| {
            let address = server.address.to_string();
            let label = if server.socket.is_some() { words.server_at } else { words.server_stopped };
            Choice { target: Target::Server(server.id), label: label(&address) }
        });
        let welcome = store.welcome.get();
        let named = welcome.iter().flat_map(|welcome| welcome.targets.iter().enumerate());
        let named = named.filter(|(_, info)| fits(info.transport, &info.address)).map(|(index, info)| Choice {
            target: Target::Named(index as u16),
            label: (words.named_at)(&info.address.to_string()),
        });
        let family = if transport.is_inet() { family } else { Family::Unix };
        let nobody = Choice { target: Target::Nobody { transport, family }, label: words.nobody.into() };
        servers.chain(named).chain([nobody]).collect()
    }

    fn spec(&self, target: Target) -> ClientSpec {
        let mut options = Vec::new();
        if self.no_delay.get_untracked() && self.transport.get_untracked() == Transport::Tcp {
            options.push(SocketOption::NoDelay(true));
        }
        options.extend(self.send_buffer.get_untracked().map(SocketOption::SendBuffer));
        options.extend(self.recv_buffer.get_untracked().map(SocketOption::RecvBuffer));
        ClientSpec {
            target,
            recv_size: self.recv_size.get_untracked(),
            rule: self.rule.get_untracked(),
            connected: self.connected.get_untracked(),
            options,
        }
    }
}

/// The form.
#[component]
pub fn Newcomer(
    /// No client was opened yet: the button asks to be pressed.
    first: Signal<bool>,
) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let form = Form::new();
    let choices = Memo::new(move |_| form.choices(store));
    let live = move || store.link.get() == Link::Live;
    let open = move |connect: bool| {
        let chosen = choices.with_untracked(|choices| {
            choices.get(form.target.get_untracked()).or(choices.first()).map(|choice| choice.target)
        });
        let Some(target) = chosen else { return };
        let spec = form.spec(target);
        let then_connect = connect && (form.transport.get_untracked().is_stream() || spec.connected);
        store.command(Command::Open(spec), move |answer| {
            if let Ok(Reply::Opened(client)) = answer {
                store.followed.set(Some(client));
                desk.form.set(false);
                focus("message");
                if then_connect {
                    desk.act(store, Command::Client { client, action: ClientAction::Connect });
                }
            }
            desk.note(answer);
        });
    };
    view! {
        <form
            class="newcomer"
            on:submit=move |event| {
                event.prevent_default();
                open(true);
            }
        >
            <label>
                <span>{move || store.words().console.transport}</span>
                <select
                    id="transport"
                    class="field"
                    on:change=move |event| {
                        let index: usize = event_target_value(&event).parse().unwrap_or(0);
                        form.transport.set(TRANSPORTS[index % TRANSPORTS.len()]);
                        form.target.set(0);
                    }
                >
                    {TRANSPORTS
                        .map(|one| {
                            view! {
                                <option value=order(one) selected=move || form.transport.get() == one>
                                    {move || store.words().console.transports[order(one)]}
                                </option>
                            }
                        })}
                </select>
            </label>
            <Show when=move || form.transport.get().is_inet()>
                <label>
                    <span>{move || store.words().console.family}</span>
                    <select
                        class="field"
                        on:change=move |event| {
                            let six = event_target_value(&event) == "6";
                            form.family.set(if six { Family::Ipv6 } else { Family::Ipv4 });
                            form.target.set(0);
                        }
                    >
                        <option value="4" selected=move || form.family.get() == Family::Ipv4>"IPv4"</option>
                        <option value="6" selected=move || form.family.get() == Family::Ipv6>"IPv6"</option>
                    </select>
                </label>
            </Show>
            <label class="target">
                <span>{move || store.words().console.target}</span>
                <select
                    class="field"
                    on:change=move |event| form.target.set(event_target_value(&event).parse().unwrap_or(0))
                >
                    {move || {
                        let option = |(index, choice): (usize, Choice)| {
                            view! {
                                <option value=index selected=move || form.target.get() == index>{choice.label}</option>
                            }
                        };
                        choices.get().into_iter().enumerate().map(option).collect_view()
                    }}
                </select>
            </label>
            <button
                class="btn primary"
                class:pulse=move || first.get() && live()
                type="submit"
                disabled=move || !live()
                title=move || (!live()).then(|| store.words().console.is_away)
            >
                {move || store.words().console.connect}
            </button>
            <button
                class="btn"
                type="button"
                disabled=move || !live()
                title=move || store.words().console.open_only_title
                on:click=move |_| open(false)
            >
                {move || store.words().console.open_only}
            </button>
            <details class="options">
                <summary>{move || store.words().console.options}</summary>
                <Options form />
            </details>
            <Show when=move || { choices.with(|choices| choices.len() == 1) }>
                <p class="aside">{move || store.words().console.no_target}</p>
            </Show>
        </form>
    }
}

#[component]
fn Options(form: Form) -> impl IntoView {
    let store = Store::get();
    let buffer = move |label: fn(Store) -> &'static str, size: RwSignal<Option<u32>>| {
        view! {
            <label>
                <span>{move || label(store)}</span>
                <input
                    class="field"
                    type="number"
                    min=ServerSettings::LEAST_BUFFER
                    max=ServerSettings::MOST_BUFFER
                    placeholder=move || store.words().console.system_default
                    on:change=move |event| size.set(event_target_value(&event).parse().ok())
                />
            </label>
        }
    };
    view! {
        <div class="options-row">
            <label>
                <span>{move || store.words().console.recv_size}</span>
                <input
                    class="field"
                    type="number"
                    min="1"
                    max=ServerSettings::MOST_RECV
                    prop:value=move || form.recv_size.get()
                    on:change=move |event| form.recv_size.set(event_target_value(&event).parse().unwrap_or(1024))
                />
            </label>
            <label>
                <span>{move || store.words().console.rule}</span>
                <select
                    class="field"
                    on:change=move |event| {
                        let index: usize = event_target_value(&event).parse().unwrap_or(0);
                        form.rule.set(RULES[index % RULES.len()]);
                    }
                >
                    {RULES
                        .iter()
                        .enumerate()
                        .map(|(index, rule)| {
                            view! { <option value=index>{move || (store.words().console.rules)(*rule)}</option> }
                        })
                        .collect_view()}
                </select>
            </label>
            {buffer(|store| store.words().console.send_buffer, form.send_buffer)}
            {buffer(|store| store.words().console.recv_buffer, form.recv_buffer)}
            <Show when=move || form.transport.get() == Transport::Tcp>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || form.no_delay.get()
                        on:change=move |event| form.no_delay.set(event_target_checked(&event))
                    />
                    {move || store.words().console.no_delay}
                </label>
            </Show>
            <Show when=move || !form.transport.get().is_stream()>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || form.connected.get()
                        on:change=move |event| form.connected.set(event_target_checked(&event))
                    />
                    {move || store.words().console.connected}
                </label>
            </Show>
        </div>
    }
}
