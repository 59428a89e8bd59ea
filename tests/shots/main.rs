//! A photograph of every screen that the issues name, for looking at; and what can be seen without looking.
//!
//! Each [`scene`] is a real run of the real program; each is taken in every [`look`]: light and dark, all sizes, two
//! languages. What is wrong with one of them (labels that overlap, text cut off, too little contrast, anything that
//! axe-core finds, a console message) is an error, because nobody would see it in a folder of pictures.

mod look;
mod page;
mod play;
mod scene;

use look::{SIZES, Size};
use scene::Scene;
use std::path::{Path, PathBuf};
use support::browser::{Browser, Look};
use support::running::Running;

#[tokio::test]
async fn take_all() {
    let folder = std::env::var_os("SOCKETSCOPE_SHOTS").map_or_else(|| PathBuf::from("target/shots"), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("the folder for pictures can be made");
    let words = std::env::var("SOCKETSCOPE_SCENE").unwrap_or_default();
    let mut camera = Camera { folder, words, faults: Vec::new(), taken: 0 };
    for scene in Scene::ALL {
        camera.take(scene).await;
    }
    assert!(camera.taken > 0, "no picture has a name with {} in it", camera.words);
    assert!(camera.faults.is_empty(), "{} faults:\n{}", camera.faults.len(), camera.faults.join("\n"));
}

/// What takes the pictures.
struct Camera {
    folder: PathBuf,
    /// All of them are parts of the names of the pictures that are wanted.
    words: String,
    faults: Vec<String>,
    taken: usize,
}

impl Camera {
    fn wants(&self, name: &str) -> bool {
        let name = format!("-{name}-");
        self.words.split_whitespace().all(|word| name.contains(&format!("-{word}-")))
    }

    /// The pictures of one scene.
    async fn take(&mut self, scene: Scene) {
        let names = SIZES.iter().flat_map(|size| size.names(scene.name()));
        if !names.into_iter().any(|name| self.wants(&name)) {
            return;
        }
        let stage = scene.play().await;
        let browser = Browser::start().await.expect("Chromium and its driver are installed");
        for size in &SIZES {
            for language in ["en", "zh"] {
                self.in_both_themes(scene, &stage, &browser, size, language).await;
            }
        }
        let console = browser.console().await.expect("the browser tells its console");
        // The plain answer before the page has no icon of its own; the page has.
        let console = console.into_iter().filter(|line| !line.contains("/favicon.ico"));
        self.faults.extend(console.map(|line| format!("{}: console: {line}", scene.name())));
        browser.end().await.expect("the browser ends");
    }

    async fn in_both_themes(&mut self, scene: Scene, stage: &Running, browser: &Browser, size: &Size, language: &str) {
        let mut shown = false;
        for theme in ["light", "dark"] {
            let name = size.name(scene.name(), theme, language);
            if !self.wants(&name) {
                continue;
            }
            let look = Look { width: size.width, height: size.height, dark: theme == "dark" };
            browser.look(look).await.expect("the browser takes a size");
            if !shown {
                show(browser, &stage.address, language, scene, size).await;
                shown = true;
            }
            // Two frames: what was laid out is drawn.
            let drawn = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
            browser.client.execute_async(drawn, Vec::new()).await.expect("the page draws");
            photograph(browser, &self.folder.join(format!("{name}.png"))).await;
            let faults = browser.faults().await.expect("the page can be looked at");
            self.faults.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
            // Nobody has scrolled away from it.
            if browser.eval("document.querySelector('.ladder-newest') != null").await.is_ok_and(|away| away == true) {
                self.faults.push(format!("{name}: the newest is out of sight"));
            }
            self.taken += 1;
        }
    }
}

/// Opens the page in a language and waits until the scene is on it.
async fn show(browser: &Browser, address: &str, language: &str, scene: Scene, size: &Size) {
    // A page of the same origin that does nothing: one that lives would go on remembering.
    browser.client.goto(&format!("http://{address}/healthz")).await.expect("the program answers");
    let visited = scene != Scene::FirstVisit;
    // Who was here before has the side panels open where there is room.
    let remember = format!(
        "localStorage.clear(); localStorage.setItem('socketscope.lang', '{language}');
         if ({visited}) localStorage.setItem('socketscope.visited', 'yes');
         if ({}) localStorage.setItem('socketscope.projector', 'yes');",
        size.projector
    );
    browser.client.execute(&remember, Vec::new()).await.expect("the page has a storage");
    if matches!(scene, Scene::InThisPage | Scene::TimeStands) {
        page::choose(browser).await;
    }
    browser.client.goto(&format!("http://{address}/")).await.expect("the page opens");
    browser.until(&format!("document.documentElement.lang.startsWith('{language}')")).await;
    match scene {
        Scene::InThisPage => page::play(browser).await,
        Scene::TimeStands => page::catch(browser).await,
        Scene::Focus => page::point(browser).await,
        Scene::Legend => page::legend(browser).await,
        _ => {}
    }
    browser.until(scene.is_shown()).await;
}

async fn photograph(browser: &Browser, file: &Path) {
    let picture = browser.client.screenshot().await.expect("the browser takes a picture");
    std::fs::write(file, picture).expect("the picture can be written");
}
