//! The outputs of flows, and what they may show.

use std::fmt::Debug;

use fief_proto::{AccessTokenInfo, LoginRedirect, Tokens, UserInfo};

use crate::secrets::{self, NONCE, PLANTED, STATE, VERIFIER};

/// The output of a flow.
pub trait Output {
    /// Checks it. `nonce` is the one that the ID token had to hold.
    fn check(&self, nonce: Option<&str>);
}

/// The authorization URL of a program that has drawn its own state and nonce, both planted.
impl Output for String {
    fn check(&self, _: Option<&str>) {
        secrets::check_without(self, &[STATE, NONCE, VERIFIER]);
        assert_eq!(self.matches(PLANTED).count(), 2, "{self}");
    }
}

impl Output for LoginRedirect {
    fn check(&self, _: Option<&str>) {
        secrets::check_login(self);
    }
}

impl Output for (Tokens, UserInfo) {
    fn check(&self, nonce: Option<&str>) {
        check_claims(self);
        let (_, user) = self;
        let found = user.rest.get("nonce");
        assert!(nonce.is_none_or(|nonce| found.is_some_and(|found| found == nonce)), "{found:?}");
    }
}

impl Output for UserInfo {
    fn check(&self, _: Option<&str>) {
        check_claims(self);
    }
}

impl Output for AccessTokenInfo {
    fn check(&self, _: Option<&str>) {
        check_claims(self);
    }
}

/// Claims are shown as the server sends them, and it knows state and nonce by then.
fn check_claims(output: &impl Debug) {
    secrets::check_without(&format!("{output:?}"), &[PLANTED, VERIFIER]);
}
