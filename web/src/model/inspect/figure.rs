//! A packet as its headers are drawn in their RFCs: rows of 32 bits, each field where it stands, and which byte of the
//! packet belongs to which field.

use crate::model::story::{PacketRecord, Story};
use protocol::Tap;
use protocol::header::{Checksum, Field, FieldName, Headers, Layer, Network, SackBlocks, TcpOption, Value, ipproto};

/// A drawn packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// One for each header, the outermost first.
    pub figures: Vec<Figure>,
    /// Every field, in order; cells and bytes name them by their place here.
    pub fields: Vec<Said>,
    /// The bytes that were recorded, each with its field.
    pub bytes: Vec<(u8, Option<u16>)>,
    /// Bytes that were not recorded.
    pub missing: u64,
    /// Whether the checksum over the data is right, where there is one.
    pub checksum: Option<Checksum>,
    /// Whether it was seen on the loopback interface, which fills no checksums in.
    pub loopback: bool,
}

/// One header.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Which.
    pub layer: Layer,
    /// How long it is, bytes.
    pub len: usize,
    /// Rows of 32 bits, each with its cells from left to right.
    pub rows: Vec<Vec<Cell>>,
}

/// A field, or the part of it in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its place in [`Figures::fields`].
    pub field: u16,
    /// So many bits wide, 1 to 32.
    pub bits: u8,
    /// So many rows high.
    pub rows: u8,
    /// Whether the words of the field are in another cell of it.
    pub goes_on: bool,
}

/// What a field says.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Its name, as its RFC says it.
    pub name: &'static str,
    /// Its value in few signs, for the drawing.
    pub short: String,
    /// All of it: relative and absolute, decoded.
    pub long: String,
}

/// Draws a packet; `None` where its bytes are not known.
#[must_use]
pub fn figures(story: &Story, packet: &PacketRecord) -> Option<Figures> {
    let data = story.bytes_of(packet);
    let headers = Headers::read(&data, packet.true_len as usize)?;
    let fields = headers.fields();
    let mut drawn = Figures {
        figures: Vec::new(),
        fields: Vec::new(),
        bytes: data.iter().map(|byte| (*byte, None)).collect(),
        missing: u64::from(packet.true_len).saturating_sub(data.len() as u64),
        checksum: headers.transport_checksum(),
        loopback: packet.tap == Tap::Loopback,
    };
    let mut start = 0;
    for field in &fields {
        let number = drawn.fields.len() as u16;
        for byte in drawn.bytes.iter_mut().take(field.bytes().end).skip(field.bytes().start) {
            // Fields that share a byte share its light: the first of them has it.
            byte.1 = byte.1.or(Some(number));
        }
        drawn.fields.push(said(story, packet, &headers, field));
        if field.layer == Layer::Payload {
            continue;
        }
        if field.starts_header || drawn.figures.is_empty() {
            start = field.bits.start;
            drawn.figures.push(Figure { layer: field.layer, len: 0, rows: Vec::new() });
        }
        if let Some(figure) = drawn.figures.last_mut() {
            figure.len = (field.bits.end - start).div_ceil(8);
            place(figure, number, field.bits.start - start, field.bits.end - start);
        }
    }
    Some(drawn)
}

/// Puts a field into the rows it lies in; whole rows of it are one cell. The largest cell has the words.
fn place(figure: &mut Figure, field: u16, from: usize, to: usize) {
    const ROW: usize = 32;
    let mut cells: Vec<(usize, Cell)> = Vec::new();
    let mut at = from;
    while at < to {
        let (row, column) = (at / ROW, at % ROW);
        let whole = if column == 0 { ((to - at) / ROW).min(8) } else { 0 };
        let bits = (ROW - column).min(to - at);
        figure.rows.resize(figure.rows.len().max(row + whole.max(1)), Vec::new());
        cells.push((row, Cell { field, bits: bits as u8, rows: whole.max(1) as u8, goes_on: true }));
        at += if whole > 0 { whole * ROW } else { bits };
    }
    let size = |(_, cell): &&mut (usize, Cell)| u32::from(cell.bits) * u32::from(cell.rows);
    if let Some((_, largest)) = cells.iter_mut().max_by_key(size) {
        largest.goes_on = false;
    }
    cells.into_iter().for_each(|(row, cell)| figure.rows[row].push(cell));
}

