//! English for the ladder.

use super::*;

/// English.
pub const EN: Ladder = Ladder {
    say: en,
    ladder: "Ladder",
    events: "Events",
    tracker: "Bytes",
    columns: ["Time", "Who", "What", "Result"],
    empty: "Nothing has happened yet.",
    recent: "last exchange",
    all: "all bytes",
    newest: "Newest ↓",
    follow: "Follow",
    mode: |mode| match mode {
        TcpMode::OneAtATime => "one client at a time",
        TcpMode::TaskPerClient => "a task per client",
        TcpMode::TutorialExactly => "the tutorial, exactly",
    },
    left_out: |count| [&count.to_string(), " more"].concat(),
    clients: "Clients",
    legend: "Legend",
    known: ["reported by the kernel", "derived"],
    standing: |standing| match standing {
        Standing::Served => "being served".into(),
        Standing::Seat { seat, bytes: 0 } => ["seat ", &seat.to_string()].concat(),
        Standing::Seat { seat, bytes } => ["seat ", &seat.to_string(), ", ", &bytes.to_string(), " B"].concat(),
        Standing::Connecting(0 | 1) => "connecting".into(),
        Standing::Connecting(syns) => ["SYN ×", &syns.to_string()].concat(),
        Standing::Open => "open".into(),
        Standing::Failed => "failed".into(),
        Standing::Closed => "closed".into(),
    },
};

