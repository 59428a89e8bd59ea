//! Stories in files: saved, opened, dropped on the page; captures, damaged files, and the way back.

use std::path::{Path, PathBuf};
use support::browser::{Browser, Look};
use support::capture::{connection, pcap};
use support::files::Files;
use support::running::{Running, fresh_folder};
use support::{http, soon};

/// Every mark on the ladder: its kind and its texts.
const MARKS: &str = "JSON.stringify([...document.querySelectorAll('.ladder-pane [data-seq][data-kind]')]\
    .map(mark => [mark.dataset.kind, ...[...mark.querySelectorAll('text')].map(text => text.textContent)].join('|'))\
    .sort())";

/// High enough for all of a short story.
const HIGH: Look = Look { width: 1440, height: 2000, dark: false };

async fn open(bridge: &Running) -> Browser {
    visit(&format!("http://{}/", bridge.address), bridge.folder()).await
}

/// Opens a page whose downloads go to a folder.
async fn visit(page: &str, folder: &Path) -> Browser {
    let browser = Browser::start().await.unwrap();
    browser.look(HIGH).await.unwrap();
    let allow = serde_json::json!({ "behavior": "allow", "downloadPath": folder.display().to_string() });
    browser.devtools("Browser.setDownloadBehavior", allow).await.unwrap();
    browser.client.goto(page).await.unwrap();
    // Whoever was here before has the side panels open, so that every visit is alike.
    browser.eval("localStorage.setItem('socketscope.visited', 'yes')").await.unwrap();
    browser.client.refresh().await.unwrap();
    // What is dropped before the page has begun is the browser's own affair.
    browser.until("document.querySelector('[data-connection]') != null").await;
    browser
}

async fn end(browser: Browser) {
    let console = browser.console().await.unwrap();
    assert_eq!(console, [] as [String; 0], "the console stays empty");
    browser.end().await.unwrap();
}

async fn say_hello(browser: &Browser) {
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
}

async fn save(browser: &Browser) {
    browser.press("File").await.unwrap();
    let item =
        "[...document.querySelectorAll('.menu .item')].find(item => item.textContent.includes('Save the trace'))";
    browser.until(&format!("!!{item}")).await;
    browser.eval(&format!("{item}.click()")).await.unwrap();
}

/// Waits until the ladder has exactly these marks.
async fn has_marks(browser: &Browser, marks: &serde_json::Value) {
    let marks = marks.as_str().unwrap().replace('\\', "\\\\").replace('\'', "\\'");
    browser.until(&format!("{MARKS} == '{marks}'")).await;
}

