//! The file that describes the server, in the same form as for a real server.

use std::{
    fs,
    path::{Path, PathBuf},
};

use fief_devserver::{Client, DevServer};
use serde_json::{Map, Value, json};

use crate::{catch, fill::WEBHOOK_SECRET, scenarios::web};

/// Writes it into that folder.
pub fn write(server: &DevServer, clients: &[Client], folder: &Path) -> PathBuf {
    let api = format!("{}/admin/api", server.base_url());
    let api_key = server.api_key();
    let list = |path: &str| {
        let authorization = format!("Bearer {}", api_key.expose());
        let url = format!("{api}/{path}/?limit=100");
        let answer = web::send("GET", &url, &[("authorization", &authorization)], None).json();
        answer["results"].as_array().unwrap().clone()
    };
    let tenants = keyed(&list("tenants"), "slug", |tenant| {
        let base_url = base_url(server, tenant["slug"].as_str().unwrap());
        json!({"id": tenant["id"], "base_url": base_url, "issuer": issuer(&base_url)})
    });
    let permissions =
        keyed(&list("permissions"), "codename", |permission| permission["id"].clone());
    let clients =
        clients.iter().map(|client| (client.client_id.clone(), described(server, client)));
    let description = json!({
        "base_url": server.base_url(),
        "admin_api_url": api,
        "api_key": api_key.expose(),
        "tenants": tenants,
        "permissions": permissions,
        "clients": clients.collect::<Map<_, _>>(),
        "webhook": {"secret": WEBHOOK_SECRET},
        "sink": {
            "mails": folder.join(catch::MAILS),
            "webhooks": folder.join(catch::WEBHOOKS),
        },
    });
    let path = folder.join("provision.json");
    fs::write(&path, description.to_string()).unwrap();
    path
}

fn described(server: &DevServer, client: &Client) -> Value {
    let tenant = client.tenant.as_deref().unwrap_or("default");
    let base_url = base_url(server, tenant);
    json!({
        "tenant": tenant,
        "issuer": issuer(&base_url),
        "base_url": base_url,
        "client_id": client.client_id,
        "client_secret": client.client_secret.as_deref().unwrap_or_default(),
        "client_type": client.client_type,
        "encryption_key": client.encryption_key,
    })
}

fn base_url(server: &DevServer, tenant: &str) -> String {
    match tenant {
        "default" => server.base_url().to_owned(),
        slug => server.tenant_url(slug),
    }
}

fn issuer(base_url: &str) -> Value {
    let url = format!("{base_url}/.well-known/openid-configuration");
    web::send("GET", &url, &[], None).json()["issuer"].clone()
}

fn keyed(list: &[Value], key: &str, value: impl Fn(&Value) -> Value) -> Map<String, Value> {
    list.iter().map(|item| (item[key].as_str().unwrap().to_owned(), value(item))).collect()
}
