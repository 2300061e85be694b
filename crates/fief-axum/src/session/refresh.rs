//! New tokens for an expired session.

use std::{sync::Arc, time::Duration};

use fief_hyper::{Error, Fief, RefreshRequest, Secret, proto};
use sha2::{Digest as _, Sha256};
use tracing::{debug, warn};

use super::{Keeper, Kept, Session};
use crate::{AuthError, flights::Flights};

/// How long those who come late with an old refresh token get what it has brought: other tabs, and
/// requests that were under way.
const FOR_LATECOMERS: Duration = Duration::from_secs(60);

/// Refreshes each session once, however many of its requests ask at the same time: the server
/// takes a refresh token once.
pub(crate) struct Refresher(Flights<[u8; 32], Outcome>);

type Outcome = Result<Renewed, Failure>;

/// A session after its refresh.
#[derive(Clone)]
pub(crate) struct Renewed {
    pub session: Arc<Session>,
    /// Whether it is in the store already, under the name it had.
    pub is_saved: bool,
}

#[derive(Clone)]
pub(crate) enum Failure {
    /// The server takes the refresh token no more, or answers about somebody else.
    Over,
    /// It may still be good: try again later.
    Later(AuthError),
}

impl Refresher {
    pub fn new() -> Self {
        Self(Flights::new(FOR_LATECOMERS))
    }

    /// Refreshes a session, or takes part in the refresh that is under way or just over.
    pub async fn refresh(&self, keeper: &Arc<Keeper>, kept: &Kept, token: &Secret) -> Outcome {
        // The tokens themselves need not lie in memory as keys.
        let key = Sha256::digest(token.expose().as_bytes()).into();
        let work = {
            let keeper = Arc::clone(keeper);
            let request = RefreshRequest::new(token).previous(&kept.session.user);
            let stored = kept.stored.clone();
            async move {
                let session = exchange(&keeper.fief, request).await?;
                // Here, where nobody can break it off: the old refresh token is used up.
                let is_saved = match &stored {
                    Some(name) => save(&keeper, &session, name).await,
                    None => false,
                };
                Ok(Renewed { session: Arc::new(session), is_saved })
            }
        };
        let cut_short = || AuthError::Setup("the task of a refresh was cut short");
        let outcome = self.0.join(key, work, Result::is_ok).await;
        outcome.unwrap_or_else(|| Err(Failure::Later(cut_short())))
    }
}

async fn save(keeper: &Keeper, session: &Session, name: &Secret) -> bool {
    match keeper.save(session, name).await {
        Ok(()) => true,
        // Whoever gets the result tries once more.
        Err(error) => {
            error.log();
            false
        }
    }
}

async fn exchange(fief: &Fief, request: RefreshRequest) -> Result<Session, Failure> {
    match fief.auth_refresh_token(request).await {
        Ok((tokens, user)) => Ok(Session::new(tokens, &user)),
        Err(error) => Err(match &error {
            Error::Protocol(proto::Error::Request(refusal)) if refusal.is_invalid_grant() => {
                debug!("a session is over: {error}");
                Failure::Over
            }
            Error::Protocol(proto::Error::IdToken(_) | proto::Error::Argument(_)) => {
                warn!("a session is ended, its refresh is not to be trusted: {error}");
                Failure::Over
            }
            _ => Failure::Later(AuthError::from(error)),
        }),
    }
}
