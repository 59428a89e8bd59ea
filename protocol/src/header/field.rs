//! The fields of a packet's headers with their places, so that a drawing of the header and a hex dump can point at
//! each other.

use super::option::{TcpOption, TcpOptions};
use super::read::array;
use super::{Headers, Icmp, Layer, Network, Tcp, Transport, ipproto};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// In which header. A new one begins where this changes or [`Field::starts_header`] is set.
    pub layer: Layer,
    /// Whether it is the first of its header.
    pub starts_header: bool,
    /// What it is called.
    pub name: FieldName,
    /// Which bits, counted from the first of the packet.
    pub bits: Range<usize>,
    /// What it says.
    pub value: Value<'a>,
}

impl Field<'_> {
    /// The bytes that it lies in, from the start of the packet.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        self.bits.start / 8..self.bits.end.div_ceil(8)
    }
}

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number as it stands there (offsets and lengths in the units of the header).
    Number(u64),
    /// An address.
    Address(IpAddr),
    /// A TCP option.
    Option(TcpOption<'a>),
    /// Bytes, as far as they were captured.
    Bytes(&'a [u8]),
    /// The captured bytes end before it does.
    Missing,
}

macro_rules! names {
    ($($name:ident $term:literal)*) => {
        /// What a field is called. [`FieldName::term`] gives the word that its RFC uses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FieldName {
            $(#[doc = $term] $name,)*
        }

        impl FieldName {
            /// Every name.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word that RFC 791, 8200, 9293, 768, 792 or 4443 uses.
            #[must_use]
            pub fn term(self) -> &'static str {
                match self { $(Self::$name => $term,)* }
            }
        }
    };
}

names! {
    Version "Version" HeaderLength "IHL" Dscp "DSCP" Ecn "ECN" TotalLength "Total Length" Identification "Identification"
    Reserved "Reserved" DontFragment "DF" MoreFragments "MF" FragmentOffset "Fragment Offset" TimeToLive "Time to Live"
    Protocol "Protocol" Checksum "Checksum" Source "Source Address" Destination "Destination Address"
    IpOptions "Options" FlowLabel "Flow Label" PayloadLength "Payload Length" NextHeader "Next Header"
    HopLimit "Hop Limit" ExtensionLength "Hdr Ext Len" ExtensionData "Extension Data"
    SourcePort "Source Port" DestinationPort "Destination Port" Sequence "Sequence Number"
    Acknowledgement "Acknowledgment Number" DataOffset "Data Offset" Ae "AE" Cwr "CWR" Ece "ECE" Urg "URG" Ack "ACK"
    Psh "PSH" Rst "RST" Syn "SYN" Fin "FIN" Window "Window" UrgentPointer "Urgent Pointer" TcpOption "Option"
    Length "Length" Type "Type" Code "Code" Identifier "Identifier" EchoSequence "Sequence Number"
    Unused "unused" NextMtu "Next-Hop MTU" Data "Data"
}

/// Name, first bit, bits; in the order of the figure in its RFC.
type Figure = [(FieldName, usize, usize)];

/// RFC 791, 3.1, with the type of service as RFC 2474 and RFC 3168 read it.
const IPV4: &Figure = &[
    (FieldName::Version, 0, 4),
    (FieldName::HeaderLength, 4, 4),
    (FieldName::Dscp, 8, 6),
    (FieldName::Ecn, 14, 2),
    (FieldName::TotalLength, 16, 16),
    (FieldName::Identification, 32, 16),
    (FieldName::Reserved, 48, 1),
    (FieldName::DontFragment, 49, 1),
    (FieldName::MoreFragments, 50, 1),
    (FieldName::FragmentOffset, 51, 13),
    (FieldName::TimeToLive, 64, 8),
    (FieldName::Protocol, 72, 8),
    (FieldName::Checksum, 80, 16),
    (FieldName::Source, 96, 32),
    (FieldName::Destination, 128, 32),
];

/// RFC 8200, 3.
const IPV6: &Figure = &[
    (FieldName::Version, 0, 4),
    (FieldName::Dscp, 4, 6),
    (FieldName::Ecn, 10, 2),
    (FieldName::FlowLabel, 12, 20),
    (FieldName::PayloadLength, 32, 16),
    (FieldName::NextHeader, 48, 8),
    (FieldName::HopLimit, 56, 8),
    (FieldName::Source, 64, 128),
    (FieldName::Destination, 192, 128),
];

/// RFC 8200, 4.5.
const FRAGMENT: &Figure = &[
    (FieldName::NextHeader, 0, 8),
    (FieldName::Reserved, 8, 8),
    (FieldName::FragmentOffset, 16, 13),
    (FieldName::Reserved, 29, 2),
    (FieldName::MoreFragments, 31, 1),
    (FieldName::Identification, 32, 32),
];

/// RFC 8200, 4.2: what the other extension headers share.
const EXTENSION: &Figure = &[(FieldName::NextHeader, 0, 8), (FieldName::ExtensionLength, 8, 8)];

/// RFC 9293, 3.1, with the reserved bit that RFC 9768 took.
const TCP: &Figure = &[
    (FieldName::SourcePort, 0, 16),
    (FieldName::DestinationPort, 16, 16),
    (FieldName::Sequence, 32, 32),
    (FieldName::Acknowledgement, 64, 32),
    (FieldName::DataOffset, 96, 4),
    (FieldName::Reserved, 100, 3),
    (FieldName::Ae, 103, 1),
    (FieldName::Cwr, 104, 1),
    (FieldName::Ece, 105, 1),
    (FieldName::Urg, 106, 1),
    (FieldName::Ack, 107, 1),
    (FieldName::Psh, 108, 1),
    (FieldName::Rst, 109, 1),
    (FieldName::Syn, 110, 1),
    (FieldName::Fin, 111, 1),
    (FieldName::Window, 112, 16),
    (FieldName::Checksum, 128, 16),
    (FieldName::UrgentPointer, 144, 16),
];