/// The file that the page has made.
async fn made(folder: &Path) -> PathBuf {
    soon("the saved file", async {
        loop {
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let is_one = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "socketscope");
            if let Some(path) = files.into_iter().find(is_one) {
                return path;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// Chooses a file, as a person does in the browser's own dialog.
async fn choose(browser: &Browser, path: &Path) {
    let chooser = browser.client.find(fantoccini::Locator::Id("chooser")).await.unwrap();
    chooser.send_keys(&path.display().to_string()).await.unwrap();
}

/// Drops a file with these bytes on the page.
async fn drop_file(browser: &Browser, name: &str, bytes: &[u8]) {
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let script = format!(
        "(() => {{ const data = new DataTransfer(); \
         data.items.add(new File([new Uint8Array([{}])], '{name}')); \
         for (const kind of ['dragover', 'drop']) \
           document.body.dispatchEvent(new DragEvent(kind, {{ dataTransfer: data, bubbles: true, cancelable: true }})); \
         return true; }})()",
        numbers.join(",")
    );
    browser.eval(&script).await.unwrap();
}

/// Waits until this file is looked at.
async fn looks_at(browser: &Browser, name: &str) {
    browser.until("document.querySelector('[data-connection]')?.dataset.connection == 'recorded'").await;
    browser.until(&format!("document.querySelector('.notices').innerText.includes('{name}')")).await;
}

#[tokio::test]
async fn what_was_saved_opens_again_as_the_same_picture() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    say_hello(&browser).await;
    // What waits goes on waiting; the picture stands still to be compared.
    browser.press("Freeze view").await.unwrap();
    browser.until("document.querySelectorAll('.ladder-pane [data-seq][data-kind]').length > 10").await;
    let before = browser.eval(MARKS).await.unwrap();
    save(&browser).await;
    let file = made(bridge.folder()).await;
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    // Another visit knows nothing of the first.
    browser.client.refresh().await.unwrap();
    browser.until("document.querySelector('[data-connection]')?.dataset.connection == 'live'").await;
    choose(&browser, &file).await;
    looks_at(&browser, &name).await;
    has_marks(&browser, &before).await;
    browser.until("document.body.innerText.includes('HELLO')").await;
    // Nothing can be sent, and the page says why; the way back leads to where things happen.
    browser.until("document.body.innerText.includes('nothing in it can be changed')").await;
    browser.until("document.querySelectorAll('[type=submit]').length == 0").await;
    browser.press("Back to live").await.unwrap();
    browser.until("document.querySelector('[data-connection]')?.dataset.connection == 'live'").await;
    end(browser).await;
}

#[tokio::test]
async fn a_copy_on_a_web_server_saves_and_opens_without_the_program() {
    let (files, folder) = (Files::start().await, fresh_folder());
    let browser = visit(&files.page, &folder).await;
    say_hello(&browser).await;
    browser.press("❚❚ Pause").await.unwrap();
    browser.until("document.querySelectorAll('.ladder-pane [data-kind=packet]').length > 4").await;
    let before = browser.eval(MARKS).await.unwrap();
    save(&browser).await;
    let file = made(&folder).await;
    browser.client.refresh().await.unwrap();
    browser.until("document.querySelector('.time-bar') != null").await;
    choose(&browser, &file).await;
    looks_at(&browser, file.file_name().unwrap().to_str().unwrap()).await;
    has_marks(&browser, &before).await;
    end(browser).await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_programs_own_trace_and_capture_open_in_the_page() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    say_hello(&browser).await;
    let trace = http::get(&bridge.address, "/trace.json", "").await;
    assert_eq!(trace.status, 200);
    drop_file(&browser, "trace.json", &trace.body).await;
    looks_at(&browser, "trace.json").await;
    browser.until("document.body.innerText.includes('HELLO')").await;
    // Where packets may be captured there is a capture too.
    let capture = http::get(&bridge.address, "/trace.pcapng?tap=loopback", "").await;
    let packets = String::from_utf8_lossy(&trace.body).matches("\"stage\":\"Sent\"").count();
    drop_file(&browser, "trace.pcapng", &capture.body).await;
    if packets > 0 {
        looks_at(&browser, "trace.pcapng").await;
        let count = "new Set([...document.querySelectorAll('[data-kind=packet]')].map(one => one.dataset.seq)).size";
        browser.until(&format!("{count} == {packets}")).await;
    } else {
        browser.until("document.body.innerText.includes('no packet of TCP or UDP')").await;
    }
    end(browser).await;
}

#[tokio::test]
async fn a_capture_opens_with_its_connections_apart() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    // The same ports twice, and others.
    let packets = [connection(50_000, 100, "one"), connection(50_000, 7_000, "two"), connection(50_001, 5, "three")];
    drop_file(&browser, "three.pcap", &pcap(&packets.concat())).await;
    looks_at(&browser, "three.pcap").await;
    let following = "[...document.querySelectorAll('.bar select option')].map(option => option.textContent).join()";
    browser.until(&format!("{following}.includes('10.0.0.1:50000,10.0.0.1:50000 (2),10.0.0.1:50001')")).await;
    let table = "document.querySelector('table[aria-label=\"Events\"]').textContent";
    browser.until(&format!("{table}.split('TIME_WAIT').length == 4")).await;
    // No time passes on a wire that was seen at one place: arrows are level.
    let level = "[...document.querySelectorAll('[data-kind=packet] line')].filter(line => \
        Math.abs(line.x1.baseVal.value - line.x2.baseVal.value) > 50)";
    browser.until(&format!("{level}.length > 5")).await;
    browser.until(&format!("{level}.every(line => line.y1.baseVal.value == line.y2.baseVal.value)")).await;
    browser.press("Back to live").await.unwrap();
    browser.until("document.querySelector('[data-connection]')?.dataset.connection == 'live'").await;
    end(browser).await;
}

#[tokio::test]
async fn of_many_conversations_one_chooses() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    let packets: Vec<_> = (0..40).flat_map(|n| connection(50_000 + n, 100, "hello")).collect();
    drop_file(&browser, "many.pcap", &pcap(&packets)).await;
    browser.until("document.querySelectorAll('dialog tbody tr').length == 40").await;
    browser.until("document.querySelectorAll('dialog input:checked').length == 3").await;
    browser.fill("Filter: an address, a port, TCP or UDP", "50017").await.unwrap();
    browser.until("document.querySelectorAll('dialog tbody tr').length == 1").await;
    browser.press("10.0.0.1:50017 → 10.0.0.2:808 TCP").await.unwrap();
    looks_at(&browser, "many.pcap").await;
    browser.until("document.querySelector('.ladder-pane').textContent.includes('10.0.0.1:50017')").await;
    // The others are still to be had.
    browser.press("Conversations").await.unwrap();
    let check = "document.querySelector('dialog input[aria-label=\"10.0.0.1:50018 → 10.0.0.2:808 TCP\"]')";
    browser.until(&format!("!!{check}")).await;
    browser.eval(&format!("{check}.click()")).await.unwrap();
    browser.press("Show them").await.unwrap();
    browser.until("document.querySelectorAll('.bar select option').length == 3").await;
    end(browser).await;
}

#[tokio::test]
async fn a_damaged_file_says_where_and_the_page_goes_on() {
    let bridge = Running::start().await;
    let browser = open(&bridge).await;
    say_hello(&browser).await;
    let file = pcap(&connection(50_000, 100, "hello"));
    drop_file(&browser, "cut.pcap", &file[..file.len() - 10]).await;
    let says = |words: &str| format!("document.querySelector('.notices').innerText.includes('{words}')");
    browser.until(&says(&format!("packet 8, byte {}", file.len() - 10))).await;
    browser.until("document.body.innerText.includes('HELLO')").await;
    drop_file(&browser, "bad.socketscope", b"{\"socketscope\":1,\n\"events\":[\n{\"seq\":1,\"at\":-5}]}").await;
    browser.until(&says("event 1, line 3, byte 43")).await;
    drop_file(&browser, "cat.jpg", b"\xff\xd8\xff\xe0").await;
    browser.until(&says("neither a .socketscope trace nor")).await;
    browser.press("Put this notice away").await.unwrap();
    browser.fill("Message", "again").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('AGAIN')").await;
    // What is whole can be looked at.
    drop_file(&browser, "cut.pcap", &file[..file.len() - 10]).await;
    browser.press("Look at the 7 before it").await.unwrap();
    looks_at(&browser, "cut.pcap").await;
    end(browser).await;
}
