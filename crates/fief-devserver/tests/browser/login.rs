//! From an authorization URL to the client.

use fief_devserver::DevServer;

use crate::{
    client::{CLIENT_ID, Callback, EMAIL, PASSWORD},
    visitor::Visitor,
};

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";

/// A first login, without a mouse. The client redirects the browser to another origin, which a
/// `form-action` policy would have stopped.
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

/// A client of a third party asks first.
pub async fn consent(visitor: &Visitor, server: &DevServer) {
    let callback = Callback::of(server, "other");
    let scope = [("prompt", "login"), ("scope", "openid offline_access castles:create tour")];
    visitor.open(&callback.authorization_url(server, "other", &scope)).await;
    visitor.press("button[name=sign_in_as]").await;
    visitor.see("Access to your account").await;
    assert!(visitor.text("h1").await.contains("Other Castles"));
    let scopes = visitor.text(".scopes").await;
    assert!(scopes.contains("Create castles") && !scopes.contains("openid"), "{scopes}");
    visitor.press("button[name=allow]").await;
    visitor.wait_for_url(&callback.welcome).await;
    visitor.say("gave its consent and is signed in at the client");
}

/// A form with a field of each type, filled in with errors and then correctly.
pub async fn register_with_fields(visitor: &Visitor, _: &DevServer) {
    let server = crate::client::asking();
    let base = server.base_url();
    visitor.open(&format!("{base}/register")).await;
    visitor.see("Sign up").await;
    visitor.press("button[type=submit]").await;
    visitor.see("Sign up").await;
    assert_eq!(visitor.run("return document.activeElement.id").await, "email");
    visitor.fill("#email", "renee@valois.kingdom").await;
    visitor.fill("#password", "hermine-tincture-1499").await;
    visitor.fill("[id='fields.castles']", "3").await;
    visitor.fill("[id='fields.address.line1']", "4 place Marc Elder").await;
    visitor.press("button[type=submit]").await;
    visitor.find("[id='fields.address.city-error']").await;
    let focus = visitor.run("return document.activeElement.id").await;
    assert_eq!(focus, "password", "which is never shown again");
    visitor.photograph("Sign up with faults").await;
    visitor.fill("#password", "hermine-tincture-1499").await;
    visitor.fill("[id='fields.address.postal_code']", "44000").await;
    visitor.fill("[id='fields.address.city']", "Nantes").await;
    visitor.press("[id='fields.address.country'] option[value=FR]").await;
    visitor.press("button[type=submit]").await;
    visitor.see("Verify your email").await;
}

pub async fn mistakes(visitor: &Visitor, server: &DevServer) {
    let callback = Callback::of(server, CLIENT_ID);
    visitor.open(&callback.authorization_url(server, CLIENT_ID, &[])).await;
    visitor.fill("#email", EMAIL).await;
    visitor.fill("#password", "<script>alert(1)</script>").await;
    visitor.press("button[type=submit]").await;
    assert_eq!(visitor.text("[role=alert]").await, "Invalid email or password.");
    visitor.see("Sign in").await;
    assert_eq!(visitor.value("#email").await, EMAIL);
    assert_eq!(visitor.value("#password").await, "");

    visitor.open(&callback.authorization_url(server, "nobody", &[])).await;
    assert!(visitor.text("[role=alert]").await.contains("nobody"));
    visitor.see("Sign in").await;
    visitor.open(&format!("{}/authorize?client_id={CLIENT_ID}", server.base_url())).await;
    assert!(visitor.text("[role=alert]").await.contains("redirect_uri"));

    visitor.open(&format!("{}/logout", server.base_url())).await;
    visitor.see("Sign out").await;
}

/// A visitor who was not sent by a client.
pub async fn without_client(visitor: &Visitor, server: &DevServer) {
    let base = server.base_url();
    visitor.open(&format!("{base}/login")).await;
    visitor.fill("#email", EMAIL).await;
    visitor.fill("#password", PASSWORD).await;
    visitor.press("button[type=submit]").await;
    visitor.see("A Fief server").await;
    assert_eq!(visitor.url().await.as_str(), format!("{base}/"));
    assert!(visitor.text(".good").await.contains(EMAIL));
    visitor.press("a[href*='logout']").await;
    visitor.press("a[href='/login']").await;
    visitor.see("Sign in").await;
}
