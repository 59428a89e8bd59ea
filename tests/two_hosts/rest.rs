//! When a conversation is at rest.

use super::*;

/// Waits until whatever a TCP end has sent is acknowledged, and nothing is under way: then nothing is sent again.
pub async fn rests(session: &mut Session) {
    until(session, "the acknowledgement of everything", |events| {
        let lives = lives(events);
        let (mut sent, mut acked) = (BTreeMap::new(), BTreeMap::new());
        for life in &lives {
            let Some(segment) = life.header.tcp() else { continue };
            if !matches!(life.last, Stage::Delivered | Stage::Dropped(_)) {
                return None;
            }
            let ends = segment.flags.any(TcpFlags::SYN | TcpFlags::FIN);
            let next = segment.seq.wrapping_add(life.header.payload_len + u32::from(ends));
            sent.insert((life.header.src, segment.src_port), next);
            if life.last == Stage::Delivered {
                acked.insert((life.header.dst, segment.dst_port), segment.ack);
            }
        }
        (sent == acked).then_some(())
    })
    .await;
}
