//! What the token endpoint and the user API refuse.

use fief_proto::{CodeExchange, Config, Detail, EmailCode, NewEmail, NewPassword};
use serde_json::json;

use super::{
    app::{App, exchange, pkce, request, wait_until_deleted},
    driver::Driver,
    expect::{assert_refused, refusal},
    server::Server,
};

pub fn wrong_secret<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let other = App::<D>::with(server, "confidential", |config| config.client_secret("wrong"));
    let code = app.new_code();
    assert_refused(other.fief.auth_callback(exchange(&code)), "invalid_client");
    // That has not used up the code.
    app.fief.auth_callback(exchange(&code)).unwrap();
}

pub fn unknown_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let unknown = D::open(Config::new(server.base_url.as_str(), "unknown").client_secret("wrong"));
    assert_refused(unknown.auth_callback(exchange(&app.new_code())), "invalid_client");
}

pub fn code_of_another_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let other = App::<D>::new(server, "third_party");
    assert_refused(other.fief.auth_callback(exchange(&app.new_code())), "invalid_grant");
}

pub fn wrong_code<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    assert_refused(app.fief.auth_callback(exchange("wrong")), "invalid_grant");
}

pub fn reused_code<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let code = app.new_code();
    app.fief.auth_callback(exchange(&code)).unwrap();
    wait_until_deleted();
    assert_refused(app.fief.auth_callback(exchange(&code)), "invalid_grant");
}

pub fn expired_code<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "expired_code");
    assert_refused(app.fief.auth_callback(exchange(&app.new_code())), "invalid_grant");
}

pub fn wrong_redirect_uri<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let elsewhere = CodeExchange::new(app.new_code(), "http://localhost:8000/auth-callback");
    assert_refused(app.fief.auth_callback(elsewhere), "invalid_grant");
}

pub fn wrong_verifier<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "public");
    let code = app.code(&app.new_user(), request().code_challenge(pkce().challenge()));
    let other = "a".repeat(43);
    let result = app.fief.auth_callback(exchange(&code).code_verifier(other.as_str()));
    assert_refused(result, "invalid_grant");
    // That has not used up the code.
    app.fief.auth_callback(exchange(&code).code_verifier(pkce().verifier())).unwrap();
}

pub fn missing_verifier<D: Driver>(server: &Server) {
    for (client, error) in [("confidential", "invalid_grant"), ("public", "invalid_client")] {
        let app = App::<D>::new(server, client);
        let code = app.code(&app.new_user(), request().code_challenge(pkce().challenge()));
        assert_refused(app.fief.auth_callback(exchange(&code)), error);
    }
}

pub fn unasked_verifier<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let surplus = exchange(&app.new_code()).code_verifier(pkce().verifier());
    assert_refused(app.fief.auth_callback(surplus), "invalid_grant");
}

pub fn garbage_token<D: Driver>(server: &Server) {
    let fief = App::<D>::new(server, "confidential").fief;
    for refused in [
        fief.userinfo("garbage"),
        fief.update_profile("garbage", &json!({})),
        fief.change_password("garbage", &NewPassword::new("autre-tincture-1491")),
        fief.email_change("garbage", &NewEmail::new("anne@naples.kingdom")),
        fief.email_verify("garbage", &EmailCode::new("ABCDEF")),
    ] {
        let refusal = refusal(refused);
        assert_eq!(refusal.status(), 401, "{refusal}");
        assert_eq!(refusal.detail(), Some(&Detail::Code("Unauthorized".to_owned())));
    }
    assert_refused(fief.auth_refresh_token("garbage".into()), "invalid_grant");
}
