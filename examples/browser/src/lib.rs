//! A page that signs users in with Fief: no server of its own, the core, and `fetch`.

mod fetch;

use fief_proto::flow::{Flow, drive_async};
use fief_proto::{Client, Config, Error, PendingLogin, Provider, Report, Requirements, Tokens};
use js_sys::Promise;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, Storage, Window};

const PENDING: &str = "fief.pending"; // a login that was begun
const TOKENS: &str = "fief.tokens";

/// Runs until the page is left: for Fief, which sends the browser back to it.
#[wasm_bindgen]
pub async fn run() -> Result<(), JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let storage = window.session_storage()?.ok_or("no storage")?;
    let url = window.location().origin()? + &window.location().pathname()?;
    let body = window.document().and_then(|document| document.body()).ok_or("no body")?;
    let setting = |name| body.get_attribute(name).unwrap_or_default();
    let config = Config::new(setting("data-fief-base-url"), setting("data-fief-client-id"));
    let (client, provider) = (config.build().map_err(told)?, Provider::default());
    let mut page = Page { client, provider, storage, url, window };

    let mut is_signed_in = page.show_user().await;
    while is_signed_in != Ok(true) {
        let problem = is_signed_in.err().and_then(|problem| problem.as_string());
        page.element("problem")?.set_text_content(problem.as_deref());
        page.pressed("sign-in").await?;
        is_signed_in = page.go_to_sign_in().await.map(|()| false);
    }
    page.pressed("sign-out").await?;
    page.storage.remove_item(TOKENS)?;
    page.window.location().assign(&page.client.logout_url(&page.url).map_err(told)?)
}

struct Page {
    client: Client,
    provider: Provider,
    storage: Storage,
    url: String, // the redirect URI
    window: Window,
}

impl Page {
    async fn run<F: Flow>(&mut self, flow: F) -> Result<F::Output, JsValue> {
        drive_async(flow, &self.client, &mut self.provider, fetch::now, fetch::send)
            .await
            .map_err(told)
    }

    async fn go_to_sign_in(&mut self) -> Result<(), JsValue> {
        let mut entropy = [0; 96];
        self.window.crypto()?.get_random_values_with_u8_array(&mut entropy)?;
        let login = self.run(self.client.login(&*self.url, &entropy).map_err(told)?).await?;
        self.keep(PENDING, &login.pending)?;
        self.window.location().assign(&login.url)
    }

    /// Ends a login, or takes up what an earlier one has left. Whether anyone is signed in.
    async fn show_user(&mut self) -> Result<bool, JsValue> {
        let (client, callback) = (self.client.clone(), self.window.location().search()?);
        // A reload must not come with the same code again.
        self.window.history()?.replace_state_with_url(&JsValue::NULL, "", Some(&self.url))?;
        if let Some(pending) = self.kept::<PendingLogin>(PENDING)?.filter(|_| !callback.is_empty())
        {
            self.storage.remove_item(PENDING)?;
            let (tokens, _) = self.run(client.finish_login(pending, &callback)).await?;
            self.keep(TOKENS, &tokens)?;
        }
        let Some(Tokens { access_token: token, .. }) = self.kept(TOKENS)? else { return Ok(false) };
        let info = self.run(client.validate_access_token(&token, &Requirements::none())).await?;
        let user = self.run(client.userinfo_of(&token, info.id).map_err(told)?).await?;
        self.element("email")?.set_text_content(user.email.as_deref());
        self.element("permissions")?.set_text_content(Some(&info.permissions.join(", ")));
        self.element("user")?.set_hidden(false);
        Ok(true)
    }

    async fn pressed(&self, button: &str) -> Result<(), JsValue> {
        let button = self.element(button)?;
        button.set_hidden(false);
        let press = Promise::new(&mut |resolve, _| button.set_onclick(Some(&resolve)));
        JsFuture::from(press).await.map(drop)
    }

    fn element(&self, id: &str) -> Result<HtmlElement, JsValue> {
        let element = self.window.document().and_then(|document| document.get_element_by_id(id));
        Ok(element.ok_or("an element is missing")?.dyn_into()?)
    }

    fn keep(&self, name: &str, value: &impl Serialize) -> Result<(), JsValue> {
        let json = serde_json::to_string(value).map_err(|error| error.to_string())?;
        self.storage.set_item(name, &json)
    }

    fn kept<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, JsValue> {
        Ok(self.storage.get_item(name)?.and_then(|json| serde_json::from_str(&json).ok()))
    }
}

fn told(error: Error) -> JsValue {
    Report(&error).to_string().into()
}
