//! A photograph of every screen that the issues name, for looking at.
//!
//! Each [`scene`] is a real run of the real program; each is taken in every look: light and dark, three sizes, two
//! languages. A console message or a label cut off is an error, because nobody would see it in a folder of pictures.

mod page;
mod scene;

use scene::Scene;
use std::path::{Path, PathBuf};
use support::browser::{Browser, Look};

const SIZES: [(u32, u32); 3] = [(1440, 900), (1920, 1080), (390, 844)];

#[tokio::test]
async fn take_all() {
    let folder = std::env::var_os("SOCKETSCOPE_SHOTS").map_or_else(|| PathBuf::from("target/shots"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the folder for pictures can be made");
    let wanted = std::env::var("SOCKETSCOPE_SCENE").ok();
    for scene in Scene::ALL.into_iter().filter(|scene| wanted.as_deref().is_none_or(|name| name == scene.name())) {
        let stage = scene.play().await;
        let browser = Browser::start().await.expect("Chromium and its driver are installed");
        for language in ["en", "zh"] {
            for dark in [false, true] {
                for (width, height) in SIZES {
                    browser.look(Look { width, height, dark }).await.expect("the browser takes a size");
                    show(&browser, &stage.address, language, scene).await;
                    let theme = if dark { "dark" } else { "light" };
                    let name = format!("{}-{width}-{theme}-{language}.png", scene.name());
                    take(&browser, &folder.join(name)).await;
                }
            }
        }
        let console = browser.console().await.expect("the browser tells its console");
        assert!(console.is_empty(), "{}: {console:?}", scene.name());
        browser.end().await.expect("the browser ends");
    }
}

/// Opens the page in a language and waits until the scene is on it.
async fn show(browser: &Browser, address: &str, language: &str, scene: Scene) {
    let url = format!("http://{address}/");
    browser.client.goto(&url).await.expect("the page opens");
    let remember = format!("localStorage.setItem('socketscope.lang', '{language}')");
    browser.eval(&remember).await.expect("the page has a storage");
    if scene != Scene::FirstVisit {
        // Who was here before has the side panels open where there is room.
        let visited = "localStorage.setItem('socketscope.visited', 'yes')";
        browser.eval(visited).await.expect("the page has a storage");
    }
    if matches!(scene, Scene::InThisPage | Scene::TimeStands) {
        page::choose(browser).await;
    }
    browser.client.refresh().await.expect("the page opens again");
    browser.until(&format!("document.documentElement.lang.startsWith('{language}')")).await;
    match scene {
        Scene::InThisPage => page::play(browser).await,
        Scene::TimeStands => page::catch(browser).await,
        _ => {}
    }
    browser.until(scene.is_shown()).await;
    // Two frames: what was laid out is drawn.
    let drawn = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
    browser.client.execute_async(drawn, Vec::new()).await.expect("the page draws");
}

async fn take(browser: &Browser, file: &Path) {
    let picture = browser.client.screenshot().await.expect("the browser takes a picture");
    std::fs::write(file, picture).expect("the picture can be written");
}
