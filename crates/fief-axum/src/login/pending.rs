//! Logins that are under way, in cookies: one for each tab.

use fief_hyper::PendingLogin;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::{cookies, sealed_cookies::SealedCookies};

/// How long a login may take, in seconds; `finish_login` takes none that is older.
const LIFETIME: u64 = 60 * 60;
/// How many logins one browser may have under way: their cookies come with every request.
const MOST_PENDING: usize = 4;
const PREFIX: &str = "fief_app_login_";

/// What waits for the callback.
#[derive(Deserialize, Serialize)]
pub(super) struct Pending {
    pub login: PendingLogin,
    pub return_to: String,
}

impl Pending {
    /// The cookies to set: this login's, and those that take the oldest away where there are many.
    pub fn remember(&self, cookies: &SealedCookies, headers: &HeaderMap) -> Vec<HeaderValue> {
        // It always serialises; were it not so, its callback would find no login.
        let text = serde_json::to_string(self).unwrap_or_default();
        let mut set = vec![cookies.set(&name(self.login.state().expose()), &text, LIFETIME)];
        let mut others = pending(cookies, headers);
        others.sort();
        let many = (others.len() + 1).saturating_sub(MOST_PENDING);
        set.extend(others.iter().take(many).map(|(_, name)| cookies.take_away(name)));
        set
    }

    /// The login that this callback answers, if this browser has begun it, and its cookie's name.
    pub fn recall(
        cookies: &SealedCookies,
        headers: &HeaderMap,
        query: &str,
    ) -> Option<(Self, String)> {
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        let (_, state) = parameters.find(|(name, _)| name == "state")?;
        let name = name(&state);
        let pending = serde_json::from_str(&cookies.read(headers, &name)?).ok()?;
        Some((pending, name))
    }
}

/// The logins under way, with the time of their beginning; what can't be read counts as oldest.
fn pending(cookies: &SealedCookies, headers: &HeaderMap) -> Vec<(i64, String)> {
    let prefix = cookies.name(PREFIX);
    cookies::all(headers)
        .filter_map(|(name, _)| std::str::from_utf8(name).ok()?.strip_prefix(&prefix))
        .filter(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(|rest| {
            let name = format!("{PREFIX}{rest}");
            let text = cookies.read(headers, &name);
            let found = text.and_then(|text| serde_json::from_str::<Pending>(&text).ok());
            let begun = found.map_or(i64::MIN, |found| found.login.created_at().as_secs());
            (begun, name)
        })
        .collect()
}

/// The name tells nothing of the state: it is no secret of the browser's.
fn name(state: &str) -> String {
    let digest = Sha256::digest(state.as_bytes());
    digest.iter().take(8).fold(PREFIX.to_owned(), |name, byte| format!("{name}{byte:02x}"))
}
