//! The admin API, as a program calls it, and what its changes mean for those who sign in.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

use fief_devserver::{Client, DevServer, Tenant, User};
use fief_ureq::{Config, Fief, Requirements};
use serde_json::{Value, json};
use ureq::{Agent, config::RedirectAuthHeaders, http::Request};

const ANNE: &str = "anne@bretagne.duchy";
const PASSWORD: &str = "hermine-tincture-1488";
const CALLBACK: &str = "http://localhost:8000/callback";

#[test]
fn without_the_key_nothing_is_answered() {
    let api = Api::start();
    for (method, path) in
        [("GET", "/clients/"), ("GET", "/users/"), ("POST", "/users/"), ("DELETE", "/users/1")]
    {
        for authorization in ["Bearer wrong", "", "wrong"] {
            let refused = call(&api.server, method, path, authorization, "{}");
            assert_eq!(refused, (401, json!({"detail": "Unauthorized"})), "{path}");
        }
    }
}

/// Otherwise a foreign site could call it through a user's browser (DNS rebinding).
#[test]
fn it_is_found_by_own_names_only() {
    let api = Api::start();
    let url = format!("{}/admin/api/users/", api.server.base_url());
    let ask = |headers: &[(&str, &str)]| {
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.get(&url).header("authorization", api.authorization());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.call().unwrap();
        let origin = answer.headers().get("access-control-allow-origin").cloned();
        (answer.status().as_u16(), origin)
    };
    assert_eq!(ask(&[]), (200, None));
    for foreign in ["evil.example", "evil.example:8000", "localhost.evil.example"] {
        assert_eq!(ask(&[("host", foreign)]), (403, None), "{foreign}");
    }
    assert_eq!(ask(&[("origin", "http://evil.example")]), (200, None));
    let posted = ureq::post(&url)
        .header("authorization", api.authorization())
        .header("origin", "http://evil.example")
        .send("{}");
    assert!(matches!(posted, Err(ureq::Error::StatusCode(403))), "{posted:?}");
}

#[test]
fn a_user_is_made_changed_and_removed() {
    let api = Api::start();
    let tenant = api.get("/tenants/")["results"][0]["id"].clone();
    let asked = json!({
        "email": "charles@valois.kingdom", "password": "soleil-tincture-1483",
        "email_verified": true, "tenant_id": tenant,
        "fields": {"castles": 7, "unknown": 1, "first_name": null},
    });
    let user = api.post(201, "/users/", &asked);
    assert_eq!(user["tenant_id"], tenant);
    assert_eq!(user["tenant"]["default"], true);
    assert_eq!(user["fields"], json!({"castles": 7}));
    let again = api.post(400, "/users/", &asked);
    assert_eq!(again["detail"], "USER_CREATE_ALREADY_EXISTS");
    let mut weak = asked.clone();
    weak["password"] = json!("password");
    let weak = api.post(400, "/users/", &weak);
    assert_eq!(weak["detail"], "USER_CREATE_INVALID_PASSWORD");
    assert_eq!(weak["reason"], json!(["Password is not strong enough."]));

    let path = format!("/users/{}", user["id"].as_str().unwrap());
    assert_eq!(api.get(&path), user);
    let listed = api.get("/users/?email=CHARLES@valois.kingdom");
    assert_eq!(listed, json!({"count": 1, "results": [user]}));
    api.signs_in("charles@valois.kingdom", "soleil-tincture-1483");

    let refused = api.call(400, "PATCH", &path, &json!({"email": ANNE}));
    assert_eq!(refused["detail"], "USER_UPDATE_EMAIL_ALREADY_EXISTS");
    let change = json!({"password": "lune-tincture-1484", "fields": {"first_name": "Charles"}});
    let changed = api.call(200, "PATCH", &path, &change);
    assert_eq!(changed["fields"], json!({"castles": 7, "first_name": "Charles"}));
    api.signs_in("charles@valois.kingdom", "lune-tincture-1484");

    api.call(204, "DELETE", &path, &json!({}));
    assert_eq!(api.call(404, "GET", &path, &json!({}))["detail"], "Not Found");
    let login = api.fief.login(CALLBACK).unwrap();
    let page = api.server.sign_in(&login.url, "charles@valois.kingdom", "lune-tincture-1484");
    assert!(page.unwrap_err().to_string().contains("bad_credentials"));
}

