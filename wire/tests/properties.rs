//! What holds for every wire, whatever happens on it.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should fail there")]

use proptest::prelude::*;
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{Nanos, PacketId, Stage};
use std::collections::{BTreeMap, BTreeSet};
use wire::{Output, Report, Wire};

/// One thing that a host or a person does.
#[derive(Clone, Debug)]
enum Step {
    Offer(Way, usize),
    Wait(u64),
    Conditions(Way, Conditions),
    Hold(bool),
    Cut(bool),
    Catch(Filter),
    Decide(prop::sample::Index, Verdict),
}

fn way() -> impl Strategy<Value = Way> + Clone {
    prop::sample::select(vec![Way::ToServer, Way::ToClient])
}

fn conditions(disorder: bool) -> impl Strategy<Value = Conditions> {
    let jitter = if disorder { 0..30_u64 } else { 0..1 };
    let reorder = if disorder { 0..400_u16 } else { 0..1 };
    (
        0..50_u64,
        jitter,
        0..500_u16,
        0..5_u16,
        0..300_u16,
        reorder,
        prop::sample::select(vec![0, 100_000, 10_000_000]),
        0..20_u32,
    )
        .prop_map(|(delay, jitter, loss, burst, duplicate, reorder, rate, queue)| Conditions {
            delay: Nanos::from_millis(delay),
            jitter: Nanos::from_millis(jitter),
            loss,
            burst,
            duplicate,
            reorder,
            rate,
            queue,
            mtu: 0,
        })
}

fn steps(disorder: bool) -> impl Strategy<Value = Vec<Step>> {
    let verdict = prop::sample::select(vec![Verdict::Drop, Verdict::LetGo, Verdict::Twice]);
    let what = prop::sample::select(vec![Matches::Anything, Matches::Udp, Matches::DataSegment]);
    let step = prop_oneof![
        12 => (way(), 29..1500_usize).prop_map(|(way, len)| Step::Offer(way, len)),
        6 => (0..40_000_u64).prop_map(Step::Wait),
        2 => (way(), conditions(disorder)).prop_map(|(way, to)| Step::Conditions(way, to)),
        1 => any::<bool>().prop_map(Step::Hold),
        1 => any::<bool>().prop_map(Step::Cut),
        // A caught packet comes late: that is disorder, too.
        u32::from(disorder) => (prop::option::of(way()), what, 1..4_u32)
            .prop_map(|(way, what, nth)| Step::Catch(Filter { way, what, nth })),
        u32::from(disorder) => (any::<prop::sample::Index>(), verdict)
            .prop_map(|(which, verdict)| Step::Decide(which, verdict)),
    ];
    prop::collection::vec(step, 1..150)
}

/// A UDP packet that carries its number and is otherwise plausible.
fn packet(number: u32, len: usize) -> Vec<u8> {
    let mut bytes = vec![0_u8; len.max(32)];
    let len = bytes.len() as u16;
    bytes[0] = 0x45;
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
    bytes[9] = 17;
    bytes[12..20].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
    bytes[24..26].copy_from_slice(&(len - 20).to_be_bytes());
    bytes[28..32].copy_from_slice(&number.to_be_bytes());
    bytes
}

#[derive(Debug, Default)]
struct Story {
    now: Nanos,
    offered: BTreeMap<PacketId, (Way, Vec<u8>)>,
    reports: Vec<Report>,
    /// With whether the wire was held and cut then.
    deliveries: Vec<(Nanos, PacketId, Way, Vec<u8>, bool, bool)>,
}

impl Story {
    fn drain(&mut self, wire: &mut Wire) {
        while let Some(output) = wire.poll(self.now) {
            match output {
                Output::Report(report) => self.reports.push(report),
                Output::Deliver(delivery) => {
                    self.reports.extend(delivery.report);
                    let state = (wire.is_held(), wire.is_cut());
                    self.deliveries.push((self.now, delivery.id, delivery.way, delivery.bytes, state.0, state.1));
                }
            }
        }
    }

    /// Lets time pass, stopping at every deadline on the way.
    fn wait(&mut self, wire: &mut Wire, until: Nanos) {
        while let Some(next) = wire.next_deadline().filter(|&next| next <= until) {
            self.now = self.now.max(next);
            self.drain(wire);
        }
        self.now = until;
    }

    fn act(&mut self, wire: &mut Wire, action: WireAction) {
        wire.act(self.now, action, None).unwrap();
        self.drain(wire);
    }
}

