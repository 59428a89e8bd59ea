//! Two hosts in the page: in a copy on a plain web server, and beside the program.

use lab::{Lab, LabOptions};
use protocol::{Codec, Epoch, Event, Kind};
use std::path::Path;
use support::browser::{Browser, Look};
use support::files::Files;
use support::running::Running;
use support::soon;

/// How many events are shown, and of how many.
const SHOWN: &str = "Number(document.querySelector('.moments').value)";
const ALL: &str = "Number(document.querySelector('.moments').max)";
/// The time that is shown.
const WHEN: &str = "document.querySelector('.when').textContent";

async fn open(page: &str) -> Browser {
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(page).await.unwrap();
    browser.until("document.querySelector('.time-bar') != null").await;
    browser
}

async fn say(browser: &Browser, text: &str) {
    browser.fill("Message", text).await.unwrap();
    browser.press("Send").await.unwrap();
}

async fn reads(browser: &Browser, text: &str) {
    browser.until(&format!("document.body.innerText.includes('{text}')")).await;
}

/// Moves the slider to where so many events are shown.
async fn back_to(browser: &Browser, count: u64) {
    let drag = format!(
        "(slider => {{ slider.value = {count}; slider.dispatchEvent(new Event('input', {{ bubbles: true }})); \
         return true; }})(document.querySelector('.moments'))"
    );
    browser.eval(&drag).await.unwrap();
    browser.until("document.querySelector('.past') != null").await;
}

async fn number(browser: &Browser, expression: &str) -> u64 {
    browser.eval(expression).await.unwrap().as_f64().unwrap() as u64
}

async fn end(browser: Browser) {
    let console = browser.console().await.unwrap();
    assert_eq!(console, [] as [String; 0], "the console stays empty");
    browser.end().await.unwrap();
}

#[tokio::test]
async fn a_copy_in_a_folder_of_any_web_server_connects_drops_sends_again_rewinds_and_forks() {
    let files = Files::start().await;
    let browser = open(&files.page).await;
    // It says what it is, and how to see real sockets.
    reads(&browser, "in this page · smoltcp").await;
    browser.until("document.querySelector('.notices a')?.href == 'http://127.0.0.1:7700/'").await;
    browser.press("Connect").await.unwrap();
    say(&browser, "hello").await;
    reads(&browser, "HELLO").await;
    let before = number(&browser, ALL).await;

    // Caught, time stands: no timer runs while one thinks.
    browser.press("Catch next: data segment").await.unwrap();
    browser.until("document.querySelector('.catch').getAttribute('aria-pressed') == 'true'").await;
    say(&browser, "lost").await;
    browser.until("document.querySelector('.caught')?.innerText.includes('4 bytes')").await;
    let stands = browser.eval(WHEN).await.unwrap();
    browser.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))").await.unwrap();
    assert_eq!(browser.eval(WHEN).await.unwrap(), stands);
    browser.press("Drop").await.unwrap();
    reads(&browser, "LOST").await;
    browser.until("document.querySelector('.counts').innerText.includes('1 dropped')").await;

    // Back to before the loss: the answer has not come.
    browser.press("❚❚ Pause").await.unwrap();
    let all = number(&browser, ALL).await;
    assert!(all > before, "{all} events, {before} before the loss");
    back_to(&browser, before).await;
    browser.until("!document.body.innerText.includes('LOST')").await;
    assert!(number(&browser, SHOWN).await < all);

    // Whoever acts there begins another run, and the first one stays.
    say(&browser, "other").await;
    browser.until("document.querySelectorAll('.runs button').length == 2").await;
    browser.press("▶ Go on").await.unwrap();
    reads(&browser, "OTHER").await;
    browser.until("document.querySelector('.counts').innerText.includes('packets')").await;
    browser.until("!document.querySelector('.counts').innerText.includes('dropped')").await;
    // The run with the loss beside the one without.
    let beside = "document.querySelector('.beside')?.textContent ?? ''";
    browser.choose("Beside it", "Run 1").await.unwrap();
    browser.until(&format!("({beside}).includes('dropped by you')")).await;
    browser.until("!document.querySelector('.ladder:not(.beside)').textContent.includes('dropped by you')").await;
    browser.choose("Beside it", "nothing").await.unwrap();
    browser.until("document.querySelector('.beside') == null").await;
    browser.press("Run 1").await.unwrap();
    reads(&browser, "LOST").await;
    assert_eq!(number(&browser, ALL).await, all);
    browser.press("Run 2").await.unwrap();
    reads(&browser, "OTHER").await;
    end(browser).await;
}

