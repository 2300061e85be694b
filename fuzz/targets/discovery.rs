//! The discovery document, as four different configurations see it. Input: the document.
#![no_main]

use std::sync::LazyLock;

use fief_fuzz::{drive::drive, model, secrets, world};
use fief_proto::{
    Client, Config, Endpoint, Error, Provider,
    flow::{Request, Response},
};
use libfuzzer_sys::fuzz_target;
use url::Url;

struct Place {
    base: &'static str,
    client: Client,
    /// The hosts to which browsers may be sent.
    hosts: &'static [&'static str],
}

static PLACES: LazyLock<[Place; 4]> = LazyLock::new(|| {
    let config = |base| Config::new(base, world::CLIENT_ID);
    let place = |base, config: Config, hosts| Place {
        base,
        client: config.build().expect("a good configuration"),
        hosts,
    };
    let local = "http://localhost:8000";
    let tenant = "https://fief.example:8443/tenant";
    let inner = "http://fief:8000";
    [
        place(world::BASE, config(world::BASE), &["fief.example"]),
        place(tenant, config(tenant).public_url("https://login.example/a"), &["login.example"]),
        place(local, config(local), &[]),
        place(
            inner,
            config(inner).host("fief.example").allow_insecure_http(),
            &["fief", "fief.example"],
        ),
    ]
});

fuzz_target!(|data: &[u8]| {
    if secrets::stand_in(data) {
        return;
    }
    for place in &*PLACES {
        let keys = world::keys(&["first"]);
        let is_good = match Provider::from_documents(&place.client, data, &keys, world::NOW) {
            Ok(_) => true,
            Err(error) => {
                assert!(matches!(error, Error::Provider(_) | Error::Response(_)), "{error:?}");
                secrets::check_error(&error);
                false
            }
        };
        let answer = |request: &Request| {
            Response::new(match request.endpoint() {
                Endpoint::Discovery => data.to_vec(),
                _ => br#"{"sub":"user"}"#.to_vec(),
            })
        };
        let mut provider = Provider::default();
        let flow = place.client.userinfo(secrets::PLANTED).expect("a good token");
        let outcome = drive(&place.client, place.base, &mut provider, world::NOW, flow, answer);
        assert_eq!(outcome.result.is_ok(), is_good);
        if is_good {
            let flow = place.client.login(world::REDIRECT_URI, &world::ENTROPY).expect("a login");
            let outcome = drive(&place.client, place.base, &mut provider, world::NOW, flow, answer);
            let redirect = outcome.result.expect("all is known");
            secrets::check_login(&redirect);
            check_url(&redirect.url, place);
        }
    }
});

/// Checks the URL that the user is sent to: it is on a host of ours, and has nothing misleading in
/// it.
fn check_url(url: &str, place: &Place) {
    let url = Url::parse(url).expect("a URL");
    let is_ours = match place.hosts {
        [] => model::is_this_machine(&url),
        hosts => hosts.contains(&url.host_str().expect("a host")),
    };
    assert!(is_ours, "{url}");
    assert!(url.scheme() == "https" || place.base.starts_with("http:"), "{url}");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    for name in ["state", "redirect_uri", "client_id", "response_type", "code_challenge", "nonce"] {
        assert_eq!(
            url.query_pairs().filter(|(found, _)| found == name).count(),
            1,
            "{name}: {url}"
        );
    }
}
