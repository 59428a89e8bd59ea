//! Network interfaces: a TUN, its addresses and flags, by the ioctls of netdevice(7) and a little netlink.

use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Opens the TUN device, without making an interface yet.
///
/// # Errors
/// What `open` says: `ENOENT` where the device is missing, `EACCES` where it may not be opened.
pub fn open_tun(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Makes a TUN interface in this network namespace: whoever reads the descriptor gets the IP packets that the kernel
/// sends, and what is written the kernel receives. The interface goes when the descriptor is closed.
///
/// # Errors
/// What `TUNSETIFF` says: `EPERM` without `CAP_NET_ADMIN`, `EBUSY` if there is one of that name.
pub fn create_tun(device: &OwnedFd, name: &str) -> io::Result<()> {
    let mut request = request(name)?;
    // Packets as they are, without the four bytes of packet information in front.
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    ioctl(device, libc::TUNSETIFF, &mut request)
}

/// Settings of one interface of this network namespace.
#[derive(Debug)]
pub struct Interface<'a> {
    name: &'a str,
    v4: OwnedFd,
}

impl<'a> Interface<'a> {
    /// The interface of that name.
    ///
    /// # Errors
    /// What `socket` says.
    pub fn named(name: &'a str) -> io::Result<Self> {
        Ok(Self { name, v4: any_socket(AddressFamily::INET)? })
    }

    /// Gives it an IPv4 address and the length of its network's prefix.
    ///
    /// # Errors
    /// What `SIOCSIFADDR` and `SIOCSIFNETMASK` say.
    pub fn set_v4(&self, address: Ipv4Addr, prefix: u32) -> io::Result<()> {
        let mut wanted = request(self.name)?;
        wanted.ifr_ifru.ifru_addr = socket_address(address);
        ioctl(&self.v4, libc::SIOCSIFADDR, &mut wanted)?;
        let mask = Ipv4Addr::from(u32::MAX.checked_shl(32 - prefix).unwrap_or(0));
        wanted.ifr_ifru.ifru_netmask = socket_address(mask);
        ioctl(&self.v4, libc::SIOCSIFNETMASK, &mut wanted)
    }

    /// Gives it an IPv6 address and the length of its network's prefix; usable at once, because nobody is asked
    /// whether they have it already.
    ///
    /// # Errors
    /// What `RTM_NEWADDR` says; `EAFNOSUPPORT` or `EOPNOTSUPP` where the kernel has no IPv6.
    pub fn set_v6(&self, address: Ipv6Addr, prefix: u8) -> io::Result<()> {
        let mut body = Vec::with_capacity(28);
        // ifaddrmsg: family, prefix, flags, scope, index. Without NODAD the address is tentative for a moment, and
        // whoever connects in it does so from ::1.
        body.extend([libc::AF_INET6 as u8, prefix, libc::IFA_F_NODAD as u8, libc::RT_SCOPE_UNIVERSE]);
        body.extend(self.index()?.to_ne_bytes());
        attribute(&mut body, libc::IFA_ADDRESS, &address.octets());
        ask_route(libc::RTM_NEWADDR, libc::NLM_F_CREATE | libc::NLM_F_EXCL, &body)
    }

    /// Sets how many packets wait in it until they are read.
    ///
    /// # Errors
    /// What `RTM_NEWLINK` says.
    pub fn set_queue(&self, packets: u32) -> io::Result<()> {
        let mut body = Vec::with_capacity(24);
        // ifinfomsg: family and padding, type, index, flags, which of them to change.
        body.extend([0; 4]);
        body.extend(self.index()?.to_ne_bytes());
        body.extend([0; 8]);
        // The ioctl for this one wants rights that only the first user namespace gives.
        attribute(&mut body, libc::IFLA_TXQLEN, &packets.to_ne_bytes());
        ask_route(libc::RTM_NEWLINK, 0, &body)
    }

    fn index(&self) -> io::Result<u32> {
        Ok(rustix::net::netdevice::name_to_index(&self.v4, self.name)?)
    }

    /// Switches it on.
    ///
    /// # Errors
    /// What `SIOCGIFFLAGS` and `SIOCSIFFLAGS` say.
    pub fn up(&self) -> io::Result<()> {
        let mut wanted = request(self.name)?;
        ioctl(&self.v4, libc::SIOCGIFFLAGS, &mut wanted)?;
        // SAFETY: the kernel has just written the flags into the union.
        let present = unsafe { wanted.ifr_ifru.ifru_flags };
        // The others stay: without NOARP a TUN would join IPv6 groups and announce that on the wire.
        wanted.ifr_ifru.ifru_flags = present | libc::IFF_UP as libc::c_short;
        ioctl(&self.v4, libc::SIOCSIFFLAGS, &mut wanted)
    }
}

/// Appends an rtattr: length, type, value, whose length is a multiple of four here.
fn attribute(to: &mut Vec<u8>, kind: u16, value: &[u8]) {
    to.extend((4 + value.len() as u16).to_ne_bytes());
    to.extend(kind.to_ne_bytes());
    to.extend_from_slice(value);
}

/// Asks rtnetlink(7) for a change, and waits for its acknowledgement.
fn ask_route(kind: u16, flags: libc::c_int, body: &[u8]) -> io::Result<()> {
    // Protocol 0 is NETLINK_ROUTE.
    let socket = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    let mut message = Vec::with_capacity(16 + body.len());
    // nlmsghdr: length, type, flags, sequence, port.
    message.extend((16 + body.len() as u32).to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(((libc::NLM_F_REQUEST | libc::NLM_F_ACK | flags) as u16).to_ne_bytes());
    message.extend([0; 8]);
    message.extend_from_slice(body);
    rustix::net::send(&socket, &message, SendFlags::empty())?;
    let mut answer = [0_u8; 256];
    let (len, _) = rustix::net::recv(&socket, &mut answer, RecvFlags::empty())?;
    // nlmsgerr: the error number follows the header; 0 is the acknowledgement.
    let error = answer[..len].get(16..20).and_then(|error| error.try_into().ok());
    match error.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        error => Err(io::Error::from_raw_os_error(error.map_or(libc::EIO, i32::wrapping_neg))),
    }
}

fn any_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    Ok(rustix::net::socket_with(family, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?)
}

fn request(name: &str) -> io::Result<libc::ifreq> {
    // SAFETY: an `ifreq` of zeroes is an empty name and a union of numbers that are all 0.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // One byte stays 0: the name ends there.
    if name.len() >= request.ifr_name.len() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "an interface name has at most 15 bytes"));
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    Ok(request)
}

fn socket_address(address: Ipv4Addr) -> libc::sockaddr {
    let address = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: 0,
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(address.octets()) },
        sin_zero: [0; 8],
    };
    // SAFETY: both are 16 bytes of plain numbers, and a `sockaddr` is whatever its family says.
    unsafe { std::mem::transmute::<libc::sockaddr_in, libc::sockaddr>(address) }
}

fn ioctl<T>(fd: impl AsFd, operation: libc::Ioctl, argument: &mut T) -> io::Result<()> {
    // SAFETY: every caller in this file passes the structure that its operation reads and writes.
    let result = unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), operation, std::ptr::from_mut(argument)) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
