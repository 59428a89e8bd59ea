//! Packet sockets (packet(7)): a filter that cannot be taken off again, and a ring that the kernel writes packets into.

use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// One frame of the ring holds one packet, its header of 80 bytes included.
const FRAME: usize = 4_096;
/// What the kernel allocates in one piece.
const BLOCK: usize = 64 << 10;
/// Packets that may wait until somebody looks.
const FRAMES: usize = 1_024;
const LENGTH: usize = FRAME * FRAMES;

// linux/if_packet.h
const PACKET_RX_RING: libc::c_int = 5;
const PACKET_STATISTICS: libc::c_int = 6;
const PACKET_VERSION: libc::c_int = 10;
const TPACKET_V2: libc::c_int = 1;
/// For experiments on one's own network (IEEE 802); an interface that is up has no packet of it.
const UNSPOKEN: u16 = 0x88b5;
const STATUS_KERNEL: u32 = 0;
const STATUS_USER: u32 = 1;

/// One instruction of a filter, `struct sock_filter`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u16,
    /// How many instructions to skip if a comparison holds.
    pub yes: u8,
    /// How many if not.
    pub no: u8,
    /// What to do it with.
    pub value: u32,
}

/// `struct tpacket_req`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Request {
    block_size: u32,
    blocks: u32,
    frame_size: u32,
    frames: u32,
}

/// `struct tpacket2_hdr`, as far as it is read.
#[repr(C)]
struct Header {
    status: AtomicU32,
    len: u32,
    snap_len: u32,
    link: u16,
    network: u16,
    seconds: u32,
    nanoseconds: u32,
}

/// `struct tpacket_stats`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Statistics {
    packets: u32,
    drops: u32,
}

/// A packet in the ring.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// From the first byte of the IP header, up to the snap length.
    pub bytes: &'a [u8],
    /// Its whole length, bytes.
    pub true_len: u32,
    /// When the kernel had it: `CLOCK_REALTIME`, nanoseconds since 1970.
    pub wall: u64,
}

