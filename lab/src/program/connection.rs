//! One connection of the TCP echo server: `recv`, upper, `send`, until the peer has closed.

use super::probe::{Came, Receiving, Sending, close};
use super::{Reach, Rest, TaskId};
use crate::story::Entered;
use protocol::loop_rule::Collected;
use protocol::{Arg, Errno, Nanos, NoteId, Op, Outcome, SocketId, SocketOption, TcpMode};
use std::collections::VecDeque;

/// Empty `recv`s that are shown one by one before the rest is counted.
const EMPTIES_SHOWN: u32 = 3;
/// Empty `recv`s in a millisecond: the tutorial's program would take a whole processor.
const SPIN: u64 = 64;
/// The first interval between two counts, and the longest.
const COUNTED: (Nanos, Nanos) = (Nanos::from_millis(100), Nanos::from_millis(5_000));

/// A connection and the program around it.
pub(crate) struct Connection {
    socket: SocketId,
    acceptor: TaskId,
    message: Collected,
    /// What is to be sent before the next `recv`: answers, and the empty one that ends nothing.
    todo: VecDeque<Todo>,
    doing: Doing,
    /// The peer has closed, and the program has seen it.
    seen_end: bool,
    empties: u32,
}

enum Todo {
    Answer(Vec<u8>),
    /// `send(b"")`: what the tutorial's program answers to nothing.
    Nothing,
}

enum Doing {
    /// It has not begun.
    Fresh,
    Receiving(Receiving),
    Thinking(Entered, Nanos, Vec<u8>),
    Sending(Sending),
    /// `recv` returns nothing, again and again: counted since then, and how long to the next count.
    Spinning {
        since: Nanos,
        interval: Nanos,
        bound: u64,
    },
}

impl Connection {
    pub(super) fn new(socket: SocketId, acceptor: TaskId) -> Self {
        Self {
            socket,
            acceptor,
            message: Collected::default(),
            todo: VecDeque::new(),
            doing: Doing::Fresh,
            seen_end: false,
            empties: 0,
        }
    }

    pub(super) fn socket(&self) -> SocketId {
        self.socket
    }

    /// Goes as far as it can.
    pub(super) fn run(&mut self, reach: &mut Reach<'_>) -> Rest {
        loop {
            match std::mem::replace(&mut self.doing, Doing::Fresh) {
                Doing::Fresh => {
                    if reach.settings.no_delay {
                        super::server::set(reach.net, self.socket, SocketOption::NoDelay(true), None);
                    }
                    self.doing = Doing::Receiving(Receiving::default());
                }
                Doing::Receiving(receiving) => {
                    if let Some(rest) = self.receive(reach, receiving) {
                        return rest;
                    }
                }
                Doing::Thinking(call, until, answer) => {
                    let hung_up = reach.net.socket(self.socket).is_none_or(|socket| socket.hung_up.is_some());
                    if reach.now() < until && !hung_up {
                        self.doing = Doing::Thinking(call, until, answer);
                        return Rest::Until(Some(until));
                    }
                    let outcome = if hung_up { Outcome::Cancelled } else { Outcome::Done };
                    reach.net.story.leave(call, outcome, None, &[], None);
                    self.doing = Doing::Sending(Sending::new(answer, None));
                }
                Doing::Sending(mut sending) => match sending.poll(reach.net, self.socket) {
                    Came::Back(()) => {
                        if let Some(rest) = self.next(reach) {
                            return rest;
                        }
                    }
                    Came::Waits => {
                        self.doing = Doing::Sending(sending);
                        return Rest::Until(None);
                    }
                    Came::Failed(error) => return self.end(reach, Some(error)),
                    Came::Cancelled => return self.end(reach, None),
                },
                Doing::Spinning { since, interval, bound } => return self.spin(reach, since, interval, bound),
            }
        }
    }

