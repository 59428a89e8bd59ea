//! Whatever happens to the bytes of a capture is said, with its place, and never a panic.

use super::files::*;
use super::{packets, survey, tell};
use proptest::prelude::*;
use replay::capture::Survey;
use replay::{Fault, What};

fn files() -> [Vec<u8>; 2] {
    let little = Endian::Little;
    let hello = hello(false, 50_000, 100);
    let mut blocks = [section(little), interface(little, 101, 0, &[option(little, 9, &[9])])].concat();
    for (n, packet) in hello.iter().enumerate() {
        let comment = option(little, 1, b"a comment");
        blocks.extend(enhanced(little, 0, n as u64, packet, packet.len() as u32, &[comment]));
    }
    blocks.extend(simple(little, &hello[0], hello[0].len() as u32));
    [pcap(little, false, 101, &[], &hello), blocks]
}

/// Tells whatever can be told, and what is wrong.
fn look(file: &[u8]) -> (usize, Option<Fault>) {
    let mut survey = match Survey::open(file) {
        Ok(survey) => survey,
        Err(fault) => return (0, Some(fault)),
    };
    let fault = loop {
        match survey.look(file, 3) {
            Ok(true) => {}
            Ok(false) => break None,
            Err(fault) => break Some(fault),
        }
    };
    let chosen: Vec<usize> = (0..survey.conversations().len().min(200)).collect();
    (packets(&tell(file, &survey, &chosen)).len(), fault)
}

#[test]
fn a_cut_capture_says_where_and_what_came_before_is_told() {
    for file in files() {
        let (count, fault) = look(&file[..file.len() - 70]);
        let fault = fault.unwrap();
        assert_eq!((fault.what, fault.at), (What::Ends, file.len() - 70));
        assert_eq!(fault.number as usize, count + 1);
        assert!(count >= 7);
    }
}

#[test]
fn lengths_that_cannot_be_are_refused() {
    let [mut pcap, mut blocks] = files();
    pcap[24 + 8..24 + 12].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    assert_eq!(survey(&pcap).unwrap_err(), Fault::new(32, What::Length(0x7fff_ffff)).within(1));
    let first = section(Endian::Little).len();
    for length in [0_u32, 8, 13, 0xffff_fffc] {
        blocks[first + 4..first + 8].copy_from_slice(&length.to_le_bytes());
        assert_eq!(survey(&blocks).unwrap_err().what, What::Length(length.into()));
    }
    // A packet of an interface that nobody described.
    let orphan = [section(Endian::Little), enhanced(Endian::Little, 0, 0, &[0x45; 20], 20, &[])].concat();
    assert_eq!(survey(&orphan).unwrap_err().what, What::Range("interface of a packet"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_damage_is_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        for file in files() {
            let mut damaged = file.clone();
            changes.iter().for_each(|(at, byte)| damaged[at.index(file.len())] = *byte);
            for file in [&damaged[..], &file[..cut.index(file.len())], &damaged[..cut.index(file.len())]] {
                if let (_, Some(fault)) = look(file) {
                    prop_assert!(fault.at <= file.len(), "{}", fault);
                }
            }
        }
    }

    #[test]
    fn noise_behind_a_good_head_is_survived(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        for file in files() {
            look(&[&file[..24], &noise].concat());
            look(&[&file[..72], &noise].concat());
        }
    }
}
