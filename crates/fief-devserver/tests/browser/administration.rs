//! What the administration does besides what the exercise tests, and what it refuses.

use fief_devserver::DevServer;

use crate::{client::EMAIL, visitor::Visitor};

pub async fn permissions(visitor: &Visitor, server: &DevServer) {
    visitor.open(&format!("{}/admin/users", server.base_url())).await;
    visitor.press("tbody a").await;
    visitor.see(EMAIL).await;
    // The only one that there is to grant.
    visitor.press("form.row button").await;
    visitor.press("button[aria-label='Revoke castles:create']").await;
    visitor.find("option").await;
    visitor.press("button[aria-label='Revoke castles:read']").await;
    visitor.find("option:nth-child(2)").await;
    visitor.see(EMAIL).await;

    visitor.open(&format!("{}/admin/", server.base_url())).await;
    visitor.press("tbody a").await;
    visitor.fill("#redirect_uri", "http://castles.example/callback").await;
    visitor.press("form.row button").await;
    let refused = visitor.text("[role=alert]").await;
    visitor.say(&format!("is told: {refused}"));
    visitor.see("Castles & Co").await;
    visitor.fill("#redirect_uri", "http://localhost:8000/\"><i>").await;
    visitor.press("form.row button").await;
    visitor.find("td code").await;
    visitor.press("button[aria-label^='Remove']").await;
    visitor.text("h2 + p").await;
    visitor.say("added a redirect URI and removed it again");
}

/// A client and a user are added by their forms, and sign in.
pub async fn new_ones(visitor: &Visitor, server: &DevServer) {
    let base = server.base_url();
    visitor.open(&format!("{base}/admin/")).await;
    visitor.fill("#name", "Tour").await;
    visitor.fill("#redirect_uri", "http://castles.example/").await;
    visitor.press(".panel button").await;
    visitor.find("#redirect_uri-error").await;
    visitor.photograph("New client refused").await;
    visitor.fill("#redirect_uri", "http://localhost:9/callback").await;
    visitor.press(".panel button").await;
    visitor.see("Tour").await;
    visitor.find("#client_secret").await;

    visitor.open(&format!("{base}/admin/users")).await;
    visitor.fill("#email", "renee@valois.kingdom").await;
    visitor.fill("#password", "tour").await;
    visitor.press(".panel button").await;
    visitor.see("renee@valois.kingdom").await;
    visitor.open(&format!("{base}/login")).await;
    visitor.press("button[name=sign_in_as]:last-of-type").await;
    visitor.see("A Fief server").await;
    assert!(visitor.text(".good").await.contains("renee@valois.kingdom"));
}

/// A page of another port posts a form. Its request has the cookies, but another origin, and is
/// refused.
pub async fn forms_of_other_sites(visitor: &Visitor, server: &DevServer) {
    let base = server.base_url();
    visitor.open(&format!("{base}/admin/users")).await;
    visitor.press("tbody a").await;
    let user = visitor.url().await;
    let token = visitor.value("input[name=csrf_token]").await;
    let elsewhere = crate::client::plain_page();
    visitor.open(&elsewhere).await;
    visitor
        .run(&format!(
            "const form = document.createElement('form');
            form.method = 'POST';
            form.action = '{user}/revoke';
            for (const [name, value] of [['csrf_token', '{token}'], ['permission', 'castles:read']]) {{
                const input = document.createElement('input');
                [input.name, input.value] = [name, value];
                form.append(input);
            }}
            document.body.append(form);
            form.submit();"
        ))
        .await;
    visitor.see("Forbidden").await;
    visitor.open(user.as_str()).await;
    visitor.find("button[aria-label='Revoke castles:read']").await;
    visitor.say("finds the permission still granted");
}