#[test]
fn permissions_are_granted_and_revoked() {
    let api = Api::start();
    let asked = json!({"name": "Take the tour", "codename": "tour:take"});
    let permission = api.post(201, "/permissions/", &asked);
    let again = api.post(400, "/permissions/", &asked);
    assert_eq!(again["detail"], "PERMISSION_CREATE_CODENAME_ALREADY_EXISTS");
    let listed = api.get("/permissions/?limit=100");
    assert!(listed["results"].as_array().unwrap().contains(&permission));

    let user = api.user(ANNE);
    let path = format!("/users/{}/permissions", user["id"].as_str().unwrap());
    let id = &permission["id"];
    assert_eq!(api.post(201, &path, &json!({"id": id})), Value::Null);
    let again = api.post(400, &path, &json!({"id": id}));
    assert_eq!(again["detail"], "USER_PERMISSION_CREATE_ALREADY_ADDED_PERMISSION");
    let unknown = api.post(400, &path, &json!({"id": user["id"]}));
    assert_eq!(unknown["detail"], "USER_PERMISSION_CREATE_NOT_EXISTING_PERMISSION");
    let listed = api.get(&path);
    assert_eq!(listed["count"], 3);
    let listed = listed["results"].as_array().unwrap();
    let granted = listed.iter().find(|item| item["permission_id"] == *id).unwrap();
    assert_eq!(granted["permission"], permission);
    assert_eq!(api.permissions_of_anne(), ["castles:create", "castles:read", "tour:take"]);

    let granted = format!("{path}/{}", id.as_str().unwrap());
    api.call(204, "DELETE", &granted, &json!({}));
    api.call(404, "DELETE", &granted, &json!({}));
    assert_eq!(api.permissions_of_anne(), ["castles:create", "castles:read"]);

    let castles = api.get("/permissions/")["results"][0].clone();
    assert_eq!(castles["codename"], "castles:create");
    let castles = format!("/permissions/{}", castles["id"].as_str().unwrap());
    api.call(204, "DELETE", &castles, &json!({}));
    api.call(404, "GET", &castles, &json!({}));
    assert_eq!(api.permissions_of_anne(), ["castles:read"]);
}

#[test]
fn an_access_token_is_issued_without_a_sign_in() {
    let api = Api::start();
    let user = api.user(ANNE)["id"].as_str().unwrap().to_owned();
    let client = api.get("/clients/")["results"][0].clone();
    let path = format!("/users/{user}/access-token");
    let asked = json!({"client_id": client["id"], "scopes": ["openid", "castles"]});
    let answer = api.post(200, &path, &asked);
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("bearer"), &json!(86400)));
    let needed = Requirements::none().scope(["openid", "castles"]);
    let token = answer["access_token"].as_str().unwrap();
    let access = api.fief.validate_access_token(token, &needed).unwrap();
    assert_eq!(access.id.to_string(), user);
    assert_eq!(access.acr, Some(fief_ureq::Acr::LevelZero));

    let unknown = api.post(400, &path, &json!({"client_id": user, "scopes": []}));
    assert_eq!(unknown["detail"], "USER_CREATE_ACCESS_TOKEN_UNKNOWN_CLIENT");
}

#[test]
fn a_client_is_made_changed_and_removed() {
    let api = Api::start();
    let second = api.get("/tenants/")["results"][1].clone();
    let asked = json!({
        "name": "Tour", "first_party": false, "client_type": "confidential",
        "redirect_uris": ["http://localhost:8000"], "tenant_id": second["id"],
        "access_id_token_lifetime_seconds": 60,
    });
    let client = api.post(201, "/clients/", &asked);
    assert_eq!(client["redirect_uris"], json!(["http://localhost:8000/"]));
    assert_eq!(client["tenant"]["slug"], "second");
    assert_eq!(client["refresh_token_lifetime_seconds"], 2_592_000);
    assert_eq!(client["encrypt_jwk"], Value::Null);

    let path = format!("/clients/{}", client["id"].as_str().unwrap());
    let change = json!({"redirect_uris": [CALLBACK], "first_party": true});
    let changed = api.call(200, "PATCH", &path, &change);
    assert_eq!(changed["redirect_uris"], json!([CALLBACK]));
    let key = api.post(201, &format!("{path}/encryption-key"), &json!({}));
    assert_eq!(api.get(&path)["encrypt_jwk"], "**********");

    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let config = Config::new(api.server.tenant_url("second"), text("client_id"));
    let config = config.client_secret(text("client_secret")).encryption_key(key.to_string());
    let fief = Fief::new(config).unwrap();
    let login = fief.login(CALLBACK).unwrap();
    let callback = api.server.sign_in(&login.url, "renee@second.duchy", PASSWORD).unwrap();
    let (tokens, _) = fief.finish_login(login.pending, &callback).unwrap();
    assert_eq!(tokens.id_token.expose().split('.').count(), 5);
    assert_eq!(tokens.expires_in, Some(60));

    api.call(204, "DELETE", &path, &json!({}));
    api.call(404, "PATCH", &path, &change);
    let login = fief.login(CALLBACK).unwrap();
    let page = api.server.sign_in(&login.url, "renee@second.duchy", PASSWORD).unwrap_err();
    assert!(page.to_string().contains("status 400"), "{page}");
}

