//! `sign_in_if_needed`: whatever is saved, it ends with a user who is signed in.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod common;

use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use fief_cli::{Error, FiefAuth, Refresh};
use fief_devserver::{Endpoint, Fault};
use fief_ureq::Config;
use serde_json::Value;

use common::{EMAIL, LIFETIME, SECOND, Scene, walk};

#[test]
fn it_signs_in_where_nothing_else_helps_and_says_why() {
    type Spoil = fn(&Scene);
    let spoils: [(Spoil, &str); 9] = [
        (|_| {}, ""),
        (forget_the_refresh_token, "no refresh token"),
        (spend_the_refresh_token, "not accept"),
        (|scene| sign_in_elsewhere(scene, &Scene::new()), "another Fief server"),
        (change_the_tenant, "another Fief server"),
        (|scene| change(scene, |saved| saved["userinfo"]["aud"] = "other".into()), "or client"),
        (|scene| change(scene, |saved| saved["tokens"]["access_token"] = "x".into()), "be used"),
        (|scene| fs::write(scene.path(), "{").unwrap(), ""),
        (give_the_file_away, "can't be read"),
    ];
    for (number, (spoil, why)) in spoils.into_iter().enumerate() {
        let scene = Scene::new();
        if number > 0 {
            scene.signed_in();
        }
        spoil(&scene);
        let said = Arc::new(Mutex::new(String::new()));
        let hears = said.clone();
        let auth = scene.auth().messages(move |message| *hears.lock().unwrap() += message);
        let (options, pages) = scene.browser(|server, url| vec![walk(server, url)]);

        let (info, user) = auth.sign_in_if_needed_with(&options).unwrap();
        let page = pages.recv_timeout(Duration::from_secs(60)).unwrap_or_default();
        assert!(page.contains("You are signed in"), "{number}");
        assert_eq!(user.email.as_deref(), Some(EMAIL), "{number}");
        assert_eq!(info.permissions, ["castles:read"], "{number}");
        let said = said.lock().unwrap();
        assert_eq!(said.contains("You have to sign in"), !why.is_empty(), "{number}: {said}");
        assert!(said.contains(why), "{number}: {said}");

        // And the next time it does not, nor when only the token has expired.
        assert_eq!(auth.sign_in_if_needed_with(&options).unwrap(), (info, user), "{number}");
        scene.clock.advance(LIFETIME);
        auth.sign_in_if_needed_with(&options).unwrap();
        assert!(pages.try_recv().is_err(), "{number}");
    }
}

#[test]
fn what_a_sign_in_does_not_help_is_an_error() {
    let scene = Scene::new();
    scene.signed_in();
    scene.clock.advance(LIFETIME + 61);
    let options = scene.options().browser(|_| panic!("a browser"));
    for endpoint in [Endpoint::Token, Endpoint::Discovery] {
        scene.server.fault(endpoint, Fault::Status(503));
        let error = scene.auth().sign_in_if_needed_with(&options).unwrap_err();
        assert!(matches!(error, Error::Fief { .. }), "{error}");
    }
    scene.server.clear_faults();
    scene.auth().access_token_info(Refresh::Yes).unwrap();
}

fn forget_the_refresh_token(scene: &Scene) {
    change(scene, |saved| saved["tokens"]["refresh_token"] = Value::Null);
    scene.clock.advance(LIFETIME + 61);
}

fn spend_the_refresh_token(scene: &Scene) {
    change(scene, |saved| {
        let token = saved["tokens"]["refresh_token"].as_str().unwrap();
        scene.fief().auth_refresh_token(token).unwrap();
    });
    scene.clock.advance(LIFETIME + 61);
}

fn sign_in_elsewhere(scene: &Scene, other: &Scene) {
    other.server.rotate_keys().unwrap();
    other.signed_in();
    fs::copy(other.path(), scene.path()).unwrap();
}

/// The file is that of a tenant of the same server, for a client of the same ID.
fn change_the_tenant(scene: &Scene) {
    let fief = scene.fief_of(Config::new(scene.server.tenant_url("second"), SECOND));
    scene.sign_in(&FiefAuth::new(fief, scene.path()));
    change(scene, |saved| saved["userinfo"]["aud"] = common::CLIENT.into());
}

/// Only root can; to others it happens after a `sudo`.
fn give_the_file_away(scene: &Scene) {
    #[cfg(unix)]
    if std::os::unix::fs::chown(scene.path(), Some(4242), None).is_ok() {
        return;
    }
    forget_the_refresh_token(scene);
    println!("skipped: only root can give a file away");
}

fn change(scene: &Scene, change: impl FnOnce(&mut Value)) {
    let mut saved = serde_json::from_slice(&fs::read(scene.path()).unwrap()).unwrap();
    change(&mut saved);
    fs::write(scene.path(), saved.to_string()).unwrap();
}
