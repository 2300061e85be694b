//! New tokens for a session that is due: one request to Fief for each refresh, for any number of
//! requests, tabs and processes.

use std::{pin::pin, sync::Arc, time::Duration};

use fief_hyper::{Error, RefreshRequest, Secret, UserInfo};
use tokio::time::{Instant, sleep, timeout};
use tracing::{debug, warn};

use super::{Found, SESSION, Sessions, name, store::Replaced};
use crate::{
    AuthError, BoxError,
    seal::{CookieSecret, random_name},
    single_flight::Publisher,
    users::adopt,
};

/// How long the others wait for a holder of the lease that has died.
const LEASE: Duration = Duration::from_secs(15);
/// How often the holder renews the lease.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long the others wait for a holder that keeps renewing its lease and does not finish.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often a waiting process checks whether the other has finished.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// The time between two attempts of a write that the store did not accept.
const BETWEEN_WRITES: Duration = Duration::from_secs(1);

/// The session as it is now; none if it has ended.
pub(crate) type Refreshed = Result<Option<Arc<Found>>, AuthError>;

impl Sessions {
    /// Refreshes the session that was found due, or joins the refresh that is under way.
    pub async fn refresh(self: &Arc<Self>, secret: &CookieSecret, due: &Found) -> Refreshed {
        let name = name(secret);
        let refresh = |publisher| {
            let refresh = Refresh {
                sessions: Arc::clone(self),
                secret: secret.clone(),
                name: name.clone(),
                lease: secret.name(SESSION, b"lease"),
                due: due.content.access_token.clone(),
                publisher,
            };
            refresh.run()
        };
        let refreshed = self.refreshes.join(name.clone(), refresh).await;
        refreshed.unwrap_or_else(|| Err(broken("the task of a refresh broke")))
    }

    /// Writes newer claims of its user into a session.
    pub async fn update_user(
        self: &Arc<Self>,
        secret: &CookieSecret,
        user: &UserInfo,
    ) -> Result<(), AuthError> {
        let name = name(secret);
        loop {
            let Some(mut found) = self.find(secret).await? else {
                return Err(AuthError::NoToken);
            };
            if found.content.user.sub != user.sub {
                return Err(AuthError::Setup("the claims are of another user than the session"));
            }
            adopt(&mut found.content.user, user);
            match self.write(secret, &name, &mut found).await? {
                Replaced::Done => return Ok(()),
                // A refresh was quicker: try again with the entry that it has written.
                Replaced::Changed => {}
                Replaced::Absent => return Err(AuthError::NoToken),
            }
        }
    }

    /// Replaces a session, if its generation is still the one that was read.
    async fn write(
        &self,
        secret: &CookieSecret,
        name: &str,
        found: &mut Found,
    ) -> Result<Replaced, AuthError> {
        let before = found.generation;
        let next = Found { generation: before.wrapping_add(1), ..found.clone() };
        let entry = self.seal(secret, &next)?;
        let keep = self.time_left(entry.idle_end);
        let replaced = self.store.ask(|store| store.replace(name, before, &entry, keep)).await?;
        if replaced == Replaced::Done {
            *found = next;
        }
        Ok(replaced)
    }
}

fn broken(why: &'static str) -> AuthError {
    AuthError::Store(BoxError::from(why).into())
}

/// One refresh of one session, in a task that goes on if its callers are dropped.
struct Refresh {
    sessions: Arc<Sessions>,
    secret: CookieSecret,
    name: String,
    lease: String,
    /// The access token that was found due.
    due: Secret,
    publisher: Publisher<Refreshed>,
}

/// The state of the session once the lease is ours, or its other holder has finished.
enum Claim {
    /// The session is still due, and the lease is ours.
    Ours(Found),
    /// Another process has refreshed the session, or it has ended.
    Settled(Option<Found>),
}

impl Refresh {
    async fn run(self) {
        let holder = match random_name() {
            Ok(holder) => holder,
            Err(error) => return self.publisher.publish(Err(error.into())),
        };
        match self.claim(&holder).await {
            Ok(Claim::Settled(found)) => self.settle(found),
            Ok(Claim::Ours(found)) => {
                self.exchange(&holder, found).await;
                self.release(&holder).await;
            }
            Err(error) => {
                self.publisher.publish(Err(error));
                self.release(&holder).await;
            }
        }
    }

    fn settle(&self, found: Option<Found>) {
        self.publisher.publish(Ok(found.map(Arc::new)));
    }

