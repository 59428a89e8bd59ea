//! Signs of the ladder that one can touch: the card of an error, the legend, bytes that light up everywhere.

use protocol::script::{Play, Verb, What, Who};
use protocol::{ClientAction, Errno, Transport};
use support::browser::{Browser, Look};
use support::running::Running;
use support::session::Session;

const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";
const RIGHT: &str = "\u{e014}";

async fn opened(bridge: &Running) -> Browser {
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser
}

async fn ended(browser: Browser) {
    assert_eq!(browser.console().await.unwrap(), [] as [String; 0], "the console stays empty");
    browser.end().await.unwrap();
}

async fn says(session: &mut Session, what: What) {
    session.wait(protocol::script::Condition::Seen(Who::Client("a".into()).does(what), 1)).await;
}

#[tokio::test]
async fn the_card_of_an_error_says_what_it_is_and_leads_out_of_it() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.client("a", &Play { to_nobody: true, ..Play::new(Transport::Tcp) }).await;
    session.tell("a", ClientAction::Connect).await;
    says(&mut session, What::Fails(Verb::Connect, Errno::Econnrefused)).await;
    let browser = opened(&bridge).await;
    browser.until("document.querySelector('[data-kind=remedy]') != null").await;
    let card = "document.querySelector('[data-kind=card]').textContent";
    let said = browser.eval(card).await.unwrap();
    let said = said.as_str().unwrap();
    for part in ["ConnectionRefusedError: [Errno 111] Connection refused", "WinError 10061", "Nobody listens"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    for look in [Look::default(), Look { width: 390, height: 844, dark: true }] {
        browser.look(look).await.unwrap();
        assert_eq!(browser.faults().await.unwrap(), [] as [String; 0]);
    }
    browser.look(Look::default()).await.unwrap();
    // By key: what is on the card can have the focus.
    browser.eval("document.querySelector('[data-kind=remedy]').focus()").await.unwrap();
    browser.keys(ENTER).await.unwrap();
    browser
        .until("[...document.querySelectorAll('.sockets .state')].some(at => at.textContent == 'ESTABLISHED')")
        .await;
    ended(browser).await;
}

#[tokio::test]
async fn the_legend_shows_every_sign() {
    let bridge = Running::start().await;
    let browser = opened(&bridge).await;
    browser.press("Legend").await.unwrap();
    browser.until("document.querySelectorAll('.legend li').length > 20").await;
    assert_eq!(browser.faults().await.unwrap(), [] as [String; 0]);
    ended(browser).await;
}

#[tokio::test]
async fn bytes_light_up_in_the_ladder_and_in_the_tracker_by_key_and_by_choice() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.client("a", &Play::new(Transport::Tcp)).await;
    session.tell("a", ClientAction::Connect).await;
    says(&mut session, What::Returns(Verb::Connect)).await;
    session.send("a", "hello").await;
    says(&mut session, What::Gives(Verb::Recv, 5)).await;
    let browser = opened(&bridge).await;
    browser.until("document.querySelector('[data-row=client-recv] [data-letter]') != null").await;
    browser.eval("document.querySelector('.tracker-svg').focus()").await.unwrap();
    browser.keys(&[RIGHT, DOWN].concat()).await.unwrap();
    let lit = "document.querySelectorAll('.ladder-svg .mark.lit[data-kind=call]').length == 4";
    browser.until(lit).await;
    browser.until("document.querySelector('#byte-here').getAttribute('aria-label') != ''").await;
    browser.until("document.querySelector('svg .column').width.baseVal.value > 40").await;
    // The other way round: a mark that is chosen lights its bytes, and a click is enough.
    browser.eval("document.activeElement.blur()").await.unwrap();
    browser.until("document.querySelectorAll('.mark.lit').length == 0").await;
    let send = "[...document.querySelectorAll('.ladder-svg .mark[data-kind=call]')].find(mark => mark.textContent.startsWith('send(5)'))";
    browser.eval(&format!("{send}.dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))")).await.unwrap();
    browser.until(lit).await;
    browser.until("document.querySelectorAll('.tracker-svg .lit').length >= 4").await;
    ended(browser).await;
}