#[tokio::test]
async fn a_server_that_does_not_know_wasm_serves_it_too() {
    let files = Files::without_names().await;
    let browser = open(&files.page).await;
    browser.press("Connect").await.unwrap();
    say(&browser, "hello").await;
    reads(&browser, "HELLO").await;
    end(browser).await;
}

#[tokio::test]
async fn a_page_that_nobody_answers_plays_by_itself_and_says_how_to_start_the_program() {
    let files = Files::of_the_program().await;
    let browser = open(&files.page).await;
    browser.until("document.querySelector('.notices code')?.textContent == 'cargo xtask'").await;
    browser.press("Connect").await.unwrap();
    say(&browser, "hello").await;
    reads(&browser, "HELLO").await;
    // Worlds of the program are shown, with the reason why one cannot go there.
    browser.press("This computer: not available now: see why").await.unwrap();
    reads(&browser, "Needs the Socketscope program on this computer.").await;
    // It goes on asking, and the browser itself notes each attempt.
    let console = browser.console().await.unwrap();
    assert!(console.iter().all(|line| line.contains("/ws")), "{console:?}");
    browser.end().await.unwrap();
}

#[tokio::test]
async fn time_stands_steps_and_idles_without_frames() {
    let files = Files::start().await;
    let browser = open(&files.page).await;
    browser.press("Connect").await.unwrap();
    say(&browser, "hello").await;
    reads(&browser, "HELLO").await;
    browser.press("❚❚ Pause").await.unwrap();
    let mut shown = number(&browser, SHOWN).await;
    say(&browser, "slowly").await;
    // The command is in the story; nothing comes of it by itself, and every step is one thing.
    browser.until(&format!("{SHOWN} == {shown} + 1")).await;
    shown += 1;
    let mut steps = 0;
    while browser.eval("document.body.innerText.includes('SLOWLY')").await.unwrap() != true {
        browser.press("Next event").await.unwrap();
        browser.until(&format!("{SHOWN} > {shown}")).await;
        shown = number(&browser, SHOWN).await;
        steps += 1;
    }
    assert!((5..60).contains(&steps), "{steps} steps");
    browser.press("▶ Go on").await.unwrap();
    browser.until("document.querySelector('.time-bar .btn').getAttribute('aria-pressed') == 'false'").await;
    // At a thousandth of the speed the same takes a thousand times as long: the client waits in recv meanwhile.
    browser.choose("Speed", "× 1/1000").await.unwrap();
    browser.choose("Speed", "× 100").await.unwrap();
    say(&browser, "fast").await;
    reads(&browser, "FAST").await;
    // When all is said, no frame is asked for.
    let quiet = "(async () => {
        for (let round = 0; round < 50; round++) {
            let asked = 0;
            const real = window.requestAnimationFrame;
            window.requestAnimationFrame = then => { asked++; return real.call(window, then); };
            await new Promise(done => real.call(window, () => real.call(window, () => real.call(window, done))));
            window.requestAnimationFrame = real;
            if (asked == 0) return true;
        }
        return false;
    })()";
    assert_eq!(browser.eval(quiet).await.unwrap(), true, "frames are asked for though nothing happens");
    end(browser).await;
}

#[tokio::test]
async fn the_page_of_a_program_goes_to_the_page_and_back_and_remembers_it() {
    let bridge = Running::start().await;
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser.press("In this page").await.unwrap();
    browser.until("document.querySelector('.time-bar') != null").await;
    browser.press("Connect").await.unwrap();
    say(&browser, "simulated").await;
    reads(&browser, "SIMULATED").await;
    reads(&browser, "10.0.0.2:808").await;
    // The choice survives.
    browser.client.refresh().await.unwrap();
    browser.until("document.querySelector('.time-bar') != null").await;
    browser.press("This computer").await.unwrap();
    browser.until("document.querySelector('.time-bar') == null").await;
    browser.press("Connect").await.unwrap();
    say(&browser, "real").await;
    reads(&browser, "REAL").await;
    browser.client.refresh().await.unwrap();
    reads(&browser, "REAL").await;
    end(browser).await;
}

