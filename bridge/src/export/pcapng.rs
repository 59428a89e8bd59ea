//! The capture file format of Wireshark (draft-ietf-opsawg-pcapng), as far as we write it: one section, one interface,
//! packets with comments.

/// Packets begin with an IP header, of either version.
const LINKTYPE_RAW: u16 = 101;
/// Times count nanoseconds: 10⁻⁹ seconds.
const NANOSECONDS: u8 = 9;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

const OPTION_END: u16 = 0;
const OPTION_COMMENT: u16 = 1;
const SECTION_APPLICATION: u16 = 4;
const INTERFACE_NAME: u16 = 2;
const INTERFACE_DESCRIPTION: u16 = 3;
const INTERFACE_RESOLUTION: u16 = 9;
const STATISTICS_DROPPED: u16 = 5;

/// The start of a file: who wrote it, and the one place where its packets were seen.
#[must_use]
pub fn head(application: &str, name: &str, description: &str, snap: u32) -> Vec<u8> {
    let mut section = Vec::new();
    // The byte order, version 1.0, and a length that is not known in advance.
    section.extend(0x1a2b_3c4d_u32.to_le_bytes());
    section.extend(1_u16.to_le_bytes());
    section.extend(0_u16.to_le_bytes());
    section.extend(u64::MAX.to_le_bytes());
    option(&mut section, SECTION_APPLICATION, application.as_bytes());
    option(&mut section, OPTION_END, &[]);

    let mut interface = Vec::new();
    interface.extend(LINKTYPE_RAW.to_le_bytes());
    interface.extend(0_u16.to_le_bytes());
    interface.extend(snap.to_le_bytes());
    option(&mut interface, INTERFACE_NAME, name.as_bytes());
    option(&mut interface, INTERFACE_DESCRIPTION, description.as_bytes());
    option(&mut interface, INTERFACE_RESOLUTION, &[NANOSECONDS]);
    option(&mut interface, OPTION_END, &[]);

    [block(SECTION_HEADER, &section), block(INTERFACE, &interface)].concat()
}

/// A packet that was seen at `time`, nanoseconds since 1970: what was captured of its `true_len` bytes.
#[must_use]
pub fn packet(time: u64, data: &[u8], true_len: u32, comments: &[String]) -> Vec<u8> {
    let mut body = Vec::with_capacity(32 + data.len());
    body.extend(0_u32.to_le_bytes());
    stamp(&mut body, time);
    body.extend((data.len() as u32).to_le_bytes());
    body.extend(true_len.max(data.len() as u32).to_le_bytes());
    body.extend(data);
    pad(&mut body);
    for comment in comments {
        option(&mut body, OPTION_COMMENT, comment.as_bytes());
    }
    if !comments.is_empty() {
        option(&mut body, OPTION_END, &[]);
    }
    block(ENHANCED_PACKET, &body)
}

/// The end: how many packets were lost before anybody saw them.
#[must_use]
pub fn statistics(time: u64, dropped: u64) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(0_u32.to_le_bytes());
    stamp(&mut body, time);
    option(&mut body, STATISTICS_DROPPED, &dropped.to_le_bytes());
    option(&mut body, OPTION_END, &[]);
    block(INTERFACE_STATISTICS, &body)
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let len = (12 + body.len()) as u32;
    [&kind.to_le_bytes()[..], &len.to_le_bytes(), body, &len.to_le_bytes()].concat()
}

/// A time in its two halves, the upper first whatever the byte order.
fn stamp(to: &mut Vec<u8>, time: u64) {
    to.extend(((time >> 32) as u32).to_le_bytes());
    to.extend((time as u32).to_le_bytes());
}

fn option(to: &mut Vec<u8>, code: u16, value: &[u8]) {
    // What is longer than an option can be is cut, between characters if it is text.
    let most = value.len().min(usize::from(u16::MAX));
    let end = (most.saturating_sub(3)..=most).rev().find(|end| value.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80));
    let value = &value[..end.unwrap_or(most)];
    to.extend(code.to_le_bytes());
    to.extend((value.len() as u16).to_le_bytes());
    to.extend(value);
    pad(to);
}

fn pad(to: &mut Vec<u8>) {
    to.resize(to.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks as a reader finds them: type and body; their two lengths agree and are multiples of four.
    fn blocks(mut file: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let word = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().unwrap());
        let mut blocks = Vec::new();
        while !file.is_empty() {
            let len = word(&file[4..]) as usize;
            assert_eq!((len % 4, word(&file[len - 4..])), (0, len as u32));
            blocks.push((word(file), file[8..len - 4].to_vec()));
            file = &file[len..];
        }
        blocks
    }

    #[test]
    fn a_file_is_made_of_whole_blocks() {
        let comments = ["dropped by you".to_owned(), "本机".to_owned()];
        let file = [
            head("Socketscope", "wire", "between the hosts", 4_000),
            packet(0x0123_4567_89ab_cdef, b"abcde", 1_500, &comments),
            packet(1, b"", 0, &[]),
            statistics(2, 7),
        ]
        .concat();
        let blocks = blocks(&file);
        let kinds: Vec<_> = blocks.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [SECTION_HEADER, INTERFACE, ENHANCED_PACKET, ENHANCED_PACKET, INTERFACE_STATISTICS]);
        let body = &blocks[2].1;
        assert_eq!(body[4..8], 0x0123_4567_u32.to_le_bytes());
        assert_eq!(body[8..12], 0x89ab_cdef_u32.to_le_bytes());
        assert_eq!((body[12], &body[20..28]), (5, &b"abcde\0\0\0"[..]));
        assert!(body.windows(14).any(|bytes| bytes == b"dropped by you"));
    }

    #[test]
    fn a_comment_too_long_is_cut_between_characters() {
        let long = "é".repeat(40_000);
        let file = packet(1, b"x", 1, &[long]);
        assert!(blocks(&file)[0].1.len() < 66_000);
        let mut bytes = Vec::new();
        option(&mut bytes, OPTION_COMMENT, &[b"x".as_slice(), "é".repeat(40_000).as_bytes()].concat());
        let len = usize::from(u16::from_le_bytes([bytes[2], bytes[3]]));
        assert!(std::str::from_utf8(&bytes[4..4 + len]).is_ok());
    }
}