fn en(say: &Say) -> String {
    let plain = |text: &str| text.to_string();
    match say {
        Say::Code(code) => code.clone(),
        Say::ClientProgram => plain("client program"),
        Say::ClientSocket => plain("client socket"),
        Say::You => plain("You"),
        Say::WireShort => plain("wire"),
        Say::Server => plain("Server"),
        Say::ServerSocket => plain("server socket"),
        Say::Wire => plain("the wire"),
        Say::Loopback => plain("loopback"),
        Say::InsideKernel => plain("packets inside one kernel"),
        Say::OnePlace => plain("as captured: one time each"),
        Say::Kernel => plain("inside the kernel"),
        Say::Path => plain("a path"),
        Say::ServerSockets => plain("server sockets"),
        Say::ServerProgram => plain("server program"),
        Say::NotVisibleHere => plain("packets not visible here"),
        Say::KernelCopies => plain("no packets: the kernel copies"),
        Say::CallsNotVisible => plain("calls not visible"),
        Say::Waited(length) => ["waited ", &time(*length)].concat(),
        Say::Waiting { accept: true, time: length } => ["waiting, which is normal:\n", &time(*length)].concat(),
        Say::Waiting { accept: false, time: length } => ["waiting: ", &time(*length)].concat(),
        Say::Idle(length) => time(*length),
        Say::Seats { taken: 0, seats } => ["0 of ", &seats.to_string(), " seats taken"].concat(),
        Say::Seats { taken, seats } if taken >= seats => {
            [&taken.to_string(), " of ", &seats.to_string(), ": full"].concat()
        }
        Say::Seats { taken, seats } => [&taken.to_string(), " of ", &seats.to_string(), " waiting"].concat(),
        Say::HalfOpen => plain("half open: its handshake is under way"),
        Say::Queued => plain("waits to be accepted"),
        Say::Echoes { count, median } => [&count.to_string(), " equal echoes, p50 ", &time(*median)].concat(),
        Say::EmptyRecvs { count, time: length } => {
            [&count.to_string(), " more recv() = 0 in ", &time(*length)].concat()
        }
        Say::Note(id, args) => en_note(*id, args),
        Say::Lost(place, number) => {
            let place = match place {
                Place::Calls => "made faster than they can be recorded",
                Place::Capture => "the capture queue was full",
                Place::Kernel => "too many kernel reports",
                Place::Relay => "a relay made them too fast",
            };
            [&count(*number, "event", "events"), " lost here: ", place].concat()
        }
        Say::Command(command) => en_command(command),
        Say::Dropped(why) => plain(match why {
            DropReason::ByYou => "dropped by you",
            DropReason::Loss => "lost at random",
            DropReason::Cut => "the cable is cut",
            DropReason::QueueFull => "queue full",
            DropReason::TooBig => "larger than the MTU",
            DropReason::AcceptQueueFull => "no seat free",
            DropReason::Interface => "not taken by the interface",
        }),
        Say::Held => plain("held"),
        Say::SentAgain => plain("sent again"),
        Say::DataBytes(number) => count(*number, "byte", "bytes"),
        Say::Fragment(from, to) => ["fragment ", &from.to_string(), "–", &to.to_string()].concat(),
        Say::Copied => plain("copy"),
        Say::OnItsWay => plain("sent"),
        Say::Delivered => plain("arrived"),
        Say::Released => plain("let go"),
        Say::CutUp => plain("cut into fragments"),
        Say::Cards(0) => plain("one queue"),
        Say::Cards(number) => [&number.to_string(), " in the queue"].concat(),
        Say::Segments { count: number, again, lost } => {
            let mut said = count((*number).into(), "segment", "segments");
            if *again > 0 {
                said = [&said, ", ", &again.to_string(), " of them twice"].concat();
            }
            if *lost > 0 { [&said, ", ", &lost.to_string(), " lost"].concat() } else { said }
        }
        Say::CutOff(number) => ["✂ ", &count(*number, "byte", "bytes"), " gone"].concat(),
        Say::Both(first, second) => [&en(first), ", ", &en(second)].concat(),
        Say::Named { who, what } => [who, ": ", &en(what)].concat(),
        Say::Program(name) => name.clone(),
        Say::Row(row) => plain(match row {
            TrackerRow::ClientSend => "client send()",
            TrackerRow::Segments => "segments",
            TrackerRow::Buffer => "recv buffer",
            TrackerRow::ServerRecv => "server recv()",
            TrackerRow::ServerSend => "server send()",
            TrackerRow::ClientRecv => "client recv()",
        }),
        Say::Counted(row, number) => match row {
            TrackerRow::ClientSend => count((*number).into(), "send", "sends"),
            TrackerRow::Segments => count((*number).into(), "segment", "segments"),
            TrackerRow::Buffer => count((*number).into(), "byte unread", "bytes unread"),
            TrackerRow::ServerRecv | TrackerRow::ClientRecv => count((*number).into(), "recv", "recvs"),
            TrackerRow::ServerSend => [&count((*number).into(), "send", "sends"), ": a new stream"].concat(),
        },
        Say::Moral(moral) => crate::i18n::moral::en(moral),
        Say::NothingYet => plain("nothing sent yet"),
        Say::Because(reason, cause) => crate::i18n::why::EN.said(*reason, &en(cause), en),
        other => crate::i18n::legend::en(other),
    }
}

fn en_note(id: NoteId, args: &[Arg]) -> String {
    let (first, second) = (arg(args.first()), arg(args.get(1)));
    match id {
        NoteId::EmptyRecvs => {
            [&first, " more empty recv() in ", &second, ": the client has closed, and the program never checks for it"]
                .concat()
        }
        NoteId::DatagramCut if second.is_empty() => {
            ["✂ the datagram was longer than the buffer: ", &first, " bytes kept"].concat()
        }
        NoteId::DatagramCut => {
            ["✂ ", &second, " bytes gone: the datagram was longer than the buffer of ", &first].concat()
        }
        NoteId::DatagramRefused => {
            ["a datagram from ", &first, " was refused: answering it could go on for ever"].concat()
        }
        NoteId::DatagramsLimited => [&first, " datagrams refused: too many came"].concat(),
        NoteId::AcceptBackoff => ["accept() failed (errno ", &first, "); it is tried again in ", &second].concat(),
        NoteId::Rebound => "the server was bound again: new settings hold".into(),
        NoteId::WaitsForRebind => "this setting waits for the next bind".into(),
        NoteId::StaleSocketFile => ["a socket file nobody listens on was removed: ", &first].concat(),
        NoteId::SynRetriesShortened => "in our hosts a SYN is sent again only twice, after doubled times".into(),
        NoteId::OtherProgram => ["another program: ", &first, " (", &second, "); its calls are not visible"].concat(),
        NoteId::GaveUp => ["gave up after ", &first].concat(),
        NoteId::MemberLeft => "its owner left: the client was closed".into(),
        NoteId::SynCookies => "the kernel answers with SYN cookies".into(),
        NoteId::StackDiffers => ["here the stack in the page differs from a kernel: ", &first].concat(),
        NoteId::Comment => ["“", &first, "”"].concat(),
    }
}

