//! Where requests go, and how much is read of what comes back.

use std::fmt;

/// The greatest discovery document or key set that is read, in bytes.
const DOCUMENT_LIMIT: usize = 512 * 1024;
/// The greatest other answer that is read, in bytes.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// Where a request goes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/api/email/change`
    EmailChange,
    /// `/api/email/verify`
    EmailVerify,
    /// The discovered `jwks_uri`.
    Keys,
    /// `/api/password`
    Password,
    /// `/api/profile`
    Profile,
    /// The discovered `token_endpoint`.
    Token,
    /// The discovered `userinfo_endpoint`.
    Userinfo,
}

impl Endpoint {
    /// A stable name in `snake_case`, for a log or a metric.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::EmailChange => "email_change",
            Self::EmailVerify => "email_verify",
            Self::Keys => "keys",
            Self::Password => "password",
            Self::Profile => "profile",
            Self::Token => "token",
            Self::Userinfo => "userinfo",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery endpoint",
            Self::EmailChange => "email change endpoint",
            Self::EmailVerify => "email verification endpoint",
            Self::Keys => "key set endpoint",
            Self::Password => "password endpoint",
            Self::Profile => "profile endpoint",
            Self::Token => "token endpoint",
            Self::Userinfo => "userinfo endpoint",
        })
    }
}

pub(crate) fn body_limit(endpoint: Endpoint) -> usize {
    match endpoint {
        Endpoint::Discovery | Endpoint::Keys => DOCUMENT_LIMIT,
        _ => ANSWER_LIMIT,
    }
}