/// Puts a filter on a socket, and locks it: nobody takes it off or puts another one there.
///
/// # Errors
/// What `SO_ATTACH_FILTER` and `SO_LOCK_FILTER` say: `EINVAL` for a program that the kernel does not take.
pub fn filter_for_good(socket: &OwnedFd, program: &[Instruction]) -> io::Result<()> {
    let len = u16::try_from(program.len()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
    // The layouts are the same; the kernel copies the program and writes nothing.
    let filter = libc::sock_fprog { len, filter: program.as_ptr().cast_mut().cast() };
    set(socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)?;
    set(socket, libc::SOL_SOCKET, libc::SO_LOCK_FILTER, &1_i32)
}

/// A packet socket, and the memory it shares with the kernel. Both end when this is dropped.
#[derive(Debug)]
pub struct Ring {
    socket: OwnedFd,
    memory: *mut u8,
    next: usize,
}

// SAFETY: the memory belongs to this value alone on our side, wherever it moves; the kernel does not care which
// thread looks.
unsafe impl Send for Ring {}

impl Ring {
    /// Makes the ring. Takes a millisecond, for the kernel fills it with zeros, and no rights, only the socket.
    ///
    /// # Errors
    /// The system's own: `ENOMEM` where there is not so much memory.
    pub fn new(socket: OwnedFd) -> io::Result<Self> {
        set(&socket, libc::SOL_PACKET, PACKET_VERSION, &TPACKET_V2)?;
        let blocks = (LENGTH / BLOCK) as u32;
        let wanted = Request { block_size: BLOCK as u32, blocks, frame_size: FRAME as u32, frames: FRAMES as u32 };
        set(&socket, libc::SOL_PACKET, PACKET_RX_RING, &wanted)?;
        let (read_write, shared) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: a new mapping, at a place that the kernel chooses, of the ring that was just made with this length.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), LENGTH, read_write, shared, socket.as_raw_fd(), 0) };
        if memory == libc::MAP_FAILED {
            let error = io::Error::last_os_error();
            let _ = set(&socket, libc::SOL_PACKET, PACKET_RX_RING, &Request::default());
            return Err(error);
        }
        Ok(Self { socket, memory: memory.cast(), next: 0 })
    }

    /// Another descriptor of its socket, to wait on.
    ///
    /// # Errors
    /// What `dup` says.
    pub fn socket(&self) -> io::Result<OwnedFd> {
        self.socket.try_clone()
    }

    /// Begins to listen on an interface.
    ///
    /// # Errors
    /// What `bind` says: `ENODEV` if there is no such interface, `ENETDOWN` if it is down.
    pub fn listen(&self, interface: u32) -> io::Result<()> {
        bind(&self.socket, libc::ETH_P_ALL as u16, interface)
    }

    /// Listens no more, and throws away what has come.
    pub fn rest(&mut self) {
        // Bound to a protocol that nobody speaks, it is shown nothing, and no packet costs anything.
        let _ = bind(&self.socket, UNSPOKEN, 0);
        while self.take(|_| ()).is_some() {}
    }

    /// Takes the next packet out, if there is one.
    pub fn take<T>(&mut self, look: impl FnOnce(Frame<'_>) -> T) -> Option<T> {
        // SAFETY: `next` is below FRAMES, so the frame lies in the mapping, which lives as long as we do; frames are
        // aligned to pages, and every bit pattern is a valid header. The status is only touched atomically.
        let header = unsafe { &*self.memory.add(self.next * FRAME).cast::<Header>() };
        if header.status.load(Ordering::Acquire) & STATUS_USER == 0 {
            return None;
        }
        let start = usize::from(header.network).min(FRAME);
        let len = (header.snap_len as usize).min(FRAME - start);
        // SAFETY: start + len is at most FRAME, and until the status says otherwise the kernel does not touch it.
        let bytes = unsafe { std::slice::from_raw_parts(self.memory.add(self.next * FRAME + start), len) };
        let wall = u64::from(header.seconds) * 1_000_000_000 + u64::from(header.nanoseconds);
        let result = look(Frame { bytes, true_len: header.len, wall });
        header.status.store(STATUS_KERNEL, Ordering::Release);
        self.next = (self.next + 1) % FRAMES;
        Some(result)
    }

    /// How many packets found the ring full since this was last asked.
    pub fn drops(&self) -> u32 {
        let mut statistics = Statistics::default();
        let mut len = size_of::<Statistics>() as libc::socklen_t;
        let place = std::ptr::from_mut(&mut statistics).cast();
        let fd = self.socket.as_raw_fd();
        // SAFETY: the kernel writes two numbers where there is room for two, and `len` says so.
        let result = unsafe { libc::getsockopt(fd, libc::SOL_PACKET, PACKET_STATISTICS, place, &raw mut len) };
        if result == 0 { statistics.drops } else { 0 }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping was made with this length, and nothing borrowed from it outlives a call of `take`.
        unsafe { libc::munmap(self.memory.cast(), LENGTH) };
        let _ = set(&self.socket, libc::SOL_PACKET, PACKET_RX_RING, &Request::default());
    }
}

fn bind(socket: &OwnedFd, protocol: u16, interface: u32) -> io::Result<()> {
    let address = libc::sockaddr_ll {
        sll_family: libc::AF_PACKET as u16,
        sll_protocol: protocol.to_be(),
        sll_ifindex: interface as i32,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    let len = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
    // SAFETY: the kernel reads a `sockaddr_ll` of this length.
    let result = unsafe { libc::bind(socket.as_raw_fd(), std::ptr::from_ref(&address).cast(), len) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn set<T>(socket: impl AsFd, level: libc::c_int, option: libc::c_int, value: &T) -> io::Result<()> {
    let len = size_of::<T>() as libc::socklen_t;
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: every caller in this file passes the structure that its option reads.
    let result = unsafe { libc::setsockopt(fd, level, option, std::ptr::from_ref(value).cast(), len) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
