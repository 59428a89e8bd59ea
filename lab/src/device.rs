//! The network interface as the stack sees it: one packet in, any number out.
//!
//! There is no queue that could grow: the host takes what the stack sent before it does anything else.

use smoltcp::phy::{Checksum, ChecksumCapabilities, Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// Where packets enter and leave a stack.
#[derive(Debug)]
pub(crate) struct Port {
    /// The packet that has just arrived.
    pub(crate) inbox: Option<Vec<u8>>,
    /// What the stack has sent, in order.
    pub(crate) outbox: Vec<Vec<u8>>,
    /// The largest packet that may be sent, bytes.
    pub(crate) mtu: usize,
}

impl Port {
    pub(crate) fn new(mtu: usize) -> Self {
        Self { inbox: None, outbox: Vec::new(), mtu }
    }
}

impl Device for Port {
    type RxToken<'a> = Arrived;
    type TxToken<'a> = Leaving<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Arrived, Leaving<'_>)> {
        let packet = self.inbox.take()?;
        Some((Arrived(packet), Leaving(&mut self.outbox)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Leaving<'_>> {
        Some(Leaving(&mut self.outbox))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut checksum = ChecksumCapabilities::default();
        // Ours are right on the wire, for Wireshark's sake. Nothing on the wire changes a bit, so nobody checks them.
        checksum.ipv4 = Checksum::Tx;
        checksum.tcp = Checksum::Tx;
        checksum.udp = Checksum::Tx;
        checksum.icmpv4 = Checksum::Tx;
        checksum.icmpv6 = Checksum::Tx;
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities.checksum = checksum;
        capabilities
    }
}

/// A packet that has arrived.
pub(crate) struct Arrived(Vec<u8>);

impl RxToken for Arrived {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(&self.0)
    }
}

/// Room for a packet that leaves.
pub(crate) struct Leaving<'a>(&'a mut Vec<Vec<u8>>);

impl TxToken for Leaving<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, write: F) -> R {
        let mut packet = vec![0; len];
        let result = write(&mut packet);
        self.0.push(packet);
        result
    }
}