fn said(story: &Story, packet: &PacketRecord, headers: &Headers<'_>, field: &Field<'_>) -> Said {
    let name = field.name.term();
    let same = |text: String| Said { name, long: text.clone(), short: text };
    match field.value {
        Value::Number(number) => number_said(story, packet, headers, field, number),
        Value::Address(address) => same(address.to_string()),
        Value::Option(option) => option_said(story, packet, option),
        Value::Bytes(bytes) => same([&bytes.len().to_string(), " B"].concat()),
        Value::Missing => same("?".into()),
    }
}

fn number_said(story: &Story, packet: &PacketRecord, headers: &Headers<'_>, field: &Field<'_>, number: u64) -> Said {
    let plain = number.to_string();
    let hex = || ["0x", &hexadecimal(number, field.bits.len().div_ceil(4))].concat();
    let both = |short: String, long: String| Said { name: field.name.term(), short, long };
    let counted = |bytes: u64| [&plain, " = ", &bytes.to_string(), " B"].concat();
    let relative = |number: Option<u64>| match number {
        Some(relative) => both(relative.to_string(), [&relative.to_string(), " (", &plain, ")"].concat()),
        None => both(plain.clone(), plain.clone()),
    };
    match field.name {
        FieldName::Sequence => relative(story.relative_seq(packet)),
        FieldName::Acknowledgement => {
            let counts = packet.tcp.filter(|segment| segment.flags.has(protocol::header::TcpFlags::ACK));
            relative(counts.and_then(|segment| story.relative_back(packet, segment.ack)))
        }
        FieldName::HeaderLength | FieldName::DataOffset => both(plain.clone(), counted(number * 4)),
        FieldName::FragmentOffset if matches!(headers.network, Network::V4(_)) || field.layer == Layer::Extension => {
            both(plain.clone(), counted(number * 8))
        }
        FieldName::Checksum | FieldName::Identification | FieldName::FlowLabel => both(hex(), hex()),
        FieldName::Protocol | FieldName::NextHeader => {
            let name = match number as u8 {
                ipproto::TCP => "TCP",
                ipproto::UDP => "UDP",
                ipproto::ICMP => "ICMP",
                ipproto::ICMPV6 => "ICMPv6",
                ipproto::FRAGMENT => "Fragment",
                _ => "",
            };
            let named = [plain.as_str(), if name.is_empty() { "" } else { " = " }, name].concat();
            both(if name.is_empty() { plain.clone() } else { name.into() }, named)
        }
        _ => both(plain.clone(), plain.clone()),
    }
}

fn option_said(story: &Story, packet: &PacketRecord, option: TcpOption<'_>) -> Said {
    let said = |name: &'static str, text: String| Said { name, long: text.clone(), short: text };
    match option {
        TcpOption::End => said("End of options", "0".into()),
        TcpOption::Nop => Said { name: "No-Operation", short: "NOP".into(), long: "1".into() },
        TcpOption::Mss(size) => said("Maximum Segment Size", ["MSS ", &size.to_string()].concat()),
        TcpOption::WindowScale(shift) => {
            let factor = 1_u64 << shift.min(14);
            said("Window Scale", ["WS ", &shift.to_string(), ": × ", &factor.to_string()].concat())
        }
        TcpOption::SackPermitted => said("SACK Permitted", "SACK ok".into()),
        TcpOption::Sack(blocks) => said("SACK", sack(story, packet, blocks)),
        TcpOption::Timestamps { value, echo } => {
            let name = "Timestamps";
            said(name, ["TS ", &value.to_string(), ", echo ", &echo.to_string()].concat())
        }
        TcpOption::Other { kind, data } => {
            said("Option", ["kind ", &kind.to_string(), ", ", &data.len().to_string(), " B"].concat())
        }
        TcpOption::Malformed { kind } => said("Option", ["kind ", &kind.to_string(), " ✗"].concat()),
    }
}

