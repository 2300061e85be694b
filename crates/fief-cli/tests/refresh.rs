//! Staying signed in, against an embedded server whose clock the tests set.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod common;

use std::{
    fs, io,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use fief_cli::{
    CredentialStore, Credentials, CredentialsFile, CredentialsMemory, Error, FiefAuth, Refresh,
    Report, SignedOut, StoreLock,
};
use fief_devserver::{Endpoint, Fault};
use fief_ureq::{AccessTokenError, AccessTokenInfo};

use common::{LIFETIME, Scene};

#[test]
fn no_user_is_signed_in_at_first() {
    let auth = Scene::new().auth();
    for refresh in [Refresh::No, Refresh::Yes] {
        assert!(matches!(
            auth.current_user(refresh),
            Err(Error::NotAuthenticated(SignedOut::Never))
        ));
        assert!(matches!(
            auth.access_token_info(refresh),
            Err(Error::NotAuthenticated(SignedOut::Never))
        ));
    }
    auth.logout().unwrap();
}

#[test]
fn a_token_is_refreshed_when_less_than_a_minute_is_left() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    let first = auth.access_token_info(Refresh::Yes).unwrap();
    scene.clock.advance(LIFETIME - 60);
    assert_eq!(auth.access_token_info(Refresh::Yes).unwrap(), first, "60 seconds are enough");
    assert_eq!(scene.token_requests(), 1);

    scene.clock.advance(1);
    assert_eq!(auth.access_token_info(Refresh::No).unwrap(), first, "as it was asked for");
    let second = auth.access_token_info(Refresh::Yes).unwrap();
    assert_ne!(second.access_token, first.access_token);
    assert_eq!((second.id, &second.permissions), (first.id, &first.permissions));
    assert_eq!(scene.token_requests(), 2);
    // Another process sees it, and the next refresh token works too.
    assert_eq!(scene.auth().access_token_info(Refresh::Yes).unwrap(), second);
    scene.clock.advance(LIFETIME);
    assert_ne!(scene.auth().access_token_info(Refresh::Yes).unwrap(), second);
    assert_eq!(scene.token_requests(), 3);
}

#[test]
fn an_expired_token_without_a_refresh_is_the_cores_error() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    scene.clock.advance(LIFETIME + 61);
    let error = auth.access_token_info(Refresh::No).unwrap_err();
    assert!(matches!(
        error,
        Error::Fief {
            error: fief_ureq::Error::AccessToken(AccessTokenError::Expired { by: 61 }),
            ..
        }
    ));
    assert_eq!(error.kind(), "access_token_expired");
    auth.access_token_info(Refresh::Yes).unwrap();
    auth.access_token_info(Refresh::No).unwrap();
}

#[test]
fn a_rotation_of_the_servers_keys_signs_no_user_out() {
    let scene = Scene::new();
    scene.signed_in();
    scene.server.rotate_keys().unwrap();
    let auth = scene.auth();
    assert_eq!(auth.access_token_info(Refresh::No).unwrap_err().kind(), "access_token_invalid");
    auth.access_token_info(Refresh::Yes).unwrap();
    auth.access_token_info(Refresh::No).unwrap();
    assert_eq!(scene.token_requests(), 2);

    // Fetching the user does not make it forget whose tokens they are.
    auth.current_user(Refresh::Yes).unwrap();
    scene.server.rotate_keys().unwrap();
    scene.auth().access_token_info(Refresh::Yes).unwrap();
}

#[test]
fn a_refresh_token_is_not_shown_to_another_server() {
    let (scene, other) = (Scene::new(), Scene::new());
    scene.signed_in();
    // Both servers sign with the keys of the crate: another key makes it another server.
    other.server.rotate_keys().unwrap();
    let auth = FiefAuth::new(other.fief(), scene.path());
    let error = auth.access_token_info(Refresh::Yes).unwrap_err();
    assert!(matches!(error, Error::NotAuthenticated(SignedOut::Elsewhere)), "{error}");
    assert_eq!(other.token_requests(), 0);
}

