//! What a person can do to the wire, one scene at a time.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should fail there")]

use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{CommandId, DropReason, Hold, MemberId, Nanos, PacketId, Stage};
use wire::{ActError, Output, Why, Wire};

const DELAY: Nanos = Nanos::from_millis(100);

/// A TCP segment over IPv4 with so much payload.
fn segment(flags: u8, payload: usize) -> Vec<u8> {
    let mut bytes = vec![0_u8; 40 + payload];
    bytes[0] = 0x45;
    let len = bytes.len() as u16;
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
    bytes[9] = 6;
    bytes[32] = 0x50;
    bytes[33] = flags;
    bytes
}

const ACK: u8 = 0x10;
const SYN: u8 = 0x02;

struct Scene {
    wire: Wire,
    now: Nanos,
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self { wire: Wire::new(3), now: Nanos(0) };
        for way in [Way::ToServer, Way::ToClient] {
            scene.act(WireAction::Conditions(way, Conditions { delay: DELAY, ..Conditions::default() }));
        }
        scene
    }

    fn act(&mut self, action: WireAction) {
        let by = CommandId { by: MemberId(1), number: 9 };
        self.wire.act(self.now, action, Some(by)).unwrap();
    }

    fn offer(&mut self, bytes: Vec<u8>) -> PacketId {
        self.wire.offer(self.now, Way::ToServer, bytes)
    }

    /// The stages told until `millis`, with their times.
    fn until(&mut self, millis: u64) -> Vec<(PacketId, u64, Stage)> {
        let until = Nanos::from_millis(millis);
        let mut told = Vec::new();
        loop {
            while let Some(output) = self.wire.poll(self.now) {
                let report = match output {
                    Output::Report(report) => report,
                    Output::Deliver(delivery) => delivery.report.unwrap(),
                };
                told.push((report.packet.id, report.at.0 / 1_000_000, report.packet.stage));
            }
            match self.wire.next_deadline().filter(|&next| next <= until) {
                Some(next) => self.now = next,
                None => break,
            }
        }
        self.now = until;
        told
    }
}

#[test]
fn a_packet_takes_its_delay() {
    let mut scene = Scene::new();
    let id = scene.offer(segment(ACK, 5));
    assert_eq!(scene.until(500), [(id, 0, Stage::Sent), (id, 0, Stage::Scheduled(DELAY)), (id, 100, Stage::Delivered)]);
}

#[test]
fn the_second_data_segment_is_caught_halfway_and_dropped() {
    let mut scene = Scene::new();
    let filter = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 2 };
    scene.act(WireAction::Catch(Some(filter)));
    scene.wire.offer(scene.now, Way::ToClient, segment(ACK, 9));
    scene.offer(segment(ACK, 0));
    let one = scene.offer(segment(ACK, 5));
    let two = scene.offer(segment(ACK, 5));
    let three = scene.offer(segment(ACK, 5));
    let told = scene.until(200);
    let of = |id| told.iter().filter(|stage| stage.0 == id).map(|stage| (stage.1, stage.2)).collect::<Vec<_>>();
    assert_eq!(of(two), [(0, Stage::Sent), (50, Stage::Held(Hold::Caught))]);
    assert_eq!(of(one).last(), Some(&(100, Stage::Delivered)));
    assert_eq!(of(three).last(), Some(&(100, Stage::Delivered)));
    assert!(!scene.wire.is_catching());
    scene.act(WireAction::Decide(two, Verdict::Drop));
    assert_eq!(scene.until(900), [(two, 200, Stage::Dropped(DropReason::ByYou))]);
    let by = CommandId::default();
    let again = scene.wire.act(scene.now, WireAction::Decide(two, Verdict::LetGo), Some(by));
    assert_eq!(again, Err(ActError::NotHeld(two)));
}

#[test]
fn let_go_takes_what_remains_and_twice_makes_a_copy() {
    let mut scene = Scene::new();
    scene.act(WireAction::Catch(Some(Filter { way: None, what: Matches::Syn, nth: 1 })));
    let syn = scene.offer(segment(SYN, 0));
    scene.until(300);
    scene.act(WireAction::Decide(syn, Verdict::Twice));
    let told = scene.until(900);
    let copy = PacketId(syn.0 + 1);
    let due = Stage::Scheduled(Nanos::from_millis(350));
    assert_eq!(
        told,
        [
            (syn, 300, Stage::Released),
            (syn, 300, due),
            (copy, 300, Stage::Duplicated),
            (copy, 300, due),
            (syn, 350, Stage::Delivered),
            (copy, 350, Stage::Delivered),
        ]
    );
}

