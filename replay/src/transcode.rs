//! JSON to postcard and back, by the shapes of the schema.
//!
//! What it writes is what serde_json writes for the same types, byte for byte; what it reads is what serde_json reads:
//! fields in any order, unknown ones passed over, and those that may be absent absent.

use crate::fault::{Fault, What};
use crate::json::{Cursor, Next, write_hex, write_string};
use crate::schema::{Schema, Shape};
use std::net::{IpAddr, SocketAddr};

/// Reads the value that stands at the cursor, as postcard.
pub fn read(schema: &Schema, shape: &Shape, from: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    match schema.resolve(shape) {
        Shape::Bool => {
            let on = from.word("true");
            if !on && !from.word("false") {
                return Err(from.fault(What::Expected("`true` or `false`")));
            }
            out.push(on.into());
        }
        Shape::Count(bits) => {
            from.peek();
            let start = from.at();
            let (negative, size) = from.number()?;
            if negative || (*bits < 64 && size >> bits != 0) {
                return Err(Fault::new(start, What::Range("whole number")));
            }
            if *bits == 8 { out.push(size as u8) } else { put(size, out) }
        }
        Shape::Whole => {
            from.peek();
            let start = from.at();
            let (negative, size) = from.number()?;
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            let Ok(number) = i32::try_from(if negative { -size } else { size }) else {
                return Err(Fault::new(start, What::Range("whole number")));
            };
            // Zigzag: the sign is the lowest bit.
            put(u64::from(((number << 1) ^ (number >> 31)) as u32), out);
        }
        Shape::Text => {
            let text = from.string()?;
            put(text.len() as u64, out);
            out.extend(text.as_bytes());
        }
        Shape::Bytes => {
            let (start, digits) = quoted(from)?;
            let bytes = protocol::bytes::from_hex(&digits);
            let bytes = bytes.map_err(|_| Fault::new(start, What::Expected("pairs of hexadecimal digits")))?;
            put(bytes.len() as u64, out);
            out.extend(bytes);
        }
        Shape::Boot => {
            let (start, digits) = quoted(from)?;
            put_boot(&digits, out).ok_or(Fault::new(start, What::Expected("up to 32 hexadecimal digits")))?;
        }
        Shape::Inet => {
            let (start, text) = quoted(from)?;
            let address: Result<SocketAddr, _> = text.parse();
            let address =
                address.map_err(|_| Fault::new(start, What::Expected("an address such as 127.0.0.1:8808")))?;
            match address.ip() {
                IpAddr::V4(ip) => {
                    out.push(0);
                    out.extend(ip.octets());
                }
                IpAddr::V6(ip) => {
                    out.push(1);
                    out.extend(ip.octets());
                }
            }
            put(address.port().into(), out);
        }
        Shape::Maybe(inner) => {
            if from.word("null") {
                out.push(0);
            } else {
                out.push(1);
                read(schema, inner, from, out)?;
            }
        }
        Shape::List(inner) => {
            from.expect(b'[', "`[`")?;
            let mut items = Vec::new();
            let mut count = 0_u64;
            while from.item(count == 0, b']')? == Next::Item {
                read(schema, inner, from, &mut items)?;
                count += 1;
            }
            put(count, out);
            out.extend(items);
        }
        Shape::Tuple(parts) => {
            from.expect(b'[', "`[`")?;
            for (at, part) in parts.iter().enumerate() {
                if from.item(at == 0, b']')? == Next::End {
                    return Err(from.fault(What::Expected("one more value")));
                }
                read(schema, part, from, out)?;
            }
            from.expect(b']', "`]`")?;
        }
        Shape::Fields(fields) => read_fields(schema, fields, from, out)?,
        Shape::OneOf(variants) => {
            let holds = from.peek() == Some(b'{');
            if holds {
                from.expect(b'{', "`{`")?;
                from.peek();
            }
            let start = from.at();
            let name = if holds { from.name()? } else { from.string()? };
            let found = variants.iter().position(|(known, inner)| *known == name && inner.is_some() == holds);
            let Some(found) = found else { return Err(Fault::new(start, What::Unknown(name))) };
            put(found as u64, out);
            if let Some(inner) = &variants[found].1 {
                read(schema, inner, from, out)?;
                from.expect(b'}', "`}`")?;
            }
        }
        Shape::Named(_) => return Err(from.fault(What::TooDeep)),
    }
    Ok(())
}

fn quoted(from: &mut Cursor<'_>) -> Result<(usize, String), Fault> {
    from.peek();
    Ok((from.at(), from.string()?))
}

