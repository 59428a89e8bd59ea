//! The drivers: programs that speak WebDriver, each to its own browser.

use super::Brand;
use crate::soon;
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// So often chromedriver is started before one gives up.
const ATTEMPTS: u32 = 10;

/// Starts it on a free port, and says which.
///
/// chromedriver takes any free port of 127.0.0.1 and then wants the same one of ::1, where a connection of somebody
/// else may have it: it ends then, and the next one takes another port.
pub async fn start(brand: Brand) -> anyhow::Result<(Child, String)> {
    for _ in 1..ATTEMPTS {
        if let Some(started) = attempt(brand).await? {
            return Ok(started);
        }
    }
    attempt(brand).await?.with_context(|| format!("the driver of {brand:?} ended before it listened, {ATTEMPTS} times"))
}

/// `None` if it ended before it listened.
async fn attempt(brand: Brand) -> anyhow::Result<Option<(Child, String)>> {
    let (program, says) = match brand {
        Brand::Chromium => (PathBuf::from("chromedriver"), "started successfully on port "),
        Brand::Firefox => (geckodriver(), "Listening on 127.0.0.1:"),
    };
    let mut driver = Command::new(&program)
        .arg("--port=0")
        // Firefox listens on a second port, for BiDi.
        .args((brand == Brand::Firefox).then_some("--websocket-port=0"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} is not there: `cargo xtask test` says how to get it", program.display()))?;
    let mut output = BufReader::new(driver.stdout.take().context("its output is piped")?).lines();
    let port = soon("the driver's port", async {
        while let Some(line) = output.next_line().await? {
            if let Some((_, port)) = line.split_once(says) {
                return anyhow::Ok(Some(port.trim_end_matches('.').to_owned()));
            }
        }
        Ok(None)
    })
    .await?;
    let Some(port) = port else { return Ok(None) };
    // The driver stops when nobody takes what it prints.
    tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });
    Ok(Some((driver, port)))
}

/// The one that `cargo xtask` installed, else the system's.
fn geckodriver() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent");
    let ours = root.join("target/tools/bin/geckodriver");
    if ours.is_file() { ours } else { PathBuf::from("geckodriver") }
}

/// The process of the Chromium that has this profile. It marks it with a link to nowhere, `computer-process`.
pub fn owner(profile: &Path) -> Option<i64> {
    let mark = std::fs::read_link(profile.join("SingletonLock")).ok()?;
    mark.to_str()?.rsplit_once('-')?.1.parse().ok()
}

/// What is asked of the browser: no window on the screen, a profile of its own, nothing fetched by itself.
pub fn capabilities(brand: Brand, profile: &Path) -> Value {
    match brand {
        Brand::Chromium => {
            let args = [
                "--headless".to_owned(),
                "--no-sandbox".to_owned(),
                "--disable-gpu".to_owned(),
                "--disable-quic".to_owned(),
                "--no-first-run".to_owned(),
                "--disable-background-networking".to_owned(),
                "--disable-component-update".to_owned(),
                "--disable-sync".to_owned(),
                "--hide-scrollbars".to_owned(),
                format!("--user-data-dir={}", profile.display()),
            ];
            json!({
                "browserName": "chrome",
                "goog:chromeOptions": { "args": args },
                "goog:loggingPrefs": { "browser": "ALL" },
            })
        }
        Brand::Firefox => json!({
            "browserName": "firefox",
            "webSocketUrl": true,
            "moz:firefoxOptions": {
                "args": ["-headless"],
                "prefs": {
                    "app.update.enabled": false,
                    "browser.safebrowsing.malware.enabled": false,
                    "browser.safebrowsing.phishing.enabled": false,
                    "network.captive-portal-service.enabled": false,
                    "network.connectivity-service.enabled": false,
                    "services.settings.server": "data:,",
                },
            },
        }),
    }
}
