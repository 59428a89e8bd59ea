//! The page in Chromium and in Firefox.

use crate::programs::python;
use protocol::script::find_server;
use protocol::{Family, Transport};
use support::browser::{Brand, Browser, Look};
use support::running::Running;
use tokio::io::{AsyncBufReadExt as _, BufReader};

async fn open(brand: Brand, bridge: &Running) -> Browser {
    let browser = Browser::start_brand(brand).await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser
}

/// Every test runs in both browsers.
macro_rules! in_both {
    ($($(#[$only:meta])* $name:ident,)*) => {
        mod chromium {
            $($(#[$only])* #[tokio::test] async fn $name() { super::$name(super::Brand::Chromium).await })*
        }
        mod firefox {
            $($(#[$only])* #[tokio::test] async fn $name() { super::$name(super::Brand::Firefox).await })*
        }
    };
}

mod past;
#[cfg(target_os = "linux")]
mod wire;

in_both! {
    hello_comes_back_and_the_calls_of_both_sides_are_told,
    three_sends_while_nobody_reads_are_three_colours_in_one_recv,
    three_thousand_bytes_show_every_recvs_share,
    the_exact_tutorial_never_answers_again_and_the_page_says_why,
    #[cfg(target_os = "linux")]
    other_programs_appear_on_an_open_page,
    the_page_speaks_chinese_and_turns_dark,
    when_the_bridge_goes_the_page_keeps_its_trace_and_says_so,
    servers_stop_start_and_rebind_from_the_page,
    hexadecimal_and_every_transport_come_back,
    a_clear_forgets_the_story_and_not_what_the_client_was_told,
    the_ladder_has_most_of_the_screen_and_the_keyboard_reaches_the_menus,
}

/// What the driver sends for the Escape key (WebDriver, 17.4.2).
const ESCAPE: &str = "\u{e00c}";
/// Those for Enter and for the arrow to the right.
#[cfg(target_os = "linux")]
const ENTER: &str = "\u{e007}";
#[cfg(target_os = "linux")]
const RIGHT: &str = "\u{e014}";
/// The text of the table of events.
const TABLE: &str = "document.querySelector('table[aria-label=\"Events\"]')?.innerText ?? ''";

async fn end(browser: Browser) {
    let console = browser.console().await.unwrap();
    assert_eq!(console, [] as [String; 0], "the console stays empty");
    browser.end().await.unwrap();
}

async fn hello_comes_back_and_the_calls_of_both_sides_are_told(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
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

async fn three_sends_while_nobody_reads_are_three_colours_in_one_recv(brand: Brand) {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let pause = protocol::ServerAction::Set(protocol::Setting::Reading(false));
    session.server(pause).await;
    let browser = open(brand, &bridge).await;
    browser.press("Connect").await.unwrap();
    for word in ["one", "two", "three"] {
        browser.fill("Message", word).await.unwrap();
        browser.press("Send").await.unwrap();
        browser.until(&format!("document.body.innerText.includes('>>> {word}')")).await;
    }
    session.server(protocol::ServerAction::Set(protocol::Setting::Reading(true))).await;
    browser.until("document.body.innerText.includes('ONETWOTHREE')").await;
    browser.until("document.querySelectorAll('[data-row=\"server-recv\"] [data-letter]').length == 3").await;
    // Where packets may be captured, the segments between them are counted too.
    browser.until("/3 sends → (\\d+ segments? → )?1 recv/.test(document.body.innerText)").await;
    end(browser).await;
}

async fn three_thousand_bytes_show_every_recvs_share(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
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

async fn the_exact_tutorial_never_answers_again_and_the_page_says_why(brand: Brand) {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let mode = protocol::Setting::TcpMode(protocol::TcpMode::TutorialExactly);
    session.server(protocol::ServerAction::Set(mode)).await;
    let browser = open(brand, &bridge).await;
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "first").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('FIRST')").await;
    browser.press("Close").await.unwrap();
    browser.press("+ new client").await.unwrap();
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello?").await.unwrap();
    browser.press("Send").await.unwrap();
    let why = "the client has closed, and the program never checks for it";
    browser.until(&format!("document.body.textContent.includes('{why}')")).await;
    assert_eq!(browser.eval("document.body.textContent.includes('HELLO?')").await.unwrap(), false);
    end(browser).await;
}

/// Only Linux tells whose a connection is.
#[cfg(target_os = "linux")]
async fn other_programs_appear_on_an_open_page(brand: Brand) {
    let browser = Browser::start_brand(brand).await.unwrap();
    browser.look(Look::default()).await.unwrap();
    // They live on: a page whose bridge has gone writes to the console before it is left.
    let mut bridges = Vec::new();
    for (transport, code) in [
        (Transport::Tcp, "s = socket.socket(); s.connect((host, port))"),
        (Transport::Udp, "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((host, port))"),
    ] {
        let bridge = Running::start().await;
        let session = bridge.session().await;
        browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
        browser.until("document.querySelector('[data-connection]')?.dataset.connection == 'live'").await;
        assert_eq!(browser.eval("document.body.textContent.includes('python3')").await.unwrap(), false);
        let server = find_server(&session.welcome.servers, transport, Family::Ipv4).unwrap();
        let address = server.address.inet().unwrap();
        let mut program = python(&format!(
            "import socket\n\
             host, port = '{}', {}\n\
             {code}\n\
             s.send(b'hello')\n\
             print(s.recv(1024).decode()); input()",
            address.ip(),
            address.port()
        ));
        let mut output = BufReader::new(program.stdout.take().unwrap()).lines();
        let answer = support::soon("the answer", output.next_line()).await.unwrap();
        assert_eq!(answer.as_deref(), Some("HELLO"));
        browser.until("document.body.textContent.includes('python3')").await;
        // The invitation does not lie over what it did, and one can still connect.
        browser.until("document.querySelector('.invitation') == null").await;
        browser.until("document.querySelector('.newcomer button[type=submit]')?.textContent == 'Connect'").await;
        let console = browser.console().await.unwrap();
        assert_eq!(console, [] as [String; 0], "{transport:?}");
        bridges.push(bridge);
    }
    browser.end().await.unwrap();
}

async fn the_page_speaks_chinese_and_turns_dark(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
    browser.press("中文").await.unwrap();
    browser.until("document.documentElement.lang.startsWith('zh')").await;
    browser.until("document.body.innerText.includes('连接')").await;
    end(browser).await;
}

async fn when_the_bridge_goes_the_page_keeps_its_trace_and_says_so(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    drop(bridge);
    browser.until("document.querySelector('[data-connection]')?.dataset.connection == 'lost'").await;
    browser.until("document.body.innerText.includes('HELLO')").await;
    // The browser itself notes each failed attempt to reconnect; nothing else may be in the console.
    let console = browser.console().await.unwrap();
    let attempt = |line: &String| line.contains("ERR_CONNECTION_REFUSED") || line.contains("establish a connection");
    assert!(console.iter().all(attempt), "{console:?}");
    browser.end().await.unwrap();
}

async fn servers_stop_start_and_rebind_from_the_page(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
    let stopped = "document.querySelectorAll('.servers .dot.bad').length";
    browser.press("Servers and sockets panel").await.unwrap();
    browser.press("Stop").await.unwrap();
    browser.until(&format!("{stopped} == 1")).await;
    // Nobody listens there: the call says so, and so does the console.
    browser.press("Connect").await.unwrap();
    browser.until("document.body.innerText.includes('ECONNREFUSED')").await;
    browser.press("Start").await.unwrap();
    browser.until(&format!("{stopped} == 0")).await;
    browser.press("Rebind").await.unwrap();
    browser.until(&format!("({TABLE}).split('bind(').length > 6")).await;
    browser.press("+ new client").await.unwrap();
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "again").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('AGAIN')").await;
    browser.press("Hang up").await.unwrap();
    browser.until("document.querySelector('.sockets').textContent.includes('CLOSE_WAIT')").await;
    end(browser).await;
}

async fn hexadecimal_and_every_transport_come_back(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
    for (at, transport) in ["UDP", "Unix stream", "Unix datagram", "TCP"].iter().enumerate() {
        if at > 0 {
            browser.press("+ new client").await.unwrap();
        }
        browser.choose("Transport", transport).await.unwrap();
        browser.press("Connect").await.unwrap();
        browser.fill("Message", &format!("over {at}")).await.unwrap();
        browser.press("Send").await.unwrap();
        browser.until(&format!("document.body.innerText.includes('OVER {at}')")).await;
    }
    browser.press("hex").await.unwrap();
    browser.fill("Message", "68 65 7").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('one is missing at the end')").await;
    browser.fill("Message", "68 65 78").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HEX')").await;
    end(browser).await;
}

async fn a_clear_forgets_the_story_and_not_what_the_client_was_told(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "before").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('BEFORE')").await;
    browser.press("Options").await.unwrap();
    browser.press("Stop reading").await.unwrap();
    browser.until("document.body.innerText.includes('Read again')").await;
    browser.press("Clear").await.unwrap();
    browser.until("!document.body.innerText.includes('BEFORE')").await;
    browser.press("Read again").await.unwrap();
    browser.fill("Message", "after").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('AFTER')").await;
    end(browser).await;
}

async fn the_ladder_has_most_of_the_screen_and_the_keyboard_reaches_the_menus(brand: Brand) {
    let bridge = Running::start().await;
    let browser = open(brand, &bridge).await;
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    browser.until("document.querySelector('.ladder').getBoundingClientRect().height >= innerHeight / 2").await;
    for (button, inside) in [("File", "Save the trace"), ("Your program", "import socket")] {
        browser.press(button).await.unwrap();
        browser.until(&format!("document.body.innerText.includes('{inside}')")).await;
        browser.keys(ESCAPE).await.unwrap();
        browser.until(&format!("!document.body.innerText.includes('{inside}')")).await;
    }
    // A step goes to the first mark, and the inspector says what it is.
    browser.press("Step").await.unwrap();
    browser.until("document.querySelectorAll('.mark.chosen').length > 0").await;
    end(browser).await;
}
