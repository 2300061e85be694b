//! Sign-ins and sign-outs through the pages.

use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::{
    browser::{Browser, End},
    data,
    replay::Replay,
    setup::Setup,
};

#[test]
fn authorize_and_logout() {
    let setup = Setup::start();
    let mut replay = Replay::new(&setup, "authorize", data::authorize());
    let alone = |replay: &mut Replay<'_>, name: &str, user: &str, consent: &str| {
        walk(replay, name, &mut Browser::new(&setup), user, consent);
    };
    alone(&mut replay, "error.access-denied", "louis", "deny");
    for name in ["success.consent", "success.consent-remembered", "success.consent-for-more"] {
        alone(&mut replay, name, "louis", "allow");
    }
    alone(&mut replay, "page.email-not-verified", "unverified", "allow");
    alone(&mut replay, "page.other-tenants-user", "louis", "allow");
    let mut signed_in = Browser::new(&setup);
    let one_after_the_other = [
        "success.first-sign-in",
        "success.signed-in",
        "success.prompt-none",
        "success.prompt-login",
        "success.prompt-consent",
        "success.acr-values-1",
        "success.max-age-0",
        "success.max-age-1000",
        "prompt-none.consent-needed",
    ];
    for name in one_after_the_other {
        walk(&mut replay, name, &mut signed_in, "anne", "allow");
    }
    for name in data::authorize().keys() {
        if !replay.was_sent(name) {
            alone(&mut replay, name, "anne", "allow");
        }
    }
    replay.check();

    let mut replay = Replay::new(&setup, "logout", data::logout());
    let cookie = signed_in.cookies.header().unwrap();
    replay.exchange_with("signed-in", "", &[], &[("Cookie", &cookie)]);
    for name in ["signed-out", "no-path", "error.not-a-url"] {
        replay.exchange(name, "", &[]);
    }
    let (case, recorded) = replay.case("error.no-redirect-uri");
    let page = Browser::new(&setup).send("GET", &format!("{}/logout", setup.base_url()), None);
    replay.compare(&case, "status", &recorded["status"], &json!(page.status));
    let shown = page.header("x-fief-error");
    replay.compare(&case, "x-fief-error", &recorded["headers"]["x-fief-error"], &json!(shown));
    replay.check();
}

fn walk(replay: &mut Replay<'_>, name: &str, browser: &mut Browser<'_>, user: &str, consent: &str) {
    let (case, recorded) = replay.case(name);
    browser.trail.clear();
    let url = recorded["authorize_url"].as_str().unwrap();
    let end = browser.walk(url, &replay.setup.recorded["users"][user], consent);
    let steps = recorded["steps"].as_array().unwrap().iter().map(|step| {
        let location = step["location"].as_str();
        json!([step["method"], step["url"], step["status"], location.map(settled)])
    });
    let here = browser.trail.iter().map(|step| {
        json!([step.method, step.url, step.status, step.location.as_deref().map(settled)])
    });
    let (steps, here): (Value, Value) = (steps.collect(), here.collect());
    replay.compare(&case, "steps", &steps, &here);
    match end {
        End::Redirect(url) => {
            let recorded = recorded["redirect"].as_str().map(settled);
            replay.compare(&case, "redirect", &json!(recorded), &json!(settled(&url)));
        }
        End::Page(page) => {
            let recorded = &recorded["page"];
            replay.compare(&case, "status", &recorded["status"], &json!(page.status));
            for (name, header) in
                [("content_type", "content-type"), ("x_fief_error", "x-fief-error")]
            {
                replay.compare(&case, header, &recorded[name], &json!(page.header(header)));
            }
        }
    }
}

/// A URL without what is random each time.
fn settled(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return url.to_owned() };
    let settle = |text: &str| {
        let pairs = form_urlencoded::parse(text.as_bytes()).map(|(name, value)| {
            let drawn = ["code", "id_token", "access_token"].contains(&&*name);
            let value = if drawn { "drawn".into() } else { value };
            format!("{name}={value}")
        });
        pairs.collect::<Vec<_>>().join("&")
    };
    let (query, fragment) = (url.query().map(settle), url.fragment().map(settle));
    url.set_query(query.as_deref());
    url.set_fragment(fragment.as_deref());
    url.into()
}
