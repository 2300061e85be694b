//! From an authorization URL to the client.

use fief_devserver::DevServer;

use crate::{
    client::{CLIENT_ID, Callback, EMAIL, PASSWORD},
    visitor::Visitor,
};

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";

/// The login of a first run, without a mouse. The client sends the browser on to another origin,
/// which a policy on forms would have stopped.
pub async fn by_keyboard(visitor: &Visitor, server: &DevServer) {
    let callback = Callback::of(server, CLIENT_ID);
    visitor.open(&callback.authorization_url(server, CLIENT_ID, &[("state", "a+b")])).await;
    visitor.see("Sign in").await;
    visitor.type_keys(&format!("{EMAIL}{TAB}")).await;
    visitor.type_keys(&format!("{PASSWORD}{ENTER}")).await;
    visitor.wait_for_url(&callback.welcome).await;
    visitor.say("is signed in at the client");

    visitor.open(&callback.authorization_url(server, CLIENT_ID, &[])).await;
    visitor.wait_for_url(&callback.welcome).await;
    visitor.say("is signed in there again without being asked");
}

pub async fn register(visitor: &Visitor, server: &DevServer) {
    let callback = Callback::of(server, CLIENT_ID);
    let url = callback.authorization_url(server, CLIENT_ID, &[("screen", "register")]);
    visitor.open(&url).await;
    visitor.see("Sign up").await;
    visitor.fill("#email", "renee@valois.kingdom").await;
    visitor.fill("#password", "hermine-tincture-1499").await;
    visitor.press("button[type=submit]").await;
    visitor.see("Verify your email").await;
    visitor.fill("#code", "WRONG").await;
    visitor.press("button[type=submit]").await;
    visitor.text("[role=alert]").await;
    visitor.photograph("Wrong code").await;
    let code = server.mails().last().unwrap().code.clone();
    visitor.fill("#code", &code).await;
    visitor.press("button[type=submit]").await;
    visitor.wait_for_url(&callback.welcome).await;
    visitor.say("is registered and signed in at the client");
}

/// A client of a third party asks first; the language is the user's choice.
pub async fn consent_in_french(visitor: &Visitor, server: &DevServer) {
    let callback = Callback::of(server, "other");
    let url = callback.authorization_url(server, "other", &[("prompt", "login")]);
    visitor.open(&url).await;
    visitor.press("a[lang=fr]").await;
    visitor.see("Se connecter").await;
    assert_eq!(visitor.run("return document.documentElement.lang").await, "fr");
    visitor.fill("#email", EMAIL).await;
    visitor.fill("#password", PASSWORD).await;
    visitor.press("button[type=submit]").await;
    visitor.see("Accès à votre compte").await;
    assert!(visitor.text("h1").await.contains("Other Castles"));
    assert!(visitor.text(".scopes").await.contains("openid"));
    visitor.press("button[name=allow]").await;
    visitor.wait_for_url(&callback.welcome).await;
    visitor.say("gave its consent and is signed in at the client");

    // It is remembered, as is the language.
    visitor.open(&format!("{}/register", server.base_url())).await;
    visitor.see("S’inscrire").await;
}

pub async fn mistakes(visitor: &Visitor, server: &DevServer) {
    let callback = Callback::of(server, CLIENT_ID);
    visitor.open(&callback.authorization_url(server, CLIENT_ID, &[])).await;
    visitor.fill("#email", EMAIL).await;
    visitor.fill("#password", "<script>alert(1)</script>").await;
    visitor.press("button[type=submit]").await;
    assert_eq!(visitor.text("[role=alert]").await, "Invalid email or password");
    visitor.see("Sign in").await;
    assert_eq!(visitor.value("#email").await, EMAIL);
    assert_eq!(visitor.value("#password").await, "");

    visitor.open(&callback.authorization_url(server, "nobody", &[])).await;
    assert_eq!(visitor.text("[role=alert]").await, "Unknown client");
    visitor.see("Authorize").await;

    visitor.open(&format!("{}/logout", server.base_url())).await;
    visitor.see("Sign out").await;
}

/// Somebody who comes without being sent by a client.
pub async fn without_client(visitor: &Visitor, server: &DevServer) {
    let base = server.base_url();
    visitor.open(&format!("{base}/login")).await;
    visitor.fill("#email", EMAIL).await;
    visitor.fill("#password", PASSWORD).await;
    visitor.press("button[type=submit]").await;
    visitor.see("Your account").await;
    assert_eq!(visitor.url().await.as_str(), format!("{base}/"));
    assert!(visitor.text("main").await.contains(EMAIL));
    visitor.press("a[href*='logout']").await;
    visitor.press("a[href='/login']").await;
    visitor.see("Sign in").await;
}
