//! Tokens, the way a client gets them.

use fief_testkit::http;
use serde_json::Value;
use url::{Url, form_urlencoded::Serializer};

use crate::{
    browser::{Browser, End, REDIRECT_URI},
    setup::Setup,
};

/// The authorization URL for a client of the set-up, with these parameters besides the usual.
pub fn authorize_url(setup: &Setup, client: &str, parameters: &[(&str, &str)]) -> String {
    let client = &setup.recorded["clients"][client];
    let tenant = setup.recorded["tenants"][client["tenant"].as_str().unwrap()]["base_url"].clone();
    let base_url = setup.translate(tenant.as_str().unwrap());
    let mut query = Serializer::new(String::new());
    query.append_pair("response_type", "code");
    query.append_pair("client_id", client["client_id"].as_str().unwrap());
    query.append_pair("redirect_uri", REDIRECT_URI);
    if !parameters.iter().any(|(name, _)| *name == "scope") {
        query.append_pair("scope", "openid offline_access");
    }
    query.extend_pairs(parameters);
    format!("{base_url}/authorize?{}", query.finish())
}

/// A code for a user, from a browser that may be signed in.
pub fn code(
    browser: &mut Browser<'_>,
    setup: &Setup,
    client: &str,
    user: &str,
    parameters: &[(&str, &str)],
) -> String {
    let url = authorize_url(setup, client, parameters);
    let End::Redirect(url) = browser.walk(&url, &setup.recorded["users"][user], "allow") else {
        panic!("no redirect for {client} and {user}");
    };
    let url = Url::parse(&url).unwrap();
    let (_, code) = url.query_pairs().find(|(name, _)| name == "code").expect("a code");
    code.into_owned()
}

/// Tokens for a code of a client of the set-up.
pub fn redeem(setup: &Setup, client: &str, code: &str, more: &[(&str, &str)]) -> Value {
    let client = &setup.recorded["clients"][client];
    let tenant = setup.recorded["tenants"][client["tenant"].as_str().unwrap()]["base_url"].clone();
    let base_url = setup.translate(tenant.as_str().unwrap());
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code");
    form.append_pair("client_id", client["client_id"].as_str().unwrap());
    form.append_pair("client_secret", client["client_secret"].as_str().unwrap());
    form.append_pair("redirect_uri", REDIRECT_URI);
    form.append_pair("code", code);
    form.extend_pairs(more);
    let headers = [("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let target = format!("{}/api/token", base_url.strip_prefix(setup.base_url()).unwrap());
    let body = form.finish();
    let answer = http::send(setup.base_url(), "POST", &target, &headers, Some(body.as_bytes()));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

pub fn tokens(browser: &mut Browser<'_>, setup: &Setup, client: &str, user: &str) -> Value {
    let code = code(browser, setup, client, user, &[]);
    redeem(setup, client, &code, &[])
}

pub fn access_token(browser: &mut Browser<'_>, setup: &Setup, user: &str) -> String {
    tokens(browser, setup, "confidential", user)["access_token"].as_str().unwrap().to_owned()
}

/// Tokens of a user who is not of the set-up.
pub fn tokens_of(setup: &Setup, user: &Value) -> Value {
    let url = authorize_url(setup, "confidential", &[]);
    let End::Redirect(url) = Browser::new(setup).walk(&url, user, "allow") else {
        panic!("no redirect for {}", user["email"]);
    };
    let url = Url::parse(&url).unwrap();
    let (_, code) = url.query_pairs().find(|(name, _)| name == "code").expect("a code");
    redeem(setup, "confidential", &code, &[])
}
