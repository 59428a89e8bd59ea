//! The reading half of a client: a thread of its own, in effect, so that sends do not wait for answers.

use crate::probe::{Socket, is_cancelled};
use protocol::loop_rule::Owed;
use protocol::{Cause, LoopRule};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What writer and reader share.
pub struct Reading {
    state: Mutex<State>,
    /// The reader may have something to do.
    wake: Notify,
}

struct State {
    owed: Owed,
    recv_size: u32,
    rule: LoopRule,
    /// The commands that asked for one `recv` each.
    asked_by: std::collections::VecDeque<Cause>,
}

/// Requests for one `recv` more that may wait; each is a person's click.
const MOST_ASKED: usize = 1_024;

impl Reading {
    /// A client that reads like this and owes nothing.
    #[must_use]
    pub fn new(recv_size: u32, rule: LoopRule) -> Arc<Self> {
        let state = State { owed: Owed::default(), recv_size, rule, asked_by: std::collections::VecDeque::new() };
        Arc::new(Self { state: Mutex::new(state), wake: Notify::new() })
    }

    /// How it reads.
    #[must_use]
    pub fn rule(&self) -> LoopRule {
        self.state().rule
    }

    /// It reads otherwise from now on.
    pub fn set(&self, recv_size: u32, rule: LoopRule) {
        let mut state = self.state();
        (state.recv_size, state.rule) = (recv_size, rule);
        drop(state);
        self.wake.notify_one();
    }

    /// Something changed that may make it read.
    pub fn set_again(&self) {
        self.wake.notify_one();
    }

    /// `len` bytes are sent.
    pub fn sent(&self, len: usize) {
        self.state().owed.sent(len);
        self.wake.notify_one();
    }

    /// One `recv` more.
    pub fn ask(&self, by: Cause) {
        let mut state = self.state();
        if state.asked_by.len() < MOST_ASKED {
            state.owed.ask();
            state.asked_by.push_back(by);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Reads what is owed until the socket is closed.
    pub async fn run(self: Arc<Self>, socket: Arc<Socket>, connected: impl Fn() -> bool) {
        let stream = socket.transport().is_stream();
        loop {
            let due = {
                let mut state = self.state();
                let there = !stream || connected() || !state.asked_by.is_empty();
                let due = there && state.owed.reads(state.rule, stream);
                due.then(|| state.asked_by.pop_front())
            };
            let Some(cause) = due else {
                tokio::select! {
                    biased;
                    () = socket.hung_up().cancelled() => return,
                    () = self.wake.notified() => continue,
                }
            };
            let mut max = 0;
            let asked = || {
                max = self.state().recv_size;
                max
            };
            let result = if stream || connected() {
                socket.recv(asked, cause).await
            } else {
                socket.recv_from(asked, cause).await.map(|received| received.data)
            };
            match result {
                Ok(data) => self.received(stream, max, &data),
                Err(error) if is_cancelled(&error) => return,
                Err(_) => self.state().owed.failed(stream),
            }
            tokio::task::consume_budget().await;
        }
    }

    fn received(&self, stream: bool, max: u32, data: &[u8]) {
        let mut state = self.state();
        let rule = state.rule;
        state.owed.received(rule, stream, max, data);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the state")
    }
}
