//! A browser through its driver: Chromium, or Firefox.

mod driver;
mod told;

use crate::DEADLINE;
use crate::running::fresh_folder;
use anyhow::bail;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator, error::CmdError};
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Instant;
use tokio::process::Child;
use tokio::sync::Mutex;
use told::Told;

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brand {
    /// Chromium, by chromedriver.
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
}

/// A browser with one window.
pub struct Browser {
    /// What drives it.
    pub client: Client,
    brand: Brand,
    driver: Child,
    profile: PathBuf,
    /// Where Firefox tells what is written to the console.
    told: Option<Mutex<Told>>,
    /// Firefox itself: it outlives its driver.
    process: Option<Pid>,
}

/// How a page looks at the world.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// Whether the system prefers dark.
    pub dark: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 1440, height: 900, dark: false }
    }
}

/// A driver command that the library has no word for.
#[derive(Debug)]
struct Raw {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// Starts Chromium, without a window on the screen.
    ///
    /// # Errors
    /// When Chromium or its driver is not installed: `cargo xtask test` installs them where it can.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_brand(Brand::Chromium).await
    }

    /// Starts a browser, without a window on the screen.
    ///
    /// # Errors
    /// When it or its driver is not installed: `cargo xtask test` installs them where it can.
    pub async fn start_brand(brand: Brand) -> anyhow::Result<Self> {
        let (driver, port) = driver::start(brand).await?;
        let profile = fresh_folder();
        let Value::Object(capabilities) = driver::capabilities(brand, &profile) else { bail!("they are an object") };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await?;
        let told = match brand {
            Brand::Chromium => None,
            Brand::Firefox => Some(Mutex::new(Told::listen(client.capabilities()).await?)),
        };
        let process = match brand {
            Brand::Chromium => driver::owner(&profile),
            Brand::Firefox => client.capabilities().and_then(|all| all.get("moz:processID")).and_then(Value::as_i64),
        };
        let process = process.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        Ok(Self { client, brand, driver, profile, told, process })
    }

    /// Gives the page a size and a preferred colour scheme.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn look(&self, look: Look) -> Result<(), CmdError> {
        if self.brand == Brand::Firefox {
            return self.window(look).await;
        }
        let metrics = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": look.width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        let scheme = if look.dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await.map(drop)
    }

    /// Firefox has no pretended screen: its window is made so large that the page has its size.
    async fn window(&self, look: Look) -> Result<(), CmdError> {
        self.client.set_window_size(look.width, look.height).await?;
        let inner = self.eval("[outerWidth - innerWidth, outerHeight - innerHeight]").await?;
        let frame = |at: usize| inner[at].as_u64().and_then(|pixels| u32::try_from(pixels).ok()).unwrap_or_default();
        self.client.set_window_size(look.width + frame(0), look.height + frame(1)).await
    }

    /// A command of Chromium's own tools.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn devtools(&self, command: &str, params: Value) -> Result<Value, CmdError> {
        let body = json!({ "cmd": command, "params": params });
        self.client.issue_cmd(Raw { path: "goog/cdp/execute", body }).await
    }

    /// What the page has written to the console since the last time, violations of its policy among it.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn console(&self) -> anyhow::Result<Vec<String>> {
        if let Some(told) = &self.told {
            return told.lock().await.take().await;
        }
        let log = self.client.issue_cmd(Raw { path: "se/log", body: json!({ "type": "browser" }) }).await?;
        let lines = log.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(lines.iter().map(|line| format!("{}: {}", line["level"], line["message"])).collect())
    }

    /// What a JavaScript expression gives.
    ///
    /// # Errors
    /// As the page says.
    pub async fn eval(&self, expression: &str) -> Result<Value, CmdError> {
        self.client.execute(&format!("return ({expression})"), Vec::new()).await
    }

    /// Waits until a JavaScript expression is true.
    ///
    /// # Panics
    /// When it does not become so, with the page's text.
    pub async fn until(&self, expression: &str) {
        let began = Instant::now();
        while !matches!(self.eval(expression).await, Ok(Value::Bool(true))) {
            if began.elapsed() > DEADLINE {
                let text = self.eval("document.body.innerText").await.unwrap_or_default();
                panic!("{expression} did not become true; the page reads:\n{}", text.as_str().unwrap_or_default());
            }
        }
    }

    /// Presses the button with this accessible name.
    ///
    /// # Errors
    /// When there is none, or it cannot be pressed.
    pub async fn press(&self, name: &str) -> Result<(), CmdError> {
        let path = format!("//button[@aria-label='{name}' or normalize-space(text())='{name}']");
        let began = Instant::now();
        loop {
            let button = self.client.wait().at_most(DEADLINE).for_element(Locator::XPath(&path)).await?;
            match button.click().await {
                // What counts down is drawn anew, maybe between the look and the click.
                Err(error) if error.is_stale_element_reference() && began.elapsed() < DEADLINE => {}
                done => return done,
            }
        }
    }

    /// Chooses from the list with this accessible name.
    ///
    /// # Errors
    /// When there is no such list, or nothing with these words on it.
    pub async fn choose(&self, name: &str, words: &str) -> Result<(), CmdError> {
        self.field(name).await?.select_by_label(words).await
    }

    /// Presses keys, wherever the focus is.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn keys(&self, keys: &str) -> Result<(), CmdError> {
        let press = |key: char| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.client.issue_cmd(Raw { path: "actions", body }).await.map(drop)
    }

    /// Types into the field with this accessible name, replacing what is there.
    ///
    /// # Errors
    /// When there is none.
    pub async fn fill(&self, name: &str, text: &str) -> Result<(), CmdError> {
        let field = self.field(name).await?;
        field.clear().await?;
        field.send_keys(text).await
    }

    /// The field with this accessible name: by `aria-label`, or by its label's text.
    ///
    /// # Errors
    /// When there is none.
    pub async fn field(&self, name: &str) -> Result<fantoccini::elements::Element, CmdError> {
        let path = format!(
            "//*[self::input or self::textarea or self::select][@aria-label='{name}' or @id=//label[normalize-space()='{name}']/@for]"
        );
        self.client.wait().at_most(DEADLINE).for_element(Locator::XPath(&path)).await
    }

    /// Ends it.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn end(mut self) -> Result<(), CmdError> {
        self.client.clone().close().await?;
        self.process = None;
        // The driver has no other job.
        let _ = self.driver.kill().await;
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A test that failed did not end it.
        self.process.take().map(|process| rustix::process::kill_process(process, Signal::KILL));
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
