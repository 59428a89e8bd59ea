//! Held against serde_json and postcard, with any event there can be: made from the description itself.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::{read, write};
use crate::fault::What;
use crate::json::Cursor;
use crate::schema::{Schema, Shape};
use proptest::collection::vec;
use proptest::prelude::*;
use protocol::{Codec, Event, Gap};
use serde_json::{Map, Value, json};

/// Random numbers that were drawn before; zeros behind the last.
struct Dice<'a>(&'a [u64]);

impl Dice<'_> {
    fn throw(&mut self, sides: u64) -> u64 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        if sides == 0 { *first } else { first % sides }
    }

    fn text(&mut self) -> String {
        const LETTERS: [char; 8] = ['a', '"', '\\', '\n', '\u{1}', 'é', '你', '😀'];
        (0..self.throw(4)).map(|_| LETTERS[self.throw(8) as usize]).collect()
    }
}

/// Some value of this shape, as JSON.
fn any_of(schema: &Schema, shape: &Shape, dice: &mut Dice<'_>) -> Value {
    match schema.resolve(shape) {
        Shape::Bool => Value::Bool(dice.throw(2) == 1),
        Shape::Count(bits) => json!(dice.throw(0) >> (64 - bits)),
        Shape::Whole => json!(dice.throw(0) as i32),
        Shape::Text => Value::String(dice.text()),
        Shape::Bytes => Value::String((0..dice.throw(4)).map(|_| format!("{:02x}", dice.throw(256))).collect()),
        Shape::Boot => Value::String(format!("{:016x}{:016x}", dice.throw(0), dice.throw(0))),
        Shape::Inet => {
            let v4 = format!("10.{}.0.1:{}", dice.throw(256), dice.throw(65_536));
            let v6 = format!("[fd00::{:x}]:{}", dice.throw(65_536), dice.throw(65_536));
            Value::String(if dice.throw(2) == 0 { v4 } else { v6 })
        }
        Shape::Maybe(_) if dice.throw(2) == 0 => Value::Null,
        Shape::Maybe(inner) => any_of(schema, inner, dice),
        Shape::List(inner) => (0..dice.throw(4)).map(|_| any_of(schema, inner, dice)).collect(),
        Shape::Tuple(parts) => parts.iter().map(|part| any_of(schema, part, dice)).collect(),
        Shape::Fields(fields) => {
            let fields = fields.iter().map(|(name, shape)| ((*name).to_owned(), any_of(schema, shape, dice)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Shape::OneOf(variants) => {
            let (name, inner) = &variants[dice.throw(variants.len() as u64) as usize];
            inner.as_ref().map_or_else(|| json!(name), |inner| json!({ *name: any_of(schema, inner, dice) }))
        }
        Shape::Named(_) => unreachable!("it was resolved"),
    }
}

fn as_postcard(schema: &Schema, name: &str, text: &str) -> Result<Vec<u8>, crate::Fault> {
    let mut bytes = Vec::new();
    read(schema, schema.named(name), &mut Cursor::new(text.as_bytes(), 0), &mut bytes)?;
    Ok(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_event_is_read_and_written_as_serde_does(numbers in vec(any::<u64>(), 0..60)) {
        let schema = Schema::new();
        // The object's fields come sorted by their names: not in the order of the type.
        let text = any_of(&schema, schema.named("Event"), &mut Dice(&numbers)).to_string();
        let event: Event = serde_json::from_str(&text).unwrap();
        let postcard = Codec::Postcard.encode(&event);
        prop_assert_eq!(as_postcard(&schema, "Event", &text).unwrap(), postcard.clone());
        let mut written = Vec::new();
        write(&schema, schema.named("Event"), &mut &postcard[..], &mut written).unwrap();
        let expected = Codec::Json.encode(&event);
        prop_assert_eq!(String::from_utf8(written).unwrap(), String::from_utf8(expected).unwrap());
        // Cut anywhere, it ends too early; and postcard that is cut is nothing.
        let cut = numbers.first().map_or(0, |number| *number as usize % text.len());
        if text.is_char_boundary(cut) {
            let fault = as_postcard(&schema, "Event", &text[..cut]).unwrap_err();
            prop_assert!(fault.at <= cut);
        }
        let cut = cut % postcard.len();
        prop_assert_eq!(write(&schema, schema.named("Event"), &mut &postcard[..cut], &mut Vec::new()), None);
    }
}

#[test]
fn fields_may_be_missing_where_they_may_be_null_and_strangers_are_passed_over() {
    let schema = Schema::new();
    let text = r#"{"later":[{"x":1e9}],"reason":"Budget","last":9,"first":7}"#;
    let gap: Gap = Codec::Postcard.decode(&as_postcard(&schema, "Gap", text).unwrap()).unwrap();
    assert_eq!((gap.first.0, gap.last.0), (7, 9));
    let about = as_postcard(&schema, "About", r#"{"flow":3,"host":1}"#).unwrap();
    assert_eq!(Codec::Postcard.decode::<protocol::About>(&about).unwrap().flow, Some(protocol::FlowId(3)));
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    let schema = Schema::new();
    let fault = |name: &str, text: &str| {
        let fault = as_postcard(&schema, name, text).unwrap_err();
        (fault.at, fault.what)
    };
    let gap = |text: &str| fault("Gap", text);
    assert_eq!(gap(r#"{"first":7,"last":9}"#), (20, What::Ends));
    assert_eq!(gap(r#"{"first":7,"last":9} "#), (20, What::Missing("reason")));
    assert_eq!(gap(r#"{"first":7,"first":9}"#), (11, What::Twice("first")));
    assert_eq!(gap(r#"{"first":-7}"#), (9, What::Range("whole number")));
    assert_eq!(gap(r#"{"first":7.5}"#), (9, What::Range("whole number")));
    assert_eq!(gap(r#"{"first":"7"}"#), (9, What::Expected("a number")));
    assert_eq!(gap(r#"{"reason":"Bored"}"#), (10, What::Unknown("Bored".into())));
    assert_eq!(fault("Address", r#"{"Inet":"localhost"}"#).0, 8);
    assert_eq!(fault("Packet", r#"{"data":"abc"}"#), (8, What::Expected("pairs of hexadecimal digits")));
    assert_eq!(fault("Hold", "\"Wire"), (5, What::Ends));
    assert_eq!(fault("Target", r#"{"Named":65536}"#), (9, What::Range("whole number")));
}
