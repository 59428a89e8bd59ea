//! The form of a new client: what it speaks, to whom, and how it reads.

use super::console::order;
use super::desk::{Desk, focus};
use super::parts::{Said, button, changed, check, holds, nothing, number, place, press, say, select, shown, when};
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

/// The form. `first`: no client was opened yet, and the button asks to be pressed.
pub fn form(first: Signal<bool>) -> AnyView {
    let store = Store::get();
    let desk = Desk::get();
    let form = Form::new();
    let choices = Memo::new(move |_| form.choices(store));
    let live = holds(move || store.link.get() == Link::Live);
    let off = holds(move || !live.get());
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
    let transports = move || store.words().console.transports.map(str::to_owned).to_vec();
    let transport = place(move || order(form.transport.get()));
    let set_transport = move |index: usize| {
        form.transport.set(TRANSPORTS[index % TRANSPORTS.len()]);
        form.target.set(0);
    };
    let family = when(holds(move || form.transport.get().is_inet()), move || {
        let chosen = place(move || usize::from(form.family.get() == Family::Ipv6));
        let choose = move |index| {
            form.family.set(if index == 1 { Family::Ipv6 } else { Family::Ipv4 });
            form.target.set(0);
        };
        view! {
            <label>
                <span>{say(|words| words.console.family)}</span>
                {select("", || vec!["IPv4".into(), "IPv6".into()], chosen, choose)}
            </label>
        }
        .into_any()
    });
    let targets = move || choices.with(|choices| choices.iter().map(|choice| choice.label.clone()).collect());
    let no_server = when(holds(move || live.get() && choices.with(|choices| choices.len() == 1)), || {
        view! { <p class="aside">{say(|words| words.console.no_target)}</p> }.into_any()
    });
    let only = press(move || open(false));
    view! {
        <form
            class="newcomer"
            on:submit=move |event| {
                event.prevent_default();
                open(true);
            }
        >
            <label>
                <span>{say(|words| words.console.transport)}</span>
                {select("transport", transports, transport, set_transport)}
            </label>
            {family}
            <label class="target">
                <span>{say(|words| words.console.target)}</span>
                {select("", targets, form.target.into(), move |index| form.target.set(index))}
            </label>
            <button
                class="btn primary"
                class:pulse=holds(move || first.get() && live.get())
                type="submit"
                disabled=off
                title=move || off.get().then(|| store.words().console.is_away)
            >
                {say(|words| words.console.connect)}
            </button>
            {button(
                "btn",
                |words| words.console.open_only,
                |words| words.console.open_only_title,
                off,
                only,
            )}
            <details class="options">
                <summary>{say(|words| words.console.options)}</summary>
                {options(store, form)}
            </details>
            {no_server}
        </form>
    }
    .into_any()
}

fn options(store: Store, form: Form) -> AnyView {
    let buffer = move |label: Said, bytes: RwSignal<Option<u32>>| {
        let range = (ServerSettings::LEAST_BUFFER.into(), ServerSettings::MOST_BUFFER.into());
        let now = shown(move || bytes.get().map(|bytes| bytes.to_string()).unwrap_or_default());
        number(label, now, range, changed(move |typed| bytes.set(typed.parse().ok())), nothing())
    };
    let size = shown(move || form.recv_size.get().to_string());
    let set_size = changed(move |typed| form.recv_size.set(typed.parse().unwrap_or(1024)));
    let rules = move || RULES.map(|rule| (store.words().console.rules)(rule).into()).to_vec();
    let rule = place(move || RULES.iter().position(|rule| *rule == form.rule.get()).unwrap_or_default());
    let set_rule = move |index: usize| form.rule.set(RULES[index % RULES.len()]);
    let no_delay = when(holds(move || form.transport.get() == Transport::Tcp), move || {
        let set = move |on| form.no_delay.set(on);
        check(|words| words.console.no_delay, form.no_delay.into(), set, nothing())
    });
    let connected = when(holds(move || !form.transport.get().is_stream()), move || {
        let set = move |on| form.connected.set(on);
        check(|words| words.console.connected, form.connected.into(), set, nothing())
    });
    let most = (1, ServerSettings::MOST_RECV.into());
    view! {
        <div class="options-row">
            {number(|words| words.console.recv_size, size, most, set_size, nothing())}
            <label>
                <span>{say(|words| words.console.rule)}</span>
                {select("", rules, rule, set_rule)}
            </label>
            {buffer(|words| words.console.send_buffer, form.send_buffer)}
            {buffer(|words| words.console.recv_buffer, form.recv_buffer)} {no_delay} {connected}
        </div>
    }
    .into_any()
}
