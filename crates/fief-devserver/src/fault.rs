//! Faults on demand.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What a request asks for, whichever tenant it asks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say it")]
pub enum Endpoint {
    Discovery,
    Keys,
    Authorize,
    Token,
    Userinfo,
    Profile,
    Password,
    EmailChange,
    EmailVerify,
    Logout,
}

impl Endpoint {
    /// What that path asks for, behind the slug of a tenant too.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let endpoints = [
            ("/.well-known/openid-configuration", Self::Discovery),
            ("/.well-known/jwks.json", Self::Keys),
            ("/authorize", Self::Authorize),
            ("/api/token", Self::Token),
            ("/api/userinfo", Self::Userinfo),
            ("/api/profile", Self::Profile),
            ("/api/password", Self::Password),
            ("/api/email/change", Self::EmailChange),
            ("/api/email/verify", Self::EmailVerify),
            ("/logout", Self::Logout),
        ];
        let (_, found) = endpoints.into_iter().find(|(end, _)| path.ends_with(end))?;
        Some(found)
    }
}

/// What goes wrong with an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// An answer with that status and no body; the request has no effect.
    Status(u16),
    /// The right answer, that much later.
    Delay(Duration),
    /// The connection is closed before an answer; the request has no effect.
    Cut,
    /// The connection is closed in the middle of the body of the right answer.
    CutHalfway,
    /// The right answer, a byte at a time with that much time between.
    Drip(Duration),
    /// An answer with status 200 and a body that is neither JSON nor UTF-8; the request has no
    /// effect.
    Garbage,
    /// An answer with status 200 and a body of that many bytes, JSON at its beginning; the request
    /// has no effect.
    Oversized(u64),
    /// A redirect to that URL; the request has no effect.
    Redirect(String),
    /// Another issuer: in the discovery document, or in the tokens that the token endpoint gives.
    WrongIssuer,
    /// Another key under the same `kid`: in the key set, or for the tokens that the token endpoint
    /// gives.
    WrongKey,
}

/// The faults that were asked for.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Planned>>);

struct Planned {
    endpoint: Endpoint,
    fault: Fault,
    /// How often yet; none for as long as it is not cleared.
    times: Option<u32>,
}

impl Faults {
    pub(crate) fn plan(&self, endpoint: Endpoint, fault: Fault, times: Option<u32>) {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        planned.push(Planned { endpoint, fault, times });
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What goes wrong this time: the fault that was asked for first, until it has been seen so
    /// often.
    pub(crate) fn next(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = planned.iter().position(|planned| planned.endpoint == endpoint)?;
        let found = planned.get_mut(index)?;
        let fault = found.fault.clone();
        if let Some(times) = &mut found.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                planned.remove(index);
            }
        }
        Some(fault)
    }
}
