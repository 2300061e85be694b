//! The pages as they go over the wire: what guards them, in which language they are, and what they
//! refuse.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, helpers included: what is not as expected is to stop them"
)]

mod administration;
mod documentation;
mod request;

use fief_devserver::{Client, DevServer, User};

use crate::request::Request;

const PAGES: [&str; 8] =
    ["/", "/login", "/register", "/authorize", "/admin/", "/admin/users", "/admin/mails", "/docs"];

#[test]
fn every_page_is_guarded() {
    let server = DevServer::start().unwrap();
    for path in PAGES {
        let page = Request::get(path).send(&server);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{path}: {policy}");
        assert!(policy.contains("base-uri 'none'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors '"), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(page.header("referrer-policy"), Some("strict-origin-when-cross-origin"));
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert!(page.body.contains("<title>") && page.body.contains("<html lang=\"en\">"));
        for foreign in ["=\"http", "=\"//", "<script>", "<style", " style=", " onclick="] {
            assert!(!page.body.contains(foreign), "{path}: {foreign}");
        }
    }
}

#[test]
fn what_pages_refer_to_is_here() {
    let server = DevServer::start().unwrap();
    for path in PAGES {
        let page = Request::get(path).send(&server).body;
        let references = page.split([' ', '<', '>']).filter_map(|attribute| {
            attribute
                .strip_prefix("href=\"")
                .or(attribute.strip_prefix("src=\""))?
                .strip_suffix('"')
        });
        for reference in references.filter(|reference| reference.starts_with('/')) {
            let found = Request::get(reference).send(&server).status;
            assert!(matches!(found, 200 | 302), "{reference}: {found}");
        }
    }
}

#[test]
fn the_language_is_the_users() {
    let server = DevServer::start().unwrap();
    let lang = |request: Request| {
        let page = request.send(&server).body;
        page.split_once("lang=\"").unwrap().1.split('"').next().unwrap().to_owned()
    };
    assert_eq!(lang(Request::get("/login")), "en");
    assert_eq!(lang(Request::get("/login").header("accept-language", "fr-CA,en;q=0.5")), "fr");
    assert_eq!(lang(Request::get("/login").header("accept-language", "de")), "en");
    let kept = Request::get("/login").header("cookie", "fief_locale=fr_FR");
    assert_eq!(lang(kept.header("accept-language", "en")), "fr");
    assert_eq!(lang(Request::get("/login?lang=en").header("cookie", "fief_locale=fr")), "en");

    let chosen = Request::get("/register?lang=fr").send(&server);
    assert!(chosen.headers.contains("fief_locale=fr; HttpOnly"), "{}", chosen.headers);
    let unknown = Request::get("/register?lang=xx").send(&server);
    assert!(!unknown.headers.contains("fief_locale"), "{}", unknown.headers);
}

#[test]
fn what_people_wrote_is_escaped() {
    let written = "\"'><script>alert(1)</script>";
    let server = DevServer::builder()
        .client(Client::confidential("web", written).name(written).redirect_uri(written))
        .user(User::new(written, "").permission(written).field("name", written))
        .start()
        .unwrap();
    let mut paths = vec!["/admin/".to_owned(), "/admin/users".to_owned()];
    for list in paths.clone() {
        let page = Request::get(&list).send(&server).body;
        let (_, link) = page.split_once("<td data-name=").unwrap();
        let link = link.split_once("href=\"").unwrap().1.split('"').next().unwrap();
        paths.push(link.to_owned());
    }
    for path in paths {
        let page = Request::get(&path).send(&server).body;
        assert!(page.contains("alert(1)"), "{path}");
        assert!(!page.contains("<script>") && !page.contains("\"'>"), "{path}: {page}");
    }
    let hint = format!("fief_login_hint={}", written.replace('<', "%3C").replace('"', "%22"));
    let login = Request::get("/login").header("cookie", &hint).send(&server).body;
    assert!(login.contains("alert(1)") && !login.contains("<script>"), "{login}");
}

#[test]
fn login_takes_forms_of_its_own_pages_only() {
    let server = DevServer::start().unwrap();
    let form = "email=anne%40bretagne.duchy&password=hermine-tincture-1488";
    for (token, cookie) in [("", ""), ("&csrf_token=a", ""), ("&csrf_token=a", "fief_csrftoken=b")]
    {
        let request = Request::post("/login", &format!("{form}{token}")).header("cookie", cookie);
        let refused = request.send(&server);
        assert_eq!(refused.status, 400, "{token} {cookie}");
        assert!(!refused.headers.contains("fief_session"), "{}", refused.headers);
    }
    let trusted = Request::post("/login", &format!("{form}&csrf_token=a"));
    let trusted = trusted.header("cookie", "fief_csrftoken=a").send(&server);
    assert_eq!(trusted.status, 302);
}