    fn receive(&mut self, reach: &mut Reach<'_>, mut receiving: Receiving) -> Option<Rest> {
        let (gate, max) = (reach.settings.reading, reach.settings.recv_size);
        let received = match receiving.poll(reach.net, self.socket, gate, false, max, None) {
            Came::Back(received) => received,
            Came::Waits => {
                self.doing = Doing::Receiving(receiving);
                return Some(Rest::Until(None));
            }
            Came::Failed(error) => return Some(self.end(reach, Some(error))),
            Came::Cancelled => return Some(self.end(reach, None)),
        };
        if received.data.is_empty() {
            self.seen_end = true;
            self.todo.extend(self.message.end().map(Todo::Answer));
            if reach.settings.tcp_mode == TcpMode::TutorialExactly {
                self.todo.push_back(Todo::Nothing);
                self.empties += 1;
            }
        } else {
            match self.message.received(reach.settings.rule, received.max, &received.data) {
                Ok(answers) => self.todo.extend(answers.into_iter().map(Todo::Answer)),
                // As the bridge's: the stream cannot be read any further.
                Err(_) => return Some(self.end(reach, Some(Errno::Other))),
            }
        }
        self.next(reach)
    }

    /// The next thing to do.
    fn next(&mut self, reach: &mut Reach<'_>) -> Option<Rest> {
        match self.todo.pop_front() {
            Some(Todo::Answer(answer)) => {
                let time = reach.settings.think;
                self.doing = if time == Nanos(0) {
                    Doing::Sending(Sending::new(answer, None))
                } else {
                    let about = reach.net.about(self.socket);
                    let call = reach.net.story.enter(about, Op::Think { time }, None, &[], None);
                    Doing::Thinking(call, reach.now().after(time), answer)
                };
            }
            Some(Todo::Nothing) => self.doing = Doing::Sending(Sending::new(Vec::new(), None)),
            None if !self.seen_end => self.doing = Doing::Receiving(Receiving::default()),
            // It never checks for the end.
            None if reach.settings.tcp_mode == TcpMode::TutorialExactly => {
                self.doing = if self.empties < EMPTIES_SHOWN {
                    Doing::Receiving(Receiving::default())
                } else {
                    Doing::Spinning { since: reach.now(), interval: COUNTED.0, bound: reach.times_bound }
                };
            }
            None => return Some(self.end(reach, None)),
        }
        None
    }

    /// `recv` returns nothing, again and again. It goes on until the mode changes, the server is bound again, or
    /// somebody hangs up; only the counts are told.
    fn spin(&mut self, reach: &mut Reach<'_>, since: Nanos, interval: Nanos, bound: u64) -> Rest {
        let now = reach.now();
        let hung_up = reach.net.socket(self.socket).is_none_or(|socket| socket.hung_up.is_some());
        let goes_on = reach.settings.tcp_mode == TcpMode::TutorialExactly && reach.times_bound == bound && !hung_up;
        if !goes_on {
            return self.end(reach, None);
        }
        if !reach.settings.reading {
            // It stands before the next `recv`.
            self.doing = Doing::Spinning { since: now, interval, bound };
            return Rest::Until(None);
        }
        let due = since.after(interval);
        if now < due {
            self.doing = Doing::Spinning { since, interval, bound };
            return Rest::Until(Some(due));
        }
        let time = now.since(since);
        let count = time.0 / 1_000_000 * SPIN;
        let about = reach.net.about(self.socket);
        reach.net.story.note(about, None, NoteId::EmptyRecvs, vec![Arg::Count(count), Arg::Time(time)]);
        let interval = Nanos((interval.0 * 2).min(COUNTED.1.0));
        self.doing = Doing::Spinning { since: now, interval, bound };
        Rest::Until(Some(now.after(interval)))
    }

    fn end(&mut self, reach: &mut Reach<'_>, error: Option<Errno>) -> Rest {
        close(reach.net, self.socket, false, None);
        reach.served = Some((self.acceptor, error));
        Rest::Ended
    }
}