    async fn claim(&self, holder: &str) -> Result<Claim, AuthError> {
        let store = &self.sessions.store;
        let end = Instant::now() + LONGEST_WAIT;
        loop {
            let is_ours = store.ask(|store| store.claim(&self.lease, holder, LEASE)).await?;
            let found = self.sessions.find(&self.secret).await?;
            match found {
                Some(found) if found.content.access_token == self.due => {
                    // Reading may have taken longer than a lease.
                    if is_ours && store.ask(|store| store.renew(&self.lease, holder, LEASE)).await?
                    {
                        return Ok(Claim::Ours(found));
                    }
                }
                settled => {
                    if is_ours {
                        self.release(holder).await;
                    }
                    return Ok(Claim::Settled(settled));
                }
            }
            if Instant::now() >= end {
                let why = "another process has been refreshing this session for a minute";
                return Err(broken(why));
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Sends the refresh token to Fief, and writes the answer.
    async fn exchange(&self, holder: &str, mut found: Found) {
        let Some(spent) = found.content.refresh_token.clone() else {
            return self.settle(None);
        };
        let request = RefreshRequest::new(&spent).previous(&found.content.user);
        let mut answer = pin!(self.sessions.fief.auth_refresh_token(request));
        let outcome = loop {
            if let Ok(outcome) = timeout(RENEWAL, &mut answer).await {
                break outcome;
            }
            self.renew(holder).await;
        };
        match outcome {
            Ok((tokens, user)) => {
                let content = &mut found.content;
                content.access_token = tokens.access_token.clone();
                // A server that sends no new one leaves the old one valid.
                content.refresh_token = tokens.refresh_token.clone().or(Some(spent));
                content.user = user;
                content.asked = None;
                self.keep(holder, found, None).await;
            }
            Err(Error::Unchecked { reason, refresh_token: Some(next) }) => {
                found.content.refresh_token = Some(next);
                let error = Error::Unchecked { reason, refresh_token: None };
                self.keep(holder, found, Some(error.into())).await;
            }
            Err(error) if error.is_invalid_grant() => {
                debug!("a session has ended: {error}");
                self.remove(found).await;
            }
            // Not sent, or the outcome is unknown: the entry is kept as it is.
            Err(error) => self.publisher.publish(Err(error.into())),
        }
    }

    /// Tries to write a refreshed session until it succeeds, because the refresh token in the store
    /// is spent. Meanwhile it serves the session, or the error.
    async fn keep(&self, holder: &str, mut found: Found, error: Option<AuthError>) {
        let publish = |found: &Found| {
            let refreshed = error.clone().map_or_else(|| Ok(Some(Arc::new(found.clone()))), Err);
            self.publisher.publish(refreshed);
        };
        let mut was_told = false;
        loop {
            match self.sessions.write(&self.secret, &self.name, &mut found).await {
                Ok(Replaced::Done) => return publish(&found),
                // The user has signed out meanwhile: the new tokens are dropped.
                Ok(Replaced::Absent) => return self.settle(None),
                Ok(Replaced::Changed) => match self.sessions.find(&self.secret).await {
                    // Only its claims were changed: the new tokens still belong into it.
                    Ok(Some(other)) if other.content.access_token == self.due => {
                        found.generation = other.generation;
                        continue;
                    }
                    Ok(other) => return self.settle(other),
                    Err(_) => {}
                },
                Err(AuthError::Store(_)) => {}
                Err(error) => return self.publisher.publish(Err(error)),
            }
            publish(&found);
            if !was_told {
                warn!("a refreshed session can't be written yet; it is lost if this process ends");
                was_told = true;
            }
            if self.sessions.fief.now() >= found.absolute_end {
                return;
            }
            sleep(BETWEEN_WRITES).await;
            self.renew(holder).await;
        }
    }

    /// Ends a session that Fief does not refresh any more, unless it was changed meanwhile.
    async fn remove(&self, found: Found) {
        let spent = found.content.refresh_token;
        let mut generation = found.generation;
        loop {
            let store = &self.sessions.store;
            match store.ask(|store| store.remove_generation(&self.name, generation)).await {
                Ok(true) => return self.settle(None),
                Ok(false) => {}
                Err(error) => return self.publisher.publish(Err(error)),
            }
            match self.sessions.find(&self.secret).await {
                Ok(Some(other)) if other.content.refresh_token == spent => {
                    generation = other.generation;
                }
                Ok(other) => return self.settle(other),
                Err(error) => return self.publisher.publish(Err(error)),
            }
        }
    }

    /// Errors are ignored: the next renewal comes before the lease ends, even after two that fail.
    async fn renew(&self, holder: &str) {
        let store = &self.sessions.store;
        let _ = store.ask(|store| store.renew(&self.lease, holder, LEASE)).await;
    }

    /// Errors are ignored: a lease that can't be released ends by itself.
    async fn release(&self, holder: &str) {
        let store = &self.sessions.store;
        let _ = store.ask(|store| store.release(&self.lease, holder)).await;
    }
}
