//! Faults on demand.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// An endpoint, at any tenant.
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
    /// The endpoint of this path, which may begin with the slug of a tenant.
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

/// What goes wrong with an answer, and whether before the request has its effect or after: whether
/// a code or refresh token is spent, or a profile changed, all the same.
///
/// ```
/// use fief_devserver::{DevServer, Endpoint, Fault};
/// # use fief_ureq::Fief;
///
/// let server = DevServer::start()?;
/// # let fief = Fief::new(server.config())?;
/// # let token = server.access_token("anne@bretagne.duchy", "devserver", &["openid"])?;
/// server.fault_times(Endpoint::Userinfo, Fault::Status(503), 1);
/// assert!(fief.userinfo(&token).is_err());
/// assert!(fief.userinfo(&token).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Before the effect: an answer with that status and no body.
    Status(u16),
    /// Before the effect: the connection is closed without an answer.
    Cut,
    /// Before the effect: an answer with status 200 and a body that is neither JSON nor UTF-8.
    Garbage,
    /// Before the effect: an answer with status 200 and a body of that many bytes, JSON at its
    /// beginning.
    Oversized(u64),
    /// Before the effect: a redirect to that URL.
    Redirect(String),
    /// After the effect: the connection is closed without an answer, as by a network that loses
    /// it.
    LoseAnswer,
    /// After the effect: the connection is closed in the middle of the body of the right answer,
    /// or before an answer that has no body.
    CutHalfway,
    /// After the effect: the right answer, that much later. If a client gives up meanwhile, its
    /// request still has its effect.
    Delay(Duration),
    /// After the effect: the right answer, a byte at a time with that much time between.
    Drip(Duration),
    /// The request has its effect: another issuer is named, in the discovery document or in the
    /// tokens of the token endpoint.
    WrongIssuer,
    /// The request has its effect: another key is used under the same `kid`, in the key set or for
    /// the tokens of the token endpoint.
    WrongKey,
}

/// The faults that an endpoint itself has to make.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tampering {
    pub(crate) issuer: bool,
    pub(crate) key: bool,
}

/// The faults that were asked for.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Planned>>);

struct Planned {
    endpoint: Endpoint,
    fault: Fault,
    /// How often it is still to happen; none until it is cleared.
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

    /// The fault of the next answer: the first one planned, until it has happened often enough.
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
