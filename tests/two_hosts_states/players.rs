//! Who opens, sends, half-closes and aborts, at random.

use protocol::{
    ClientAction, Codec, Command, Direction, Event, Family, Interest, Kind, KindSet, Op, Phase, ProgramId, Refusal,
    ServerAction, Transport,
};
use support::session::Session;

/// Clients who live at the same time.
const WAVE: usize = 25;

/// Numbers that look random and are the same in every run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// Gives a command, again when they came too fast.
async fn order(session: &mut Session, what: Command) -> Result<protocol::Reply, Refusal> {
    loop {
        match session.order(what.clone()).await {
            Err(Refusal::Limit { .. }) => {
                support::soon("time to pass", session.next()).await;
            }
            other => return other,
        }
    }
}

/// Opens clients in waves, and ends each in one of the ways there are.
pub(super) async fn play(address: String, seed: u64, count: usize) {
    let kinds = KindSet::STRUCTURE.and(KindSet::CALLS).and(KindSet::GAUGES);
    let interest = Interest { kinds, data: 0, ..Interest::default() };
    let mut session = Session::with(&address, Codec::Postcard, None, None, interest).await;
    let mut dice = Dice(seed);
    for first in (0..count).step_by(WAVE) {
        let mut wave = Vec::new();
        for number in first..count.min(first + WAVE) {
            let name = number.to_string();
            let family = if dice.roll(3) == 0 { Family::Ipv6 } else { Family::Ipv4 };
            let server = protocol::script::find_server(&session.welcome.servers, Transport::Tcp, family).unwrap().id;
            let spec = protocol::ClientSpec::new(protocol::Target::Server(server));
            let client = match order(&mut session, Command::Open(spec)).await {
                Ok(protocol::Reply::Opened(client)) => client,
                other => panic!("{other:?}"),
            };
            session.witness.name(&name, client);
            act(&mut session, client, ClientAction::Connect).await;
            wave.push((name, client));
        }
        for (_, client) in &wave {
            while !connect_ended(session.events(), *client) {
                support::soon("the connect", session.next()).await;
            }
        }
        while !wave.is_empty() {
            let at = usize::try_from(dice.roll(wave.len() as u64)).unwrap();
            let (name, client) = wave[at].clone();
            let mut is_over = false;
            match dice.roll(8) {
                0..3 => {
                    let len = [1, 100, 3_000][usize::try_from(dice.roll(3)).unwrap()];
                    act(&mut session, client, ClientAction::Send { data: vec![b'x'; len].into(), repeat: 1 }).await;
                }
                3 => act(&mut session, client, ClientAction::Shutdown(Direction::Out)).await,
                4 => {
                    act(&mut session, client, ClientAction::Abort).await;
                    is_over = true;
                }
                5 => {
                    // It is gone already when the client has shut down before.
                    if let Some(socket) = session.witness.peer_socket(&name) {
                        let _ = order(&mut session, Command::Server(ServerAction::HangUp(socket))).await;
                    }
                }
                _ => {
                    act(&mut session, client, ClientAction::Close).await;
                    is_over = true;
                }
            }
            if is_over {
                wave.swap_remove(at);
            }
        }
        session.forget();
    }
}

/// A client whose connection has failed or was reset meanwhile refuses, which is as good a story.
async fn act(session: &mut Session, client: ProgramId, action: ClientAction) {
    let done = order(session, Command::Client { client, action: action.clone() }).await;
    assert!(matches!(done, Ok(protocol::Reply::Done) | Err(Refusal::WrongMoment(_))), "{action:?}: {done:?}");
}

fn connect_ended(events: &[Event], client: ProgramId) -> bool {
    events.iter().rev().any(|event| {
        event.about.program == Some(client)
            && matches!(&event.kind, Kind::Call(call) if call.phase == Phase::Returned && matches!(call.op, Op::Connect { .. }))
    })
}
