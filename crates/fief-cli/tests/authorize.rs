//! The sign-in, against an embedded server.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod common;

use std::{
    fs,
    io::{self, ErrorKind, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use fief_cli::{AuthorizeOptions, Credentials, Error, FiefAuth, Refresh, Report, SignedOut};
use fief_devserver::{Endpoint, Fault};

use common::{EMAIL, Scene, callback, parameter, walk};

#[test]
fn a_browser_signs_the_user_in() {
    let scene = Scene::new();
    let auth = scene.auth();
    let urls = Arc::new(Mutex::new(Vec::new()));
    let (options, pages) = scene.browser({
        let urls = urls.clone();
        move |server, url| {
            urls.lock().unwrap().push(url.to_owned());
            vec![walk(server, url)]
        }
    });
    let options = options
        .request(|request| request.scope(["castles:read"]).lang("fr-FR"))
        .request(|request| request.extra("theme", "dark & light"))
        .program("Castles");
    let (tokens, user) = auth.authorize_with(&options).unwrap();

    assert_eq!(user.email.as_deref(), Some(EMAIL));
    assert!(tokens.refresh_token.is_some());
    let page = pages.recv().unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("You are signed in"), "{page}");
    assert!(page.contains("Castles"), "{page}");

    let url = urls.lock().unwrap().pop().unwrap();
    for (name, value) in [
        ("redirect_uri", scene.redirect_uri.as_str()),
        ("scope", "openid castles:read offline_access"),
        ("lang", "fr-FR"),
        ("theme", "dark & light"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(&url, name).as_deref(), Some(value), "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(parameter(&url, name).unwrap().len(), 43, "{name}");
    }

    let saved: Credentials = serde_json::from_slice(&fs::read(scene.path()).unwrap()).unwrap();
    assert_eq!((&saved.tokens, &saved.userinfo), (&tokens, &user));
    assert_eq!(auth.current_user(Refresh::No).unwrap(), user);
    let info = auth.access_token_info(Refresh::No).unwrap();
    assert_eq!(info.permissions, ["castles:read"]);
    assert_eq!(info.access_token, tokens.access_token);
    assert_port_is_free(&scene);

    auth.logout().unwrap();
    auth.logout().unwrap();
    assert!(!scene.path().exists());
    assert!(matches!(
        auth.current_user(Refresh::No),
        Err(Error::NotAuthenticated(SignedOut::Never))
    ));
}

#[test]
fn other_visitors_change_nothing() {
    let scene = Scene::new();
    let (options, pages) = scene.browser(|server, url| {
        vec![
            callback(url, "code=stolen&state=guessed"),
            callback(url, "error=access_denied"),
            callback(url, "").replace("/callback", "/"),
            walk(server, url),
        ]
    });
    scene.auth().authorize_with(&options).unwrap();
    let statuses: Vec<String> = pages.iter().take(4).map(|page| page[9..12].to_owned()).collect();
    assert_eq!(statuses, ["400", "400", "404", "200"]);
}

#[test]
fn a_denial_is_an_error_of_its_own() {
    let answer = |url: &str, query: &str| {
        let state = parameter(url, "state").unwrap();
        vec![callback(url, &format!("{query}&state={state}"))]
    };
    let denied = "error=access_denied&error_description=n&error_description=o";
    for (query, kind) in [(denied, "denied"), ("a=b", "authorization_code_missing")] {
        let scene = Scene::new();
        let (options, pages) = scene.browser(move |_, url| answer(url, query));
        let error = scene.auth().authorize_with(&options).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let page = pages.recv().unwrap();
        assert!(page.starts_with("HTTP/1.1 400") && page.contains("not signed in"), "{page}");
        assert!(!page.contains("denied"), "{page}");
        assert!(!scene.path().exists());
        assert_port_is_free(&scene);
    }
}

#[test]
fn the_pages_can_be_replaced() {
    let scene = Scene::new();
    let (options, pages) =
        scene.browser(|server, url| vec![callback(url, "state=wrong"), walk(server, url)]);
    let options = options.success_page("<p>Bienvenue").error_page(String::from("<p>Hélas"));
    scene.auth().authorize_with(&options).unwrap();
    assert!(pages.recv().unwrap().ends_with("<p>Hélas"));
    assert!(pages.recv().unwrap().ends_with("<p>Bienvenue"));
}

#[test]
fn the_browser_learns_that_the_server_refused() {
    let scene = Scene::new();
    let (options, pages) = scene.browser(|server, url| vec![walk(server, url)]);
    scene.server.fault(Endpoint::Token, Fault::Status(503));
    let error = scene.auth().authorize_with(&options).unwrap_err();
    assert_eq!(error.kind(), "refused", "{}", Report(&error));
    assert!(pages.recv().unwrap().contains("You are not signed in"));
    assert!(!scene.path().exists());
}

#[test]
fn a_browser_that_does_not_wait_for_its_page_signs_in_too() {
    let scene = Scene::new();
    let server = scene.server.clone();
    let options = scene.options().browser(move |url| {
        let address = walk(&server, url);
        let (host, path) = address["http://".len()..].split_once('/').unwrap();
        let mut stream = TcpStream::connect(host)?;
        write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
    });
    scene.auth().authorize_with(&options).unwrap();
}

#[test]
fn without_a_browser_the_user_opens_the_address_that_is_shown() {
    for broken in [true, false] {
        let scene = Scene::new();
        let server = scene.server.clone();
        let options = scene
            .options()
            .browser(move |_| {
                assert!(!broken, "an opener that panics");
                Err(ErrorKind::NotFound.into())
            })
            .announce(move |url| {
                let (server, url) = (server.clone(), url.to_owned());
                std::thread::spawn(move || common::get(&walk(&server, &url)).unwrap());
            });
        scene.auth().authorize_with(&options).unwrap();
    }
}

#[test]
fn a_sign_in_does_not_wait_for_ever() {
    let scene = Scene::new();
    let auth = scene.auth();
    let options = scene.options().browser(|_| Ok(())).deadline(Duration::ZERO);
    assert!(matches!(auth.authorize_with(&options), Err(Error::TimedOut)));
    assert_port_is_free(&scene);

    let flag = Arc::new(AtomicBool::new(false));
    let interrupt = flag.clone();
    let options = scene.options().stop_on(flag).deadline(Duration::MAX).browser(move |_| {
        interrupt.store(true, SeqCst);
        Ok(())
    });
    assert!(matches!(auth.authorize_with(&options), Err(Error::Interrupted)));
    assert_port_is_free(&scene);
}

#[test]
fn what_can_be_known_to_fail_fails_before_the_browser_opens() {
    let scene = Scene::new();
    let opened = Arc::new(AtomicUsize::new(0));
    let opens = |options: AuthorizeOptions| {
        let opened = opened.clone();
        options.announce(|_| panic!("announced")).browser(move |_| {
            opened.fetch_add(1, SeqCst);
            Ok(())
        })
    };

    let other = TcpListener::bind(scene.address()).unwrap();
    let error = scene.auth().authorize_with(&opens(scene.options())).unwrap_err();
    assert!(matches!(error, Error::PortInUse(_)), "{error}");
    assert!(error.to_string().contains(&other.local_addr().unwrap().port().to_string()));
    drop(other);

    let elsewhere = opens(AuthorizeOptions::redirect_to("https://castles.example/callback"));
    let error = scene.auth().authorize_with(&elsewhere).unwrap_err();
    assert!(matches!(error, Error::RedirectUri(_)), "{error}");

    let no_folder = scene.folder.path().join("file");
    fs::write(&no_folder, "").unwrap();
    let auth = FiefAuth::new(scene.fief(), no_folder.join("credentials.json"));
    let error = auth.authorize_with(&opens(scene.options())).unwrap_err();
    assert!(matches!(error, Error::Storage(_)), "{error}");
    assert!(Report(&error).to_string().contains("file"), "{}", Report(&error));

    let invalid = opens(scene.options()).request(|request| request.extra("state", "mine"));
    assert_eq!(scene.auth().authorize_with(&invalid).unwrap_err().kind(), "argument");

    scene.server.fault(Endpoint::Discovery, Fault::Status(500));
    assert!(scene.auth().authorize_with(&opens(scene.options())).is_err());
    assert_eq!(opened.load(SeqCst), 0);
    assert_port_is_free(&scene);
}

#[test]
fn the_address_can_be_pasted_where_there_is_no_browser() {
    for what in ["address", "query", "code"] {
        let scene = Scene::new();
        // Another program has the port: nothing listens for the callback.
        let _other = TcpListener::bind(scene.address()).unwrap();
        let (options, reads) = pasted(&scene, move |address| {
            let query = address.split_once('?').unwrap().1.to_owned();
            let code = parameter(&address, "code").unwrap();
            let wrong = address.replace("state=", "state=x");
            let right = match what {
                "address" => format!("  {address}\r\n"),
                "query" => query,
                _ => format!("{code}\n"),
            };
            vec![Ok("\n".to_owned()), Ok("two words".to_owned()), Ok(wrong), Ok(right)]
        });
        let auth = scene.auth();
        let (_, user) = auth.authorize_with(&options).unwrap();
        assert_eq!(auth.current_user(Refresh::No).unwrap(), user, "{what}");
        assert_eq!(reads.load(SeqCst), 4, "{what}");
    }
}

#[test]
fn a_port_in_use_is_no_end_where_another_is_registered() {
    let scene = Scene::new();
    let [first, second] = [Scene::new().redirect_uri, scene.redirect_uri.clone()];
    let port = first.rsplit_once(':').unwrap().1.split('/').next().unwrap();
    let _other = TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    let server = scene.server.clone();
    let options = AuthorizeOptions::redirect_to_any([&first, &second])
        .announce(|_| {})
        .browser(move |url| common::get(&walk(&server, url)).map(drop));
    scene.auth().authorize_with(&options).unwrap();

    let another = TcpListener::bind(scene.address()).unwrap();
    let error = scene.auth().authorize_with(&options).unwrap_err();
    assert!(matches!(&error, Error::PortInUse(addresses) if addresses.len() == 2), "{error}");
    drop(another);

    // Also where the user may paste: the port may be forwarded.
    let options = options.announce(browse(&scene)).paste(|| {
        loop {
            std::thread::park();
        }
    });
    scene.auth().authorize_with(&options).unwrap();
}

#[test]
fn in_a_container_it_listens_where_the_published_port_arrives() {
    let scene = Scene::new();
    let server = scene.server.clone();
    let options = scene.options().listen_on(Ipv4Addr::UNSPECIFIED).browser(move |url| {
        let callback = walk(&server, url);
        let (host, path) = callback["http://".len()..].split_once('/').unwrap();
        // At another address than the redirect URI's, with the same `Host`: as from outside.
        let mut stream = TcpStream::connect(host.replace("localhost", "127.0.0.2"))?;
        write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n")
    });
    scene.auth().authorize_with(&options).unwrap();
}

#[test]
fn the_callback_is_listened_for_while_the_user_may_paste() {
    let scene = Scene::new();
    // The user pastes nothing; the forwarded port brings the callback.
    let options = scene.options().announce(browse(&scene)).paste(|| {
        loop {
            std::thread::park();
        }
    });
    scene.auth().authorize_with(&options).unwrap();
}

#[test]
fn what_cannot_be_it_is_asked_again_with_the_reason() {
    let scene = Scene::new();
    let said = Arc::new(Mutex::new(Vec::new()));
    let (options, reads) = pasted(&scene, |address| {
        let (first, second) = address.split_at(address.len() / 2);
        let lines = ["yes", "http://localhost/authorize?code_challenge=x", first, second];
        lines.map(|line| Ok(format!("{line}\n"))).into_iter().collect()
    });
    let heard = said.clone();
    let auth = scene.auth().messages(move |line| heard.lock().unwrap().push(line.to_owned()));
    auth.authorize_with(&options).unwrap();
    assert_eq!(reads.load(SeqCst), 4);
    let said = said.lock().unwrap();
    for (said, reason) in said.iter().zip(["neither", "to open in a browser", "not whole"]) {
        assert!(said.contains(reason), "{said}");
    }
    assert_eq!(said.len(), 3, "{said:?}");
}

#[test]
fn pasting_ends_too() {
    for (lines, kind) in [
        (vec![Err(ErrorKind::UnexpectedEof.into())], "authorization_code_missing"),
        ((0..99).map(|_| Ok(String::new())).collect(), "authorization_code_missing"),
        (vec![Err(ErrorKind::InvalidData.into())], "input"),
    ] {
        let scene = Scene::new();
        let lines = Mutex::new(Some(lines));
        let (options, _) = pasted(&scene, move |_| lines.lock().unwrap().take().unwrap());
        let error = scene.auth().authorize_with(&options).unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

#[test]
fn a_pasted_denial_or_a_wrong_code_is_what_it_is() {
    for (query, kind) in [("error=access_denied&state=", "denied"), ("", "refused")] {
        let scene = Scene::new();
        let (options, _) = pasted(&scene, move |address| {
            let state = parameter(&address, "state").unwrap();
            vec![Ok(if query.is_empty() {
                "wrong-code".repeat(5)
            } else {
                format!("{query}{state}")
            })]
        });
        let error = scene.auth().authorize_with(&options).unwrap_err();
        assert_eq!(error.kind(), kind, "{}", Report(&error));
    }
}

/// A user who opens the address that is shown, in a browser whose callback arrives.
fn browse(scene: &Scene) -> impl Fn(&str) + Send + Sync + 'static {
    let server = scene.server.clone();
    move |url| {
        let (server, url) = (server.clone(), url.to_owned());
        std::thread::spawn(move || common::get(&walk(&server, &url)).unwrap());
    }
}

/// A user who signs in somewhere else, and pastes what is made of the address they end at.
fn pasted(
    scene: &Scene,
    lines: impl Fn(String) -> Vec<io::Result<String>> + Send + Sync + 'static,
) -> (AuthorizeOptions, Arc<AtomicUsize>) {
    let clipboard = Arc::new(Mutex::new(Vec::new().into_iter()));
    let reads = Arc::new(AtomicUsize::new(0));
    let server = scene.server.clone();
    let options = scene
        .options()
        .announce({
            let clipboard = clipboard.clone();
            move |url| *clipboard.lock().unwrap() = lines(walk(&server, url)).into_iter()
        })
        .paste({
            let reads = reads.clone();
            move || {
                reads.fetch_add(1, SeqCst);
                clipboard.lock().unwrap().next().unwrap()
            }
        });
    (options, reads)
}

fn assert_port_is_free(scene: &Scene) {
    TcpListener::bind(scene.address()).unwrap();
}
