//! How much faster than real time a hard transfer runs: 10,000 segments, 5 % loss, 20 ms each way.
//!
//! `cargo run --release -p socketscope-lab --example throughput`

use lab::{Congestion, Lab, LabOptions};
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{
    ClientAction, ClientSpec, Command, CommandId, Epoch, Kind, LoopRule, MemberId, Nanos, Outcome, ProgramId, Reply,
    Target,
};
use std::time::Instant;

const SEGMENTS: usize = 10_000;
const MSS: usize = 1_460;
/// The most that a client may have waiting.
const PIECE: usize = 4 << 20;

#[expect(clippy::disallowed_methods, reason = "the lab reads no clock; who measures it must")]
fn now() -> Instant {
    Instant::now()
}

fn main() {
    for congestion in [Congestion::Reno, Congestion::Cubic, Congestion::None] {
        run(congestion);
    }
}

fn run(congestion: Congestion) {
    let began = now();
    let mut lab = Lab::with(Epoch::default(), 7, LabOptions { congestion, ..LabOptions::default() });
    let mut number = 0;
    let mut order = |lab: &mut Lab, what| {
        number += 1;
        lab.perform(CommandId { by: MemberId(1), number }, what).expect("the world accepts it")
    };
    let server = lab.servers()[0].id;
    let spec = ClientSpec { recv_size: 65_536, rule: LoopRule::UntilLen, ..ClientSpec::new(Target::Server(server)) };
    let Reply::Opened(client) = order(&mut lab, Command::Open(spec)) else { return };
    let tell = |action| Command::Client { client, action };
    order(&mut lab, tell(ClientAction::Connect));
    lab.advance(Nanos::from_millis(100));
    let conditions = Conditions { delay: Nanos::from_millis(20), loss: 50, ..Conditions::default() };
    for way in [Way::ToServer, Way::ToClient] {
        order(&mut lab, Command::Wire(WireAction::Conditions(way, conditions.clone())));
    }
    let mut left = SEGMENTS * MSS;
    let mut counted = Counted { client, ..Counted::default() };
    while left > 0 {
        let len = left.min(PIECE);
        left -= len;
        let sent = counted.received + len as u64;
        order(&mut lab, tell(ClientAction::Send { data: vec![b'x'; len].into(), repeat: 1 }));
        while counted.received < sent && lab.step().is_some() {
            counted.take(&mut lab);
        }
    }
    let (took, virtually) = (began.elapsed().as_secs_f64(), lab.now().as_millis() / 1e3);
    println!(
        "{congestion:?}: {} bytes came back in {virtually:.1} s of virtual time and {took:.2} s of real time: {:.0} times \
         real time; {} events, {} packets, {:.0} polls per virtual second",
        counted.received,
        virtually / took,
        counted.events,
        counted.packets,
        lab.polls() as f64 / virtually,
    );
}

#[derive(Default)]
struct Counted {
    client: ProgramId,
    received: u64,
    events: u64,
    packets: u64,
}

impl Counted {
    fn take(&mut self, lab: &mut Lab) {
        while let Some(event) = lab.poll_event() {
            self.events += 1;
            match event.kind {
                Kind::Packet(packet) if packet.stage == protocol::Stage::Sent => self.packets += 1,
                Kind::Call(call)
                    if event.about.program == Some(self.client) && call.op.verb() == protocol::script::Verb::Recv =>
                {
                    if let Some(Outcome::Bytes(len)) = call.outcome {
                        self.received += len;
                    }
                }
                _ => {}
            }
        }
    }
}
