//! The content of the server: the same as `server/fill.py` puts into the real one.

use fief_devserver::{
    Builder, Client, DevServer, FieldType, Tenant, UserField, Webhook, generate_encryption_key,
};

/// The secret that deliveries are signed with.
pub const WEBHOOK_SECRET: &str = "webhook-secret";

const REDIRECT_URIS: [&str; 4] = [
    "http://localhost:8000/callback",
    "http://localhost:8000/auth-callback",
    "https://www.bretagne.duchy/callback?from=fief",
    "duchy.bretagne.app:/callback",
];

pub fn builder(webhook_url: &str, clients: &[Client]) -> Builder {
    let filled = DevServer::builder()
        .tenant(Tenant::new("Second"))
        .webhook(Webhook::new(webhook_url, WEBHOOK_SECRET));
    let filled = fields().into_iter().fold(filled, Builder::user_field);
    let filled = ["castles:read", "castles:create", "castles:delete"]
        .into_iter()
        .fold(filled, |filled, codename| filled.permission(codename, codename));
    clients.iter().cloned().fold(filled, Builder::client)
}

/// Each is described under its client ID.
pub fn clients() -> Vec<Client> {
    let clients = [
        confidential("confidential"),
        Client::public("public"),
        encrypted("encrypted"),
        confidential("third_party").third_party(),
        confidential("expired").token_lifetime(0).refresh_lifetime(0),
        confidential("expired_code").code_lifetime(0),
        confidential("second_tenant").tenant("second"),
    ];
    let with_uris = |client| REDIRECT_URIS.into_iter().fold(client, Client::redirect_uri);
    clients.into_iter().map(with_uris).collect()
}

fn confidential(client_id: &str) -> Client {
    Client::confidential(client_id, format!("secret of {client_id}"))
}

fn encrypted(client_id: &str) -> Client {
    confidential(client_id).encryption_key(generate_encryption_key(2048).unwrap())
}

fn fields() -> Vec<UserField> {
    let mut title = UserField::new("title", FieldType::Choice);
    title.choices =
        [("duchess", "Duchess"), ("queen", "Queen")].map(|(a, b)| (a.into(), b.into())).into();
    vec![
        UserField::new("first_name", FieldType::String),
        UserField::new("castles", FieldType::Integer),
        title,
    ]
}
