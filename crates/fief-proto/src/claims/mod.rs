//! What tokens say (RFC 7519 section 4), and what makes them valid.

pub(crate) mod access_token;
pub(crate) mod acr;
pub(crate) mod hash;
pub(crate) mod id_token;
pub(crate) mod requirements;
pub(crate) mod user_info;
pub(crate) mod validity;

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, de};

use self::{acr::Acr, validity::Validity};
use crate::{
    base::json::{JsonError, JsonString, Object},
    error::token_fault::TokenFault,
};

/// The claims of a token whose signature was checked.
pub(super) struct Claims<'a>(Object<'a>);

impl<'a> Claims<'a> {
    pub(super) fn parse(payload: &'a [u8]) -> Result<Self, TokenFault> {
        Object::parse(payload).map(Self).map_err(|error| match error {
            JsonError::DuplicateMember => TokenFault::DuplicateMember,
            error => TokenFault::ClaimsMalformed(error),
        })
    }

    pub(super) fn object(&self) -> &Object<'a> {
        &self.0
    }

    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.0.has(name))
    }

    pub(super) fn optional<T: Deserialize<'a>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, TokenFault> {
        self.0.optional(name, "of its type").map_err(|_| TokenFault::MalformedClaim(name))
    }

    pub(super) fn required<T: Deserialize<'a>>(&self, name: &'static str) -> Result<T, TokenFault> {
        self.optional(name)?.ok_or(TokenFault::MissingClaim(name))
    }

    pub(super) fn string(&self, name: &'static str) -> Result<Option<JsonString<'a>>, TokenFault> {
        self.0.string(name).map_err(|_| TokenFault::MalformedClaim(name))
    }

    pub(super) fn required_string(&self, name: &'static str) -> Result<JsonString<'a>, TokenFault> {
        self.string(name)?.ok_or(TokenFault::MissingClaim(name))
    }

    pub(super) fn check_issuer(&self, expected: &str) -> Result<(), TokenFault> {
        let found = self.required_string("iss")?;
        if *found == *expected {
            return Ok(());
        }
        Err(TokenFault::WrongIssuer { expected: expected.to_owned(), found: found.0.into_owned() })
    }

    pub(super) fn audience(&self) -> Result<Audience<'a>, TokenFault> {
        self.required("aud")
    }

    /// Servers before ACR state none.
    pub(super) fn acr(&self) -> Result<Option<Acr>, TokenFault> {
        self.string("acr")?
            .map(|level| level.parse().map_err(|_| TokenFault::UnknownAcr))
            .transpose()
    }

    pub(super) fn validity(&self) -> Result<Validity, TokenFault> {
        Ok(Validity {
            expiry: self.required("exp")?,
            not_before: self.optional("nbf")?,
            issued_at: self.optional("iat")?,
        })
    }
}

/// `aud`: one client, or a list of them.
pub(super) struct Audience<'a>(pub(super) Vec<JsonString<'a>>);

impl Audience<'_> {
    pub(super) fn contains(&self, is_wanted: impl Fn(&str) -> bool) -> bool {
        self.0.iter().any(|client| is_wanted(client))
    }

    pub(super) fn into_names(self) -> Vec<String> {
        self.0.into_iter().map(|JsonString(name)| name.into_owned()).collect()
    }
}

impl<'de> Deserialize<'de> for Audience<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> de::Visitor<'de> for OneOrMany {
            type Value = Audience<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_borrowed_str<E>(self, one: &'de str) -> Result<Audience<'de>, E> {
                Ok(Audience(vec![JsonString(Cow::Borrowed(one))]))
            }

            fn visit_str<E>(self, one: &str) -> Result<Audience<'de>, E> {
                Ok(Audience(vec![JsonString(Cow::Owned(one.to_owned()))]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<Audience<'de>, A::Error> {
                let mut clients = Vec::with_capacity(1);
                while let Some(client) = list.next_element()? {
                    clients.push(client);
                }
                Ok(Audience(clients))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}
