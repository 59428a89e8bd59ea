//! Looking for something, leaving things out, looking back, and laying one run beside the next.

use super::*;
use protocol::script::Play;

in_both! {
    what_is_looked_for_is_found_and_what_is_left_out_is_gone,
    one_looks_back_while_the_world_goes_on_and_follows_it_again,
    the_run_before_a_clear_lies_beside_the_next_one,
    whoever_comes_late_sees_the_newest,
}

/// So many marks are drawn.
const MARKS: &str = "document.querySelectorAll('.ladder-pane .mark').length";
/// What the ladder says.
const LADDER: &str = "document.querySelector('.ladder-svg').textContent";

/// A client that has sent these, each with its answer.
async fn told(brand: Brand, bridge: &Running, messages: &[&str]) -> Browser {
    let browser = open(brand, bridge).await;
    browser.press("Connect").await.unwrap();
    for message in messages {
        say(&browser, message).await;
    }
    browser
}

async fn say(browser: &Browser, message: &str) {
    browser.fill("Message", message).await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until(&format!("document.body.innerText.includes('{}')", message.to_uppercase())).await;
}

/// Leaves the field, so that keys are the page's.
async fn leave(browser: &Browser) {
    browser.eval("document.activeElement.blur()").await.unwrap();
    browser.until("document.activeElement == document.body").await;
}

async fn what_is_looked_for_is_found_and_what_is_left_out_is_gone(brand: Brand) {
    let bridge = Running::start().await;
    let browser = told(brand, &bridge, &["needle", "hay"]).await;
    leave(&browser).await;
    browser.keys("/").await.unwrap();
    browser.until("document.activeElement?.id == 'find'").await;
    browser.keys("needle").await.unwrap();
    browser.until("/[1-9][0-9]* hits/.test(document.querySelector('.find-count').innerText)").await;
    browser.keys("\u{e007}").await.unwrap();
    browser.until("document.querySelector('.mark.chosen') != null").await;
    browser.until(&format!("({LADDER}).includes('send(6)')")).await;
    browser.press("Calls").await.unwrap();
    browser.until(&format!("!({LADDER}).includes('send(6)')")).await;
    browser.until(&format!("!({TABLE}).includes('send(6)')")).await;
    browser.press("Calls").await.unwrap();
    browser.until(&format!("({LADDER}).includes('send(6)')")).await;
    browser.press("Only errors").await.unwrap();
    browser.until(&format!("!({LADDER}).includes('send(')")).await;
    end(browser).await;
}

async fn one_looks_back_while_the_world_goes_on_and_follows_it_again(brand: Brand) {
    let bridge = Running::start().await;
    let browser = told(brand, &bridge, &["first"]).await;
    leave(&browser).await;
    let all = browser.eval(MARKS).await.unwrap().as_u64().unwrap();
    browser.keys(" ").await.unwrap();
    let back = "(() => { const slider = document.querySelector('.scrub input'); if (!slider) return false;
        slider.value = Math.floor(slider.max / 3); slider.dispatchEvent(new Event('input'));
        slider.dispatchEvent(new Event('change')); return true; })()";
    browser.until(back).await;
    browser.until(&format!("({MARKS}) < {all} && !({LADDER}).includes('send(5)')")).await;
    // The world goes on, and the picture does not.
    say(&browser, "second").await;
    browser.until(&format!("!({LADDER}).includes('send(')")).await;
    leave(&browser).await;
    browser.keys(" ").await.unwrap();
    browser.until(&format!("({LADDER}).includes('send(5)') && ({LADDER}).includes('send(6)')")).await;
    browser.until("document.querySelector('.scrub') == null").await;
    end(browser).await;
}

async fn the_run_before_a_clear_lies_beside_the_next_one(brand: Brand) {
    let bridge = Running::start().await;
    let browser = told(brand, &bridge, &["before"]).await;
    browser.press("Clear").await.unwrap();
    browser.until(&format!("!({LADDER}).includes('send(6)')")).await;
    say(&browser, "after").await;
    leave(&browser).await;
    browser.keys("v").await.unwrap();
    let beside = "document.querySelector('.beside .ladder-svg').textContent";
    browser.until(&format!("document.querySelector('.beside') != null && ({beside}).includes('send(6)')")).await;
    browser.until(&format!("({LADDER}).includes('send(5)') && !({beside}).includes('send(5)')")).await;
    browser.keys("v").await.unwrap();
    browser.until("document.querySelector('.beside') == null").await;
    end(browser).await;
}

async fn whoever_comes_late_sees_the_newest(brand: Brand) {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    crate::echo::connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    // Each is longer than the one before, so that its answer is known from the others.
    for len in 1..=20 {
        session.send("a", "x".repeat(len)).await;
        session.wait(crate::echo::gives(&protocol::script::Who::Client("a".into()), len as u64)).await;
    }
    let browser = open(brand, &bridge).await;
    // The tracker comes after the ladder and takes a part of its height.
    browser.until("document.querySelector('.tracker-svg [data-seq]') != null").await;
    browser.until("document.querySelector('.ladder-map:not(.away)') != null").await;
    let frames = "const done = arguments[0]; let left = 5;
        (function frame() { if (left-- > 0) requestAnimationFrame(frame); else done(); })()";
    browser.client.execute_async(frames, Vec::new()).await.unwrap();
    assert_eq!(browser.eval("document.querySelector('.ladder-newest') == null").await.unwrap(), true, "it follows");
    browser.until(&format!("({LADDER}).includes('send(20)')")).await;
    end(browser).await;
}
