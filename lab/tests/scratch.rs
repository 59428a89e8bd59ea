//! x
mod support;
use protocol::script::Play;
use protocol::wire::*;
use protocol::*;
use support::Person;
fn cond(p: &mut Person, c: Conditions) { for way in [Way::ToServer, Way::ToClient] { p.order(Command::Wire(WireAction::Conditions(way, c.clone()))).unwrap(); } }
#[test] fn stall() {
    let mut p = Person::with(7, lab::LabOptions { congestion: lab::Congestion::None, ..Default::default() }); 
    let mut play = Play::new(Transport::Tcp); play.recv_size=65536;
    p.open("a", &play); p.tell("a", ClientAction::Connect); p.ms(100);
    cond(&mut p, Conditions{delay: Nanos::from_millis(20), loss: 50, ..Default::default()});
    p.send("a", vec![b'x'; 4<<20]);
    p.ms(40_000);
    let s = p.seen(); let lines: Vec<_> = s.lines().filter(|l| !l.contains("Scheduled")).collect();
    for l in &lines[lines.len()-150..] { println!("{l}"); }
    for e in p.events().iter().rev().filter_map(|e| match &e.kind { Kind::Packet(k) if k.stage==Stage::Sent => Some((e.at, k)), _ => None }).take(40) {
        let s = protocol::header::summary(&e.1.data, 1500).unwrap();
        if let Some(t)=s.tcp() { println!("{} {} {}->{} seq {} ack {} win {} len {}", e.0.as_millis(), e.1.id.0, t.src_port, t.dst_port, t.seq, t.ack, t.window, s.payload_len); }
    }
    panic!();
}
