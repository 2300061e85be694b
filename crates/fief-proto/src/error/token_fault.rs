//! What can be wrong with a token.

use std::borrow::Cow;

use super::shown::{Shown, is_algorithm};
use crate::{base::json::JsonError, claims::acr::Acr};

/// Which token a fault is of: the advice differs.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum TokenKind {
    Access,
    Id,
}

/// What is wrong with a token.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TokenFault {
    /// The authentication is of a lower level than the login asked for.
    AcrTooLow {
        /// The level that the login asked for.
        required: Acr,
        /// The level that the token states, if it states one.
        found: Option<Acr>,
    },
    /// `aud` is not what it was before the refresh.
    AudienceChanged,
    /// The user authenticated longer ago than `max_age` allows.
    AuthenticationTooOld,
    /// The signature is not by the key that the header names.
    BadSignature,
    /// The claims are not a JSON object.
    ClaimsMalformed(JsonError),
    /// The header lists extensions that must be understood (`crit`, RFC 7515 section 4.1.11).
    CriticalHeader,
    /// It can't be decrypted. Why is withheld: it would help to break the encryption.
    DecryptionFailed,
    /// A member of its header or its claims is there more than once.
    DuplicateMember,
    /// It is encrypted, and should be signed only.
    Encrypted,
    /// It was decrypted, and its content is encrypted once more.
    EncryptedTwice,
    /// It has expired.
    Expired {
        /// How long ago, in seconds, without the leeway.
        by: u64,
    },
    /// A claim repeated in the JWE header differs from the one inside (RFC 7519 section 5.3).
    HeaderClaimMismatch,
    /// The header is not a JSON object, or has a member of the wrong type.
    HeaderMalformed(JsonError),
    /// `iat` lies in the future: the clocks disagree.
    IssuedInTheFuture {
        /// How far, in seconds, without the leeway.
        by: u64,
    },
    /// `iss` is not what it was before the refresh.
    IssuerChanged,
    /// A claim is not of its type.
    MalformedClaim(&'static str),
    /// A claim is missing.
    MissingClaim(&'static str),
    /// A character that is not visible ASCII.
    NotAscii,
    /// A part is not strict, unpadded base64url.
    NotBase64Url,
    /// It was decrypted, and its content is not a signed token.
    NoTokenInside,
    /// It does not have three parts (signed) or five (encrypted).
    NotCompact {
        /// How many parts it has.
        parts: usize,
    },
    /// It is only signed, although an encryption key is configured.
    NotEncrypted,
    /// `nbf` lies in the future: the clocks disagree, or it was made for later.
    NotYetValid {
        /// How far, in seconds, without the leeway.
        by: u64,
    },
    /// `sub` is not what it was before the refresh.
    SubjectChanged,
    /// It is longer than this many bytes.
    TooLarge {
        /// The greatest size that is read, in bytes.
        limit: usize,
    },
    /// `acr` is none of the levels that Fief knows.
    UnknownAcr,
    /// No published key has the key ID (`kid`) of its header; the keys were fetched once more for
    /// it, or just before.
    UnknownKey,
    /// `alg` is none that is accepted; with the one that was found, if there is one.
    UnsupportedAlgorithm(Option<String>),
    /// `enc` is none that is accepted; with the one that was found, if there is one.
    UnsupportedEncryption(Option<String>),
    /// The header holds `b64` or `zip`.
    UnsupportedHeader(&'static str),
    /// `typ` is not the one of such a token.
    UnsupportedType,
    /// It is also for a client that the configuration does not name.
    UntrustedAudience(String),
    /// It is for other clients, or for none.
    WrongAudience(Vec<String>),
    /// It was issued to another client.
    WrongAuthorizedParty(String),
    /// This hash does not match its counterpart (OpenID Connect Core 3.1.3.6, 3.3.2.11).
    WrongHash(&'static str),
    /// It is of another issuer.
    WrongIssuer {
        /// The issuer of the provider.
        expected: String,
        /// The issuer that the token names.
        found: String,
    },
    /// `nonce` is not the one of this login.
    WrongNonce,
    /// It is an ID token where an access token is expected, or the reverse.
    WrongTokenKind,
}

impl TokenFault {
    /// A stable name in `snake_case`: `acr_too_low`, `audience_changed`, `authentication_too_old`,
    /// `bad_signature`, `claims_malformed`, `critical_header`, `decryption_failed`,
    /// `duplicate_member`, `encrypted`, `expired`, `header_claim_mismatch`, `header_malformed`,
    /// `issued_in_the_future`, `issuer_changed`, `malformed_claim`, `missing_claim`,
    /// `not_ascii`, `not_base64url`, `not_compact`, `not_encrypted`,
    /// `not_yet_valid`, `subject_changed`, `too_large`, `unknown_acr`, `unknown_key`,
    /// `unsupported_algorithm`, `unsupported_encryption`, `unsupported_header`,
    /// `unsupported_type`, `untrusted_audience`, `wrong_audience`, `wrong_authorized_party`,
    /// `wrong_hash`, `wrong_issuer`, `wrong_nonce` or `wrong_token_kind`.
    pub fn name(&self) -> &'static str {
        self.described(TokenKind::Id).0
    }

    /// For a header that anybody may have written: what is not the name of an algorithm is not
    /// kept.
    pub(crate) fn unsupported_algorithm(found: Option<&str>) -> Self {
        Self::UnsupportedAlgorithm(found.map(algorithm))
    }

    /// As [`unsupported_algorithm`](Self::unsupported_algorithm), for `enc`.
    pub(crate) fn unsupported_encryption(found: Option<&str>) -> Self {
        Self::UnsupportedEncryption(found.map(algorithm))
    }

    /// Whether the token is refused for its times alone: it has expired, or the clocks disagree.
    pub(crate) fn is_of_time(&self) -> bool {
        matches!(
            self,
            Self::Expired { .. } | Self::IssuedInTheFuture { .. } | Self::NotYetValid { .. }
        )
    }

    pub(super) fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ClaimsMalformed(error) | Self::HeaderMalformed(error) => Some(error),
            _ => None,
        }
    }

    pub(super) fn of(&self, kind: TokenKind) -> Cow<'static, str> {
        self.described(kind).1
    }

    /// The stable name and the message of each fault.
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn described(&self, kind: TokenKind) -> (&'static str, Cow<'static, str>) {
        let is_access = kind == TokenKind::Access;
        match self {
            Self::AcrTooLow { required, found: Some(found) } => (
                "acr_too_low",
                format!("it is of ACR {found}, and the login asked for {required}").into(),
            ),
            Self::AcrTooLow { required, found: None } => (
                "acr_too_low",
                format!("it states no ACR, and the login asked for {required}").into(),
            ),
            Self::AudienceChanged => {
                ("audience_changed", "its `aud` is not the one before the refresh".into())
            }
            Self::AuthenticationTooOld => (
                "authentication_too_old",
                "the user authenticated longer ago than `max_age` allows, or the clocks disagree"
                    .into(),
            ),
            Self::BadSignature => ("bad_signature", "its signature is wrong".into()),
            Self::ClaimsMalformed(_) => ("claims_malformed", "its claims are malformed".into()),
            Self::CriticalHeader => {
                ("critical_header", "its header asks for extensions (`crit`)".into())
            }
            Self::DecryptionFailed => (
                "decryption_failed",
                "it can't be decrypted; is the encryption key the client's latest?".into(),
            ),
            Self::DuplicateMember => {
                ("duplicate_member", "its header or its claims have a member more than once".into())
            }
            Self::Encrypted if is_access => {
                ("encrypted", "it is encrypted, which access tokens never are".into())
            }
            Self::Encrypted => (
                "encrypted",
                "it is encrypted; give the client's encryption key to the configuration \
                 (`encryption_key`)"
                    .into(),
            ),
            Self::EncryptedTwice => (
                "encrypted",
                "it was decrypted, and its content is an encrypted token again; Fief encrypts a \
                 signed token once"
                    .into(),
            ),
            Self::Expired { by } => (
                "expired",
                format!("it expired {by} seconds ago; if it has just come, {CLOCKS}").into(),
            ),
            Self::HeaderClaimMismatch => {
                ("header_claim_mismatch", "its header and its claims disagree".into())
            }
            Self::HeaderMalformed(_) => ("header_malformed", "its header is malformed".into()),
            Self::IssuedInTheFuture { by } => (
                "issued_in_the_future",
                format!("its `iat` lies {by} seconds in the future; {CLOCKS}").into(),
            ),
            Self::IssuerChanged => {
                ("issuer_changed", "its `iss` is not the one before the refresh".into())
            }
            Self::MalformedClaim(name) => {
                ("malformed_claim", format!("its claim `{name}` is malformed").into())
            }
            Self::MissingClaim(name) => {
                ("missing_claim", format!("its claim `{name}` is missing").into())
            }
            Self::NoTokenInside => (
                "not_compact",
                "it was decrypted, and its content is not a signed token; Fief encrypts a \
                 signed token"
                    .into(),
            ),
            Self::NotAscii => {
                ("not_ascii", "it holds a character that is not visible ASCII".into())
            }
            Self::NotBase64Url => {
                ("not_base64url", "a part of it is not unpadded base64url".into())
            }
            Self::NotCompact { parts } => (
                "not_compact",
                format!(
                    "it has {parts} {}, and not three (signed) or five (encrypted)",
                    if *parts == 1 { "part" } else { "parts" }
                )
                .into(),
            ),
            Self::NotEncrypted => (
                "not_encrypted",
                "it is not encrypted, although an encryption key is configured; was the key \
                 removed from the client at the server?"
                    .into(),
            ),
            Self::NotYetValid { by } => (
                "not_yet_valid",
                format!("its `nbf` lies {by} seconds in the future; {CLOCKS}").into(),
            ),
            Self::SubjectChanged => {
                ("subject_changed", "its `sub` is not the one before the refresh".into())
            }
            Self::TooLarge { limit } => {
                ("too_large", format!("it is longer than {limit} bytes").into())
            }
            Self::UnknownAcr => ("unknown_acr", "its `acr` is neither `0` nor `1`".into()),
            Self::UnknownKey => (
                "unknown_key",
                "no published key has the `kid` of its header; is it of another server or tenant?"
                    .into(),
            ),
            Self::UnsupportedAlgorithm(found) => (
                "unsupported_algorithm",
                format!(
                    "its `alg` is {}, and {} is accepted",
                    found.as_deref().unwrap_or("missing"),
                    if is_access { "RS256" } else { "RS256 (encrypted: RSA-OAEP-256)" }
                )
                .into(),
            ),
            Self::UnsupportedEncryption(found) => (
                "unsupported_encryption",
                format!(
                    "its `enc` is {}, and A128CBC-HS256, A256CBC-HS512, A128GCM and A256GCM are \
                     accepted",
                    found.as_deref().unwrap_or("missing")
                )
                .into(),
            ),
            Self::UnsupportedHeader(name) => {
                ("unsupported_header", format!("its header holds `{name}`").into())
            }
            Self::UnsupportedType => {
                ("unsupported_type", "its `typ` is not that of such a token".into())
            }
            Self::UntrustedAudience(client) => (
                "untrusted_audience",
                format!(
                    "it is also for the client {}; name that one with `accept_client` if it is \
                     yours",
                    Shown(client)
                )
                .into(),
            ),
            Self::WrongAudience(clients) => ("wrong_audience", audience(clients, is_access).into()),
            Self::WrongAuthorizedParty(client) if is_access => (
                "wrong_authorized_party",
                format!(
                    "it was issued to the client {}; name that one with `accept_client` if it is \
                     yours",
                    Shown(client)
                )
                .into(),
            ),
            Self::WrongAuthorizedParty(client) => (
                "wrong_authorized_party",
                format!(
                    "it was issued to the client {}, and not to this one; compare the client IDs",
                    Shown(client)
                )
                .into(),
            ),
            Self::WrongHash(name) => ("wrong_hash", format!("its `{name}` does not match").into()),
            Self::WrongIssuer { expected, found } => (
                "wrong_issuer",
                format!("it is of the issuer {}, not {}", Shown(found), Shown(expected)).into(),
            ),
            Self::WrongNonce => ("wrong_nonce", "its `nonce` is not the one of this login".into()),
            Self::WrongTokenKind if is_access => {
                ("wrong_token_kind", "it is an ID token; send the access token in its place".into())
            }
            Self::WrongTokenKind => ("wrong_token_kind", "it is an access token".into()),
        }
    }
}

const CLOCKS: &str = "compare the clocks of this machine and the server";

fn algorithm(found: &str) -> String {
    match found {
        "" => "empty".to_owned(),
        name if is_algorithm(name) => name.to_owned(),
        _ => "not the name of an algorithm".to_owned(),
    }
}

fn audience(clients: &[String], is_access: bool) -> String {
    const SHOWN: usize = 4;
    if clients.is_empty() {
        return "it is for no client: its `aud` is empty".to_owned();
    }
    let mut shown: Vec<String> =
        clients.iter().take(SHOWN).map(|client| Shown(client).to_string()).collect();
    if clients.len() > SHOWN {
        shown.push(format!("{} more", clients.len() - SHOWN));
    }
    let advice = if is_access {
        "; name one of them with `accept_client` if it is yours"
    } else {
        "; is the client ID of the configuration the right one?"
    };
    format!("it is not for this client but for {}{advice}", shown.join(", "))
}
