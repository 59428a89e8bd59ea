//! What one would see at a glance, seen by the machine: overlapping labels, clipped text, too little contrast, and
//! what axe-core finds. Through the driver, so that the page's policy is not in the way.

use crate::browser::Browser;
use fantoccini::error::CmdError;
use serde_json::Value;
use std::path::{Path, PathBuf};

const EYES: &str = include_str!("eyes.js");

/// Runs axe-core over the whole page; a target without a name, a role that is none, a contrast too low.
const ASK_AXE: &str = "
    const done = arguments[0];
    const line = (found, node) => `${found.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`;
    axe.run(document, { resultTypes: ['violations'] })
        .then((told) => done(told.violations.flatMap((found) => found.nodes.map((node) => line(found, node)))))
        .catch((error) => done([`axe: ${error}`]));
";

/// Where `cargo xtask` puts axe-core.
fn axe() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent");
    root.join("target/tools/axe/node_modules/axe-core/axe.min.js")
}

impl Browser {
    /// Everything that is wrong with the screen as it stands, one line each.
    ///
    /// # Errors
    /// As the driver says.
    ///
    /// # Panics
    /// When axe-core is not there: `cargo xtask test` and `cargo xtask shots` install it.
    pub async fn faults(&self) -> Result<Vec<String>, CmdError> {
        let mut faults = self.plain_faults().await?;
        faults.extend(self.barriers().await?);
        Ok(faults)
    }

    /// What eyes would see, without axe-core.
    ///
    /// # Errors
    /// As the driver says.
    pub async fn plain_faults(&self) -> Result<Vec<String>, CmdError> {
        Ok(lines(&self.client.execute(EYES, Vec::new()).await?))
    }

    /// What axe-core finds.
    async fn barriers(&self) -> Result<Vec<String>, CmdError> {
        if self.eval("typeof axe == 'undefined'").await? == Value::Bool(true) {
            let path = axe();
            let source = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask test` installs it", path.display()));
            self.client.execute(&source, Vec::new()).await?;
        }
        Ok(lines(&self.client.execute_async(ASK_AXE, Vec::new()).await?))
    }
}

fn lines(told: &Value) -> Vec<String> {
    let lines = told.as_array().map(Vec::as_slice).unwrap_or_default();
    lines.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}