/// Fields in any order: postcard wants them in theirs.
fn read_fields(
    schema: &Schema,
    fields: &[(&'static str, Shape)],
    from: &mut Cursor<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let began = out.len();
    let mut found = vec![0..0; fields.len()];
    let (mut first, mut next, mut in_order) = (true, 0, true);
    from.expect(b'{', "`{`")?;
    while from.item(first, b'}')? == Next::Item {
        first = false;
        from.peek();
        let start = from.at();
        let name = from.name()?;
        let Some(place) = fields.iter().position(|(known, _)| *known == name) else {
            from.skip()?;
            continue;
        };
        if !found[place].is_empty() {
            return Err(Fault::new(start, What::Twice(fields[place].0)));
        }
        let at = out.len();
        read(schema, &fields[place].1, from, out)?;
        found[place] = at - began..out.len() - began;
        in_order &= place == next;
        next = place + 1;
    }
    if in_order && next == fields.len() {
        return Ok(());
    }
    let told = out.split_off(began);
    for ((name, shape), place) in fields.iter().zip(found) {
        match shape {
            _ if !place.is_empty() => out.extend(&told[place]),
            Shape::Maybe(_) => out.push(0),
            _ => return Err(from.fault(What::Missing(name))),
        }
    }
    Ok(())
}

/// A variable-length number, seven bits a byte, the lowest first.
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The same for a number of 128 bits in hexadecimal digits, bit by bit: code for such long numbers is long itself.
fn put_boot(digits: &str, out: &mut Vec<u8>) -> Option<()> {
    let digits: Vec<u32> = digits.chars().rev().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let bit = |at: usize| digits.get(at / 4).is_some_and(|digit| digit >> (at % 4) & 1 == 1);
    let len = (0..digits.len() * 4).rev().find(|at| bit(*at)).map_or(1, |last| last + 1);
    if digits.is_empty() || digits.len() > 32 {
        return None;
    }
    for from in (0..len).step_by(7) {
        let seven = (0..7).filter(|at| bit(from + at)).fold(0, |byte, at| byte | 1 << at);
        out.push(if from + 7 < len { seven | 0x80 } else { seven });
    }
    Some(())
}

/// Writes the postcard value at the start of `from`, and goes past it. `None` if it is not of that shape.
pub fn write(schema: &Schema, shape: &Shape, from: &mut &[u8], out: &mut Vec<u8>) -> Option<()> {
    match schema.resolve(shape) {
        Shape::Bool => out.extend(if take(from, 1)?[0] == 0 { &b"false"[..] } else { b"true" }),
        Shape::Count(8) => out.extend(take(from, 1)?[0].to_string().as_bytes()),
        Shape::Count(_) => out.extend(number(from)?.to_string().as_bytes()),
        Shape::Whole => {
            let raw = number(from)? as u32;
            out.extend((((raw >> 1) as i32) ^ -((raw & 1) as i32)).to_string().as_bytes());
        }
        Shape::Text => {
            let len = number(from)? as usize;
            write_string(std::str::from_utf8(take(from, len)?).ok()?, out);
        }
        Shape::Bytes => {
            let len = number(from)? as usize;
            let bytes = take(from, len)?;
            quote(out, |out| write_hex(bytes, out));
        }
        Shape::Boot => {
            let boot = take_boot(from)?;
            quote(out, |out| write_hex(&boot, out));
        }
        Shape::Inet => {
            let ip = match take(from, 1)?[0] {
                0 => IpAddr::from(<[u8; 4]>::try_from(take(from, 4)?).ok()?),
                _ => IpAddr::from(<[u8; 16]>::try_from(take(from, 16)?).ok()?),
            };
            let address = SocketAddr::new(ip, number(from)? as u16);
            quote(out, |out| out.extend(address.to_string().as_bytes()));
        }
        Shape::Maybe(inner) => match take(from, 1)?[0] {
            0 => out.extend(b"null"),
            _ => write(schema, inner, from, out)?,
        },
        Shape::List(inner) => {
            let count = number(from)?;
            out.push(b'[');
            for at in 0..count {
                comma(at > 0, out);
                write(schema, inner, from, out)?;
            }
            out.push(b']');
        }
        Shape::Tuple(parts) => {
            out.push(b'[');
            for (at, part) in parts.iter().enumerate() {
                comma(at > 0, out);
                write(schema, part, from, out)?;
            }
            out.push(b']');
        }
        Shape::Fields(fields) => {
            out.push(b'{');
            for (at, (name, shape)) in fields.iter().enumerate() {
                comma(at > 0, out);
                named(name, out);
                write(schema, shape, from, out)?;
            }
            out.push(b'}');
        }
        Shape::OneOf(variants) => {
            let (name, inner) = variants.get(number(from)? as usize)?;
            match inner {
                None => write_string(name, out),
                Some(inner) => {
                    out.push(b'{');
                    named(name, out);
                    write(schema, inner, from, out)?;
                    out.push(b'}');
                }
            }
        }
        Shape::Named(_) => return None,
    }
    Some(())
}

fn comma(wanted: bool, out: &mut Vec<u8>) {
    out.extend(wanted.then_some(b','));
}

fn named(name: &str, out: &mut Vec<u8>) {
    write_string(name, out);
    out.push(b':');
}

fn quote(out: &mut Vec<u8>, inside: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    inside(out);
    out.push(b'"');
}

fn take<'a>(from: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(len)?;
    *from = rest;
    Some(taken)
}

fn number(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(from, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A number of 128 bits, the greatest byte first.
fn take_boot(from: &mut &[u8]) -> Option<[u8; 16]> {
    let mut boot = [0; 16];
    for first in (0..128).step_by(7) {
        let byte = take(from, 1)?[0];
        for at in (0..7).filter(|at| byte >> at & 1 == 1 && first + at < 128) {
            boot[15 - (first + at) / 8] |= 1 << ((first + at) % 8);
        }
        if byte < 0x80 {
            return Some(boot);
        }
    }
    None
}

#[cfg(test)]
mod tests;
