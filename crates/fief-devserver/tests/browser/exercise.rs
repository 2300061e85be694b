//! A user who tries OAuth 2 on a workspace: from the administration to the API and back.

use fief_devserver::DevServer;

use crate::visitor::Visitor;

/// Adds a redirect URI to the client, authorizes the API documentation as a new user, calls the
/// API, and finds the user in the list.
pub async fn try_oauth2(visitor: &Visitor, server: &DevServer) {
    let base = server.base_url();
    let email = "renee@valois.kingdom";

    visitor.open(base).await;
    visitor.see("A Fief server").await;
    visitor.press("a[href='/admin/']").await;
    visitor.see("Clients").await;
    visitor.press("tbody a").await;
    visitor.see("Castles & Co").await;
    let client_id = visitor.value("#client_id").await;
    let client_secret = visitor.value("#client_secret").await;
    assert_eq!(client_id, server.client_id());
    visitor.fill("#redirect_uri", &format!("{base}/docs/oauth2-redirect")).await;
    visitor.press("form.row button").await;
    let listed = visitor.text("tbody code").await;
    assert_eq!(listed, format!("{base}/docs/oauth2-redirect"));
    visitor.say(&format!("sees the redirect URI {listed} in the list"));

    visitor.open(&format!("{base}/docs")).await;
    visitor.press("button.authorize").await;
    assert_eq!(visitor.value("input[id^='client_id_']").await, client_id);
    visitor.fill("input[id^='client_secret_']", &client_secret).await;
    let ticked = visitor.find("input[id^='openid-']").await.prop("checked").await.unwrap();
    assert_eq!(ticked.as_deref(), Some("true"));
    visitor.photograph("Authorize").await;
    let documentation = visitor.window().await;
    visitor.press(".auth-btn-wrapper button.authorize").await;

    let sign_in = visitor.follow_new_window(std::slice::from_ref(&documentation)).await;
    visitor.see("Sign in").await;
    visitor.press("a[href='/register']").await;
    visitor.see("Sign up").await;
    visitor.fill("#email", email).await;
    visitor.fill("#password", "hermine-tincture-1499").await;
    visitor.press("button[type=submit]").await;
    visitor.see("Verify your email").await;
    visitor.press("a[href='/admin/mails']").await;
    visitor.follow_new_window(&[documentation.clone(), sign_in.clone()]).await;
    visitor.see("Mails").await;
    assert_eq!(visitor.text("tbody td").await, email);
    let code = visitor.text("tbody code").await;
    visitor.close_window().await;
    visitor.switch_to(&sign_in).await;
    visitor.fill("#code", &code).await;
    visitor.press("button[type=submit]").await;

    visitor.back_to(&documentation).await;
    let authorized = visitor.text(".auth-container h6").await;
    visitor.say(&format!("reads \"{authorized}\" in the documentation"));
    visitor.photograph("Authorized").await;
    visitor.press("button.btn-done").await;
    visitor.press("#operations-User-userinfo .opblock-summary-control").await;
    visitor.press("#operations-User-userinfo .try-out__btn").await;
    visitor.press("#operations-User-userinfo button.execute").await;
    let status = visitor.text("#operations-User-userinfo .live-responses-table tbody td").await;
    assert!(status.starts_with("200"), "{status}");
    let answer = visitor.text("#operations-User-userinfo .live-responses-table tbody pre").await;
    assert!(answer.contains(email), "{answer}");
    visitor.say(&format!("reads status {status} and the address {email} in the answer"));
    visitor.run("document.querySelector('.live-responses-table').scrollIntoView()").await;
    visitor.photograph("GET userinfo").await;

    visitor.open(&format!("{base}/admin/users")).await;
    visitor.see("Users").await;
    assert_eq!(visitor.text("tbody a").await, email);
    visitor.say(&format!("finds {email} on top of the users"));
}
