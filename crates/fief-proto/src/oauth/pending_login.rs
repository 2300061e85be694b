//! What is kept between the two halves of a login.

use serde::{Deserialize, Serialize};

use crate::{
    base::{secret::Secret, time::UnixTime},
    claims::acr::Acr,
};

/// A login that was begun: what its callback must match, to be kept until then.
///
/// It serialises, so that it can wait in an encrypted cookie or a session. It can't be cloned and
/// is consumed by [`Client::finish_login`](crate::Client::finish_login), because a state is used
/// once; after an hour it is refused.
#[derive(Debug, Deserialize, Serialize)]
pub struct PendingLogin {
    pub(crate) state: Secret,
    pub(crate) nonce: Secret,
    pub(crate) code_verifier: Secret,
    pub(crate) redirect_uri: String,
    pub(crate) issuer: String,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr: Option<Acr>,
    pub(crate) created_at: UnixTime,
}

impl PendingLogin {
    /// The `state`, to find this login again among several (two tabs, for example).
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// When the login was begun.
    pub fn created_at(&self) -> UnixTime {
        self.created_at
    }
}
