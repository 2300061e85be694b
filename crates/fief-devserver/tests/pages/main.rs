//! The pages as they are sent: their defences, their content, and what they refuse.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

mod administration;
mod documentation;
mod request;

use fief_devserver::{Client, DevServer, FieldType, User, UserField};

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

/// Pages for people, JSON for programs; without a preference, what the real server answers.
#[test]
fn errors_are_in_the_form_that_is_preferred() {
    let server = DevServer::start().unwrap();
    let html = "text/html,application/xhtml+xml";
    for (path, status, usual) in [
        ("/api/nothing", 404, "application/json"),
        ("/api/token", 405, "application/json"),
        ("/api/userinfo", 401, "application/json"),
        ("/nothing/login", 400, "application/json"),
        ("/admin/users/nonsense", 404, "application/json"),
        ("/admin/api/users/", 401, "application/json"),
        ("/authorize?client_id=unknown", 400, "text/html; charset=utf-8"),
        ("/logout", 400, "text/html; charset=utf-8"),
    ] {
        for (accept, content_type) in [
            (None, usual),
            (Some("*/*"), usual),
            (Some(html), "text/html; charset=utf-8"),
            (Some("application/json"), "application/json"),
        ] {
            let request = Request::get(path);
            let request =
                accept.into_iter().fold(request, |request, a| request.header("accept", a));
            let answer = request.send(&server);
            let found = (answer.status, answer.header("content-type"));
            assert_eq!(found, (status, Some(content_type)), "{path} {accept:?}");
        }
    }
    // A person reads words, not codes.
    for (path, words) in [
        ("/nothing/at/all", "nothing at this address"),
        ("/nothing/login", "no tenant of that name"),
        ("/api/token", "for programs"),
        ("/api/userinfo", "for programs"),
    ] {
        let page = Request::get(path).header("accept", html).send(&server).body;
        assert!(page.contains(words), "{path}: {page}");
    }
    let told = Request::get("/authorize?client_id=nobody").header("accept", "application/json");
    let told: serde_json::Value = serde_json::from_str(&told.send(&server).body).unwrap();
    let detail = "The tenant Default has no client with the client ID nobody.";
    assert_eq!(told, serde_json::json!({"error": "invalid_client", "detail": detail}));
}

#[test]
fn the_first_page_tells_what_there_is() {
    let server = DevServer::start().unwrap();
    let page = Request::get("/").send(&server).body;
    let base_url = format!("FIEF_BASE_URL={}", server.base_url());
    let told = ["devserver-secret", "devserver-public", "louis@valois.kingdom", "castles:read"];
    for told in told.into_iter().chain(["hermine-tincture-1488", &base_url]) {
        assert!(page.contains(told), "{told}");
    }
    // Another site may have pointed its name here.
    let foreign = Request::get("/").header("host", "evil.example").send(&server);
    assert_eq!(foreign.status, 200);
    for kept in ["devserver-secret", "hermine-tincture-1488", "louis@valois.kingdom"] {
        assert!(!foreign.body.contains(kept), "{kept}");
    }
}

#[test]
fn a_user_is_chosen_instead_of_a_password() {
    let server = DevServer::start().unwrap();
    let page = Request::get("/login").send(&server).body;
    let (_, button) = page.split_once("name=\"sign_in_as\" value=\"").unwrap();
    let id = button.split('"').next().unwrap();
    let choose = |id: &str, cookie: &str| {
        let request = Request::post("/login", &format!("sign_in_as={id}&csrf_token=a"));
        request.header("cookie", cookie).send(&server)
    };
    let chosen = choose(id, "fief_csrftoken=a");
    assert_eq!(chosen.status, 302);
    assert!(chosen.headers.contains("fief_session="), "{}", chosen.headers);
    let foreign = Request::post("/login", &format!("sign_in_as={id}&csrf_token=a"));
    let foreign = foreign.header("cookie", "fief_csrftoken=a").header("host", "evil.example");
    assert_eq!(foreign.send(&server).status, 400);
    assert!(
        !Request::get("/login").header("host", "evil.example").send(&server).body.contains('@')
    );
    for (id, cookie) in [
        (id, "fief_csrftoken=b"),
        ("00000000-0000-4000-8000-000000000000", "fief_csrftoken=a"),
        ("x", "fief_csrftoken=a"),
    ] {
        let refused = choose(id, cookie);
        assert_eq!(refused.status, 400, "{id}");
        assert!(!refused.headers.contains("fief_session="), "{}", refused.headers);
    }
}

/// One message per field, beside it; the first fault has the focus, and each is marked.
#[test]
fn a_registration_form_says_what_is_wrong_with_each_field() {
    let mut address = UserField::new("address", FieldType::Address);
    address.at_registration = true;
    let mut castles = UserField::new("castles", FieldType::Integer);
    castles.at_registration = true;
    castles.required = true;
    let server = DevServer::builder().user_field(address).user_field(castles).start().unwrap();
    let page = Request::get("/register").send(&server);
    let session = page.headers.split("fief_registration_session=").nth(1).unwrap();
    let session = session.split(';').next().unwrap();
    let at = |option: &str| page.body.find(&format!("<option value=\"{option}</option>")).unwrap();
    assert!(
        at("FR\">France") < at("UG\">Uganda")
            && at("UG\">Uganda") < at("AE\">United Arab Emirates")
    );
    assert_eq!(page.body.matches("(optional)").count(), 3, "the address, and two of its parts");
    assert!(!page.body.contains("aria-invalid"));

    let cookies = format!("fief_csrftoken=a; fief_registration_session={session}");
    let send = |form: &str| {
        let request = Request::post("/register", &format!("csrf_token=a&{form}"));
        request.header("cookie", &cookies).send(&server)
    };
    let good = "email=renee%40valois.kingdom&password=hermine-tincture-1499";
    let wrong = send(&format!("{good}&fields.castles=many&fields.address.country=France"));
    assert_eq!(wrong.status, 400);
    let input = |name: &str| {
        let (_, rest) = wrong.body.split_once(&format!(" id=\"{name}\"")).unwrap();
        rest.split('>').next().unwrap().to_owned()
    };
    for faulty in ["password", "fields.address.line1", "fields.address.country", "fields.castles"] {
        let error = format!("aria-invalid=\"true\" aria-describedby=\"{faulty}-error\"");
        assert!(input(faulty).contains(&error), "{faulty}: {}", input(faulty));
        assert!(wrong.body.contains(&format!("class=\"error\" id=\"{faulty}-error\"")));
    }
    assert!(!input("email").contains("aria-invalid"));
    assert_eq!(wrong.body.matches(" autofocus").count(), 1);
    assert!(input("password").contains(" autofocus"), "which is never shown, and asked for again");

    let address = "fields.address.line1=a&fields.address.postal_code=1&fields.address.city=b";
    let right = send(&format!("{good}&fields.castles=3&{address}&fields.address.country=FR"));
    assert_eq!(right.status, 302, "{}", right.body);
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
