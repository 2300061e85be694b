//! The running server: its content, and what the tests add to it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::web;

/// The file that describes the server.
#[derive(Deserialize)]
pub struct Server {
    pub base_url: String,
    pub webhook: Webhook,
    admin_api_url: String,
    api_key: String,
    clients: BTreeMap<String, Client>,
    permissions: BTreeMap<String, String>,
    sink: Sink,
    tenants: BTreeMap<String, Tenant>,
}

#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "the names in the file")]
pub struct Client {
    pub base_url: String,
    pub client_id: String,
    pub client_secret: String,
    pub client_type: String,
    pub encryption_key: Option<Value>,
    pub issuer: String,
    pub tenant: String,
}

#[derive(Deserialize)]
pub struct Tenant {
    pub id: String,
}

#[derive(Deserialize)]
pub struct Webhook {
    pub secret: String,
}

/// The files with what the server sends, one JSON object per line.
#[derive(Deserialize)]
struct Sink {
    mails: PathBuf,
    webhooks: PathBuf,
}

/// A user of one test, so that tests neither affect each other nor depend on earlier runs.
pub struct User {
    pub id: String,
    pub email: String,
    pub password: String,
}

/// A webhook as it arrived.
#[derive(Deserialize)]
pub struct Delivery {
    pub headers: Vec<(String, String)>,
    pub body: String,
}

#[derive(Deserialize)]
struct Mail {
    to: Vec<String>,
    code: Option<String>,
}

impl Server {
    /// The server that a file describes, kept until the process ends.
    pub fn described_in(path: &Path) -> &'static Self {
        let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Box::leak(Box::new(serde_json::from_slice(&text).unwrap()))
    }

    pub fn client(&self, key: &str) -> &Client {
        &self.clients[key]
    }

    pub fn tenant(&self, key: &str) -> &Tenant {
        &self.tenants[key]
    }

    pub fn new_user(&self) -> User {
        self.new_user_of("default")
    }

    pub fn new_user_of(&self, tenant: &str) -> User {
        let email = new_email();
        let password = "hermine-tincture-1488".to_owned();
        let user = json!({
            "email": email, "password": password, "email_verified": true,
            "tenant_id": self.tenants[tenant].id, "fields": {"castles": 3},
        });
        let answer = self.admin("/users/", &user);
        User { id: answer["id"].as_str().unwrap().to_owned(), email, password }
    }

    pub fn grant(&self, user: &User, permission: &str) {
        let id = &self.permissions[permission];
        self.admin(&format!("/users/{}/permissions", user.id), &json!({ "id": id }));
    }

    /// The code in the email that was sent to that address.
    pub fn mailed_code(&self, email: &str) -> String {
        wait_for(&self.sink.mails, |mail: Mail| {
            mail.code.filter(|_| mail.to.iter().any(|to| to == email))
        })
    }

    /// The first webhook that contains this string.
    pub fn delivery(&self, event: &str, text: &str) -> Delivery {
        wait_for(&self.sink.webhooks, |delivery: Delivery| {
            let body: Value = serde_json::from_str(&delivery.body).unwrap();
            (body["type"] == event && delivery.body.contains(text)).then_some(delivery)
        })
    }

    fn admin(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.admin_api_url);
        let authorization = format!("Bearer {}", self.api_key);
        let answer = web::send("POST", &url, &[("authorization", &authorization)], Some(body));
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
        answer.json()
    }
}

/// An address that was not used before.
pub fn new_email() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
    format!("isabeau-{now}-{}@bretagne.duchy", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Waits for the first line of a file that `wanted` accepts: the server's worker writes it later.
fn wait_for<L, T>(file: &PathBuf, wanted: impl Fn(L) -> Option<T>) -> T
where
    L: for<'de> Deserialize<'de>,
{
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let text = fs::read_to_string(file).unwrap();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let found = whole.lines().find_map(|line| wanted(serde_json::from_str(line).unwrap()));
        if let Some(found) = found {
            return found;
        }
        assert!(Instant::now() < deadline, "nothing of the kind in {}", file.display());
        thread::sleep(Duration::from_millis(100));
    }
}
