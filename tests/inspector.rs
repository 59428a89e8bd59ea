//! The inspector in Chromium, and what the page gives away: pictures, text, Mermaid, links.

use support::browser::{Browser, Look};
use support::running::Running;
use support::soon;

const BACKSPACE: &str = "\u{e003}";
const ESCAPE: &str = "\u{e00c}";

/// A page on which `hello` has come back.
async fn greeted(bridge: &Running) -> Browser {
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    browser.keys(ESCAPE).await.unwrap();
    browser
}

async fn end(browser: Browser) {
    let console = browser.console().await.unwrap();
    assert_eq!(console, [] as [String; 0], "the console stays empty");
    browser.end().await.unwrap();
}

/// Chooses the last mark of the ladder whose name has these words in it.
async fn choose(browser: &Browser, words: &str) {
    let mark =
        format!("[...document.querySelectorAll('svg .mark')].findLast(mark => mark.ariaLabel?.includes('{words}'))");
    browser.until(&format!("{mark} != null")).await;
    browser.eval(&format!("{mark}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")).await.unwrap();
}

/// The text of a part of the inspector.
fn part(class: &str) -> String {
    format!("(document.querySelector('.inspector .{class}')?.innerText ?? '')")
}

#[tokio::test]
async fn one_walks_from_the_answer_to_the_person_who_asked() {
    let bridge = Running::start().await;
    let browser = greeted(&bridge).await;
    choose(&browser, "client: recv(1024)").await;
    let why = part("why");
    browser.until(&format!("{why}.includes('It answers what came in TCP echo server: recv(1024)')")).await;
    browser.until(&format!("{why}.includes('you chose send()')")).await;
    // By the keyboard, one cause after another, as far as it goes: to the command. Packets may be seen or not.
    let sentence = part("say");
    for _ in 0..12 {
        if browser.eval(&format!("{sentence}.includes('you chose send()')")).await.unwrap() == true {
            break;
        }
        let before = browser.eval(&sentence).await.unwrap();
        browser.keys("w").await.unwrap();
        browser.until(&format!("{sentence} != {before}")).await;
    }
    browser.until(&format!("{sentence}.includes('you chose send()')")).await;
    // And back the same way.
    let before = browser.eval(&sentence).await.unwrap();
    browser.keys(BACKSPACE).await.unwrap();
    browser.until(&format!("{sentence} != {before}")).await;
    browser.until(&format!("{sentence}.includes('send(5)')")).await;
    browser.until(&format!("{why}.includes('Back')")).await;
    end(browser).await;
}

#[tokio::test]
async fn the_running_line_is_lit_in_every_language_and_the_call_is_explained() {
    let bridge = Running::start().await;
    let browser = greeted(&bridge).await;
    choose(&browser, "server: recv(1024)").await;
    let lit = "(document.querySelector('.source .at')?.textContent ?? '')";
    let cases = [
        ("Python", "conn.recv(1024)", "socket.recv(bufsize[, flags]) -> bytes"),
        ("Rust", "conn.read(&mut buf)", "Read::read(&mut self, buf: &mut [u8])"),
        ("C", "recv(conn, buf, sizeof buf, 0)", "ssize_t recv(int sockfd, void *buf, size_t len, int flags);"),
    ];
    for (tongue, line, signature) in cases {
        browser.press(tongue).await.unwrap();
        browser.until(&format!("{lit}.includes('{line}')")).await;
        browser.until(&format!("{}.includes('{signature}')", part("part-call"))).await;
    }
    // It is in sight, and the server's own port is in it.
    let port = bridge.session().await;
    let server = protocol::script::find_server(&port.welcome.servers, protocol::Transport::Tcp, protocol::Family::Ipv4);
    let port = server.unwrap().address.port().unwrap();
    browser.until(&format!("{}.includes('htons({port})')", part("part-program"))).await;
    end(browser).await;
}

#[tokio::test]
async fn the_states_that_a_socket_went_through_are_lit() {
    let bridge = Running::start().await;
    let browser = greeted(&bridge).await;
    choose(&browser, "client: send(5)").await;
    browser.eval("document.querySelector('.part-states').open = true").await.unwrap();
    browser.until(&format!("{}.includes('ESTABLISHED')", part("way"))).await;
    browser.until("document.querySelector('.states text.now')?.textContent == 'ESTABLISHED'").await;
    browser.until("document.querySelectorAll('.states line.lit').length >= 1").await;
    end(browser).await;
}

/// Keeps what the page would give as a file, in place of the file.
const KEEP: &str = "(() => {
    const made = new Map();
    const make = URL.createObjectURL;
    URL.createObjectURL = blob => {
        const url = make.call(URL, blob);
        made.set(url, blob);
        return url;
    };
    window.kept = [];
    HTMLAnchorElement.prototype.click = function () {
        window.kept.push(Promise.resolve({ name: this.download, blob: made.get(this.href) }));
    };
    return true;
})()";

/// Presses an item of the menu and takes what it gives: its name and its text, or what a script makes of it.
async fn saved(browser: &Browser, item: &str, script: &str) -> serde_json::Value {
    browser.press("File").await.unwrap();
    let path = format!("//*[contains(@class, 'menu')]//button[span[normalize-space()='{item}']]");
    let button = browser.client.wait().for_element(fantoccini::Locator::XPath(&path)).await.unwrap();
    let before = browser.eval("window.kept.length").await.unwrap();
    button.click().await.unwrap();
    browser.until(&format!("window.kept.length > {before}")).await;
    let take =
        format!("const done = arguments[0]; window.kept.at(-1).then({script}).then(done, why => done(String(why)));");
    let taken = soon("the file", browser.client.execute_async(&take, Vec::new())).await.unwrap();
    browser.keys(ESCAPE).await.unwrap();
    taken
}

