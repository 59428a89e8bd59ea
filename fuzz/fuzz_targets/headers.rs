//! The decoder of packets reads anything without panicking, and never points behind what it was given.
//!
//! `cargo +nightly fuzz run headers`
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::header::{Headers, Value, summary};
use protocol::{Bytes, FlowId, Packet, PacketId, Stage, StateTracker, Tap};

// The first bytes say how much of the packet was not captured, and where else it is cut.
fuzz_target!(|input: (u16, u16, &[u8])| {
    let (missing, cut, bytes) = input;
    let true_len = bytes.len() + usize::from(missing);
    check(bytes, true_len);
    check(&bytes[..bytes.len().min(cut.into())], true_len);
});

fn check(bytes: &[u8], true_len: usize) {
    let values = summary(bytes, true_len);
    let mut tracker = StateTracker::new();
    for stage in [Stage::Sent, Stage::Delivered] {
        let (data, true_len) = (Bytes(bytes.to_vec()), u32::try_from(true_len).expect("fuzzed packets are small"));
        let packet = Packet { id: PacketId(1), tap: Tap::Wire, stage, copy_of: None, data, true_len };
        let _ = tracker.packet(FlowId(1), &packet, values.as_ref());
    }
    let Some(headers) = Headers::read(bytes, true_len) else {
        assert!(values.is_none());
        return;
    };
    assert_eq!(headers.summary(), values);
    assert!(headers.payload.start <= headers.payload.end && headers.payload.end <= headers.end);
    assert!(headers.end <= true_len);
    for field in headers.fields() {
        let place = field.bytes();
        assert!(place.start <= place.end, "{field:?}");
        // One that was not captured still has its place in the header.
        assert!(field.value == Value::Missing || place.start < bytes.len(), "{field:?}");
    }
    let _ = headers.transport_checksum();
    if let Some((at, quoted)) = headers.quoted() {
        assert!(at + quoted.bytes.len() <= bytes.len());
        let _ = (quoted.fields(), quoted.summary(), quoted.transport_checksum());
    }
}
