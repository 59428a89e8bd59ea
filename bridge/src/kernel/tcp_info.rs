//! `struct tcp_info` of Linux, read by offset: the kernel only ever adds to its end, so what is short is old.

use protocol::GaugeKey;

/// Fields of 4 bytes that follow the first 8 bytes, by offset (`include/uapi/linux/tcp.h`).
const WORDS: [(usize, GaugeKey); 17] = [
    (8, GaugeKey::Rto),
    (16, GaugeKey::SndMss),
    (20, GaugeKey::RcvMss),
    (24, GaugeKey::Unacked),
    (28, GaugeKey::Sacked),
    (32, GaugeKey::Lost),
    (36, GaugeKey::Retrans),
    (68, GaugeKey::Srtt),
    (72, GaugeKey::RttVar),
    (76, GaugeKey::Ssthresh),
    (80, GaugeKey::Cwnd),
    (100, GaugeKey::TotalRetrans),
    (136, GaugeKey::SegsOut),
    (140, GaugeKey::SegsIn),
    (144, GaugeKey::NotSent),
    (228, GaugeKey::SndWnd),
    (232, GaugeKey::RcvWnd),
];

/// Fields of 8 bytes.
const LONGS: [(usize, GaugeKey); 2] = [(120, GaugeKey::BytesAcked), (128, GaugeKey::BytesReceived)];

/// The values of a connection.
#[must_use]
pub fn gauges(info: &[u8]) -> Vec<(GaugeKey, u64)> {
    let word = |at: usize| Some(u32::from_ne_bytes(*info.get(at..)?.first_chunk()?).into());
    let long = |at: usize| Some(u64::from_ne_bytes(*info.get(at..)?.first_chunk()?));
    // tcpi_probes and tcpi_backoff.
    let bytes = [(3, GaugeKey::Probes), (4, GaugeKey::Backoff)];
    let mut gauges: Vec<_> = bytes.iter().filter_map(|(at, key)| Some((*key, u64::from(*info.get(*at)?)))).collect();
    gauges.extend(WORDS.iter().filter_map(|(at, key)| Some((*key, word(*at)?))));
    gauges.extend(LONGS.iter().filter_map(|(at, key)| Some((*key, long(*at)?))));
    gauges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_header_says_and_old_kernels_tell_fewer() {
        let mut info = vec![0; 248];
        info[4] = 3;
        info[8..12].copy_from_slice(&204_000_u32.to_ne_bytes());
        info[120..128].copy_from_slice(&5_000_000_000_u64.to_ne_bytes());
        info[228..232].copy_from_slice(&65_536_u32.to_ne_bytes());
        let all = gauges(&info);
        for expected in [
            (GaugeKey::Backoff, 3),
            (GaugeKey::Rto, 204_000),
            (GaugeKey::BytesAcked, 5_000_000_000),
            (GaugeKey::SndWnd, 65_536),
        ] {
            assert!(all.contains(&expected), "{expected:?}");
        }
        let old = gauges(&info[..104]);
        assert!(old.contains(&(GaugeKey::Rto, 204_000)));
        assert!(!old.iter().any(|(key, _)| *key == GaugeKey::SndWnd));
    }
}
