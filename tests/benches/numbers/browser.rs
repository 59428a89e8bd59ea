//! What a person waits for in a real browser: a long record that opens and scrolls, input while much happens, and the
//! first picture of all.

use crate::load::median;
use crate::table::{Goal, Table};
use protocol::{Event, Kind, Phase, Seq};
use serde_json::Value;
use std::time::{Duration, Instant};
use support::browser::Browser;
use support::flood::Flood;
use support::running::Running;
use support::teller::{self, Tale};

/// So long the record is.
const EVENTS: usize = 1_000_000;
/// So many events come a second while one looks on, in batches this far apart.
const RATE: usize = 10_000;
const PAUSE: Duration = Duration::from_millis(8);
/// By then something is on the page, or never.
const PATIENCE: Duration = Duration::from_secs(60);

/// Scrolls for ten seconds, or fifteen where it goes slowly, as a hand does, with a throw now and then. Gives the times between frames.
const SCROLL: &str = "
const done = arguments[arguments.length - 1], view = document.querySelector('.ladder-scroll'), times = [];
const began = performance.now();
let last = began, n = 0;
function frame(now) {
  times.push(now - last); last = now; n += 1;
  if (n % 60 == 0) view.scrollTop = (n * 7919 % 997) / 997 * view.scrollHeight; else view.scrollTop += n % 120 < 60 ? -90 : 90;
  if (n < 600 && now - began < 15000) requestAnimationFrame(frame); else done(times.slice(2));
}
requestAnimationFrame(frame);";

/// From now on, what passes from a key or a press to the frame that shows it.
const LISTEN: &str = "
window.felt = [];
for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, event => {
  requestAnimationFrame(() => setTimeout(() => window.felt.push(performance.now() - event.timeStamp)));
}, true);";

/// Adds the rows.
pub async fn measure(seconds: u64, rows: &mut Table) {
    first_picture(rows).await;
    long_record(rows).await;
    live(seconds, rows).await;
}

/// From the address to the first ladder, with nothing in any cache.
async fn first_picture(rows: &mut Table) {
    let mut times = Vec::new();
    for _ in 0..5 {
        let bridge = Running::start().await;
        let browser = Browser::start().await.unwrap();
        browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
        times.push(shown(&browser, "document.querySelector('.ladder-svg .listen')").await);
        browser.end().await.unwrap();
    }
    rows.upper("browser, first ladder, cold, ms", median(&mut times), Goal::at_most(1_000.0, 500.0));
}

async fn long_record(rows: &mut Table) {
    let events: Vec<Event> = Flood::default().take(EVENTS).collect();
    let last = last_call(events.iter()).unwrap();
    let first = events.chunks(1_000).map(<[Event]>::to_vec).collect();
    drop(events);
    let address = teller::serve(Tale { first, then: Vec::new(), pause: PAUSE }).await;
    let browser = Browser::start().await.unwrap();
    browser.client.goto(&format!("http://{address}/")).await.unwrap();
    let opened = Some(shown(&browser, &format!("document.getElementById('mark-{last}')")).await / 1e3);
    rows.upper("browser, a million events opened, s", opened, Goal::at_most(2.0, 1.0));
    let mut frames = numbers(&browser.client.execute_async(SCROLL, Vec::new()).await.unwrap());
    rows.upper("browser, scrolled, frame, median, ms", median(&mut frames), Goal::at_most(16.7, 16.7));
    rows.upper("browser, scrolled, frame, p99, ms", part(&mut frames, 0.99), Goal::at_most(50.0, 17.0));
    let room = browser.eval("performance.memory.usedJSHeapSize / 1e6").await.unwrap();
    rows.plain("browser, JavaScript's own memory, MB", room.as_f64());
    browser.end().await.unwrap();
}

/// The last call that begins among events: its mark is on the page when all before it were taken in.
fn last_call<'a>(events: impl DoubleEndedIterator<Item = &'a Event>) -> Option<Seq> {
    let entered = |event: &&Event| matches!(&event.kind, Kind::Call(call) if call.phase == Phase::Entered);
    events.rev().find(entered).map(|event| event.seq)
}

async fn live(seconds: u64, rows: &mut Table) {
    let mut flood = Flood::default();
    let each = RATE * PAUSE.as_millis() as usize / 1_000;
    let batches = (0..seconds * 1_000 / PAUSE.as_millis() as u64).map(|_| flood.by_ref().take(each).collect());
    let then: Vec<Vec<Event>> = batches.collect();
    let last = last_call(then.iter().flatten()).unwrap();
    let address = teller::serve(Tale { first: Vec::new(), then, pause: PAUSE }).await;
    let browser = Browser::start().await.unwrap();
    browser.client.goto(&format!("http://{address}/")).await.unwrap();
    browser.until("document.querySelectorAll('.ladder-svg .mark').length > 10").await;
    browser.client.execute(LISTEN, Vec::new()).await.unwrap();
    let began = Instant::now();
    // Somebody who presses keys ten times a second.
    let mut person = tokio::time::interval(Duration::from_millis(100));
    while began.elapsed() < Duration::from_secs(seconds) {
        person.tick().await;
        browser.keys("]").await.unwrap();
        browser.keys("t").await.unwrap();
        browser.keys("t").await.unwrap();
    }
    let pressed = Instant::now();
    browser.until(&format!("document.getElementById('mark-{last}') != null")).await;
    let behind = pressed.elapsed().as_secs_f64() * 1e3;
    let mut felt = numbers(&browser.eval("window.felt").await.unwrap());
    rows.plain("browser, live, keys pressed", Some(felt.len() as f64));
    rows.plain("browser, live, key to frame, median, ms", median(&mut felt));
    rows.upper("browser, live, key to frame, p95, ms", part(&mut felt, 0.95), Goal::at_most(100.0, 50.0));
    rows.upper("browser, live, the last of all shown after, ms", Some(behind), Goal::at_most(1_000.0, 500.0));
    let mut frames = numbers(&browser.client.execute_async(SCROLL, Vec::new()).await.unwrap());
    rows.plain("browser, after it, scrolled, frame, p99, ms", part(&mut frames, 0.99));
    browser.end().await.unwrap();
}

/// When something was on the page, in milliseconds since it was asked for.
async fn shown(browser: &Browser, what: &str) -> f64 {
    let look = format!(
        "(function look() {{ if ({what}) window.shown = performance.now(); else requestAnimationFrame(look); }})()"
    );
    browser.client.execute(&look, Vec::new()).await.unwrap();
    let began = Instant::now();
    loop {
        if let Some(at) = browser.eval("window.shown").await.unwrap().as_f64() {
            return at;
        }
        if began.elapsed() > PATIENCE {
            let text = browser.eval("document.body.innerText").await.unwrap();
            panic!("never on the page: {what}; it reads:\n{}", text.as_str().unwrap_or_default());
        }
    }
}

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn part(figures: &mut [f64], part: f64) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    figures.get((figures.len() as f64 * part) as usize).copied()
}
