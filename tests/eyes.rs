//! The eyes that look at every screen: that they see what is wrong, and that they see nothing wrong with the page.

use support::browser::{Browser, Look};
use support::running::Running;

/// Faults put into the page, each with what is said about it.
const WRONG: [(&str, &str); 5] = [
    (
        "<svg width=200 height=40><text y=20>one label</text><text x=20 y=24>another</text></svg>",
        "overlap: \"one label\"",
    ),
    ("<div id=cut style='width:40px;overflow:hidden;white-space:nowrap'>much too long for its room</div>", "cut off"),
    ("<svg width=40 height=40><text y=20>much too long</text></svg>", "at the side: \"much too long\""),
    ("<p style='color:#999;background:#fff'>pale</p>", "contrast 2.85: \"pale\""),
    (
        "<svg width=90 height=40><rect width=90 height=40 style='fill:#888'/>\
         <text y=20 style='fill:#999;stroke:none'>grey</text></svg>",
        "contrast 1.",
    ),
];

#[tokio::test]
async fn what_is_wrong_with_a_screen_is_seen() {
    let bridge = Running::start().await;
    let browser = Browser::start().await.unwrap();
    browser.look(Look::default()).await.unwrap();
    browser.client.goto(&format!("http://{}/", bridge.address)).await.unwrap();
    browser.until("document.querySelectorAll('svg [data-kind]').length > 0").await;
    assert_eq!(browser.faults().await.unwrap(), [] as [String; 0], "the page itself");
    for (html, said) in WRONG {
        // By the document's own means: the page's policy allows no style attributes in what it parses. A popover scrolls
        // unless it is told not to, and what can be scrolled is not cut off.
        let put = "const place = document.createElement('div');
            place.id = 'wrong'; place.popover = 'manual'; place.style.overflow = 'visible';
            place.innerHTML = arguments[0].replace(/ style='([^']*)'/g, ' data-style=\"$1\"');
            for (const one of place.querySelectorAll('[data-style]')) one.style.cssText = one.dataset.style;
            document.body.append(place); place.showPopover();";
        browser.client.execute(put, vec![html.into()]).await.unwrap();
        let faults = browser.plain_faults().await.unwrap();
        assert!(faults.iter().any(|fault| fault.contains(said)), "{said} is not among {faults:?}");
        browser.eval("document.getElementById('wrong').remove()").await.unwrap();
    }
    let nameless = "document.body.append(document.createElement('button'))";
    browser.eval(nameless).await.unwrap();
    let faults = browser.faults().await.unwrap();
    assert!(faults.iter().any(|fault| fault.starts_with("button-name")), "{faults:?}");
    browser.end().await.unwrap();
}
