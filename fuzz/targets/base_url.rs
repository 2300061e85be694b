//! The configured addresses of Fief. Input: lines with the base URL, the `Host` override, the
//! public URL, the issuer; an empty one is left out.
#![no_main]

use fief_fuzz::{model, secrets, text, world};
use fief_proto::{
    Client, Config, EmailCode, Endpoint, Error, NewEmail, NewPassword, Provider,
    flow::{Flow as _, Input, Step},
};
use http::HeaderValue;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use url::Url;

fuzz_target!(|data: &str| {
    if secrets::stand_in(data.as_bytes()) {
        return;
    }
    let ([base, host, public, issuer], _) = text::lines(data);
    let mut config = Config::new(base, world::CLIENT_ID).allow_insecure_http();
    if !host.is_empty() {
        config = config.host(host);
    }
    if !public.is_empty() {
        config = config.public_url(public);
    }
    if !issuer.is_empty() {
        config = config.issuer(issuer);
    }
    secrets::check_debug(&config);
    match config.build() {
        Ok(client) => {
            check_requests(&client, base, host);
            check_logout(&client, &seen_by_browsers(base, host, public));
        }
        Err(error) => {
            assert!(matches!(error, Error::Config(_)), "{error:?}");
            secrets::check_error(&error);
        }
    }
    check_plain(base);
});

fn check_requests(client: &Client, base: &str, host: &str) {
    let url = Url::parse(base).expect("it was accepted");
    assert!(matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    assert!(url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    let path = url.path().trim_end_matches('/');
    let flows = [
        (client.userinfo("token"), Endpoint::Discovery, "/.well-known/openid-configuration"),
        (client.update_profile("token", &json!({})), Endpoint::Profile, "/api/profile"),
        (
            client.change_password("token", &NewPassword::new("password")),
            Endpoint::Password,
            "/api/password",
        ),
        (
            client.email_change("token", &NewEmail::new("a@b")),
            Endpoint::EmailChange,
            "/api/email/change",
        ),
        (
            client.email_verify("token", &EmailCode::new("code")),
            Endpoint::EmailVerify,
            "/api/email/verify",
        ),
    ];
    for (flow, endpoint, at) in flows {
        let mut flow = flow.expect("a good token");
        match flow.resume(&Provider::default(), world::NOW, Input::Go) {
            Ok(Step::Send(request)) => {
                assert_eq!(request.endpoint(), endpoint);
                world::check_request(&request, base);
                let asked = Url::parse(&request.http().uri().to_string()).expect("a URL");
                assert_eq!(asked.path(), format!("{path}{at}"));
                let sent = request.http().headers().get("host").map(HeaderValue::as_bytes);
                assert_eq!(sent, (!host.is_empty()).then_some(host.as_bytes()));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The URL under which browsers find the server.
fn seen_by_browsers(base: &str, host: &str, public: &str) -> String {
    if public.is_empty() && !host.is_empty() {
        let base = Url::parse(base).expect("it was accepted");
        return format!("{}://{host}{}", base.scheme(), base.path());
    }
    (if public.is_empty() { base } else { public }).to_owned()
}

fn check_logout(client: &Client, base: &str) {
    let url = client.logout_url(world::REDIRECT_URI).expect("a good redirect URI");
    let (url, base) =
        (Url::parse(&url).expect("a URL"), Url::parse(base).expect("it was accepted"));
    assert_eq!(url.origin(), base.origin());
    assert_eq!(url.path(), format!("{}/logout", base.path().trim_end_matches('/')));
    assert_eq!(url.query_pairs().count(), 1);
}

/// Without the option, plain http is accepted for this machine alone.
fn check_plain(base: &str) {
    if Config::new(base, world::CLIENT_ID).build().is_err() {
        return;
    }
    let url = Url::parse(base).expect("it was accepted");
    assert!(url.scheme() == "https" || model::is_this_machine(&url), "{base}");
}