#[test]
fn a_held_wire_goes_on_where_it_stopped() {
    let mut scene = Scene::new();
    let one = scene.offer(segment(ACK, 1));
    scene.until(30);
    scene.act(WireAction::Hold(true));
    let two = scene.offer(segment(ACK, 2));
    let held = scene.until(1000);
    assert!(held.contains(&(one, 30, Stage::Held(Hold::Wire))) && held.contains(&(two, 30, Stage::Held(Hold::Wire))));
    assert_eq!(scene.wire.next_deadline(), None, "a held wire needs no timer");
    scene.act(WireAction::Hold(false));
    let told = scene.until(2000);
    assert!(told.contains(&(one, 1070, Stage::Delivered)) && told.contains(&(two, 1100, Stage::Delivered)), "{told:?}");
}

#[test]
fn one_packet_may_pass_a_held_wire() {
    let mut scene = Scene::new();
    scene.act(WireAction::Hold(true));
    let one = scene.offer(segment(ACK, 1));
    let two = scene.offer(segment(ACK, 2));
    scene.until(10);
    scene.act(WireAction::Decide(two, Verdict::LetGo));
    assert!(scene.until(500).contains(&(two, 110, Stage::Delivered)));
    assert_eq!(scene.wire.held().map(|(id, ..)| id).collect::<Vec<_>>(), [one]);
}

#[test]
fn a_cut_loses_what_is_on_the_cable_but_not_what_is_in_a_hand() {
    let mut scene = Scene::new();
    scene.act(WireAction::Catch(Some(Filter { way: None, what: Matches::Syn, nth: 1 })));
    let caught = scene.offer(segment(SYN, 0));
    scene.until(80);
    let flying = scene.offer(segment(ACK, 1));
    scene.until(90);
    scene.act(WireAction::Cut(true));
    let late = scene.offer(segment(ACK, 2));
    let told = scene.until(200);
    let cut = Stage::Dropped(DropReason::Cut);
    assert!(told.contains(&(flying, 90, cut)) && told.contains(&(late, 90, cut)), "{told:?}");
    scene.act(WireAction::Cut(false));
    scene.act(WireAction::Decide(caught, Verdict::LetGo));
    let mended = scene.offer(segment(ACK, 3));
    let told = scene.until(900);
    assert!(told.contains(&(caught, 250, Stage::Delivered)) && told.contains(&(mended, 300, Stage::Delivered)));
}

#[test]
fn the_rate_limit_spaces_packets_and_its_queue_overflows() {
    let mut scene = Scene::new();
    let conditions = Conditions { rate: 80_000, queue: 2, ..Conditions::default() };
    scene.act(WireAction::Conditions(Way::ToServer, conditions));
    // 100 bytes take 10 ms: one on the line, two wait, the fourth finds no room.
    let ids: Vec<_> = (0..4).map(|_| scene.offer(segment(ACK, 60))).collect();
    let told = scene.until(100);
    let end = |id| told.iter().rfind(|stage| stage.0 == id).map(|stage| (stage.1, stage.2)).unwrap();
    assert_eq!(end(ids[0]), (10, Stage::Delivered));
    assert_eq!(end(ids[1]), (20, Stage::Delivered));
    assert_eq!(end(ids[2]), (30, Stage::Delivered));
    assert_eq!(end(ids[3]), (0, Stage::Dropped(DropReason::QueueFull)));
}

#[test]
fn what_a_person_did_is_the_cause_of_what_followed() {
    let mut scene = Scene::new();
    scene.act(WireAction::Hold(true));
    let id = scene.offer(segment(ACK, 1));
    scene.until(1);
    scene.act(WireAction::Decide(id, Verdict::Drop));
    let Some(Output::Report(report)) = scene.wire.poll(scene.now) else { panic!() };
    assert_eq!(report.why, Some(Why::Command(CommandId { by: MemberId(1), number: 9 })));
}

#[test]
fn what_nobody_watches_is_not_told() {
    let mut scene = Scene::new();
    scene.wire.watch(None);
    scene.offer(segment(ACK, 1));
    scene.now = DELAY;
    let Some(Output::Deliver(delivery)) = scene.wire.poll(scene.now) else { panic!() };
    assert_eq!(delivery.report, None);
    assert_eq!(scene.wire.poll(scene.now), None);
}

#[test]
fn impossible_actions_are_refused() {
    let mut wire = Wire::new(0);
    let filter = Filter { way: None, what: Matches::Anything, nth: 0 };
    assert_eq!(wire.act(Nanos(0), WireAction::Catch(Some(filter)), None), Err(ActError::NoSuchMatch));
    let conditions = Conditions { loss: 2000, ..Conditions::default() };
    assert!(wire.act(Nanos(0), WireAction::Conditions(Way::ToClient, conditions), None).is_err());
    assert_eq!(wire.conditions(Way::ToClient), &Conditions::default());
}
