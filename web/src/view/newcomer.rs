//! The form of a new client: what it speaks, to whom, and how it reads.

use super::console::order;
use super::desk::{Desk, VISITED, focus};
use super::parts::{El, Said, check, el, holds, labelled, number, section, select, worded};
use crate::live::{Live, Memo};
use crate::memory;
use crate::model::Story;
use crate::source::Link;
use crate::store::Store;
use protocol::address::{Address, Family, Transport};
use protocol::call::SocketOption;
use protocol::capability::Ability;
use protocol::command::{Command, Reply};
use protocol::program::{ClientSpec, LoopRule, ServerSettings, Target};

/// Every transport, as listed.
pub const TRANSPORTS: [Transport; 4] = [Transport::Tcp, Transport::Udp, Transport::UnixStream, Transport::UnixDatagram];
/// Rules that make sense for a client, as listed.
pub const RULES: [LoopRule; 5] =
    [LoopRule::UntilLen, LoopRule::Once, LoopRule::UntilShort, LoopRule::UntilEof, LoopRule::Framed];

/// The form's name, for a button outside of it.
const FORM: &str = "newcomer";

/// What was filled in.
#[derive(Clone, Copy)]
struct Form {
    transport: Live<Transport>,
    family: Live<Family>,
    target: Live<usize>,
    connected: Live<bool>,
    recv_size: Live<u32>,
    rule: Live<LoopRule>,
    no_delay: Live<bool>,
    send_buffer: Live<Option<u32>>,
    recv_buffer: Live<Option<u32>>,
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
            transport: Live::new(Transport::Tcp),
            family: Live::new(Family::Ipv4),
            target: Live::new(0),
            connected: Live::new(true),
            recv_size: Live::new(1024),
            rule: Live::new(LoopRule::UntilLen),
            no_delay: Live::new(false),
            send_buffer: Live::new(None),
            recv_buffer: Live::new(None),
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

/// The form. Its button is the [`invitation`]'s while the ladder is empty.
#[must_use]
pub fn form() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let form = Form::new();
    let choices = Memo::new(move || form.choices(store));
    let live = holds(move || store.link.get() == Link::Live);
    let off = holds(move || !live.get());
    let empty = is_empty(store);
    let open = move |connect: bool| {
        let chosen = choices.with_untracked(|choices| {
            choices.get(form.target.get_untracked()).or(choices.first()).map(|choice| choice.target)
        });
        let Some(target) = chosen else { return };
        let spec = form.spec(target);
        let then_connect = connect && (form.transport.get_untracked().is_stream() || spec.connected);
        desk.opening.set(then_connect);
        store.command(Command::Open(spec), move |answer| {
            if let Ok(Reply::Opened(client)) = answer {
                memory::remember(VISITED, "yes");
                store.followed.set(Some(client));
                desk.form.set(false);
                focus("message");
                if then_connect {
                    desk.connect(store, client);
                }
            }
            if answer.is_err() {
                desk.opening.set(false);
            }
            desk.note(answer);
        });
    };
    let transports = move || store.words().console.transports.map(str::to_owned).to_vec();
    let set_transport = move |index: usize| {
        form.transport.set(TRANSPORTS[index % TRANSPORTS.len()]);
        form.target.set(0);
    };
    let transport = select(transports, move || order(form.transport.get()), set_transport).attr("id", "transport");
    let family = move || {
        let chosen = move || usize::from(form.family.get() == Family::Ipv6);
        let choose = move |index| {
            form.family.set(if index == 1 { Family::Ipv6 } else { Family::Ipv4 });
            form.target.set(0);
        };
        labelled(|words| words.console.family, select(|| vec!["IPv4".into(), "IPv6".into()], chosen, choose))
    };
    let targets = move || choices.with(|choices| choices.iter().map(|choice| choice.label.clone()).collect());
    let target = select(targets, move || form.target.get(), move |index| form.target.set(index));
    let only = worded("btn", |words| words.console.open_only)
        .attr_said("title", |words| words.console.open_only_title)
        .attr_if("disabled", off)
        .press(move || open(false));
    let no_server = holds(move || live.get() && choices.with(|choices| choices.len() == 1));
    el("form")
        .attr("id", FORM)
        .class("newcomer")
        .child(labelled(|words| words.console.transport, transport))
        .when(holds(move || form.transport.get().is_inet()), family)
        .child(labelled(|words| words.console.target, target).class("target"))
        .when(holds(move || !empty.get()), move || connect(off))
        .child(only)
        .child(section("options", |words| words.console.options).child(options(store, form)))
        .when(no_server, || el("p").class("aside").say(|words| words.console.no_target))
        .on("submit", move |event| {
            event.prevent_default();
            open(true);
        })
}

