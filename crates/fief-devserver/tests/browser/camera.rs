//! Screenshots of a page on several screens.

use std::{env, fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use fantoccini::{Client, wd::WebDriverCompatibleCommand};
use serde_json::{Value, json};
use url::{ParseError, Url};

/// The screens: name, width and height in pixels.
const SCREENS: [(&str, u32, u32); 2] = [("desktop", 1280, 800), ("phone", 390, 844)];

/// Calls `look` for each screen, light and dark, with the name of both.
pub async fn on_each_screen(client: &Client, look: impl AsyncFn(&str)) {
    for (screen, width, height) in SCREENS {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": screen == "phone",
        });
        command(client, "Emulation.setDeviceMetricsOverride", metrics).await;
        for scheme in ["light", "dark"] {
            let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            command(client, "Emulation.setEmulatedMedia", media).await;
            look(&format!("{screen}-{scheme}")).await;
        }
    }
    command(client, "Emulation.setEmulatedMedia", json!({"features": []})).await;
    command(client, "Emulation.clearDeviceMetricsOverride", json!({})).await;
}

/// The folder for screenshots, if one is set.
pub fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os("FIEF_SCREENSHOTS")?);
    fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

/// A picture of the whole page, however far it would have to be scrolled.
pub async fn picture(client: &Client) -> Vec<u8> {
    let whole = json!({"format": "png", "captureBeyondViewport": true});
    let answer = command(client, "Page.captureScreenshot", whole).await;
    STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
}

/// A command of Chromium's own protocol.
async fn command(client: &Client, name: &str, parameters: Value) -> Value {
    let body = json!({"cmd": name, "params": parameters});
    client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await.unwrap()
}

/// What the browser wrote into its console since the last call.
pub async fn console(client: &Client) -> Vec<String> {
    let asked = Vendor { path: "se/log", body: json!({"type": "browser"}) };
    let entries = client.issue_cmd(asked).await.unwrap();
    let entries = entries.as_array().unwrap().iter();
    entries.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
}

/// A command that the standard does not have.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
