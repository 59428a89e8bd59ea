//! Both codecs read anything without panicking, and what they understood they write and read again as the same.
//!
//! `cargo +nightly fuzz run decode`
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{Codec, PackedBatch, ToBridge, ToPage};
use serde::{Serialize, de::DeserializeOwned};

fuzz_target!(|bytes: &[u8]| {
    for codec in [Codec::Postcard, Codec::Json] {
        check::<ToBridge>(codec, bytes);
        check::<ToPage>(codec, bytes);
    }
    // One by one, the events of a batch are the same, and what is no batch as a whole is none in pieces.
    let pieces: Option<Result<Vec<_>, _>> =
        PackedBatch::of(bytes).map(|packed| packed.map(|one| one.map(|(event, _)| event)).collect());
    match Codec::Postcard.decode(bytes) {
        Ok(ToPage::Batch(batch)) => assert_eq!(pieces.expect("it is one").expect("all of them"), batch.events),
        _ => assert!(!matches!(pieces, Some(Ok(_)))),
    }
});

fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(codec: Codec, bytes: &[u8]) {
    let Ok(message) = codec.decode::<T>(bytes) else { return };
    let again = codec.encode(&message);
    assert_eq!(codec.decode::<T>(&again).expect("what was written can be read"), message);
}