fn en_command(command: &Command) -> String {
    let action = match command {
        Command::Server(action) => action,
        Command::Open(_) => return "you opened a client".into(),
        Command::Client { action, .. } => return ["you chose ", chosen(action)].concat(),
        Command::Wire(action) => return en_wire(action).into(),
        Command::World(_) => return "you changed the world".into(),
    };
    let on = |on: bool| if on { "on" } else { "off" };
    let size = |size: Option<u32>| size.map_or("the system's own".to_string(), |size| size.to_string());
    match action {
        ServerAction::Rebind(_) => "you bound the server again".into(),
        ServerAction::Stop(_) => "you stopped the server".into(),
        ServerAction::Start(_) => "you started the server".into(),
        ServerAction::HangUp(_) => "you let the server hang up".into(),
        ServerAction::Set(setting) => match setting {
            Setting::Reading(false) => "you paused reading: the server stops before its next recv()".into(),
            Setting::Reading(true) => "you let the server read again".into(),
            Setting::Accepting(false) => "you paused accepting: the server stops before its next accept()".into(),
            Setting::Accepting(true) => "you let the server accept again".into(),
            Setting::TcpMode(mode) => ["you set the server to: ", (EN.mode)(*mode)].concat(),
            Setting::RecvSize(size) => ["you set recv(", &size.to_string(), ")"].concat(),
            Setting::Backlog(size) => ["you set listen(", &size.to_string(), ")"].concat(),
            Setting::Think(length) => ["you set the think time to ", &time(*length)].concat(),
            Setting::NoDelay(value) => ["you set TCP_NODELAY ", on(*value)].concat(),
            Setting::ReuseAddress(value) => ["you set SO_REUSEADDR ", on(*value)].concat(),
            Setting::SendBuffer(value) => ["you set SO_SNDBUF to ", &size(*value)].concat(),
            Setting::RecvBuffer(value) => ["you set SO_RCVBUF to ", &size(*value)].concat(),
            Setting::Rule(rule) => [
                "you set when the server answers: ",
                match rule {
                    LoopRule::Once => "after every recv()",
                    LoopRule::UntilShort => "after a short recv()",
                    LoopRule::UntilLen => "after as many bytes as expected",
                    LoopRule::UntilEof => "after the end of the stream",
                    LoopRule::Framed => "after a whole framed message",
                },
            ]
            .concat(),
        },
    }
}

fn en_wire(action: &WireAction) -> &'static str {
    match action {
        WireAction::Conditions(..) => "you set how the wire behaves",
        WireAction::Hold(true) => "you held the wire",
        WireAction::Hold(false) => "you let the wire go on",
        WireAction::Cut(true) => "you cut the cable",
        WireAction::Cut(false) => "you mended the cable",
        WireAction::Catch(Some(_)) => "you wait for a packet to catch",
        WireAction::Catch(None) => "you wait for no packet any more",
        WireAction::Decide(_, Verdict::Drop) => "you dropped the packet",
        WireAction::Decide(_, Verdict::LetGo) => "you let the packet go",
        WireAction::Decide(_, Verdict::Twice) => "you sent the packet twice",
    }
}
