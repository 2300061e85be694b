//! What an access token must allow, checked against a simple model.

use fief_proto::{
    AccessTokenInfo, Acr, AuthorizationRequest, Error, Requirements,
    flow::{Flow as _, Input},
};
use proptest::{collection::vec, prelude::*};

use crate::common::{NOW, REDIRECT_URI, client, done, provider, token};

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

/// What is asked of a token.
#[derive(Clone, Debug)]
struct Asked {
    scope: Vec<String>,
    acr: Option<Acr>,
    permissions: Vec<String>,
}

fn asked() -> impl Strategy<Value = Asked> {
    (vec(near(&SCOPE), 0..3), level(), vec(near(&PERMISSIONS), 0..3))
        .prop_map(|(scope, acr, permissions)| Asked { scope, acr, permissions })
}

fn level() -> impl Strategy<Value = Option<Acr>> {
    prop::sample::select(vec![None, Some(Acr::LevelZero), Some(Acr::LevelOne)])
}

impl Asked {
    fn requirements(&self) -> Requirements {
        let requirements = Requirements::none()
            .scope(self.scope.iter().map(String::as_str))
            .permissions(self.permissions.iter().map(String::as_str));
        match self.acr {
            Some(level) => requirements.acr(level),
            None => requirements,
        }
    }

    /// What is missing, in the order of the official client.
    fn missing(&self, held: &AccessTokenInfo) -> Option<&'static str> {
        let lacks = |held: &[String], asked: &[String]| {
            asked.iter().any(|asked| !held.iter().any(|held| held == asked))
        };
        let is_low = match (self.acr, held.acr) {
            (None, _) | (Some(Acr::LevelZero), Some(_)) | (_, Some(Acr::LevelOne)) => false,
            (Some(_), _) => true,
        };
        if lacks(&held.scope, &self.scope) {
            Some("access_token_missing_scope")
        } else if is_low {
            Some("access_token_acr_too_low")
        } else if lacks(&held.permissions, &self.permissions) {
            Some("access_token_missing_permission")
        } else {
            None
        }
    }
}

fn validated(string: &str, requirements: &Requirements) -> Result<AccessTokenInfo, Error> {
    let client = client();
    let mut flow = client.validate_access_token(string, requirements);
    flow.resume(&provider(&client), NOW, Input::Go).map(|step| done(Ok(step)))
}

proptest! {
    #[test]
    fn requirements_agree_with_a_naive_model(
        scope in vec(near(&SCOPE), 0..4),
        acr in level(),
        permissions in vec(near(&PERMISSIONS), 0..4),
        asked in asked(),
    ) {
        let mut held = validated(&token("access"), &Requirements::none()).unwrap();
        (held.scope, held.acr, held.permissions) = (scope, acr, permissions);
        let outcome = asked.requirements().check(&held);
        let kind = outcome.err().map(|error| Error::from(error).kind());
        prop_assert_eq!(kind, asked.missing(&held));
    }

    #[test]
    fn a_validation_checks_what_is_asked(
        name in prop::sample::select(vec!["access", "access_acr_0", "access_acr_missing"]),
        asked in asked(),
    ) {
        let string = token(name);
        let held = validated(&string, &Requirements::none()).unwrap();
        let outcome = validated(&string, &asked.requirements());
        prop_assert_eq!(outcome.err().map(|error| error.kind()), asked.missing(&held));
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
