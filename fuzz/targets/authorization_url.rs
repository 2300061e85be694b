//! An authorization URL, from the request to the URL and back. Input: the parameters, as a query;
//! unknown ones become extra parameters.
#![no_main]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_fuzz::{secrets, world};
use fief_proto::{
    Acr, AuthorizationRequest, CodeChallenge, Error, Pkce,
    flow::{Flow, Input, Step},
};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

fuzz_target!(|data: &[u8]| {
    let Some((request, wanted)) = read(data) else { return };
    let holds = |text: &String| secrets::stand_in(text.as_bytes());
    if wanted.iter().any(|(name, value)| holds(name) || holds(value)) {
        return;
    }
    secrets::check_debug(&request);
    let url = match world::CLIENT.auth_url(request.clone()) {
        Ok(flow) => Url::parse(&finish(flow)).expect("a URL"),
        Err(error) => {
            assert!(matches!(error, Error::Argument(_)), "{error:?}");
            secrets::check_error(&error);
            return;
        }
    };
    assert_eq!(&url[..url::Position::AfterPath], "https://fief.example/authorize");
    assert_eq!(url.fragment(), None);
    let mut found: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut expected = wanted;
    expected.push(("response_type".to_owned(), "code".to_owned()));
    expected.push(("client_id".to_owned(), world::CLIENT_ID.to_owned()));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    check_login(request);
});

/// `login` sends a state, a nonce and a challenge of its own, and requests `openid`.
fn check_login(request: AuthorizationRequest) {
    let flow = match world::CLIENT.login(request, &world::ENTROPY) {
        Ok(flow) => flow,
        Err(error) => return secrets::check_error(&error),
    };
    let redirect = finish(flow);
    secrets::check_login(&redirect);
    let url = Url::parse(&redirect.url).expect("a URL");
    let value = |name: &str| {
        let mut values = url.query_pairs().filter(|(found, _)| found == name);
        let value = values.next().expect("it is sent").1.into_owned();
        assert!(values.next().is_none(), "{name} is repeated");
        value
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(secrets::VERIFIER));
    assert_eq!(value("state"), secrets::STATE);
    assert_eq!(value("nonce"), secrets::NONCE);
    assert_eq!(value("code_challenge"), challenge);
    assert_eq!(value("code_challenge_method"), "S256");
    assert!(value("scope").split(' ').any(|scope| scope == "openid"));
    let kept = serde_json::to_value(&redirect.pending).expect("it serialises");
    for (name, drawn) in ["state", "nonce", "code_verifier"].into_iter().zip(secrets::DRAWN) {
        assert_eq!(kept[name], drawn, "{name}");
    }
}

fn finish<F: Flow>(mut flow: F) -> F::Output {
    match flow.resume(&world::PROVIDER, world::NOW, Input::Go) {
        Ok(Step::Done(output)) => output,
        Ok(Step::Send(_)) => panic!("all is known"),
        Err(error) => panic!("what was checked is refused: {error:?}"),
    }
}

type Set = fn(AuthorizationRequest, &str) -> AuthorizationRequest;

/// The request, and what must be found in its URL.
fn read(data: &[u8]) -> Option<(AuthorizationRequest, Vec<(String, String)>)> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(data).into_owned().collect();
    let last = |name: &str| pairs.iter().rfind(|(found, _)| found == name).map(|(_, value)| value);
    let redirect_uri = last("redirect_uri")?;
    let mut request = AuthorizationRequest::new(redirect_uri);
    let mut wanted = vec![("redirect_uri".to_owned(), redirect_uri.clone())];
    let mut want = |name: &str, value: &str| wanted.push((name.to_owned(), value.to_owned()));
    if let Some(scope) = last("scope").filter(|scope| !scope.is_empty()) {
        request = request.scope(scope.split(' '));
        want("scope", scope);
    }
    let texts: [(&str, Set); 6] = [
        ("state", |request, text| request.state(text)),
        ("nonce", |request, text| request.nonce(text)),
        ("prompt", |request, text| request.prompt(text)),
        ("screen", |request, text| request.screen(text)),
        ("login_hint", |request, text| request.login_hint(text)),
        ("lang", |request, text| request.lang(text)),
    ];
    for (name, set) in texts {
        if let Some(text) = last(name) {
            request = set(request, text);
            want(name, text);
        }
    }
    if let Some(age) = last("max_age").and_then(|age| age.parse::<u64>().ok()) {
        request = request.max_age(age);
        want("max_age", &age.to_string());
    }
    if let Some(levels) = last("acr_values") {
        let levels: Vec<Acr> = levels
            .chars()
            .map(|level| if level == '0' { Acr::LevelZero } else { Acr::LevelOne })
            .collect();
        let names: Vec<&str> = levels.iter().map(|level| level.as_str()).collect();
        if !levels.is_empty() {
            want("acr_values", &names.join(" "));
        }
        request = request.acr_values(levels);
    }
    if let Some(challenge) = last("code_challenge").and_then(|verifier| challenge(verifier)) {
        want("code_challenge", challenge.value());
        want("code_challenge_method", challenge.method());
        request = request.code_challenge(challenge);
    }
    for (name, value) in pairs.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        request = request.extra(name, value);
        want(name, value);
    }
    Some((request, wanted))
}

const OWN: [&str; 11] = [
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "prompt",
    "screen",
    "login_hint",
    "lang",
    "max_age",
    "acr_values",
    "code_challenge",
];

fn challenge(verifier: &str) -> Option<CodeChallenge> {
    let pkce = Pkce::from_verifier(verifier).ok()?;
    Some(if verifier.starts_with('p') { pkce.plain_challenge() } else { pkce.challenge() })
}
