//! What the server is filled with: the same as the real one for the same scenarios.

use fief_devserver::{
    Builder, Client, DevServer, FieldType, Tenant, User, UserField, Webhook,
    generate_encryption_key,
};
use serde_json::{Value, json};

/// What deliveries are signed with.
pub const WEBHOOK_SECRET: &str = "webhook-secret";

const REDIRECT_URIS: [&str; 7] = [
    "http://localhost:8000/callback",
    "http://localhost:8000/auth-callback",
    "http://127.0.0.1:8000/callback",
    "http://localhost:51562/callback",
    "http://localhost:8000/docs/oauth2-redirect",
    "https://www.bretagne.duchy/callback?from=fief",
    "duchy.bretagne.app:/callback",
];

/// Ten years.
const LONG: u32 = 315_360_000;

pub fn builder(webhook_url: &str, clients: &[Client]) -> Builder {
    let filled = DevServer::builder()
        .tenant(Tenant::new("Second"))
        .webhook(Webhook::new(webhook_url, WEBHOOK_SECRET));
    let filled = fields().into_iter().fold(filled, Builder::user_field);
    let filled = [
        ("castles:read", "List castles"),
        ("castles:create", "Create castles"),
        ("castles:update", "Update castles"),
        ("castles:delete", "Delete castles"),
    ]
    .into_iter()
    .fold(filled, |filled, (codename, name)| filled.permission(codename, name));
    let filled = clients.iter().cloned().fold(filled, Builder::client);
    users().into_iter().fold(filled, Builder::user)
}

/// Each is described under its client ID.
pub fn clients() -> Vec<Client> {
    let long = |client: Client| client.token_lifetime(LONG).refresh_lifetime(LONG);
    let clients = [
        confidential("confidential"),
        Client::public("public"),
        encrypted("encrypted"),
        confidential("third_party").third_party(),
        confidential("expired").token_lifetime(0).refresh_lifetime(0),
        confidential("expired_code").code_lifetime(0),
        long(confidential("long_lived")),
        long(encrypted("long_lived_encrypted")),
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

fn users() -> Vec<User> {
    let anne = "anne@bretagne.duchy";
    vec![
        User::new(anne, "hermine-tincture-1488")
            .permission("castles:read")
            .permission("castles:create")
            .field("first_name", "Anne")
            .field("last_name", "De Bretagne")
            .field("castles", 3)
            .field("newsletter", true)
            .field("birthdate", "1477-01-25")
            .field("coronation", "1492-02-08T12:00:00Z")
            .field("title", "duchess")
            .field("phone", "+33240202020")
            .field("address", address())
            .field("timezone", "Europe/Paris"),
        User::new("louis@valois.kingdom", "porc-epic-tincture-1498"),
        User::new("charles@valois.kingdom", "soleil-tincture-1483"),
        User::new("isabeau@bretagne.duchy", "colombe-tincture-1481").unverified(),
        User::new(anne, "castle-tincture-1499").tenant("second"),
    ]
}

fn address() -> Value {
    json!({
        "line1": "4 place Marc Elder",
        "postal_code": "44000",
        "city": "Nantes",
        "country": "FR",
    })
}

fn fields() -> Vec<UserField> {
    let mut newsletter = UserField::new("newsletter", FieldType::Boolean);
    newsletter.default = Some(json!(false));
    let mut title = UserField::new("title", FieldType::Choice);
    title.choices =
        [("duchess", "Duchess"), ("queen", "Queen")].map(|(a, b)| (a.into(), b.into())).into();
    vec![
        UserField::new("first_name", FieldType::String),
        UserField::new("last_name", FieldType::String),
        UserField::new("castles", FieldType::Integer),
        newsletter,
        UserField::new("birthdate", FieldType::Date),
        UserField::new("coronation", FieldType::Datetime),
        title,
        UserField::new("phone", FieldType::PhoneNumber),
        UserField::new("address", FieldType::Address),
        UserField::new("timezone", FieldType::Timezone),
    ]
}
