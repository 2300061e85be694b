//! New tokens for an expired session.

use std::{io, sync::Arc, time::Duration};

use fief_hyper::{Error, Fief, RefreshRequest, Secret, TransportError, TransportErrorKind};
use sha2::{Digest as _, Sha256};
use tracing::{debug, warn};

use super::{Keeper, Kept, Session};
use crate::{AuthError, flights::Flights};

/// How long those who come late with an old refresh token get what it has brought: other tabs, and
/// requests that were under way.
const FOR_LATECOMERS: Duration = Duration::from_secs(60);

/// How often, and how long apart, it is looked whether another process has refreshed a session.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

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
            let (stored, token) = (kept.stored.clone(), token.clone());
            async move {
                match (exchange(&keeper.fief, request).await, &stored) {
                    // Here, where nobody can break it off: the old refresh token is used up.
                    (Ok(session), Some(name)) => {
                        let is_saved = save(&keeper, &session, name).await;
                        Ok(Renewed { session: Arc::new(session), is_saved })
                    }
                    (Ok(session), None) => {
                        Ok(Renewed { session: Arc::new(session), is_saved: false })
                    }
                    (Err(Failure::Over), Some(name)) => elsewhere(&keeper, name, &token).await,
                    (Err(failure), _) => Err(failure),
                }
            }
        };
        let outcome = self.0.join(key, work, Result::is_ok).await;
        outcome.unwrap_or_else(|| Err(Failure::Later(cut_short())))
    }
}

/// The session as another process has refreshed it, which works on the same store: it was quicker,
/// and may not have written down yet what it got.
async fn elsewhere(keeper: &Keeper, name: &Secret, used_up: &Secret) -> Outcome {
    for _ in 0..LOOKS {
        let found = keeper.load(name).await.map_err(Failure::Later)?;
        let session = found.ok_or(Failure::Over)?;
        if session.refresh_token.as_ref() != Some(used_up) {
            return Ok(Renewed { session: Arc::new(session), is_saved: true });
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Err(Failure::Over)
}

fn cut_short() -> AuthError {
    let why = io::Error::other("its task has ended");
    let error = TransportError::new(TransportErrorKind::Io, "Fief").because(why);
    AuthError::Unavailable(Error::Transport(error))
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
            error if error.is_invalid_grant() => {
                debug!("a session is over: {error}");
                Failure::Over
            }
            Error::IdToken(_) | Error::Argument(_) => {
                warn!("a session is ended, its refresh is not to be trusted: {error}");
                Failure::Over
            }
            _ => Failure::Later(AuthError::from(error)),
        }),
    }
}
