//! What users read when something goes wrong: each message once, as it is in `messages.txt`.
//!
//! `FIEF_CLI_MESSAGES=write cargo test -p fief-cli --test messages` writes the file anew; read it
//! before you keep it.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, ErrorKind},
    net::SocketAddr,
};

use fief_cli::{
    CredentialStore, Credentials, CredentialsMemory, Error, FiefAuth, Refresh, Report, SignedOut,
    StoreLock,
};
use fief_devserver::{Client, DevServer, Endpoint, Fault};
use fief_ureq::{CallbackError, Config, Fief, TransportError, TransportErrorKind, flow};

use common::{LIFETIME, Scene, callback, parameter};

#[test]
fn each_message_is_one_that_a_person_has_read() {
    let mut found = String::new();
    let mut show = |what: &str, error: &Error| {
        writeln!(found, "# {what}\n{}\n", Report(error)).unwrap();
    };
    own(&mut show);
    on_the_way(&mut show);
    from_fief(&mut show);
    saved(&mut show);

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/messages.txt");
    if env::var_os("FIEF_CLI_MESSAGES").is_some() {
        fs::write(path, &found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap();
    assert!(found == expected, "{path} says otherwise:\n{found}");
}

type Show<'a> = &'a mut dyn FnMut(&str, &Error);

fn own(show: Show<'_>) {
    let address: SocketAddr = ([127, 0, 0, 1], 51562).into();
    let refused = io::Error::from(ErrorKind::PermissionDenied);
    show("the browser came back without a code", &Error::AuthorizationCodeMissing);
    show("standard input is broken", &Error::Input(io::Error::from(ErrorKind::InvalidData).into()));
    show("stopped by the program", &Error::Interrupted);
    show("a port below 1024", &Error::Listen(address, refused.into()));
    show("never signed in", &Error::NotAuthenticated(SignedOut::Never));
    show("signed in at another server", &Error::NotAuthenticated(SignedOut::Elsewhere));
    show("the port is in use", &Error::PortInUse(vec![address]));
    let other = ([127, 0, 0, 1], 51563).into();
    show("both ports are in use", &Error::PortInUse(vec![address, other]));
    show("a redirect URI of another machine", &Error::RedirectUri("must begin with http://"));
    show("the refresh token is missing", &Error::RefreshTokenMissing);
    show("the deadline is over", &Error::TimedOut);
}

/// Failures of the connection, as a driver reports them, without the messages of the operating
/// system.
fn on_the_way(show: Show<'_>) {
    use TransportErrorKind::{Connect, Proxy, Timeout, Tls};
    for (what, kind) in [
        ("Fief is down", Connect),
        ("Fief is silent", Timeout),
        ("https to a port of http", Tls),
        ("a proxy of the environment that is dead", Proxy),
    ] {
        show(what, &ask(move |_| Err(TransportError::new(kind, "fief.example"))));
    }
    let dead = |_: &_| Err(TransportError::new(Connect, "127.0.0.1:9"));
    show("a proxy that is named as the host that was not reached", &ask(dead));
    for (what, status, body) in [
        ("a tenant that is not there", 400, r#"{"detail":"Bad Request"}"#),
        ("a path that is not there", 404, "<!DOCTYPE html>"),
        ("no Fief server", 200, "<!DOCTYPE html>"),
        ("a redirect", 301, ""),
        ("Fief is out of order", 503, ""),
    ] {
        show(
            what,
            &ask(move |_| {
                let mut answer = flow::Response::new(body.as_bytes().to_vec());
                *answer.status_mut() = status.try_into().unwrap();
                Ok(answer)
            }),
        );
    }
}

fn ask(
    transport: impl Fn(&flow::Request) -> Result<flow::Response, TransportError> + Send + Sync + 'static,
) -> Error {
    let config = Config::new("https://fief.example/tenant", "CLIENT_ID");
    let fief = Fief::builder(config).transport(transport).build().unwrap();
    let auth = FiefAuth::with_store(fief, CredentialsMemory::default());
    auth.authorize_with(&Scene::new().options()).unwrap_err()
}

fn from_fief(show: Show<'_>) {
    let denied = CallbackError::Denied { error: "access_denied".to_owned(), description: None };
    show("the user declined", &Error::Denied(denied));

    let scene = Scene::new();
    let (options, _pages) = scene.browser(|_, url| {
        let state = parameter(url, "state").unwrap();
        vec![callback(url, &format!("code=stolen&state={state}"))]
    });
    let mut show = |what: &str, error: Error| {
        let base_url = "https://fief.example".to_owned();
        let Error::Fief { error, .. } = error else { panic!("{what}: {error}") };
        show(what, &Error::Fief { error, base_url });
    };
    show(
        "a code that the server does not know",
        scene.auth().authorize_with(&options).unwrap_err(),
    );

    let server = DevServer::builder()
        .client(Client::confidential("web", "secret").redirect_uri(&scene.redirect_uri))
        .user(fief_devserver::User::new(common::EMAIL, common::PASSWORD))
        .start()
        .unwrap();
    let fief = Fief::new(Config::new(server.base_url(), "web")).unwrap();
    let auth = FiefAuth::new(fief, scene.path());
    let options =
        scene.options().browser(move |url| common::get(&common::walk(&server, url)).map(drop));
    show("a confidential client without its secret", auth.authorize_with(&options).unwrap_err());

    let auth = scene.signed_in();
    scene.clock.advance(LIFETIME + 61);
    let expired = auth.access_token_info(Refresh::No).unwrap_err();
    show("expired, and no refresh was asked for", expired);
    scene.server.fault(Endpoint::Token, Fault::Status(503));
    show(
        "the refresh, while Fief is out of order",
        auth.access_token_info(Refresh::Yes).unwrap_err(),
    );
    scene.server.clear_faults();
    let ahead = scene.ahead(2 * LIFETIME);
    show(
        "the clock is ahead",
        FiefAuth::new(ahead, scene.path()).access_token_info(Refresh::Yes).unwrap_err(),
    );
}

fn saved(show: Show<'_>) {
    let scene = Scene::new();
    let auth = scene.signed_in();
    let saved: Credentials = serde_json::from_slice(&fs::read(scene.path()).unwrap()).unwrap();
    scene.fief().auth_refresh_token(saved.tokens.refresh_token.as_ref().unwrap()).unwrap();
    scene.clock.advance(LIFETIME + 61);
    show("the refresh token is dead", &auth.access_token_info(Refresh::Yes).unwrap_err());
    for (what, kind) in [
        ("the disk is full", ErrorKind::StorageFull),
        ("a folder that can't be written", ErrorKind::ReadOnlyFilesystem),
        ("another user's folder", ErrorKind::PermissionDenied),
        ("the lock is held for ever", ErrorKind::TimedOut),
    ] {
        let auth = scene.auth_with(Failing(kind));
        show(what, &auth.authorize_with(&scene.options()).unwrap_err());
    }
}

/// A store whose lock can't be had.
struct Failing(ErrorKind);

impl CredentialStore for Failing {
    fn load(&self) -> io::Result<Option<Credentials>> {
        Ok(None)
    }

    fn save(&self, _: &Credentials) -> io::Result<()> {
        Err(self.0.into())
    }

    fn clear(&self) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self) -> io::Result<StoreLock<'_>> {
        Err(self.0.into())
    }
}
