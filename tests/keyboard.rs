//! The page without a pointer: every key as a person presses it.

use support::browser::{Browser, Look};
use support::running::Running;

// What the driver sends for keys without a letter (WebDriver, 17.4.2).
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const PAGE_UP: &str = "\u{e00e}";
const PAGE_DOWN: &str = "\u{e00f}";

/// So many presses of Tab lead anywhere on the page.
const EVERYWHERE: usize = 80;

async fn open(bridge: &Running) -> Browser {
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser
}

async fn end(browser: Browser) {
    let console = browser.console().await.unwrap();
    assert_eq!(console, [] as [String; 0], "the console stays empty");
    browser.end().await.unwrap();
}

/// Presses Tab until the button with these words has the focus, and looks whether one sees that it has.
async fn tab_to(browser: &Browser, words: &str) {
    let is_there =
        format!("document.activeElement.matches('button') && document.activeElement.innerText.startsWith('{words}')");
    for _ in 0..EVERYWHERE {
        if browser.eval(&is_there).await.unwrap() == true {
            let ring = "getComputedStyle(document.activeElement).outlineStyle != 'none'";
            assert_eq!(browser.eval(ring).await.unwrap(), true, "one does not see that {words} has the focus");
            return;
        }
        browser.keys(TAB).await.unwrap();
    }
    panic!("{EVERYWHERE} presses of Tab do not lead to {words}");
}

async fn is_at_the_message(browser: &Browser) {
    browser.until("document.activeElement.id == 'message'").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_keyboard_alone_catches_and_drops_a_segment() {
    let bridge = Running::two_hosts().await;
    let browser = open(&bridge).await;
    browser.until("document.querySelector('.catch') != null").await;
    tab_to(&browser, "Connect").await;
    browser.keys(ENTER).await.unwrap();
    is_at_the_message(&browser).await;
    // The message says hello already.
    browser.keys(ENTER).await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    browser.keys(ESCAPE).await.unwrap();
    browser.keys("c").await.unwrap();
    browser.until("document.querySelector('.catch').getAttribute('aria-pressed') == 'true'").await;
    browser.keys("m").await.unwrap();
    is_at_the_message(&browser).await;
    browser.keys("lost").await.unwrap();
    browser.keys(ENTER).await.unwrap();
    browser.until("document.querySelector('.caught')?.innerText.includes('4 bytes')").await;
    browser.keys(ESCAPE).await.unwrap();
    browser.keys("d").await.unwrap();
    browser.until("document.querySelector('.caught') == null").await;
    browser.until("document.body.innerText.includes('LOST')").await;
    browser.until("document.querySelector('.counts').innerText.includes('1 dropped')").await;
    end(browser).await;
}

#[tokio::test]
async fn a_presenters_remote_steps_and_freezes_and_a_key_makes_everything_large() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    browser.press("Connect").await.unwrap();
    is_at_the_message(&browser).await;
    browser.keys(ENTER).await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    browser.keys(ESCAPE).await.unwrap();
    let chosen = "document.querySelector('.mark.chosen')?.dataset.seq ?? ''";
    browser.keys(PAGE_DOWN).await.unwrap();
    browser.until(&format!("({chosen}) != ''")).await;
    let first = browser.eval(chosen).await.unwrap();
    browser.keys(PAGE_DOWN).await.unwrap();
    browser.until(&format!("({chosen}) != '{}'", first.as_str().unwrap())).await;
    browser.keys(PAGE_UP).await.unwrap();
    browser.until(&format!("({chosen}) == '{}'", first.as_str().unwrap())).await;
    // A step freezes the view; the remote's B lets it go on, and freezes it again.
    let frozen = "document.body.innerText.includes('Only the picture stands still')";
    browser.until(frozen).await;
    browser.keys("b").await.unwrap();
    browser.until(&format!("!{frozen}")).await;
    // Large, and large again when the page is opened again.
    let size = "document.querySelector('.ladder text').getBoundingClientRect().height";
    let before = browser.eval(size).await.unwrap().as_f64().unwrap();
    browser.keys("z").await.unwrap();
    browser.until(&format!("{size} > {}", before * 1.4)).await;
    browser.client.refresh().await.unwrap();
    browser.until("document.querySelector('#page')?.classList.contains('projector') === true").await;
    browser.keys("z").await.unwrap();
    browser.until("!document.querySelector('#page').classList.contains('projector')").await;
    // Every key is on the list.
    browser.keys("?").await.unwrap();
    browser.until("document.querySelectorAll('dialog .keys dt').length > 15").await;
    browser.keys(ESCAPE).await.unwrap();
    browser.until("document.querySelector('dialog') == null").await;
    end(browser).await;
}

#[tokio::test]
async fn the_first_five_minutes_lead_from_connect_to_ones_own_program() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    let tour = "(document.querySelector('.tour')?.innerText ?? '')";
    // Nothing is told before somebody connected; the server's bar grows already.
    browser.until("document.body.innerText.includes('waiting, which is normal')").await;
    assert_eq!(browser.eval(&format!("{tour} == ''")).await.unwrap(), true);
    browser.press("Connect").await.unwrap();
    browser.until(&format!("{tour}.includes('connect() was one call')")).await;
    is_at_the_message(&browser).await;
    browser.keys(ENTER).await.unwrap();
    browser.until(&format!("{tour}.includes('How many recvs')")).await;
    browser.press("3").await.unwrap();
    // What came is counted, whatever was said.
    browser.until(&format!("{tour}.includes('1 recv: three colours')")).await;
    browser.until("document.querySelectorAll('[data-row=\"server-recv\"] [data-letter]').length >= 3").await;
    browser.press("Connect a second client").await.unwrap();
    browser.until(&format!("{tour}.includes('sits in a seat')")).await;
    browser.press("Next").await.unwrap();
    browser.until(&format!("{tour}.includes('your own program')")).await;
    browser.press("Done").await.unwrap();
    browser.until(&format!("{tour} == ''")).await;
    // For good.
    browser.client.refresh().await.unwrap();
    browser.until("document.querySelectorAll('.mark').length > 10").await;
    assert_eq!(browser.eval(&format!("{tour} == ''")).await.unwrap(), true);
    end(browser).await;
}

#[tokio::test]
async fn whoever_wants_no_tour_has_none() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    browser.press("Connect").await.unwrap();
    browser.until("document.querySelector('.tour') != null").await;
    browser.press("Skip the tour").await.unwrap();
    browser.until("document.querySelector('.tour') == null").await;
    browser.fill("Message", "on my own").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('ON MY OWN')").await;
    assert_eq!(browser.eval("document.querySelector('.tour') == null").await.unwrap(), true);
    end(browser).await;
}