fn connect(off: Memo<bool>) -> El {
    let store = Store::get();
    el("button")
        .class("btn primary")
        .attr("type", "submit")
        .attr("form", FORM)
        .attr_if("disabled", off)
        .attr_as("title", move || off.get().then(|| store.words().console.is_away.to_owned()))
        .say(|words| words.console.connect)
}

/// Whether the ladder is empty and waits for the first client. Where somebody's own program was quicker, it does not: an
/// invitation would lie over what that program does.
fn is_empty(store: Store) -> Memo<bool> {
    let connected = |story: &Story| story.sockets().iter().any(|socket| socket.parent.is_some());
    holds(move || store.read(|story| story.client_ids().next().is_none() && !connected(story)))
}

/// The first button of the first visit, in the middle of the empty ladder. It sends the form below.
#[must_use]
pub fn invitation() -> El {
    let store = Store::get();
    let off = holds(move || store.link.get() != Link::Live);
    let empty = is_empty(store);
    let begin = holds(move || !off.get() && empty.get());
    el("div").class("invitation-place").when(begin, move || {
        el("div").class("invitation").child(connect(off).class("btn primary pulse")).child(
            el("p").child(el("b").say(|words| words.shell.welcome)).text(" ").text_as(move || {
                let words = store.words();
                // No socket of this computer is opened in a simulation.
                if store.can(Ability::VirtualTime) { words.place.welcome_more } else { words.shell.welcome_more }
                    .to_owned()
            }),
        )
    })
}

fn options(store: Store, form: Form) -> El {
    let buffer = move |label: Said, bytes: Live<Option<u32>>| {
        let range = (ServerSettings::LEAST_BUFFER.into(), ServerSettings::MOST_BUFFER.into());
        let now = move || bytes.get().map(|bytes| bytes.to_string()).unwrap_or_default();
        labelled(label, number(range, now, move |typed| bytes.set(typed.parse().ok())))
    };
    let most = (1, ServerSettings::MOST_RECV.into());
    let set_size = move |typed: String| form.recv_size.set(typed.parse().unwrap_or(1024));
    let size = number(most, move || form.recv_size.get().to_string(), set_size);
    let rules = move || RULES.map(|rule| (store.words().console.rules)(rule).into()).to_vec();
    let rule = move || RULES.iter().position(|rule| *rule == form.rule.get()).unwrap_or_default();
    let set_rule = move |index: usize| form.rule.set(RULES[index % RULES.len()]);
    let is_tcp = holds(move || form.transport.get() == Transport::Tcp);
    let is_datagram = holds(move || !form.transport.get().is_stream());
    el("div")
        .class("options-row")
        .child(labelled(|words| words.console.recv_size, size))
        .child(labelled(|words| words.console.rule, select(rules, rule, set_rule)))
        .child(buffer(|words| words.console.send_buffer, form.send_buffer))
        .child(buffer(|words| words.console.recv_buffer, form.recv_buffer))
        .when(is_tcp, move || {
            check(|words| words.console.no_delay, move || form.no_delay.get(), move |on| form.no_delay.set(on))
        })
        .when(is_datagram, move || {
            check(|words| words.console.connected, move || form.connected.get(), move |on| form.connected.set(on))
        })
}
