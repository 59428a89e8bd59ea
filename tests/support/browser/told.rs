//! What Firefox tells of its console, by WebDriver BiDi.

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// A subscription to the console.
pub struct Told {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
    lines: Vec<String>,
}

impl Told {
    /// Begins to listen, at the address that the new session told.
    pub async fn listen(capabilities: Option<&serde_json::Map<String, Value>>) -> anyhow::Result<Self> {
        let url = capabilities.and_then(|all| all.get("webSocketUrl")).and_then(Value::as_str);
        let (socket, _) = connect_async(url.context("the driver offers no BiDi")?).await?;
        let mut told = Self { socket, asked: 0, lines: Vec::new() };
        told.ask("session.subscribe", json!({ "events": ["log.entryAdded"] })).await?;
        Ok(told)
    }

    /// What was written since the last time. Everything that came before the answer to a question is in it.
    pub async fn take(&mut self) -> anyhow::Result<Vec<String>> {
        self.ask("session.status", json!({})).await?;
        Ok(std::mem::take(&mut self.lines))
    }

    async fn ask(&mut self, method: &str, params: Value) -> anyhow::Result<()> {
        self.asked += 1;
        let question = json!({ "id": self.asked, "method": method, "params": params });
        self.socket.send(Message::text(question.to_string())).await?;
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message? else { continue };
            let told: Value = serde_json::from_str(&text)?;
            if told["method"] == "log.entryAdded" {
                self.lines.push(format!("{}: {}", told["params"]["level"], told["params"]["text"]));
            }
            if told["id"] == self.asked {
                anyhow::ensure!(told["type"] == "success", "{told}");
                return Ok(());
            }
        }
        anyhow::bail!("Firefox hung up")
    }
}