#[test]
fn without_a_refresh_token_the_user_signs_in_again() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    let mut saved: serde_json::Value =
        serde_json::from_slice(&fs::read(scene.path()).unwrap()).unwrap();
    // As the Python client writes it for a server that gave none.
    saved["tokens"]["refresh_token"] = serde_json::Value::Null;
    fs::write(scene.path(), saved.to_string()).unwrap();
    auth.access_token_info(Refresh::Yes).unwrap();
    scene.clock.advance(LIFETIME + 61);
    let error = auth.access_token_info(Refresh::Yes).unwrap_err();
    assert!(matches!(error, Error::RefreshTokenMissing), "{error}");
}

#[test]
fn new_tokens_that_cannot_be_checked_now_are_not_lost() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    let before = saved(&scene);
    // For one command, the clock of this machine is two hours ahead.
    let ahead = scene.ahead(2 * 3600);
    let error = FiefAuth::new(ahead, scene.path()).access_token_info(Refresh::Yes).unwrap_err();
    assert_eq!(error.kind(), "unchecked");
    let report = Report(&error).to_string();
    assert!(report.contains("clock") && report.contains("still signed in"), "{report}");
    assert_eq!(scene.token_requests(), 2);
    let kept = saved(&scene);
    assert_ne!(kept.tokens.refresh_token, before.tokens.refresh_token);
    assert_eq!(kept.tokens.access_token, before.tokens.access_token);

    auth.access_token_info(Refresh::Yes).unwrap();
    scene.clock.advance(LIFETIME);
    auth.access_token_info(Refresh::Yes).unwrap();
    assert_eq!(scene.token_requests(), 3, "with the one that was kept");
}

#[test]
fn a_token_that_is_still_good_works_while_fief_is_down() {
    let scene = Scene::new();
    let signed_in = scene.signed_in().access_token_info(Refresh::No).unwrap();
    scene.server.fault(Endpoint::Discovery, Fault::Status(503));
    for refresh in [Refresh::No, Refresh::Yes] {
        let info = scene.auth().access_token_info(refresh).unwrap();
        let same = |info: &AccessTokenInfo| (info.id, info.access_token.clone(), info.expires_at);
        assert_eq!(same(&info), same(&signed_in));
        assert!(info.permissions.is_empty(), "they were not checked");
    }
    // Due, and good for a little while.
    scene.clock.advance(LIFETIME - 30);
    scene.auth().access_token_info(Refresh::Yes).unwrap();
    scene.server.clear_faults();
    scene.server.fault(Endpoint::Token, Fault::Status(503));
    let auth = scene.auth();
    assert_eq!(auth.access_token_info(Refresh::Yes).unwrap(), signed_in);
    scene.clock.advance(30 + 61);
    assert!(matches!(auth.access_token_info(Refresh::Yes), Err(Error::Fief { .. })));
    scene.server.fault(Endpoint::Discovery, Fault::Status(503));
    assert!(matches!(scene.auth().access_token_info(Refresh::Yes), Err(Error::Fief { .. })));
}

#[test]
fn a_token_of_another_server_is_not_handed_out_while_this_one_is_down() {
    let (scene, other) = (Scene::new(), Scene::new());
    scene.signed_in();
    other.server.fault(Endpoint::Discovery, Fault::Status(503));
    let auth = FiefAuth::new(other.fief(), scene.path());
    assert_eq!(auth.access_token_info(Refresh::Yes).unwrap_err().kind(), "refused");
}