#[test]
fn what_is_wrong_is_named() {
    let api = Api::start();
    let refused = api.post(422, "/users/", &json!({"email": 3, "email_verified": "maybe"}));
    let named: Vec<_> = refused["detail"].as_array().unwrap().iter().collect();
    let named: Vec<_> = named.iter().map(|wrong| (&wrong["loc"][1], &wrong["type"])).collect();
    let expected = json!([
        ["email", "string_type"],
        ["password", "missing"],
        ["email_verified", "bool_parsing"],
        ["tenant_id", "missing"],
    ]);
    assert_eq!(json!(named), expected);

    let refused = call(&api.server, "POST", "/users/", &api.authorization(), "{");
    assert_eq!((refused.0, &refused.1["detail"][0]["type"]), (422, &json!("json_invalid")));
    let refused = call(&api.server, "POST", "/users/", &api.authorization(), "[]");
    assert_eq!(refused.0, 422);
    assert_eq!(
        api.call(422, "GET", "/users/?limit=many", &json!({}))["detail"][0]["loc"][0],
        "query"
    );

    let client = api.get("/clients/")["results"][0]["id"].as_str().unwrap().to_owned();
    for (uris, kind) in [
        (json!(["http://www.bretagne.duchy/"]), "CLIENT_HTTPS_REQUIRED_ON_REDIRECT_URIS"),
        (json!(["callback"]), "url_parsing"),
        (json!([]), "too_short"),
        (json!([1]), "url_type"),
        (json!("callback"), "list_type"),
    ] {
        let path = format!("/clients/{client}");
        let refused = api.call(422, "PATCH", &path, &json!({"redirect_uris": uris}));
        assert_eq!(refused["detail"][0]["type"], kind);
        assert_eq!(refused["detail"][0]["loc"][1], "redirect_uris");
    }
    api.call(422, "GET", "/users/?tenant=none", &json!({}));
    api.call(404, "GET", "/users/none", &json!({}));
    api.call(405, "PUT", "/users/", &json!({}));
    api.call(404, "GET", "/castles/", &json!({}));
}

#[test]
fn lists_come_in_pieces() {
    let api = Api::start();
    for n in 0..15 {
        let codename = format!("tour:{n:02}");
        api.post(201, "/permissions/", &json!({"name": codename, "codename": codename}));
    }
    let piece = |query: &str| {
        let list = api.get(&format!("/permissions/{query}"));
        (list["count"].as_u64().unwrap(), list["results"].as_array().unwrap().len())
    };
    assert_eq!(piece(""), (19, 10));
    assert_eq!(piece("?skip=10"), (19, 9));
    assert_eq!(piece("?limit=100&skip=1"), (19, 18));
    assert_eq!(piece("?skip=99999999999999999"), (19, 0));
    assert_eq!(piece("?query=TOUR:1"), (5, 5));
    assert_eq!(piece("?query=list%20castles"), (1, 1));
    assert_eq!(api.get("/tenants/?query=sec")["results"][0]["slug"], "second");
    assert_eq!(api.get("/users?query=anne@&limit=1")["count"], 1);
}

struct Api {
    server: DevServer,
    fief: Fief,
}

impl Api {
    fn start() -> Self {
        let server = DevServer::builder()
            .tenant(Tenant::new("Second"))
            .client(Client::confidential("web", "secret").redirect_uri(CALLBACK))
            .user(
                User::new(ANNE, PASSWORD)
                    .permission("castles:read")
                    .permission("castles:create")
                    .field("first_name", "Anne")
                    .field("castles", 3),
            )
            .user(User::new("renee@second.duchy", PASSWORD).tenant("second"))
            .permission("castles:read", "List castles")
            .permission("castles:update", "Update castles")
            .permission("castles:delete", "Delete castles")
            .start()
            .unwrap();
        let fief = Fief::new(server.config()).unwrap();
        Self { server, fief }
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.server.api_key().expose())
    }

    fn call(&self, status: u16, method: &str, path: &str, body: &Value) -> Value {
        let answer = call(&self.server, method, path, &self.authorization(), &body.to_string());
        assert_eq!(answer.0, status, "{method} {path}: {}", answer.1);
        answer.1
    }

    fn get(&self, path: &str) -> Value {
        self.call(200, "GET", path, &json!({}))
    }

    fn post(&self, status: u16, path: &str, body: &Value) -> Value {
        self.call(status, "POST", path, body)
    }

    fn user(&self, email: &str) -> Value {
        self.get(&format!("/users/?email={email}"))["results"][0].clone()
    }

    fn signs_in(&self, email: &str, password: &str) {
        let login = self.fief.login(CALLBACK).unwrap();
        let callback = self.server.sign_in(&login.url, email, password).unwrap();
        let (_, user) = self.fief.finish_login(login.pending, &callback).unwrap();
        assert_eq!(user.email.as_deref(), Some(email));
    }

    fn permissions_of_anne(&self) -> Vec<String> {
        let token = self.server.access_token(ANNE, "web", &["openid"]).unwrap();
        let access = self.fief.validate_access_token(token.expose(), &Requirements::none());
        access.unwrap().permissions
    }
}

fn call(
    server: &DevServer,
    method: &str,
    path: &str,
    authorization: &str,
    body: &str,
) -> (u16, Value) {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .redirect_auth_headers(RedirectAuthHeaders::SameHost);
    let agent: Agent = config.build().into();
    let request = Request::builder()
        .method(method)
        .uri(format!("{}/admin/api{path}", server.base_url()))
        .header("authorization", authorization);
    let answer = match method {
        "GET" | "DELETE" => agent.run(request.body(()).unwrap()),
        _ => agent.run(request.body(body.to_owned()).unwrap()),
    };
    let mut answer = answer.unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
}
