//! The page in Chromium.

use support::browser::{Browser, Look};
use support::running::Running;

async fn open(bridge: &Running) -> Browser {
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser
}

/// The text of the table of events.
const TABLE: &str = "document.querySelector('table[aria-label=\"Events\"]')?.innerText ?? ''";

async fn end(browser: Browser) {
    let console = browser.console().await.unwrap();
    assert_eq!(console, [] as [String; 0], "the console stays empty");
    browser.end().await.unwrap();
}

#[tokio::test]
async fn hello_comes_back_and_the_calls_of_both_sides_are_told() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    for call in ["socket(", "bind(", "listen(", "accept()", "connect(", "send(", "recv("] {
        browser.until(&format!("({TABLE}).includes('{call}')")).await;
    }
    // In order: the client connects, sends and receives.
    let table = browser.eval(TABLE).await.unwrap();
    let table = table.as_str().unwrap();
    let at = |word: &str| table.find(word).unwrap_or_else(|| panic!("{word} is not in\n{table}"));
    assert!(at("listen(") < at("connect("), "{table}");
    assert!(at("connect(") < at("send("), "{table}");
    // Every mark says which event it draws.
    browser.until("document.querySelectorAll('svg [data-seq][data-kind]').length > 5").await;
    end(browser).await;
}

#[tokio::test]
async fn three_sends_while_nobody_reads_are_three_colours_in_one_recv() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let pause = protocol::ServerAction::Set(protocol::Setting::Reading(false));
    session.server(pause).await;
    let browser = open(&bridge).await;
    browser.press("Connect").await.unwrap();
    for word in ["one", "two", "three"] {
        browser.fill("Message", word).await.unwrap();
        browser.press("Send").await.unwrap();
        browser.until(&format!("document.body.innerText.includes('>>> {word}')")).await;
    }
    session.server(protocol::ServerAction::Set(protocol::Setting::Reading(true))).await;
    browser.until("document.body.innerText.includes('ONETWOTHREE')").await;
    browser.until("document.querySelectorAll('[data-row=\"server-recv\"] [data-letter]').length == 3").await;
    browser.until("document.body.innerText.includes('3 sends → 1 recv')").await;
    end(browser).await;
}

#[tokio::test]
async fn three_thousand_bytes_show_every_recvs_share() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    browser.press("Connect").await.unwrap();
    let text = "hello ".repeat(500);
    browser.fill("Message", text.trim_end()).await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("/2999 bytes in \\d+ recvs/.test(document.body.innerText)").await;
    let shares = "[...document.querySelectorAll('[data-row=\"server-recv\"] [data-bytes]')]";
    browser.until(&format!("{shares}.reduce((sum, one) => sum + Number(one.dataset.bytes), 0) == 2999")).await;
    browser.until(&format!("{shares}.length >= 3")).await;
    end(browser).await;
}

#[tokio::test]
async fn the_page_speaks_chinese_and_turns_dark() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    browser.press("中文").await.unwrap();
    browser.until("document.documentElement.lang.startsWith('zh')").await;
    browser.until("document.body.innerText.includes('连接')").await;
    end(browser).await;
}

#[tokio::test]
async fn when_the_bridge_goes_the_page_keeps_its_trace_and_says_so() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    drop(bridge);
    browser.until("document.querySelector('[data-connection]')?.dataset.connection == 'lost'").await;
    browser.until("document.body.innerText.includes('HELLO')").await;
    // The browser itself notes each failed attempt to reconnect; nothing else may be in the console.
    let console = browser.console().await.unwrap();
    assert!(console.iter().all(|line| line.contains("ERR_CONNECTION_REFUSED")), "{console:?}");
    browser.end().await.unwrap();
}