fn play(seed: u64, steps: &[Step]) -> Story {
    let mut wire = Wire::new(seed);
    let mut story = Story::default();
    for (number, step) in (0_u32..).zip(steps) {
        match step.clone() {
            Step::Offer(way, len) => {
                let bytes = packet(number, len);
                let id = wire.offer(story.now, way, bytes.clone());
                story.offered.insert(id, (way, bytes));
                story.drain(&mut wire);
            }
            Step::Wait(micros) => {
                let until = story.now.after(Nanos::from_micros(micros));
                story.wait(&mut wire, until);
            }
            Step::Conditions(way, conditions) => story.act(&mut wire, WireAction::Conditions(way, conditions)),
            Step::Hold(held) => story.act(&mut wire, WireAction::Hold(held)),
            Step::Cut(cut) => story.act(&mut wire, WireAction::Cut(cut)),
            Step::Catch(filter) => story.act(&mut wire, WireAction::Catch(Some(filter))),
            Step::Decide(which, verdict) => {
                let held: Vec<_> = wire.held().map(|(id, ..)| id).collect();
                if !held.is_empty() {
                    story.act(&mut wire, WireAction::Decide(held[which.index(held.len())], verdict));
                }
            }
        }
    }
    // Everything that is still on the wire goes its way.
    story.act(&mut wire, WireAction::Hold(false));
    let far = story.now.after(Nanos::from_millis(1_000_000));
    story.wait(&mut wire, far);
    let held: Vec<_> = wire.held().map(|(id, ..)| id).collect();
    for id in held {
        story.act(&mut wire, WireAction::Decide(id, Verdict::LetGo));
    }
    let far = story.now.after(Nanos::from_millis(1_000_000));
    story.wait(&mut wire, far);
    assert_eq!(wire.in_flight(), 0);
    story
}

/// What was invented, lost without a word, or told twice.
fn check_accounts(story: &Story) {
    let mut born = BTreeSet::new();
    let mut ended = BTreeSet::new();
    let mut origin: BTreeMap<PacketId, PacketId> = BTreeMap::new();
    for report in &story.reports {
        let id = report.packet.id;
        match report.packet.stage {
            Stage::Sent => {
                assert!(born.insert(id));
                assert_eq!(report.packet.data[..], story.offered[&id].1[..]);
                origin.insert(id, id);
            }
            Stage::Duplicated => {
                assert!(born.insert(id));
                origin.insert(id, origin[&report.packet.copy_of.unwrap()]);
            }
            Stage::Delivered | Stage::Dropped(_) => assert!(born.contains(&id) && ended.insert(id), "{report:?}"),
            Stage::Held(_) | Stage::Released | Stage::Scheduled(_) => {
                assert!(born.contains(&id) && !ended.contains(&id), "{report:?}");
            }
            Stage::Fragmented => panic!("nothing is larger than the MTU here"),
        }
    }
    assert_eq!(born, ended, "every packet has one beginning and one end");
    assert!(story.offered.keys().all(|id| born.contains(id)));
    let delivered = story.reports.iter().filter(|report| report.packet.stage == Stage::Delivered).count();
    assert_eq!(delivered, story.deliveries.len());
    for (_, id, way, bytes, ..) in &story.deliveries {
        assert_eq!(&(*way, bytes.clone()), &story.offered[&origin[id]], "what arrives is what was sent");
    }
}

proptest! {
    #[test]
    fn nothing_is_invented_and_nothing_lost_without_a_word(seed: u64, steps in steps(true)) {
        check_accounts(&play(seed, &steps));
    }

    #[test]
    fn order_is_kept_unless_it_was_asked_not_to_be(seed: u64, steps in steps(false)) {
        let story = play(seed, &steps);
        check_accounts(&story);
        for way in [Way::ToServer, Way::ToClient] {
            let numbers: Vec<&[u8]> =
                story.deliveries.iter().filter(|delivery| delivery.2 == way).map(|delivery| &delivery.3[28..32]).collect();
            prop_assert!(numbers.is_sorted(), "{numbers:?}");
        }
    }

    #[test]
    fn the_same_seed_tells_the_same_story(seed: u64, steps in steps(true)) {
        let (one, two) = (play(seed, &steps), play(seed, &steps));
        prop_assert_eq!(one.reports, two.reports);
        prop_assert_eq!(one.deliveries, two.deliveries);
    }

    #[test]
    fn nothing_arrives_over_a_held_or_cut_wire(seed: u64, steps in steps(false)) {
        // No decisions in these steps: only those let a packet pass a held wire.
        for (_, id, _, _, held, cut) in play(seed, &steps).deliveries {
            prop_assert!(!held && !cut, "{id}");
        }
    }

    #[test]
    fn fragments_and_answers_account_for_what_is_too_big(
        lens in prop::collection::vec((32..1500_usize, any::<bool>()), 1..30),
        mtu in 68..1500_u16,
    ) {
        let mut wire = Wire::new(1);
        let mut story = Story::default();
        story.act(&mut wire, WireAction::Conditions(Way::ToServer, Conditions { mtu, ..Conditions::default() }));
        for (number, (len, dont_fragment)) in (0..).zip(lens) {
            let mut bytes = packet(number, len);
            bytes[6] = if dont_fragment { 0x40 } else { 0 };
            let id = wire.offer(story.now, Way::ToServer, bytes.clone());
            story.drain(&mut wire);
            let arrived: Vec<_> = std::mem::take(&mut story.deliveries);
            let there: Vec<_> = arrived.iter().filter(|delivery| delivery.2 == Way::ToServer).collect();
            if bytes.len() <= usize::from(mtu) {
                prop_assert_eq!(&there[0].3, &bytes);
                prop_assert_eq!(there[0].1, id);
            } else if dont_fragment {
                prop_assert!(there.is_empty());
                prop_assert_eq!(arrived.len(), 1);
            } else {
                let payload: Vec<u8> = there.iter().flat_map(|piece| piece.3[20..].iter().copied()).collect();
                prop_assert_eq!(&payload, &bytes[20..]);
                prop_assert!(there.iter().all(|piece| piece.3.len() <= usize::from(mtu)));
            }
        }
    }
}
