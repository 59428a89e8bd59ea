//! The scenes: what has happened when the picture is taken.

/// One scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Nothing has happened yet.
    FirstVisit,
    /// One echo over TCP.
    Hello,
    /// Three sends, one recv.
    ThreeSends,
    /// One of them pointed at: the same bytes everywhere.
    Focus,
    /// Bytes in a receive buffer.
    Levels,
    /// The legend.
    Legend,
    /// 3000 bytes.
    Shares,
    /// Datagrams, one of them cut.
    Udp,
    /// Datagrams at a full queue: some are gone, and nobody is told.
    UdpFull,
    /// A Unix stream.
    Unix,
    /// The second client in its seat.
    SecondClient,
    /// The tutorial's server, spinning.
    Tutorial,
    /// Nobody listens.
    Error,
    /// Two hosts: the second of three segments is dropped, and sent again.
    LostSegment,
    /// Two hosts: a segment is caught, and nobody has decided yet.
    Caught,
    /// In this page: two runs, and a look back.
    InThisPage,
    /// In this page: a segment is caught, and time stands.
    TimeStands,
    /// Twelve clients: one is served, six have a seat, five find none.
    TwelveClients,
    /// Ten thousand echoes and more: a hundred thousand events.
    Long,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::FirstVisit,
        Self::Hello,
        Self::ThreeSends,
        Self::Focus,
        Self::Levels,
        Self::Legend,
        Self::Shares,
        Self::Udp,
        Self::UdpFull,
        Self::Unix,
        Self::SecondClient,
        Self::Tutorial,
        Self::Error,
        Self::LostSegment,
        Self::Caught,
        Self::InThisPage,
        Self::TimeStands,
        Self::TwelveClients,
        Self::Long,
    ];

    /// The name of its pictures.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstVisit => "first-visit",
            Self::Hello => "hello",
            Self::ThreeSends => "three-sends",
            Self::Focus => "focus",
            Self::Levels => "levels",
            Self::Legend => "legend",
            Self::Shares => "shares",
            Self::Udp => "udp",
            Self::UdpFull => "udp-full",
            Self::Unix => "unix",
            Self::SecondClient => "second-client",
            Self::Tutorial => "tutorial",
            Self::Error => "error",
            Self::LostSegment => "lost-segment",
            Self::Caught => "caught",
            Self::InThisPage => "in-this-page",
            Self::TimeStands => "time-stands",
            Self::TwelveClients => "twelve-clients",
            Self::Long => "long",
        }
    }

    /// A JavaScript expression that is true once it is on the page.
    pub fn is_shown(self) -> &'static str {
        match self {
            Self::FirstVisit | Self::InThisPage | Self::TimeStands => {
                "document.querySelectorAll('svg [data-kind]').length > 0"
            }
            Self::Hello => "document.body.textContent.includes('HELLO')",
            Self::ThreeSends => "document.body.textContent.includes('ONETWOTHREE')",
            Self::Focus => "document.querySelectorAll('.ladder-svg.pointed .mark.lit').length > 3",
            Self::Levels => "document.querySelectorAll('svg .level').length > 1",
            Self::Legend => "document.querySelectorAll('.legend svg').length > 10",
            Self::UdpFull => "document.querySelector('svg [data-kind=\"loss\"]') != null",
            Self::Shares => "document.body.textContent.includes('3000')",
            Self::Udp => "document.body.textContent.includes('ONE')",
            Self::Unix => "document.body.textContent.includes('HELLO')",
            Self::SecondClient | Self::Tutorial => "document.querySelectorAll('svg [data-kind]').length > 10",
            Self::Error => "document.body.textContent.includes('ECONNREFUSED')",
            Self::TwelveClients => "document.querySelectorAll('.strip').length == 12",
            // The whole story is there: its first call and its last answer.
            Self::Long => "document.querySelector('.term').textContent.includes('LAST')",
            Self::LostSegment | Self::Caught => "document.querySelectorAll('svg [data-kind=\"packet\"]').length > 4",
        }
    }
}