/// RFC 768.
const UDP: &Figure = &[
    (FieldName::SourcePort, 0, 16),
    (FieldName::DestinationPort, 16, 16),
    (FieldName::Length, 32, 16),
    (FieldName::Checksum, 48, 16),
];

/// RFC 792; RFC 4443, 2.1.
const ICMP: &Figure = &[(FieldName::Type, 0, 8), (FieldName::Code, 8, 8), (FieldName::Checksum, 16, 16)];
const ICMP_ECHO: &Figure = &[(FieldName::Identifier, 32, 16), (FieldName::EchoSequence, 48, 16)];
/// RFC 1191, 4.
const ICMP_FRAGMENTATION_NEEDED: &Figure = &[(FieldName::Unused, 32, 16), (FieldName::NextMtu, 48, 16)];
/// RFC 4443, 3.2.
const ICMP_TOO_BIG: &Figure = &[(FieldName::NextMtu, 32, 32)];
const ICMP_OTHER: &Figure = &[(FieldName::Unused, 32, 32)];

impl<'a> Headers<'a> {
    /// All fields, in order; a field that was not captured is [`Value::Missing`].
    ///
    /// The last one is the payload, if there is any. What an ICMP error quotes is payload here: read it through
    /// [`Headers::quoted`].
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'a>> {
        let mut list = List { bytes: self.bytes, fields: Vec::with_capacity(48) };
        match self.network {
            Network::V4(ip) => {
                list.header(Layer::Ipv4, 0, IPV4);
                list.rest(Layer::Ipv4, FieldName::IpOptions, super::Ipv4::MIN_LEN..ip.header_len().min(self.end));
            }
            Network::V6(ip) => {
                list.header(Layer::Ipv6, 0, IPV6);
                for extension in ip.extensions() {
                    let (start, end) = (extension.at, extension.at + extension.bytes.len());
                    if extension.kind == ipproto::FRAGMENT {
                        list.header(Layer::Extension, start, FRAGMENT);
                    } else {
                        list.header(Layer::Extension, start, EXTENSION);
                        list.rest(Layer::Extension, FieldName::ExtensionData, start + 2..end);
                    }
                }
            }
        }
        let at = self.transport_at;
        match self.transport {
            Transport::Tcp(tcp) => {
                list.header(Layer::Tcp, at, TCP);
                list.options(at + Tcp::MIN_LEN, tcp.options());
            }
            Transport::Udp(_) => list.header(Layer::Udp, at, UDP),
            Transport::Icmp(icmp) => {
                list.header(Layer::Icmp, at, ICMP);
                list.figure(Layer::Icmp, at, second_word(&icmp), false);
            }
            Transport::Continued | Transport::Other => {}
        }
        list.rest(Layer::Payload, FieldName::Data, self.payload.clone());
        list.fields
    }
}

fn second_word(icmp: &Icmp<'_>) -> &'static Figure {
    match (icmp.mtu().is_some(), icmp.is_v6()) {
        (true, false) => ICMP_FRAGMENTATION_NEEDED,
        (true, true) => ICMP_TOO_BIG,
        (false, _) if icmp.echo().is_some() => ICMP_ECHO,
        (false, _) => ICMP_OTHER,
    }
}

struct List<'a> {
    bytes: &'a [u8],
    fields: Vec<Field<'a>>,
}

impl<'a> List<'a> {
    fn header(&mut self, layer: Layer, at: usize, figure: &Figure) {
        self.figure(layer, at, figure, true);
    }

    fn figure(&mut self, layer: Layer, at: usize, figure: &Figure, starts: bool) {
        for (place, &(name, first, len)) in figure.iter().enumerate() {
            let bits = at * 8 + first..at * 8 + first + len;
            let value = self.value(name, &bits);
            self.fields.push(Field { layer, starts_header: starts && place == 0, name, bits, value });
        }
    }

    fn options(&mut self, at: usize, options: TcpOptions<'a>) {
        for (range, option) in options {
            self.fields.push(Field {
                layer: Layer::Tcp,
                starts_header: false,
                name: FieldName::TcpOption,
                bits: (at + range.start) * 8..(at + range.end) * 8,
                value: Value::Option(option),
            });
        }
    }

    fn rest(&mut self, layer: Layer, name: FieldName, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let captured = self.bytes.get(range.start..range.end.min(self.bytes.len())).unwrap_or_default();
        let value = if captured.is_empty() { Value::Missing } else { Value::Bytes(captured) };
        self.fields.push(Field { layer, starts_header: false, name, bits: range.start * 8..range.end * 8, value });
    }

    fn value(&self, name: FieldName, bits: &Range<usize>) -> Value<'a> {
        let first = bits.start / 8;
        if matches!(name, FieldName::Source | FieldName::Destination) {
            let address = if bits.len() == 32 {
                array::<4>(self.bytes, first).map(|octets| IpAddr::V4(Ipv4Addr::from(octets)))
            } else {
                array::<16>(self.bytes, first).map(|octets| IpAddr::V6(Ipv6Addr::from(octets)))
            };
            return address.map_or(Value::Missing, Value::Address);
        }
        let last = bits.end.div_ceil(8);
        let Some(bytes) = self.bytes.get(first..last) else { return Value::Missing };
        // No figure has a number of more than 32 bits, and none of those begins inside a byte.
        let number = bytes.iter().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        Value::Number(number >> (last * 8 - bits.end) & ((1 << bits.len()) - 1))
    }
}