const TEXT: &str = "async ({ name, blob }) => [name, blob.type, await blob.text()]";

#[tokio::test]
async fn the_ladder_is_a_picture_that_needs_nothing_else() {
    let bridge = Running::start().await;
    let browser = greeted(&bridge).await;
    browser.eval(KEEP).await.unwrap();
    // Parsed as XML, no class and no style sheet left, and drawn by itself.
    let look = "async ({ name, blob }) => {
        const text = await blob.text();
        const read = new DOMParser().parseFromString(text, 'image/svg+xml');
        // A halo that lies over its letters would hide them.
        const hidden = [...read.querySelectorAll('text')].filter(text =>
            text.getAttribute('stroke') != 'none' && !text.getAttribute('paint-order').startsWith('stroke'));
        const image = new Image();
        image.src = URL.createObjectURL(blob);
        await image.decode();
        return [name, blob.type, read.querySelector('parsererror') == null, read.documentElement.localName,
            read.querySelectorAll('[class], style, image, foreignObject').length, hidden.length, image.naturalWidth,
            image.naturalHeight > 300, /url\\((?!#)/.test(text), text.includes('send(5)'), text.includes('font-family=')];
    }";
    let picture = saved(&browser, "Ladder, SVG", look).await;
    let wanted =
        serde_json::json!(["socketscope.svg", "image/svg+xml", true, "svg", 0, 0, 960, true, false, true, true]);
    assert_eq!(picture, wanted);
    // As PNG: as wide twice, and not all one colour.
    let look = "async ({ name, blob }) => {
        const image = await createImageBitmap(blob);
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const data = context.getImageData(0, 0, image.width, Math.min(image.height, 900)).data;
        const colours = new Set();
        for (let at = 0; at < data.length; at += 4) colours.add((data[at] << 16) + (data[at + 1] << 8) + data[at + 2]);
        return [name, blob.type, image.width, colours.size > 8];
    }";
    let picture = saved(&browser, "Ladder, PNG", look).await;
    assert_eq!(picture, serde_json::json!(["socketscope.png", "image/png", 1920, true]));
    end(browser).await;
}

#[tokio::test]
async fn what_is_shown_is_text_a_log_and_mermaid() {
    let bridge = Running::start().await;
    let browser = greeted(&bridge).await;
    browser.eval(KEEP).await.unwrap();
    let text = saved(&browser, "Ladder, text", TEXT).await;
    assert_eq!((text[0].as_str(), text[1].as_str()), (Some("socketscope.txt"), Some("text/plain")));
    assert!(text[2].as_str().is_some_and(|text| text.contains("send(5)") && text.contains("│")), "{text}");
    let log = saved(&browser, "Program calls", TEXT).await;
    let lines = log[2].as_str().unwrap();
    assert!(lines.starts_with("# program calls"), "{lines}");
    assert!(lines.contains("send(") && lines.contains("\"hello\", 5) = 5 <"), "{lines}");
    let diagram = saved(&browser, "Mermaid", TEXT).await;
    let diagram = diagram[2].as_str().unwrap().to_owned();
    assert!(diagram.starts_with("sequenceDiagram\n") && diagram.contains("C1->>CS1: send(5)"), "{diagram}");
    // A link comes back to the mark, in the language.
    choose(&browser, "client: send(5)").await;
    browser.press("File").await.unwrap();
    let link = "//*[contains(@class, 'menu')]//button[span[normalize-space()='Copy a link']]";
    browser.client.wait().for_element(fantoccini::Locator::XPath(link)).await.unwrap().click().await.unwrap();
    browser.until("location.hash.includes('mark=') && location.hash.includes('lang=en')").await;
    let address = browser.eval("location.href").await.unwrap();
    browser.client.goto("about:blank").await.unwrap();
    drawn_by_mermaid(&browser, &diagram).await;
    browser.client.goto(address.as_str().unwrap()).await.unwrap();
    browser.until("document.querySelector('.mark.chosen')?.ariaLabel?.includes('send(5)') === true").await;
    // In another story it says so, and goes nowhere.
    bridge.session().await.order(protocol::Command::World(protocol::WorldAction::Clear)).await.unwrap();
    browser.client.refresh().await.unwrap();
    browser.until("document.body.innerText.includes('The link points into another story')").await;
    end(browser).await;
}

/// Mermaid itself reads the diagram and draws it. Where it could not be had, the strict reader of the page's own tests
/// is all there is.
async fn drawn_by_mermaid(browser: &Browser, diagram: &str) {
    let Some(file) = std::env::var_os("SOCKETSCOPE_MERMAID") else { return };
    let script = std::fs::read_to_string(file).expect("it was fetched");
    let draw = "const [script, diagram, done] = arguments;
        const place = document.createElement('script');
        place.textContent = script;
        document.head.append(place);
        mermaid.initialize({ startOnLoad: false });
        mermaid.parse(diagram).then(() => mermaid.render('drawn', diagram))
            .then(({ svg }) => done(svg), why => done('✗ ' + why));";
    let drawn = browser.client.execute_async(draw, vec![script.into(), diagram.into()]);
    let drawn = soon("Mermaid's drawing", drawn).await.unwrap();
    let drawn = drawn.as_str().unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("send(5)"), "{drawn}\n{diagram}");
}
