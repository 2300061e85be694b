//! Secrets that are planted wherever one can be, and looked for wherever none may be.

use std::fmt::{Debug, Display};

use fief_proto::{Error, LoginRedirect, Report, flow::Request};
use url::Url;

/// The value of each secret that a program passes in: token, code, password, client secret. It is
/// one value, so that whatever a server echoes is a secret of the current request.
pub const PLANTED: &str = "hermine-tincture-1488-hermine-tincture-1488-hermine";

/// What [`world::ENTROPY`](crate::world::ENTROPY) becomes. State and nonce are in the authorization
/// URL, the verifier is in the body of the token request, and none is anywhere else. The verifier
/// is in lower case, so that it is also found in the name of a host.
pub const STATE: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
pub const NONCE: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";
pub const VERIFIER: &str = "ampqampqampqampqampqampqampqampqampqampqamo";

pub const DRAWN: [&str; 3] = [STATE, NONCE, VERIFIER];
pub const ALL: [&str; 4] = [PLANTED, STATE, NONCE, VERIFIER];

/// Whether an input holds one of them. Then they may rightly be shown, as a part of a redirect URI
/// for example, and the check is skipped.
pub fn stand_in(text: &[u8]) -> bool {
    ALL.iter().any(|secret| holds(text, secret))
}

/// Whether an input holds this secret, in any case and with other characters in between: a host is
/// written in lower case and without the characters that no host may have.
pub fn holds(text: &[u8], secret: &str) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        let is_kept = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        text.iter().filter(|byte| is_kept(byte)).map(u8::to_ascii_lowercase).collect()
    };
    let secret = plain(secret.as_bytes());
    plain(text).windows(secret.len()).any(|part| part == secret)
}

/// The secrets in a request, for the server alone to read.
pub fn sent_in(request: &Request) -> Vec<&'static str> {
    let http = request.http();
    let stands = |secret: &&str| {
        http.headers().values().any(|value| holds(value.as_bytes(), secret))
            || holds(http.body(), secret)
    };
    ALL.into_iter().filter(stands).collect()
}

pub fn check_text(text: &str) {
    check_without(text, &ALL);
}

/// Checks that a string holds none of these.
pub fn check_without(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "`{secret}` is shown: {text}");
    }
}

/// Checks a login: its URL shows only what it must, and nothing else shows anything.
pub fn check_login(redirect: &LoginRedirect) {
    check_debug(redirect);
    check_without(&redirect.url, &[PLANTED, VERIFIER]);
    let url = Url::parse(&redirect.url).expect("a URL");
    for secret in [STATE, NONCE] {
        let holds = url.query_pairs().filter(|(_, value)| value.contains(secret));
        assert_eq!(holds.count(), 1, "{url}");
    }
}

pub fn check_debug(value: &impl Debug) {
    check_text(&format!("{value:?}"));
}

/// What holds for every error: it shows no secret and no control character, is of bounded length,
/// and has a name.
pub fn check_error(error: &Error) {
    check_debug(error);
    check_shown(&Report(error));
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|b| b == b'_' || b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    assert!(is_name(error.kind()), "{}", error.kind());
    assert!(error.reason().is_none_or(is_name), "{:?}", error.reason());
}

/// Checks what may be in a log.
pub fn check_shown(shown: &impl Display) {
    let text = shown.to_string();
    check_text(&text);
    assert!(!text.contains(char::is_control), "a control character is shown: {text:?}");
    assert!(text.len() <= 32 * 1024, "{} bytes are shown", text.len());
}
