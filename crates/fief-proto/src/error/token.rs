//! Tokens that are refused.

use std::fmt;

use super::Shown;
use crate::{Acr, json::JsonError};

/// An access token does not open the door.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The user must show more than the token says: send them to log in at that level.
    AcrTooLow {
        /// The level that was required.
        required: Acr,
        /// The level that the token states, if it states one.
        found: Option<Acr>,
    },
    /// It was good, and its time is over: refresh it, or log in again.
    Expired,
    /// It is none of ours, or not what an access token is.
    Invalid(TokenFault),
    /// The user lacks this permission.
    MissingPermission(String),
    /// The token was not granted this scope.
    MissingScope(String),
}

impl AccessTokenError {
    /// The HTTP status that a protected resource answers with (RFC 6750 section 3.1): 401 where the
    /// token is not good, 403 where it is good and not enough. Fief itself answers 403 to a level
    /// that is too low.
    pub fn status(&self) -> u16 {
        match self {
            Self::Expired | Self::Invalid(_) => 401,
            Self::AcrTooLow { .. } | Self::MissingPermission(_) | Self::MissingScope(_) => 403,
        }
    }

    /// The `error` code for `WWW-Authenticate` (RFC 6750 section 3.1; RFC 9470 section 3 for the
    /// level).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired | Self::Invalid(_) => "invalid_token",
            Self::AcrTooLow { .. } => "insufficient_user_authentication",
            Self::MissingPermission(_) | Self::MissingScope(_) => "insufficient_scope",
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::AcrTooLow { .. } => "access_token_acr_too_low",
            Self::Expired => "access_token_expired",
            Self::Invalid(_) => "access_token_invalid",
            Self::MissingPermission(_) => "access_token_missing_permission",
            Self::MissingScope(_) => "access_token_missing_scope",
        }
    }

    pub(crate) fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(fault) => Some(fault.name()),
            _ => None,
        }
    }
}

impl From<TokenFault> for AccessTokenError {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Expired => Self::Expired,
            fault => Self::Invalid(fault),
        }
    }
}

impl fmt::Display for AccessTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AcrTooLow { required, found: Some(found) } => {
                write!(f, "the access token is of ACR {found}, and {required} is required")
            }
            Self::AcrTooLow { required, found: None } => {
                write!(f, "the access token states no ACR, and {required} is required")
            }
            Self::Expired => f.write_str("the access token has expired"),
            Self::Invalid(fault) => write!(f, "the access token is invalid: {fault}"),
            Self::MissingPermission(permission) => {
                write!(f, "the user lacks the permission {}", Shown(permission))
            }
            Self::MissingScope(scope) => {
                write!(f, "the access token lacks the scope {}", Shown(scope))
            }
        }
    }
}

impl std::error::Error for AccessTokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(fault) => fault.source(),
            _ => None,
        }
    }
}

/// The ID token that the server sent is refused; nobody is signed in.
#[derive(Clone, Debug)]
pub struct IdTokenError(TokenFault);

impl IdTokenError {
    /// What is wrong with it.
    pub fn fault(&self) -> &TokenFault {
        &self.0
    }
}

impl From<TokenFault> for IdTokenError {
    fn from(fault: TokenFault) -> Self {
        Self(fault)
    }
}

impl fmt::Display for IdTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the ID token is invalid: {}", self.0)
    }
}

impl std::error::Error for IdTokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// What is wrong with a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TokenFault {
    /// The authentication is of a lower level than the login asked for.
    AcrTooLow,
    /// `aud` is not what it was before the refresh.
    AudienceChanged,
    /// The user authenticated longer ago than `max_age` allows.
    AuthenticationTooOld,
    /// No key of that name made this signature.
    BadSignature,
    /// The claims are no JSON object.
    ClaimsMalformed(JsonError),
    /// The header lists extensions that must be understood (`crit`, RFC 7515 section 4.1.11).
    CriticalHeader,
    /// It can't be decrypted; why is not told, on purpose.
    DecryptionFailed,
    /// A member stands twice.
    DuplicateMember,
    /// It is encrypted. For an ID token: give the client's encryption key to the configuration.
    Encrypted,
    /// Its time is over.
    Expired,
    /// A claim repeated in the JWE header differs from the one inside (RFC 7519 section 5.3).
    HeaderClaimMismatch,
    /// The header is no JSON object of a JOSE header's shape.
    HeaderMalformed(JsonError),
    /// `iat` lies in the future: the clocks disagree.
    IssuedInTheFuture,
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
    /// It is not of three parts (signed) or five (encrypted).
    NotCompact,
    /// It is only signed, although an encryption key is configured.
    NotEncrypted,
    /// `nbf` lies in the future.
    NotYetValid,
    /// `sub` is not what it was before the refresh.
    SubjectChanged,
    /// It is longer than 64 KiB.
    TooLarge,
    /// `acr` is none of the levels that Fief knows.
    UnknownAcr,
    /// No published key has the name in its header, also after asking again.
    UnknownKey,
    /// `alg` is none that is taken.
    UnsupportedAlgorithm,
    /// `enc` is none that is taken.
    UnsupportedEncryption,
    /// The header holds `b64` or `zip`.
    UnsupportedHeader(&'static str),
    /// `typ` is not that of such a token.
    UnsupportedType,
    /// It is also for somebody whom the configuration does not name.
    UntrustedAudience(String),
    /// It is for another client.
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
    /// An ID token stands where an access token should, or the reverse.
    WrongTokenKind,
}

