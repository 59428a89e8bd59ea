//! Sessions over a pipe in memory, in virtual time: who is too slow, who is silent, what a gap leaves out and what not.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

mod common;

use bridge::limits;
use bridge::recorder::Recorder;
use bridge::serve::Bridge;
use bridge::session::{Ending, talk};
use common::{Paper, bare};
use futures_util::{SinkExt, StreamExt};
use protocol::ids::Boot;
use protocol::message::Resume;
use protocol::trace::Bounds;
use protocol::{
    About, Arg, Codec, Command, Event, Farewell, Gap, GapReason, Interest, Kind, NoteId, Provenance, Seq, ServerAction,
    Setting, SocketId, ToBridge, ToPage, Transport,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

const CODEC: Codec = Codec::Postcard;

/// What the pipe holds in each direction, as the buffers of a kernel would.
const PIPE: usize = 64 << 10;

fn bridge() -> Arc<Bridge> {
    let recorder = Recorder::new(Boot(bridge::random()), Bounds::default());
    let world = Paper::new(&recorder);
    Bridge::new(world, recorder, bare()).unwrap()
}

/// A page at the other end of the pipe, and the conversation that the bridge has with it.
struct Page {
    socket: WebSocketStream<DuplexStream>,
    talk: JoinHandle<Ending>,
}

impl Page {
    /// A pipe, and nothing said.
    async fn silent(bridge: &Arc<Bridge>) -> Self {
        let (here, there) = tokio::io::duplex(PIPE);
        let config =
            WebSocketConfig::default().write_buffer_size(0).max_write_buffer_size(limits::SESSION_WRITE_BUFFER);
        let there = WebSocketStream::from_raw_socket(there, Role::Server, Some(config)).await;
        let bridge = Arc::clone(bridge);
        let talk = tokio::spawn(async move {
            let (mut outgoing, mut incoming) = there.split();
            talk(&bridge, CODEC, &mut incoming, &mut outgoing).await
        });
        Self { socket: WebSocketStream::from_raw_socket(here, Role::Client, None).await, talk }
    }

    async fn open(bridge: &Arc<Bridge>, interest: Interest, resume: Option<Resume>) -> Self {
        let mut page = Self::silent(bridge).await;
        page.tell(&ToBridge::Hello { token: None, resume, interest }).await;
        assert!(matches!(page.next().await, ToPage::Welcome(_)));
        page
    }

    async fn tell(&mut self, message: &ToBridge) {
        self.socket.send(Message::binary(CODEC.encode(message))).await.unwrap();
    }

    async fn next(&mut self) -> ToPage {
        loop {
            if let Message::Binary(bytes) = self.socket.next().await.unwrap().unwrap() {
                return CODEC.decode(&bytes).unwrap();
            }
        }
    }

    /// Everything through `last`: events, gaps, and whatever else came.
    async fn see(&mut self, mut through: Seq, last: Seq) -> Seen {
        let mut seen = Seen::default();
        let mut announced = None;
        while through < last {
            match self.next().await {
                ToPage::Gap(gap) => {
                    assert_eq!(announced.replace(gap), None, "every gap has its batch");
                    seen.gaps.push(gap);
                }
                ToPage::Batch(batch) => {
                    assert_eq!(batch.after, through, "batches join");
                    if let Some(gap) = announced.take() {
                        assert_eq!((gap.first, gap.last), (batch.after.next(), batch.through));
                    }
                    through = batch.through;
                    seen.events.extend(batch.events);
                }
                other => seen.others.push(other),
            }
        }
        seen
    }

    /// How the conversation ended.
    async fn ending(self) -> Ending {
        self.talk.await.unwrap()
    }
}

#[derive(Default)]
struct Seen {
    events: Vec<Event>,
    gaps: Vec<Gap>,
    others: Vec<ToPage>,
}

impl Seen {
    fn seqs(&self) -> Vec<u64> {
        self.events.iter().map(|event| event.seq.0).collect()
    }
}

/// Records an event of about this many bytes.
fn note(recorder: &Recorder, bytes: usize) -> Seq {
    let text = Arg::Text("x".repeat(bytes));
    recorder.record(About::default(), Provenance::OBSERVED, None, Kind::Note(NoteId::Rebound, vec![text]))
}

fn socket(recorder: &Recorder) -> Seq {
    let about = About { socket: Some(SocketId(1)), ..About::default() };
    let (fd, cookie, parent, local, peer) = (None, None, None, None, None);
    let kind = Kind::Socket { transport: Transport::Tcp, fd, cookie, parent, local, peer };
    recorder.record(about, Provenance::OBSERVED, None, kind)
}

fn last(bridge: &Bridge) -> Seq {
    *bridge.recorder.changes().borrow()
}

fn farewell(ending: Ending) -> Farewell {
    match ending {
        Ending::Farewell(farewell) => farewell,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn one_who_does_not_read_is_closed_and_nobody_else_notices() {
    let bridge = bridge();
    let stuck = Page::open(&bridge, Interest::default(), None).await;
    let mut reads = Page::open(&bridge, Interest::default(), None).await;
    for _ in 0..1_000 {
        note(&bridge.recorder, 1_000);
    }
    let began = Instant::now();
    let seen = reads.see(Seq(0), Seq(1_000)).await;
    assert_eq!((seen.events.len(), seen.gaps.len()), (1_000, 0));
    assert!(began.elapsed() < Duration::from_secs(1), "a viewer waited for another: {:?}", began.elapsed());

    assert_eq!(farewell(stuck.ending().await), Farewell::TooSlow);
    let took = began.elapsed();
    assert!(took >= limits::STUCK_TIME && took < limits::STUCK_TIME * 2, "{took:?}");
    note(&bridge.recorder, 1);
    assert_eq!(reads.see(Seq(1_000), Seq(1_001)).await.seqs(), [1_001]);
}

#[tokio::test(start_paused = true)]
async fn one_who_does_not_read_for_a_while_loses_no_answer() {
    let bridge = bridge();
    let mut page = Page::open(&bridge, Interest::default(), None).await;
    for _ in 0..1_000 {
        note(&bridge.recorder, 1_000);
    }
    let many = 3 * limits::ANSWERS_WAITING as u32;
    for number in 0..many {
        let what = Command::Server(ServerAction::Set(Setting::RecvSize(number + 1)));
        page.tell(&ToBridge::Do { number, what }).await;
    }
    advance(limits::STUCK_TIME / 2).await;
    let (mut ids, mut caused) = (Vec::new(), Vec::new());
    while caused.len() < many as usize {
        match page.next().await {
            ToPage::Answer { number, id, result } => {
                assert_eq!((number as usize, result.is_ok()), (ids.len(), true), "answers come in order");
                ids.push(id);
            }
            ToPage::Batch(batch) => caused.extend(batch.events.into_iter().filter_map(|event| match event.kind {
                Kind::Command { id, .. } => Some(id),
                _ => None,
            })),
            ToPage::Settings(_) => {}
            other => panic!("{other:?}"),
        }
        assert!(caused.iter().all(|id| ids.contains(id)), "an answer comes before what it names");
    }
    assert_eq!(ids, caused);
}

#[tokio::test(start_paused = true)]
async fn one_who_was_away_gets_one_gap_and_is_in_step_again() {
    let bridge = bridge();
    let mut page = Page::open(&bridge, Interest::default(), None).await;
    note(&bridge.recorder, 1);
    assert_eq!(page.see(Seq(0), Seq(1)).await.seqs(), [1]);
    let many = limits::SLOW_LAG * 3;
    for _ in 0..many / 3 {
        note(&bridge.recorder, 100);
    }
    let introduced = socket(&bridge.recorder);
    for _ in 0..many * 2 / 3 {
        note(&bridge.recorder, 100);
    }
    // It does not read for some seconds; what the pipe holds waits for it.
    sleep(limits::STUCK_TIME / 3).await;
    let end = last(&bridge);
    let seen = page.see(Seq(1), end).await;
    assert!(matches!(seen.gaps[..], [Gap { reason: GapReason::SlowViewer, .. }]), "{:?}", seen.gaps);
    let gap = seen.gaps[0];
    assert!(gap.first < introduced && introduced < gap.last, "{gap:?}");
    let wanted = (2..gap.first.0).chain([introduced.0]).chain(gap.last.0 + 1..=end.0);
    assert_eq!(seen.seqs(), wanted.collect::<Vec<_>>());
    // In step again: one event, at once.
    let began = Instant::now();
    note(&bridge.recorder, 1);
    assert_eq!(page.see(end, end.next()).await.seqs(), [end.0 + 1]);
    assert!(began.elapsed() < Duration::from_millis(50), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn above_the_budget_events_are_left_out_and_sockets_are_not() {
    let bridge = bridge();
    let mut page = Page::open(&bridge, Interest { budget: 100, ..Interest::default() }, None).await;
    let mut introduced = Vec::new();
    for _ in 0..100 {
        introduced.push(socket(&bridge.recorder).0);
        for _ in 0..50 {
            note(&bridge.recorder, 1);
        }
    }
    let end = last(&bridge);
    let seen = page.see(Seq(0), end).await;
    assert!(!seen.gaps.is_empty() && seen.gaps.iter().all(|gap| gap.reason == GapReason::Budget), "{:?}", seen.gaps);
    let seqs = seen.seqs();
    assert!(introduced.iter().all(|seq| seqs.contains(seq)), "somebody was not introduced");
    let in_a_gap = |seq: &u64| seen.gaps.iter().any(|gap| (gap.first.0..=gap.last.0).contains(seq));
    for seq in 1..=end.0 {
        assert_eq!(seqs.contains(&seq), !in_a_gap(&seq) || introduced.contains(&seq), "event {seq}");
    }
    assert!(seqs.iter().filter(|seq| !introduced.contains(seq)).count() < 300, "{} events", seqs.len());
}

#[tokio::test(start_paused = true)]
async fn a_silent_page_is_pinged_then_given_up() {
    let bridge = bridge();
    let began = Instant::now();
    let mut page = Page::open(&bridge, Interest::default(), None).await;
    // It takes what comes, and so answers pings, as every WebSocket does below its program.
    let mut reads = Page::open(&bridge, Interest::default(), None).await;
    let reading = tokio::spawn(async move { while reads.socket.next().await.is_some_and(|frame| frame.is_ok()) {} });

    assert_eq!(farewell((&mut page.talk).await.unwrap()), Farewell::Silent);
    assert_eq!(began.elapsed().as_secs(), limits::IDLE_TIME.as_secs());
    let mut pings = 0;
    while let Ok(Some(Ok(frame))) = timeout(Duration::from_secs(1), page.socket.next()).await {
        pings += u32::from(matches!(frame, Message::Ping(_)));
    }
    assert_eq!(pings, 1);
    sleep(limits::IDLE_TIME * 5).await;
    assert!(!reading.is_finished(), "one that answers pings may say nothing for as long as it likes");
}

#[tokio::test(start_paused = true)]
async fn who_says_no_hello_is_not_waited_for() {
    let bridge = bridge();
    let began = Instant::now();
    let page = Page::silent(&bridge).await;
    assert_eq!(farewell(page.ending().await), Farewell::HelloFirst);
    assert_eq!(began.elapsed().as_secs(), limits::HELLO_TIME.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_live_story_cut_anywhere_and_resumed_is_the_same_story() {
    const EVENTS: u64 = 30;
    for cut in 0..=EVENTS {
        let bridge = bridge();
        let mut page = Page::open(&bridge, Interest::default(), None).await;
        let mut seqs = Vec::new();
        for seq in 1..=cut {
            note(&bridge.recorder, 1);
            seqs.extend(page.see(Seq(seq - 1), Seq(seq)).await.seqs());
        }
        // The last event is told, but on its way when the connection breaks.
        note(&bridge.recorder, 1);
        drop(page);
        let away = (EVENTS - cut) / 2;
        for _ in 0..away {
            note(&bridge.recorder, 1);
        }
        let resume = Resume { epoch: bridge.recorder.epoch(), after: Seq(cut) };
        let mut page = Page::open(&bridge, Interest::default(), Some(resume)).await;
        let recorder = bridge.recorder.clone();
        let live = tokio::spawn(async move {
            for _ in 0..EVENTS - cut - away {
                sleep(Duration::from_millis(3)).await;
                note(&recorder, 1);
            }
        });
        let rest = page.see(Seq(cut), Seq(EVENTS + 1)).await;
        assert_eq!(rest.gaps, []);
        seqs.extend(rest.seqs());
        assert_eq!(seqs, (1..=EVENTS + 1).collect::<Vec<_>>(), "cut after {cut}");
        live.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn one_event_after_a_pause_is_told_at_once_and_what_follows_soon() {
    let bridge = bridge();
    let mut page = Page::open(&bridge, Interest::default(), None).await;
    sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    note(&bridge.recorder, 1);
    page.see(Seq(0), Seq(1)).await;
    assert!(began.elapsed() <= Duration::from_millis(1), "{:?}", began.elapsed());
    note(&bridge.recorder, 1);
    page.see(Seq(1), Seq(2)).await;
    assert!(began.elapsed() <= limits::BATCH_INTERVAL_LEAST * 3, "{:?}", began.elapsed());
    // After a crowd there is a pause, so that messages do not become as many as events.
    let crowd = 1_000;
    for _ in 0..crowd {
        note(&bridge.recorder, 1);
    }
    page.see(Seq(2), Seq(2 + crowd)).await;
    let began = Instant::now();
    note(&bridge.recorder, 1);
    page.see(Seq(2 + crowd), Seq(3 + crowd)).await;
    assert!(began.elapsed() >= limits::BATCH_INTERVAL / 2, "{:?}", began.elapsed());
}
