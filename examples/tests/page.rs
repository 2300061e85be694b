//! The page of `examples/browser` in Chromium, against the embedded server of another origin.
//!
//! It is built here, for which the target wasm32-unknown-unknown and a `wasm-bindgen` of the crate's
//! version are needed: `.ci/run browser` has both. With `FIEF_SCREENSHOTS` pictures are kept in the
//! folder it names.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, helpers included: what is not as expected is to stop them"
)]

#[path = "../../crates/fief-devserver/tests/browser/camera.rs"]
mod camera;
#[path = "../../crates/fief-devserver/tests/browser/chromedriver.rs"]
mod chromedriver;
#[allow(dead_code, reason = "the pages of the server ask for more")]
#[path = "../../crates/fief-devserver/tests/browser/visitor.rs"]
mod visitor;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use axum::{
    Router,
    http::{StatusCode, Uri, header},
    response::IntoResponse,
};
use fief_devserver::{DevServer, Endpoint, Settings};
use tokio::net::TcpListener;

use crate::{
    chromedriver::{Chromedriver, Programs},
    visitor::Visitor,
};

const CLIENT_ID: &str = "browser";
const EMAIL: &str = "anne@bretagne.duchy";
/// What `index.html` and `fief.json` say, unless changed.
const BASE_URL: &str = "http://localhost:8765";

const SIGN_IN: &str = "#sign-in:not([hidden])";
const SIGN_OUT: &str = "#sign-out:not([hidden])";

#[tokio::test]
#[ignore = "builds a WebAssembly module first, and needs a browser: run `.ci/run browser`"]
async fn signs_in_and_out() {
    let programs = Programs::find().expect("chromium and chromedriver are installed");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let module = build(&folder);
    let settings = fs::read(folder.join("fief.json")).unwrap();
    let settings: Settings = serde_json::from_slice(&settings).unwrap();
    let server = DevServer::builder().settings(settings).start().unwrap();
    let page = serve(folder.join("page"), module, server.base_url().to_owned()).await;
    server.add_redirect_uri(CLIENT_ID, &page).unwrap();

    let driver = Chromedriver::start(&programs);
    let visitor = Visitor::new("page", &driver, &programs).await;
    denied(&visitor, &page).await;
    signed_in(&visitor, &server, &page).await;
    still_signed_in(&visitor, &server).await;
    signed_out(&visitor, &server, &page).await;
    forged(&visitor, &server, &page).await;
    visitor.leave().await;
}

async fn denied(visitor: &Visitor, page: &str) {
    visitor.open(page).await;
    visitor.find(SIGN_IN).await;
    visitor.see("Castles").await;
    visitor.press(SIGN_IN).await;
    visitor.press("button[name=sign_in_as]").await;
    visitor.press("button[name=deny]").await;
    let problem = visitor.text("#problem").await;
    assert_eq!(problem, "the sign-in was refused: access_denied");
    assert_eq!(visitor.url().await.as_str(), page, "what came back is gone from the address");
    visitor.see("Castles").await;
}

async fn signed_in(visitor: &Visitor, server: &DevServer, page: &str) {
    visitor.press(SIGN_IN).await;
    visitor.press("button[name=allow]").await;
    assert_eq!(visitor.text("#email").await, EMAIL);
    assert_eq!(visitor.text("#permissions").await, "castles:read, castles:update");
    assert_eq!(visitor.url().await.as_str(), page, "the code is gone from the address");
    visitor.find(SIGN_OUT).await;
    visitor.see("Castles").await;

    let exchange = server.only_request_to(Endpoint::Token);
    assert_eq!(exchange.header("origin"), page.strip_suffix('/'), "it is another one than Fief's");
    assert_eq!(exchange.parameter("client_secret"), None);
    assert!(exchange.parameter("code_verifier").is_some());
}

async fn still_signed_in(visitor: &Visitor, server: &DevServer) {
    let reload = "document.getElementById('email').textContent = ''; location.reload()";
    visitor.run(reload).await;
    assert_eq!(visitor.text("#email").await, EMAIL);
    visitor.say("is still signed in after a reload");
    assert_eq!(server.requests_to(Endpoint::Token), 1);
}

async fn signed_out(visitor: &Visitor, server: &DevServer, page: &str) {
    visitor.press(SIGN_OUT).await;
    visitor.find(SIGN_IN).await;
    assert_eq!(visitor.url().await.as_str(), page);
    assert_eq!(visitor.run("return sessionStorage.length").await, 0);
    assert_eq!(server.requests_to(Endpoint::Logout), 1);
    visitor.press(SIGN_IN).await;
    // Fief has forgotten the user, too.
    visitor.wait_for_title("Sign in").await;
}

/// A made-up callback, while a login is under way.
async fn forged(visitor: &Visitor, server: &DevServer, page: &str) {
    visitor.open(&format!("{page}?code=forged&state=forged")).await;
    let problem = visitor.text("#problem").await;
    assert!(problem.contains("its `state` is not the one of this login"), "{problem}");
    assert_eq!(server.requests_to(Endpoint::Token), 1);
}

/// The folder with the module and its JavaScript.
fn build(folder: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or(folder.join("target"), PathBuf::from);
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--release", "--target", "wasm32-unknown-unknown"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(cargo.success(), "run `rustup target add wasm32-unknown-unknown` first");
    let module = target.join("wasm32-unknown-unknown/release/fief_browser.wasm");
    let bound = target.join("fief_browser");
    let bindgen = Command::new("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .args([&bound, &module])
        .status()
        .expect("wasm-bindgen is installed");
    assert!(bindgen.success());
    bound
}

/// Serves the page for this Fief, and gives its URL.
async fn serve(page: PathBuf, module: PathBuf, fief: String) -> String {
    let answer = move |uri: Uri| {
        let path = match uri.path() {
            "/" => page.join("index.html"),
            path => match path.strip_prefix("/pkg/") {
                Some(name) => module.join(name),
                None => page.join(path.trim_start_matches('/')),
            },
        };
        let kind = match path.extension().and_then(|extension| extension.to_str()) {
            Some("css") => "text/css",
            Some("html") => "text/html",
            Some("js") => "text/javascript",
            _ => "application/wasm",
        };
        let answer = match fs::read(&path) {
            Err(_) => StatusCode::NOT_FOUND.into_response(),
            Ok(html) if kind == "text/html" => {
                let html = String::from_utf8(html).unwrap().replace(BASE_URL, &fief);
                ([(header::CONTENT_TYPE, kind)], html).into_response()
            }
            Ok(file) => ([(header::CONTENT_TYPE, kind)], file).into_response(),
        };
        std::future::ready(answer)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async { axum::serve(listener, Router::new().fallback(answer)).await });
    url
}
