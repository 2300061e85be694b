//! A user in front of a browser.

use std::{
    cell::{Cell, RefCell},
    fs,
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator, elements::Element, error::CmdError, wd::WindowHandle,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::{
    camera,
    chromedriver::{Chromedriver, Programs},
};

/// The longest wait for something to appear: long enough for any machine, so that only a failing
/// test waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is checked.
const PERIOD: Duration = Duration::from_millis(25);

/// A user in front of a browser, who prints what happens.
pub struct Visitor {
    name: &'static str,
    browser: Client,
    pages: Cell<usize>,
    complaints: RefCell<Vec<String>>,
}

impl Visitor {
    pub async fn new(name: &'static str, driver: &Chromedriver, programs: &Programs) -> Self {
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": programs.chromium,
                "args": [
                    "--headless=new",
                    // With its sandbox, it does not start as root, as whom containers run tests.
                    "--no-sandbox",
                    "--disable-dev-shm-usage",
                    "--disable-background-networking",
                    "--no-proxy-server",
                    "--window-size=1280,800",
                ],
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let browser = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url)
            .await
            .expect("the browser starts");
        Self { name, browser, pages: Cell::new(0), complaints: RefCell::default() }
    }

    /// Ends the browser, which must not have complained about a page.
    pub async fn leave(&self) {
        self.listen().await;
        self.browser.clone().close().await.unwrap();
        let complaints = self.complaints.borrow();
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.say("leaves; the browser had nothing to complain about");
    }

    pub fn say(&self, what: &str) {
        println!("[{}] {what}", self.name);
    }

    pub async fn open(&self, url: &str) {
        self.say(&format!("opens {url}"));
        self.browser.goto(url).await.unwrap();
    }

    /// Waits for that element.
    pub async fn find(&self, css: &str) -> Element {
        let wait = self.browser.wait().at_most(PATIENCE).every(PERIOD);
        let found = wait.for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    pub async fn press(&self, css: &str) {
        let element = self.find(css).await;
        self.say(&format!("presses {css} \"{}\"", element.text().await.unwrap_or_default()));
        element.click().await.unwrap();
    }

    pub async fn fill(&self, css: &str, text: &str) {
        self.say(&format!("fills {css}"));
        let element = self.find(css).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// Types into the focused element.
    pub async fn type_keys(&self, keys: &str) {
        self.say("types");
        self.browser.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// The text of an element once it has some.
    pub async fn text(&self, css: &str) -> String {
        self.until(css, async || {
            let element = self.browser.find(Locator::Css(css)).await?;
            Ok(Some(element.text().await?).filter(|text| !text.is_empty()))
        })
        .await
    }

    /// The value of a field.
    pub async fn value(&self, css: &str) -> String {
        self.find(css).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Waits for a page with this title, checks what every page must have, and takes screenshots of
    /// it.
    pub async fn see(&self, title: &str) {
        self.wait_for_title(title).await;
        self.say(&format!("sees the page \"{title}\""));
        let unlabelled = "return [...document.querySelectorAll('input:not([type=hidden]), select')]
            .filter(field => !field.labels.length).map(field => field.outerHTML)";
        assert_eq!(self.run(unlabelled).await, json!([]), "fields without a label");
        let headings = self.run("return document.querySelectorAll('h1').length").await;
        assert_eq!(headings, 1, "headings of the first level");
        camera::on_each_screen(&self.browser, async |screen| {
            let fits = "return document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(self.run(fits).await, true, "{title} is too wide for {screen}");
        })
        .await;
        self.photograph(title).await;
    }

    pub async fn wait_for_title(&self, title: &str) {
        self.until(title, async || {
            let now = self.browser.title().await?;
            Ok(now.starts_with(title).then_some(()))
        })
        .await;
    }

    /// Saves screenshots of the page as it is.
    pub async fn photograph(&self, title: &str) {
        self.listen().await;
        let Some(folder) = camera::folder() else { return };
        let page = self.pages.get() + 1;
        self.pages.set(page);
        let name = format!("{} {page:02} {title}", self.name).replace([':', ' ', '/'], "-");
        camera::on_each_screen(&self.browser, async |screen| {
            let picture = camera::picture(&self.browser).await;
            fs::write(folder.join(format!("{name}-{screen}.png")), picture).unwrap();
        })
        .await;
    }

    pub async fn run(&self, script: &str) -> Value {
        self.browser.execute(script, Vec::new()).await.unwrap()
    }

    pub async fn url(&self) -> url::Url {
        self.browser.current_url().await.unwrap()
    }

    /// Waits until the browser is at a URL with this beginning, and returns it.
    pub async fn wait_for_url(&self, start: &str) -> url::Url {
        self.until(start, async || {
            let now = self.browser.current_url().await?;
            Ok(now.as_str().starts_with(start).then_some(now))
        })
        .await
    }

    pub async fn window(&self) -> WindowHandle {
        self.browser.window().await.unwrap()
    }

    /// Waits for a window that is not one of these, and switches to it.
    pub async fn follow_new_window(&self, known: &[WindowHandle]) -> WindowHandle {
        let opened = self
            .until("a new window", async || {
                let windows = self.browser.windows().await?;
                Ok(windows.into_iter().find(|window| !known.contains(window)))
            })
            .await;
        self.switch_to(&opened).await;
        self.say("goes on in the window that opened");
        opened
    }

    pub async fn switch_to(&self, window: &WindowHandle) {
        self.browser.switch_to_window(window.clone()).await.unwrap();
    }

    pub async fn close_window(&self) {
        self.say("closes this window");
        self.browser.close_window().await.unwrap();
    }

    /// Waits until only this window is left, and switches to it.
    pub async fn back_to(&self, window: &WindowHandle) {
        self.until("the window to close", async || {
            let windows = self.browser.windows().await?;
            Ok((windows.len() == 1).then_some(()))
        })
        .await;
        self.switch_to(window).await;
        self.say("is back in the first window, the other one closed by itself");
    }

    /// Asks again and again, also after errors: a page that is being left may cause one.
    async fn until<T>(&self, what: &str, ask: impl AsyncFn() -> Result<Option<T>, CmdError>) -> T {
        let wait = async {
            loop {
                if let Ok(Some(answer)) = ask().await {
                    return answer;
                }
                tokio::time::sleep(PERIOD).await;
            }
        };
        if let Ok(answer) = tokio::time::timeout(PATIENCE, wait).await {
            return answer;
        }
        panic!("waited in vain for {what}, at {:?}", self.browser.current_url().await)
    }

    /// Records what the browser refused to do.
    async fn listen(&self) {
        let said = camera::console(&self.browser).await.into_iter();
        let complaints = said.filter(|said| said.contains("Content Security Policy"));
        self.complaints.borrow_mut().extend(complaints);
    }
}
