//! What an access token must allow, held against a naive model.

use fief_proto::{Acr, AuthorizationRequest, Flow as _, Input, Requirements};
use proptest::{collection::vec, prelude::*};

use crate::common::{NOW, REDIRECT_URI, client, provider, token};

/// A name that the token may hold, or nearly: longer, shorter, in another case, of several.
fn near(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let name = prop::sample::select(names);
    (name, 0..8_u8).prop_map(|(name, how)| match how {
        0 => format!("{name}:more"),
        1 => name[..name.len() - 1].to_owned(),
        2 => name.to_uppercase(),
        3 => format!(" {name}"),
        4 => String::new(),
        _ => name.to_owned(),
    })
}

const SCOPE: [&str; 2] = ["openid", "offline_access"];
const PERMISSIONS: [&str; 2] = ["castles:read", "castles:create"];

proptest! {
    #[test]
    fn requirements_agree_with_a_naive_model(
        scope in vec(near(&SCOPE), 0..3),
        permissions in vec(near(&PERMISSIONS), 0..3),
        level in prop::option::of(prop::sample::select(vec![Acr::LevelZero, Acr::LevelOne])),
        has_level in any::<bool>(),
    ) {
        let client = client();
        let access = token(if has_level { "access_acr_0" } else { "access_acr_missing" });
        let mut requirements =
            Requirements::none().scope(scope.clone()).permissions(permissions.clone());
        if let Some(level) = level {
            requirements = requirements.acr(level);
        }
        let lacks = |held: &[&str], asked: &[String]| {
            asked.iter().any(|asked| !held.iter().any(|held| held == asked))
        };
        let is_low = match level {
            None => false,
            Some(Acr::LevelZero) => !has_level,
            Some(_) => true,
        };
        // In the order of the official client.
        let expected = if lacks(&SCOPE, &scope) {
            Some("access_token_missing_scope")
        } else if is_low {
            Some("access_token_acr_too_low")
        } else if lacks(&PERMISSIONS, &permissions) {
            Some("access_token_missing_permission")
        } else {
            None
        };
        let mut flow = client.validate_access_token(&access, &requirements);
        let outcome = flow.resume(&provider(&client), NOW, Input::Go);
        prop_assert_eq!(outcome.err().map(|error| error.kind()), expected);
    }

    /// RFC 6749 section 3.3: one or more of %x21 / %x23-5B / %x5D-7E.
    #[test]
    fn scopes_are_sent_if_they_are_scopes(scope in vec("[ -~é\"\\\\]{0,4}", 0..4)) {
        let is_scope = |token: &String| {
            !token.is_empty()
                && token.chars().all(|c| ('!'..='~').contains(&c) && c != '"' && c != '\\')
        };
        let request = AuthorizationRequest::new(REDIRECT_URI).scope(scope.clone());
        prop_assert_eq!(client().auth_url(request).is_ok(), scope.iter().all(is_scope));
    }
}