#[test]
fn a_wait_is_no_silence() {
    let scene = Scene::new();
    let messages = Arc::new(Mutex::new(Vec::new()));
    let heard = messages.clone();
    let auth =
        scene.signed_in().messages(move |message| heard.lock().unwrap().push(message.to_owned()));
    auth.access_token_info(Refresh::Yes).unwrap();
    assert_eq!(messages.lock().unwrap().len(), 0, "a moment is no wait");

    scene.clock.advance(LIFETIME);
    let store = CredentialsFile::new(scene.path());
    let lock = store.lock().unwrap();
    let waits = thread::spawn({
        let auth = auth.clone();
        move || auth.access_token_info(Refresh::Yes).unwrap()
    });
    let until = Instant::now() + Duration::from_secs(60);
    while messages.lock().unwrap().is_empty() && Instant::now() < until {
        thread::sleep(Duration::from_millis(5));
    }
    scene.server.fault_times(Endpoint::Token, Fault::Delay(Duration::from_secs(3)), 1);
    drop(lock);
    waits.join().unwrap();
    let messages = messages.lock().unwrap();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("another process"), "{messages:?}");
    assert!(messages[1].contains(scene.server.base_url()), "{messages:?}");
}

#[test]
fn a_refused_refresh_token_means_signed_out_and_destroys_nothing() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    let stolen = saved(&scene);
    scene.fief().auth_refresh_token(stolen.tokens.refresh_token.as_ref().unwrap()).unwrap();
    scene.clock.advance(LIFETIME + 61);
    let error = auth.access_token_info(Refresh::Yes).unwrap_err();
    assert!(matches!(error, Error::NotAuthenticated(SignedOut::Over(_))), "{error}");
    let report = Report(&error).to_string();
    assert!(report.contains("Sign in") && report.contains("invalid_grant"), "{report}");
    for secret in [&stolen.tokens.access_token, stolen.tokens.refresh_token.as_ref().unwrap()] {
        assert!(!format!("{report}{error:?}").contains(secret.expose()));
    }
    assert_eq!(saved(&scene), stolen);
    assert_eq!(auth.current_user(Refresh::No).unwrap(), stolen.userinfo);

    scene.sign_in(&auth);
    auth.access_token_info(Refresh::Yes).unwrap();
}

#[test]
fn a_server_that_is_down_changes_nothing() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    let before = saved(&scene);
    scene.clock.advance(LIFETIME + 61);
    for fault in [Fault::Status(503), Fault::Cut] {
        scene.server.fault(Endpoint::Token, fault);
        let error = auth.access_token_info(Refresh::Yes).unwrap_err();
        assert!(matches!(error, Error::Fief { .. }), "{error}");
        assert_eq!(saved(&scene), before);
        scene.server.clear_faults();
    }
    auth.access_token_info(Refresh::Yes).unwrap();
}

#[test]
fn many_threads_refresh_once() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    for round in 2..5 {
        scene.clock.advance(LIFETIME + 61);
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let auth = auth.clone();
                thread::spawn(move || auth.access_token_info(Refresh::Yes).unwrap())
            })
            .collect();
        let mut infos = threads.into_iter().map(|thread| thread.join().unwrap());
        let first = infos.next().unwrap();
        assert!(infos.all(|info| info == first));
        assert_eq!(scene.token_requests(), round);
    }
}

#[test]
fn the_user_is_fetched_and_saved() {
    let scene = Scene::new();
    let auth = scene.signed_in();
    let before = auth.current_user(Refresh::No).unwrap();
    let mut stale = saved(&scene);
    stale.userinfo.email = Some("anne@elsewhere.duchy".to_owned());
    CredentialsFile::new(scene.path()).save(&stale).unwrap();
    assert_ne!(auth.current_user(Refresh::No).unwrap().email, before.email);

    scene.clock.advance(LIFETIME - 1);
    let user = auth.current_user(Refresh::Yes).unwrap();
    assert_eq!((&user.sub, &user.email), (&before.sub, &before.email));
    assert_eq!(auth.current_user(Refresh::No).unwrap(), user);
    assert_eq!(scene.server.requests_to(Endpoint::Userinfo), 1);
    assert_eq!(scene.token_requests(), 2, "the token was due");
    assert_eq!(user.rest["iss"], before.rest["iss"], "the claims of the ID token stay");
}

