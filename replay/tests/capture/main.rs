//! Captures of every sort, made by hand, and what is told of them.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod damage;
mod files;
mod formats;
mod stories;

use protocol::{Event, Kind, Packet, StateTracker};
use replay::Fault;
use replay::capture::{Survey, Telling};

/// The survey of a capture, all of it.
fn survey(file: &[u8]) -> Result<Survey, Fault> {
    let mut survey = Survey::open(file)?;
    while survey.look(file, 2)? {}
    Ok(survey)
}

/// What the chosen conversations tell.
fn tell(file: &[u8], survey: &Survey, chosen: &[usize]) -> Vec<Event> {
    let mut telling = Telling::begin(file, survey, chosen).unwrap();
    while telling.gather(file, 2) {}
    let mut events = Vec::new();
    while telling.tell(file, 3, &mut events) {}
    events
}

/// Everything that is told.
fn all(file: &[u8]) -> Vec<Event> {
    let survey = survey(file).unwrap();
    let chosen: Vec<usize> = (0..survey.conversations().len()).collect();
    tell(file, &survey, &chosen)
}

fn packets(events: &[Event]) -> Vec<(u64, &Packet)> {
    let packet = |event: &'_ Event| matches!(event.kind, Kind::Packet(_));
    let packets = events.iter().filter(|event| packet(event));
    packets
        .filter_map(|event| if let Kind::Packet(packet) = &event.kind { Some((event.at.0, packet)) } else { None })
        .collect()
}

/// One line for each event.
fn lines(events: &[Event]) -> String {
    let line = |event: &Event| {
        let who = |id: Option<u32>, sign: &str| id.map_or(String::new(), |id| format!(" {sign}{id}"));
        let socket = who(event.about.socket.map(|id| id.0), "s");
        let flow = who(event.about.flow.map(|id| id.0), "f");
        let what = match &event.kind {
            Kind::Host { name, .. } => format!("host {name}"),
            Kind::Program { name, .. } => format!("program {name}"),
            Kind::Socket { local, peer, .. } => {
                let peer = peer.as_ref().map_or("anybody".into(), ToString::to_string);
                format!("socket {} {peer}", local.as_ref().unwrap())
            }
            Kind::Flow { a, b, incarnation, .. } => format!("flow {} {} {incarnation}", a.address, b.address),
            Kind::Packet(packet) => {
                let summary = protocol::header::summary(&packet.data, packet.true_len as usize).unwrap();
                let flags = summary.tcp().map_or(String::new(), |tcp| format!(" {}", tcp.flags));
                format!("packet {}{flags} +{}", packet.id, summary.payload_len)
            }
            Kind::State { to, .. } => format!("{to}"),
            other => format!("{other:?}"),
        };
        format!("{} {:?}{socket}{flow} {what}\n", event.at.0 / 1_000, event.provenance.how)
    };
    events.iter().map(line).collect()
}

/// The states that follow when every packet arrives at once, by the tracker that worlds use.
fn tracked(events: &[Event]) -> Vec<protocol::TcpState> {
    let mut tracker = StateTracker::new();
    let mut states = Vec::new();
    for event in events {
        let Kind::Packet(packet) = &event.kind else { continue };
        let summary = protocol::header::summary(&packet.data, packet.true_len as usize);
        for stage in [protocol::Stage::Sent, protocol::Stage::Delivered] {
            let packet = Packet { stage, ..packet.clone() };
            let changes = tracker.packet(event.about.flow.unwrap(), &packet, summary.as_ref());
            states.extend(changes.iter().map(|change| change.to));
        }
    }
    states
}
