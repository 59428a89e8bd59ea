//! The wire in the page: packets caught, held and decided, by mouse and by keyboard.

use super::*;
use support::session::Session;

in_both! {
    a_caught_segment_is_dropped_by_hand_and_comes_again,
    the_keyboard_catches_and_decides_and_the_resend_counts_down,
    the_keyboard_holds_the_wire_freezes_the_view_and_steps,
}

/// The card of the packet that waits for a decision.
const CAUGHT: &str = "document.querySelector('.caught')";

/// A client that is connected in Two hosts and has got its first answer.
async fn greeted(brand: Brand, bridge: &Running) -> Browser {
    let browser = open(brand, bridge).await;
    browser.until("document.querySelector('.catch') != null").await;
    browser.press("Connect").await.unwrap();
    browser.fill("Message", "hello").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.body.innerText.includes('HELLO')").await;
    browser
}

async fn shows(browser: &Browser, words: &str) {
    browser.until(&format!("document.body.innerText.includes('{words}')")).await;
}

/// Types a message and sends it, and leaves the field: nothing but the keyboard.
async fn type_and_send(browser: &Browser, message: &str) {
    browser.keys("m").await.unwrap();
    browser.until("document.activeElement?.tagName == 'TEXTAREA' || document.activeElement?.tagName == 'INPUT'").await;
    browser.keys(message).await.unwrap();
    browser.keys(ENTER).await.unwrap();
    browser.keys(ESCAPE).await.unwrap();
    browser.until("document.activeElement == document.body").await;
}

/// Waits until the page shows an answer, and everything is acknowledged: on a slow wire the kernel sends it again before
/// that, and the next catch would take it.
async fn shows_and_rests(browser: &Browser, session: &mut Session, answer: &str) {
    shows(browser, answer).await;
    let read = |event: &protocol::Event| match &event.kind {
        protocol::Kind::Call(call) => call.data.as_ref() == answer.as_bytes(),
        _ => false,
    };
    crate::two_hosts::until(session, "the answer", |events| events.iter().any(read).then_some(())).await;
    crate::two_hosts::rests(session).await;
}

/// Arms the catch, sends, and waits until the packet stands still.
async fn catch(browser: &Browser, message: &str) {
    browser.keys("c").await.unwrap();
    browser.until("document.querySelector('.catch').getAttribute('aria-pressed') == 'true'").await;
    type_and_send(browser, message).await;
    browser.until(&format!("{CAUGHT}?.innerText.includes('{} bytes')", message.len())).await;
}

async fn a_caught_segment_is_dropped_by_hand_and_comes_again(brand: Brand) {
    let bridge = Running::two_hosts().await;
    let browser = greeted(brand, &bridge).await;
    browser.press("Catch next: data segment").await.unwrap();
    browser.until("document.querySelector('.catch').getAttribute('aria-pressed') == 'true'").await;
    browser.fill("Message", "lost").await.unwrap();
    browser.press("Send").await.unwrap();
    browser.until("document.querySelector('.caught')?.innerText.includes('4 bytes')").await;
    browser.press("Drop").await.unwrap();
    browser.until("document.querySelector('.caught') == null").await;
    browser.until("document.body.innerText.includes('LOST')").await;
    browser.until("document.querySelector('.counts').innerText.includes('1 dropped')").await;
    // To the other world, where the wire is not ours, and back.
    browser.press("This computer").await.unwrap();
    browser.until("document.querySelector('.catch') == null").await;
    browser.press("Two hosts").await.unwrap();
    browser.until("document.querySelector('.catch') != null").await;
    end(browser).await;
}

async fn the_keyboard_catches_and_decides_and_the_resend_counts_down(brand: Brand) {
    let bridge = Running::two_hosts().await;
    let browser = greeted(brand, &bridge).await;
    // 600 ms there and back make the kernel patient enough for its countdown to be shown.
    let mut session = bridge.session().await;
    let slow = protocol::wire::Conditions { delay: protocol::Nanos::from_millis(300), ..Default::default() };
    crate::two_hosts::conditions(&mut session, &slow).await;
    type_and_send(&browser, "slow").await;
    shows_and_rests(&browser, &mut session, "SLOW").await;

    // It is short: the page itself keeps what was shown.
    let keep = "(() => { window.shown = []; new MutationObserver(() => {
        const again = document.querySelector('.caught .again');
        if (again) window.shown.push(again.innerText);
    }).observe(document.body, { subtree: true, childList: true, characterData: true }); return true; })()";
    browser.eval(keep).await.unwrap();
    // What the kernel does about it runs on while the packet stands still: it counts down, and then it has sent again.
    // A browser that is held up for a second sees only the end of that, and looks at the next one.
    let mut dropped = 0;
    loop {
        dropped += 1;
        catch(&browser, &format!("first{dropped}")).await;
        browser.until("document.querySelector('.caught .again').innerText.includes('has sent it again already')").await;
        browser.keys("d").await.unwrap();
        browser.until(&format!("{CAUGHT} == null")).await;
        shows_and_rests(&browser, &mut session, &format!("FIRST{dropped}")).await;
        browser.until(&format!("document.querySelector('.counts').innerText.includes('{dropped} dropped')")).await;
        let counted = "window.shown.some(text => /kernel sends it again in \\d/.test(text))";
        if browser.eval(counted).await.unwrap() == true {
            break;
        }
        assert!(dropped < 5, "the card never counted down to the resend");
    }

    catch(&browser, "second").await;
    browser.keys("l").await.unwrap();
    browser.until(&format!("{CAUGHT} == null")).await;
    shows_and_rests(&browser, &mut session, "SECOND").await;

    catch(&browser, "third").await;
    browser.keys("t").await.unwrap();
    browser.until(&format!("{CAUGHT} == null")).await;
    shows(&browser, "THIRD").await;
    let twice = |event: &protocol::Event| matches!(&event.kind, protocol::Kind::Packet(packet) if packet.stage == protocol::Stage::Duplicated);
    crate::two_hosts::until(&mut session, "the copy", |events| events.iter().any(twice).then_some(())).await;
    end(browser).await;
}

async fn the_keyboard_holds_the_wire_freezes_the_view_and_steps(brand: Brand) {
    let bridge = Running::two_hosts().await;
    let browser = greeted(brand, &bridge).await;
    browser.keys("h").await.unwrap();
    shows(&browser, "Let wire go").await;
    type_and_send(&browser, "stopped").await;
    browser.until(&format!("{CAUGHT}?.innerText.includes('7 bytes')")).await;
    browser.keys("h").await.unwrap();
    shows(&browser, "STOPPED").await;
    browser.until(&format!("{CAUGHT} == null")).await;

    // Only the picture stands still: the program has its answer, and the ladder shows it when it goes on.
    browser.keys(" ").await.unwrap();
    shows(&browser, "Go on").await;
    let drawn = "document.querySelector('.ladder-svg').textContent.includes('send(6)')";
    let mut session = bridge.session().await;
    type_and_send(&browser, "unseen").await;
    let answered = |event: &protocol::Event| match &event.kind {
        protocol::Kind::Call(call) => call.data.as_ref() == b"UNSEEN",
        _ => false,
    };
    crate::two_hosts::until(&mut session, "the answer", |events| events.iter().any(answered).then_some(())).await;
    assert_eq!(browser.eval(drawn).await.unwrap(), false, "the picture stands still");
    browser.keys(" ").await.unwrap();
    shows(&browser, "Freeze view").await;
    browser.until(drawn).await;

    browser.keys(RIGHT).await.unwrap();
    browser.until("document.querySelectorAll('.mark.chosen').length > 0").await;
    end(browser).await;
}