#[tokio::test]
async fn when_the_program_goes_the_page_offers_to_go_on_without_it() {
    let bridge = Running::start().await;
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser.press("Connect").await.unwrap();
    say(&browser, "hello").await;
    reads(&browser, "HELLO").await;
    drop(bridge);
    browser.press("Go on: In this page").await.unwrap();
    browser.until("document.querySelector('.time-bar') != null").await;
    browser.press("Connect").await.unwrap();
    say(&browser, "alone").await;
    reads(&browser, "ALONE").await;
    let console = browser.console().await.unwrap();
    assert!(console.iter().all(|line| line.contains("ERR_CONNECTION_REFUSED")), "{console:?}");
    browser.end().await.unwrap();
}

/// The events of the trace that the page saves.
async fn saved(browser: &Browser, folder: &Path) -> Vec<Event> {
    let allow = serde_json::json!({ "behavior": "allow", "downloadPath": folder.display().to_string() });
    browser.devtools("Browser.setDownloadBehavior", allow).await.unwrap();
    browser.press("File").await.unwrap();
    let item =
        "[...document.querySelectorAll('.menu .item')].find(item => item.textContent.includes('Save the trace'))";
    browser.until(&format!("!!{item}")).await;
    browser.eval(&format!("{item}.click()")).await.unwrap();
    // Chromium makes the file before it has all of its bytes.
    let trace: serde_json::Value = soon("the saved file", async {
        loop {
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let mut ours = files.filter(|path| path.extension().is_some_and(|extension| extension == "socketscope"));
            let text = ours.next().map(|path| std::fs::read(path).unwrap()).unwrap_or_default();
            if let Ok(trace) = serde_json::from_slice(&text) {
                return trace;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    serde_json::from_value(trace["events"].clone()).unwrap()
}

#[tokio::test]
async fn the_same_seed_and_the_same_actions_make_the_same_bytes_here_and_in_the_browser() {
    let files = Files::start().await;
    let browser = open(&files.page).await;
    browser.press("Stacks").await.unwrap();
    browser.fill("Seed of all chances", "42").await.unwrap();
    // An emptied field has a seed of its own before the digits come.
    let seed = browser.eval("document.querySelector('.pop-form input[type=number]').value").await.unwrap();
    let seed: u64 = seed.as_str().unwrap().parse().unwrap();
    assert!(seed > 1, "{seed} is the first run's");
    browser.press("Begin another run so").await.unwrap();
    browser.until("document.querySelectorAll('.runs button').length == 2").await;
    // Chance has a say: some of these segments are lost.
    browser.fill("Loss, %", "20").await.unwrap();
    browser.press("Connect").await.unwrap();
    browser.choose("Speed", "× 30").await.unwrap();
    for word in ["one", "two", "three", "four", "five"] {
        say(&browser, &word.repeat(12)).await;
        reads(&browser, &word.repeat(12).to_uppercase()).await;
    }
    browser.press("❚❚ Pause").await.unwrap();
    let there = saved(&browser, &files.folder).await;
    end(browser).await;

    // The same commands at the same moments.
    let mut lab = Lab::with(Epoch::default(), seed, LabOptions::default());
    let mut here = Vec::new();
    for event in &there {
        if let Kind::Command { id, what } = &event.kind {
            lab.advance(event.at);
            lab.perform(*id, what.clone()).unwrap();
        }
    }
    while here.len() < there.len() {
        match lab.poll_event() {
            Some(event) => here.push(event),
            None => assert!(lab.step().is_some(), "{} events, and there are {}", here.len(), there.len()),
        }
    }
    let commands = there.iter().filter(|event| matches!(event.kind, Kind::Command { .. })).count();
    let dropped = there.iter().filter(
        |event| matches!(&event.kind, Kind::Packet(packet) if matches!(packet.stage, protocol::Stage::Dropped(_))),
    );
    assert!(commands >= 9 && dropped.count() > 0 && there.len() > 100, "{commands} commands, {} events", there.len());
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(Codec::Postcard.encode(here), Codec::Postcard.encode(there), "{here:?}\n{there:?}");
    }
}
