//! The administration has no password; these are its other defences.

use fief_devserver::{DevServer, Tenant};

use crate::request::{Answer, Request};

#[test]
fn it_is_found_by_own_names_only() {
    let server = DevServer::start().unwrap();
    for own in ["localhost", "127.0.0.1:1", "[::1]", "fief.localhost:80"] {
        assert_eq!(Request::get("/admin/").header("host", own).send(&server).status, 200, "{own}");
    }
    for path in ["/admin", "/admin/", "/admin/users", "/admin/mails"] {
        for foreign in ["evil.example", "localhost.evil.example", "evil.example:80", ""] {
            let refused = Request::get(path).header("host", foreign).send(&server);
            assert_eq!(refused.status, 403, "{path} {foreign}");
            assert!(!refused.body.contains("devserver"), "{}", refused.body);
        }
    }
    let forwarded = Request::get("/admin/").header("host", "evil.example");
    let forwarded = forwarded.header("x-forwarded-host", "localhost");
    assert_eq!(forwarded.send(&server).status, 403);
}

#[test]
fn its_forms_need_a_token_and_come_from_here() {
    let server = DevServer::start().unwrap();
    let client = client(&server);
    let add = |token: &str, headers: &[(&str, &str)]| -> Answer {
        let form = format!("redirect_uri=http%3A%2F%2Flocalhost%3A9%2F{token}");
        let request = Request::post(&format!("{client}/add-redirect-uri"), &form);
        let request = request.header("cookie", "fief_csrftoken=a").header("host", "localhost");
        let all =
            headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        all.send(&server)
    };
    let token = "&csrf_token=a";
    for (sent, headers) in [
        ("", &[][..]),
        ("&csrf_token=b", &[]),
        (token, &[("origin", "http://localhost:3000")]),
        (token, &[("origin", "null")]),
        (token, &[("origin", "http://evil.example")]),
        (token, &[("sec-fetch-site", "same-site")]),
        (token, &[("sec-fetch-site", "cross-site")]),
    ] {
        assert_eq!(add(sent, headers).status, 403, "{sent} {headers:?}");
    }
    let page = Request::get(&client).send(&server).body;
    assert!(!page.contains("http://localhost:9/"));

    let added = add(token, &[("origin", "http://localhost"), ("sec-fetch-site", "same-origin")]);
    assert_eq!((added.status, added.header("location")), (302, Some(client.as_str())));
    let page = Request::get(&client).send(&server).body;
    assert!(page.contains("http://localhost:9/"));
}

#[test]
fn what_is_not_there_is_not_found() {
    let server = DevServer::start().unwrap();
    let unknown = "00000000-0000-4000-8000-000000000000";
    for list in ["clients", "users"] {
        let page = Request::get(&format!("/admin/{list}/{unknown}")).send(&server);
        assert_eq!(page.status, 404);
        let page = Request::get(&format!("/admin/{list}/nonsense")).send(&server);
        assert_eq!(page.status, 404);
    }
    for form in ["clients/{}/remove-redirect-uri", "users/{}/grant", "users/{}/revoke"] {
        let path = format!("/admin/{}", form.replace("{}", unknown));
        let request = Request::post(&path, "csrf_token=a").header("cookie", "fief_csrftoken=a");
        assert_eq!(request.send(&server).status, 404, "{path}");
    }
}

/// The path of the first client's page.
fn client(server: &DevServer) -> String {
    let page = Request::get("/admin/").send(server).body;
    let (_, id) = page.split_once("/admin/clients/").unwrap();
    format!("/admin/clients/{}", id.split('"').next().unwrap())
}

#[test]
fn clients_and_users_are_added_by_a_form() {
    let server = DevServer::builder().tenant(Tenant::new("Second")).start().unwrap();
    let add = |path: &str, form: &str| {
        let request = Request::post(path, &format!("csrf_token=a&{form}"));
        request.header("cookie", "fief_csrftoken=a").send(&server)
    };
    let client = "name=Tour&client_type=public&tenant=second&third_party=true";
    let added = add("/admin/", &format!("{client}&redirect_uri=http%3A%2F%2Flocalhost%3A9%2F"));
    assert_eq!(added.status, 302);
    let page = Request::get(added.header("location").unwrap()).send(&server).body;
    for told in ["Tour", "public, third party", "Second", "http://localhost:9/"] {
        assert!(page.contains(told), "{told}");
    }
    assert!(!page.contains("client_secret"));
    for (form, input) in [
        (format!("{client}&redirect_uri=http%3A%2F%2Fcastles.example%2F"), "redirect_uri"),
        ("name=&tenant=second&redirect_uri=http%3A%2F%2Flocalhost%3A9%2F".to_owned(), "name"),
    ] {
        let refused = add("/admin/", &form);
        assert_eq!(refused.status, 400);
        let error = format!("autofocus aria-invalid=\"true\" aria-describedby=\"{input}-error\"");
        assert!(refused.body.contains(&error), "{}", refused.body);
    }

    let user = "email=renee%40second.duchy&password=hermine&tenant=second";
    let added = add("/admin/users", user);
    assert_eq!(added.status, 302);
    let again = add("/admin/users", user);
    assert_eq!(again.status, 400);
    assert!(again.body.contains("value=\"renee@second.duchy\""));
    for form in ["email=invalid&password=a&tenant=second", "email=a%40b.example&tenant=second"] {
        assert_eq!(add("/admin/users", form).status, 400, "{form}");
    }
    for path in ["/admin/", "/admin/users"] {
        assert_eq!(Request::post(path, client).send(&server).status, 403, "{path}");
    }
}
