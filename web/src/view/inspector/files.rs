//! Files beside the page that are fetched when somebody looks at what is in them.

use crate::live::Live;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// What is here so far. A handle: copies share everything.
#[derive(Clone, Copy)]
pub struct Files {
    /// Names and contents; without contents it could not be had.
    here: Live<Vec<(String, Option<String>)>>,
    /// Names that were asked for.
    asked: StoredValue<Vec<String>>,
}

/// A file that was asked for.
pub enum Found {
    /// It is under way.
    Coming,
    /// It is here.
    Here(String),
    /// It could not be had.
    Failed,
}

impl Files {
    /// None yet.
    pub fn new() -> Self {
        Self { here: Live::new(Vec::new()), asked: StoredValue::new(Vec::new()) }
    }

    /// A file of the folder `source`; runs again when it is here.
    pub fn get(self, name: &str) -> Found {
        let here = self.here.with(|files| files.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone()));
        match here {
            Some(Some(text)) => return Found::Here(text),
            Some(None) => return Found::Failed,
            None => {}
        }
        let name = name.to_owned();
        if !self.asked.with_value(|asked| asked.contains(&name)) {
            self.asked.update_value(|asked| asked.push(name.clone()));
            spawn_local(async move {
                let text = fetch(&name).await;
                self.here.update(|files| files.push((name, text)));
            });
        }
        Found::Coming
    }

    /// Asks again for what could not be had.
    pub fn again(self) {
        let failed = |files: &Vec<(String, Option<String>)>, name: &String| {
            files.iter().any(|(known, text)| known == name && text.is_none())
        };
        self.here.with_untracked(|files| self.asked.update_value(|asked| asked.retain(|name| !failed(files, name))));
        self.here.update(|files| files.retain(|(_, text)| text.is_some()));
    }
}

async fn fetch(name: &str) -> Option<String> {
    let address = ["./source/", name].concat();
    let response: Response = JsFuture::from(window().fetch_with_str(&address)).await.ok()?.unchecked_into();
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}
