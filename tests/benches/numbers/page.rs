//! In this page: how much faster than real time a hard transfer runs.
//!
//! The page's stack, natively: 10,000 segments there and back in upper case, 5 % of all packets lost, 20 ms each way.

use crate::load::median;
use crate::table::{Goal, Table};
use lab::{Congestion, Lab, LabOptions};
use protocol::script::Verb;
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

/// Adds the rows of the page's stack.
pub fn measure(rounds: usize, table: &mut Table) {
    let mut speeds = [Vec::new(), Vec::new(), Vec::new()];
    let ways = [Congestion::Reno, Congestion::Cubic, Congestion::None];
    let mut polls = Vec::new();
    for round in 0..rounds {
        for (way, speeds) in ways.into_iter().zip(&mut speeds) {
            let transfer = transfer(way, round as u64);
            speeds.push(transfer.virtually / transfer.really);
            polls.push(transfer.polls / transfer.virtually);
        }
    }
    for (way, speeds) in ways.iter().zip(&mut speeds) {
        let goal = if *way == LabOptions::default().congestion { Goal::at_least(100.0, 1_000.0) } else { Goal::NONE };
        table.upper(&format!("page, 5 % loss, {way:?}, times real time"), median(speeds), goal);
    }
    table.plain("page, 5 % loss, polls a virtual second", median(&mut polls));
}

struct Transfer {
    /// Seconds of virtual time.
    virtually: f64,
    /// Seconds that passed meanwhile.
    really: f64,
    polls: f64,
}

fn transfer(congestion: Congestion, seed: u64) -> Transfer {
    let began = Instant::now();
    let mut lab = Lab::with(Epoch::default(), seed, LabOptions { congestion, ..LabOptions::default() });
    let mut number = 0;
    let mut order = |lab: &mut Lab, what| {
        number += 1;
        lab.perform(CommandId { by: MemberId(1), number }, what).unwrap()
    };
    let server = lab.servers()[0].id;
    let spec = ClientSpec { recv_size: 65_536, rule: LoopRule::UntilLen, ..ClientSpec::new(Target::Server(server)) };
    let Reply::Opened(client) = order(&mut lab, Command::Open(spec)) else { unreachable!("a client was asked for") };
    let tell = |action| Command::Client { client, action };
    order(&mut lab, tell(ClientAction::Connect));
    lab.advance(Nanos::from_millis(100));
    let conditions = Conditions { delay: Nanos::from_millis(20), loss: 50, ..Conditions::default() };
    for way in [Way::ToServer, Way::ToClient] {
        order(&mut lab, Command::Wire(WireAction::Conditions(way, conditions.clone())));
    }
    let (mut left, mut received) = (SEGMENTS * MSS, 0);
    while left > 0 {
        let len = left.min(PIECE);
        left -= len;
        let sent = received + len as u64;
        order(&mut lab, tell(ClientAction::Send { data: vec![b'x'; len].into(), repeat: 1 }));
        while received < sent && lab.step().is_some() {
            received += taken(&mut lab, client);
        }
        assert_eq!(received, sent, "all bytes come back");
    }
    Transfer {
        virtually: lab.now().as_millis() / 1e3,
        really: began.elapsed().as_secs_f64(),
        polls: lab.polls() as f64,
    }
}

/// The bytes that the client received since the last time. Taking the events is part of the work, as it is in the page.
fn taken(lab: &mut Lab, client: ProgramId) -> u64 {
    let mut received = 0;
    while let Some(event) = lab.poll_event() {
        if let Kind::Call(call) = event.kind
            && event.about.program == Some(client)
            && call.op.verb() == Verb::Recv
            && let Some(Outcome::Bytes(len)) = call.outcome
        {
            received += len;
        }
    }
    received
}
