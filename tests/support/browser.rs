//! Chromium through its driver.

use crate::running::fresh_folder;
use crate::{DEADLINE, soon};
use anyhow::{Context as _, bail};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator, error::CmdError};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A browser with one window.
pub struct Browser {
    /// What drives it.
    pub client: Client,
    driver: Child,
    profile: PathBuf,
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
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver is not installed: `cargo xtask test` says how to get it")?;
        let mut output = BufReader::new(driver.stdout.take().context("its output is piped")?).lines();
        let port = soon("the driver's port", async {
            while let Some(line) = output.next_line().await? {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return Ok(port.trim_end_matches('.').to_owned());
                }
            }
            bail!("chromedriver ended before it listened")
        })
        .await?;
        // The driver stops when nobody takes what it prints.
        tokio::spawn(async move { while let Ok(Some(_)) = output.next_line().await {} });

        let profile = fresh_folder();
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
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it was just written as an object") };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await?;
        Ok(Self { client, driver, profile })
    }

    /// Gives the page a size and a preferred colour scheme.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn look(&self, look: Look) -> Result<(), CmdError> {
        let metrics = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": look.width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        let scheme = if look.dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", media).await.map(drop)
    }

    /// A command of the browser's own tools.
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
    pub async fn console(&self) -> Result<Vec<String>, CmdError> {
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
        self.client.wait().at_most(DEADLINE).for_element(Locator::XPath(&path)).await?.click().await
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
        // The driver has no other job.
        let _ = self.driver.kill().await;
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