impl TokenFault {
    /// A stable name in `snake_case`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AcrTooLow => "acr_too_low",
            Self::AudienceChanged => "audience_changed",
            Self::AuthenticationTooOld => "authentication_too_old",
            Self::BadSignature => "bad_signature",
            Self::ClaimsMalformed(_) => "claims_malformed",
            Self::CriticalHeader => "critical_header",
            Self::DecryptionFailed => "decryption_failed",
            Self::DuplicateMember => "duplicate_member",
            Self::Encrypted => "encrypted",
            Self::Expired => "expired",
            Self::HeaderClaimMismatch => "header_claim_mismatch",
            Self::HeaderMalformed(_) => "header_malformed",
            Self::IssuedInTheFuture => "issued_in_the_future",
            Self::IssuerChanged => "issuer_changed",
            Self::MalformedClaim(_) => "malformed_claim",
            Self::MissingClaim(_) => "missing_claim",
            Self::NotAscii => "not_ascii",
            Self::NotBase64Url => "not_base64url",
            Self::NotCompact => "not_compact",
            Self::NotEncrypted => "not_encrypted",
            Self::NotYetValid => "not_yet_valid",
            Self::SubjectChanged => "subject_changed",
            Self::TooLarge => "too_large",
            Self::UnknownAcr => "unknown_acr",
            Self::UnknownKey => "unknown_key",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::UnsupportedEncryption => "unsupported_encryption",
            Self::UnsupportedHeader(_) => "unsupported_header",
            Self::UnsupportedType => "unsupported_type",
            Self::UntrustedAudience(_) => "untrusted_audience",
            Self::WrongAudience(_) => "wrong_audience",
            Self::WrongAuthorizedParty(_) => "wrong_authorized_party",
            Self::WrongHash(_) => "wrong_hash",
            Self::WrongIssuer { .. } => "wrong_issuer",
            Self::WrongNonce => "wrong_nonce",
            Self::WrongTokenKind => "wrong_token_kind",
        }
    }

    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ClaimsMalformed(error) | Self::HeaderMalformed(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AcrTooLow => f.write_str("its ACR is lower than the login asked for"),
            Self::AudienceChanged => f.write_str("its `aud` is not the one before the refresh"),
            Self::AuthenticationTooOld => {
                f.write_str("the user authenticated longer ago than `max_age` allows")
            }
            Self::BadSignature => f.write_str("its signature is wrong"),
            Self::ClaimsMalformed(_) => f.write_str("its claims are malformed"),
            Self::CriticalHeader => f.write_str("its header asks for extensions (`crit`)"),
            Self::DecryptionFailed => {
                f.write_str("it can't be decrypted; is the encryption key the client's latest?")
            }
            Self::DuplicateMember => f.write_str("a member of it stands twice"),
            Self::Encrypted => f.write_str(
                "it is encrypted, which takes the client's encryption key in the configuration \
                 and is never done with an access token",
            ),
            Self::Expired => f.write_str("it has expired"),
            Self::HeaderClaimMismatch => f.write_str("its header and its claims disagree"),
            Self::HeaderMalformed(_) => f.write_str("its header is malformed"),
            Self::IssuedInTheFuture => f.write_str("its `iat` lies in the future"),
            Self::IssuerChanged => f.write_str("its `iss` is not the one before the refresh"),
            Self::MalformedClaim(name) => write!(f, "its claim `{name}` is malformed"),
            Self::MissingClaim(name) => write!(f, "its claim `{name}` is missing"),
            Self::NotAscii => f.write_str("it holds a character that is not visible ASCII"),
            Self::NotBase64Url => f.write_str("a part of it is not unpadded base64url"),
            Self::NotCompact => f.write_str("it is not of three or five parts"),
            Self::NotEncrypted => {
                f.write_str("it is not encrypted, although an encryption key is configured")
            }
            Self::NotYetValid => f.write_str("its `nbf` lies in the future"),
            Self::SubjectChanged => f.write_str("its `sub` is not the one before the refresh"),
            Self::TooLarge => f.write_str("it is longer than 64 KiB"),
            Self::UnknownAcr => f.write_str("its `acr` is no known level"),
            Self::UnknownKey => f.write_str("no published key has the name in its header"),
            Self::UnsupportedAlgorithm => f.write_str("its `alg` is not taken"),
            Self::UnsupportedEncryption => f.write_str("its `enc` is not taken"),
            Self::UnsupportedHeader(name) => write!(f, "its header holds `{name}`"),
            Self::UnsupportedType => f.write_str("its `typ` is not that of such a token"),
            Self::UntrustedAudience(client) => write!(
                f,
                "it is also for the client {}; name it with `accept_client` if it is yours",
                Shown(client)
            ),
            Self::WrongAudience(clients) => {
                f.write_str("it is not for this client but for ")?;
                for (index, client) in clients.iter().take(4).enumerate() {
                    write!(f, "{}{}", if index > 0 { ", " } else { "" }, Shown(client))?;
                }
                f.write_str("; name one of them with `accept_client` if it is yours")
            }
            Self::WrongAuthorizedParty(client) => write!(
                f,
                "it was issued to the client {}; name it with `accept_client` if it is yours",
                Shown(client)
            ),
            Self::WrongHash(name) => write!(f, "its `{name}` does not match"),
            Self::WrongIssuer { expected, found } => {
                write!(f, "it is of the issuer {}, not {}", Shown(found), Shown(expected))
            }
            Self::WrongNonce => f.write_str("its `nonce` is not the one of this login"),
            Self::WrongTokenKind => f.write_str("it is a token of the other kind"),
        }
    }
}