/// What arrived out of order, as relative numbers: first to last byte.
fn sack(story: &Story, packet: &PacketRecord, blocks: SackBlocks) -> String {
    let edge = |number: u32| story.relative_back(packet, number).map_or(number.to_string(), |edge| edge.to_string());
    let block = |(from, to): &(u32, u32)| [edge(*from), edge(to.wrapping_sub(1))].join("–");
    ["SACK ", &blocks.edges().iter().map(block).collect::<Vec<_>>().join(", ")].concat()
}

fn hexadecimal(number: u64, digits: usize) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    (0..digits).rev().map(|place| char::from(DIGITS[(number >> (4 * place) & 15) as usize])).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell_packets::lost_segment;
    use expect_test::expect;
    use protocol::PacketId;

    fn drawn(id: u32) -> Figures {
        let story = lost_segment(20, false).story();
        figures(&story, story.packet(PacketId(id)).unwrap()).unwrap()
    }

    fn told(drawn: &Figures) -> String {
        let mut said = String::new();
        for figure in &drawn.figures {
            said += &format!("{:?}, {} bytes\n", figure.layer, figure.len);
            for row in figure.rows.iter().filter(|row| !row.is_empty()) {
                let cell = |cell: &Cell| {
                    let field = &drawn.fields[usize::from(cell.field)];
                    let goes_on = if cell.goes_on { "…" } else { "" };
                    format!("{goes_on}{} {} [{}]", field.name, field.short, cell.bits)
                };
                said += &format!("  {}\n", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
            }
        }
        said + &format!("{:?}\n", drawn.checksum)
    }

    #[test]
    fn an_acknowledgement_with_a_sack_block_is_drawn_as_rfc_9293_draws_it() {
        expect![[r#"
            Ipv4, 20 bytes
              Version 4 [4] | IHL 5 [4] | DSCP 0 [6] | ECN 0 [2] | Total Length 52 [16]
              Identification 0x1c46 [16] | Reserved 0 [1] | DF 1 [1] | MF 0 [1] | Fragment Offset 0 [13]
              Time to Live 64 [8] | Protocol TCP [8] | Checksum 0x0a7c [16]
              Source Address 10.0.0.2 [32]
              Destination Address 10.0.0.1 [32]
            Tcp, 32 bytes
              Source Port 808 [16] | Destination Port 41022 [16]
              Sequence Number 1 [32]
              Acknowledgment Number 1449 [32]
              Data Offset 8 [4] | Reserved 0 [3] | AE 0 [1] | CWR 0 [1] | ECE 0 [1] | URG 0 [1] | ACK 1 [1] | PSH 0 [1] | RST 0 [1] | SYN 0 [1] | FIN 0 [1] | Window 64240 [16]
              Checksum 0x7bcf [16] | Urgent Pointer 0 [16]
              No-Operation NOP [8] | No-Operation NOP [8] | …SACK SACK 2897–3000 [16]
              SACK SACK 2897–3000 [32]
            Some(Correct)
        "#]].assert_eq(&told(&drawn(8)));
    }

    #[test]
    fn every_row_is_32_bits_and_every_byte_has_its_field() {
        for id in 1..=20 {
            let drawn = drawn(id);
            for figure in &drawn.figures {
                let wide = |row: &Vec<Cell>| row.iter().map(|cell| u32::from(cell.bits)).sum::<u32>();
                assert!(figure.rows.iter().all(|row| row.is_empty() || wide(row) == 32), "{id}: {figure:?}");
                assert_eq!(figure.rows.len() * 4, figure.len);
            }
            assert!(drawn.bytes.iter().all(|(_, field)| field.is_some()));
            assert_eq!(drawn.checksum, Some(Checksum::Correct));
        }
    }
}