#[test]
fn one_who_signs_out_meanwhile_stays_signed_out() {
    let scene = Scene::new();
    let store = Arc::new(Watched::default());
    let auth = scene.auth_with(store.clone());
    scene.sign_in(&auth);
    store.at_lock(|store| store.clear().unwrap());
    auth.current_user(Refresh::Yes).unwrap();
    assert_eq!(store.load().unwrap(), None);
    // The same while a refresh waits for the lock.
    scene.sign_in(&auth);
    scene.clock.advance(LIFETIME + 61);
    let requests = scene.token_requests();
    store.at_lock(|store| store.clear().unwrap());
    let error = auth.access_token_info(Refresh::Yes).unwrap_err();
    assert!(matches!(error, Error::NotAuthenticated(SignedOut::Never)), "{error}");
    assert_eq!(scene.token_requests(), requests);
}

#[test]
fn one_who_refreshes_without_the_lock_is_no_harm() {
    let scene = Scene::new();
    let store = Arc::new(Watched::default());
    let auth = scene.auth_with(store.clone());
    scene.sign_in(&auth);
    scene.clock.advance(LIFETIME + 61);
    let fief = scene.fief();
    // Between our read and our request, as the Python client could.
    store.at_save(move |store| {
        let token = store.load().unwrap().unwrap().tokens.refresh_token.unwrap();
        let (tokens, user) = fief.auth_refresh_token(&token).unwrap();
        store.save(&Credentials::new(tokens, user)).unwrap();
    });
    let info = auth.access_token_info(Refresh::Yes).unwrap();
    assert_eq!(store.load().unwrap().unwrap().tokens.access_token, info.access_token);
}

#[test]
fn no_refresh_token_is_spent_where_the_new_one_cannot_be_saved() {
    let scene = Scene::new();
    let store = Arc::new(Watched::default());
    let auth = scene.auth_with(store.clone());
    scene.sign_in(&auth);
    scene.clock.advance(LIFETIME + 61);
    let requests = scene.token_requests();
    *store.is_full.lock().unwrap() = true;
    let error = auth.access_token_info(Refresh::Yes).unwrap_err();
    assert!(matches!(error, Error::Storage(_)), "{error}");
    assert_eq!(scene.token_requests(), requests);
    *store.is_full.lock().unwrap() = false;
    auth.access_token_info(Refresh::Yes).unwrap();
}

fn saved(scene: &Scene) -> Credentials {
    serde_json::from_slice(&fs::read(scene.path()).unwrap()).unwrap()
}

/// A store in which something happens at the right moment.
#[derive(Default)]
struct Watched {
    inner: CredentialsMemory,
    at_lock: Mutex<Option<Event>>,
    at_save: Mutex<Option<Event>>,
    is_full: Mutex<bool>,
}

type Event = Box<dyn FnOnce(&CredentialsMemory) + Send>;

impl Watched {
    /// Runs this before the lock is next taken.
    fn at_lock(&self, event: impl FnOnce(&CredentialsMemory) + Send + 'static) {
        *self.at_lock.lock().unwrap() = Some(Box::new(event));
    }

    /// Runs this instead of the next save.
    fn at_save(&self, event: impl FnOnce(&CredentialsMemory) + Send + 'static) {
        *self.at_save.lock().unwrap() = Some(Box::new(event));
    }
}

impl CredentialStore for Watched {
    fn load(&self) -> io::Result<Option<Credentials>> {
        self.inner.load()
    }

    fn save(&self, credentials: &Credentials) -> io::Result<()> {
        if *self.is_full.lock().unwrap() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        match self.at_save.lock().unwrap().take() {
            Some(event) => event(&self.inner),
            None => self.inner.save(credentials)?,
        }
        Ok(())
    }

    fn clear(&self) -> io::Result<()> {
        self.inner.clear()
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        if let Some(event) = self.at_lock.lock().unwrap().take() {
            event(&self.inner);
        }
        self.inner.lock()
    }
}
