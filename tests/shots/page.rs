//! Scenes that the page plays by itself: two hosts in it, and somebody who presses its buttons, in any language.

use support::browser::Browser;

/// Lets the two hosts in the page play, from the next time it is opened.
pub async fn choose(browser: &Browser) {
    browser.eval("localStorage.setItem('socketscope.world', 'page')").await.expect("the page has a storage");
}

/// Loses a segment by hand, goes back to before that, acts otherwise, and looks back at it.
pub async fn play(browser: &Browser) {
    browser.until("document.querySelector('.time-bar') != null").await;
    press(browser, ".invitation .btn").await;
    say(browser, "hello").await;
    reads(browser, "HELLO").await;
    let before = browser.eval("document.querySelector('.moments').max").await.expect("there is a slider");
    press(browser, ".catch").await;
    browser.until("document.querySelector('.catch').getAttribute('aria-pressed') == 'true'").await;
    say(browser, "lost").await;
    browser.until("document.querySelector('.caught') != null").await;
    press(browser, ".caught .drop").await;
    reads(browser, "LOST").await;
    drag(browser, before.as_str().unwrap_or_default()).await;
    say(browser, "other").await;
    reads(browser, "OTHER").await;
    let beside = "(list => { list.value = 1; list.dispatchEvent(new Event('change')); })(document.querySelector('.runs select'))";
    browser.eval(beside).await.expect("there is a list");
    browser.until("document.querySelector('.beside .mark, .beside [data-seq]') != null").await;
    drag(browser, "118").await;
    browser.until("document.querySelector('.past') != null").await;
}

/// A packet is caught, and time stands.
pub async fn catch(browser: &Browser) {
    browser.until("document.querySelector('.time-bar') != null").await;
    press(browser, ".invitation .btn").await;
    say(browser, "hello").await;
    reads(browser, "HELLO").await;
    press(browser, ".catch").await;
    browser.until("document.querySelector('.catch').getAttribute('aria-pressed') == 'true'").await;
    say(browser, "stop").await;
    browser.until("document.querySelector('.caught') != null").await;
}

/// Somebody points at the second of three messages, where it came out of one recv.
pub async fn point(browser: &Browser) {
    let piece = "document.querySelector('[data-row=server-recv] [data-letter=B]')";
    browser.until(&format!("{piece} != null")).await;
    let over = format!("{piece}.dispatchEvent(new PointerEvent('pointerover', {{ bubbles: true }}))");
    browser.eval(&over).await.expect("it can be pointed at");
}

/// Somebody opens the legend.
pub async fn legend(browser: &Browser) {
    press(browser, ".bar .legend-button").await;
}

async fn press(browser: &Browser, what: &str) {
    browser.until(&format!("document.querySelector('{what}') != null")).await;
    browser.eval(&format!("document.querySelector('{what}').click()")).await.expect("it can be pressed");
}

async fn say(browser: &Browser, text: &str) {
    browser.until("document.querySelector('#message')?.disabled === false").await;
    let field = browser.client.find(fantoccini::Locator::Css("#message")).await.expect("there is a field");
    field.clear().await.expect("it can be emptied");
    field.send_keys(&format!("{text}\u{e007}")).await.expect("it takes keys");
}

async fn reads(browser: &Browser, text: &str) {
    browser.until(&format!("document.body.textContent.includes('{text}')")).await;
}

async fn drag(browser: &Browser, to: &str) {
    let drag = format!(
        "(slider => {{ slider.value = {to}; slider.dispatchEvent(new Event('input')); }})(document.querySelector('.moments'))"
    );
    browser.eval(&drag).await.expect("the slider moves");
}
