//! A server with the tenants, clients and users of the recorded one.

use std::time::Duration;

use fief_devserver::{Client, DevServer, FieldType, Tenant, User, UserField};
use fief_proto::UnixTime;
use serde_json::{Value, json};

use crate::data;

pub struct Setup {
    pub server: DevServer,
    pub recorded: Value,
}

impl Setup {
    pub fn start() -> Self {
        Self::with_fields(fields())
    }

    /// A server that asks for all fields at registration, and requires the first.
    pub fn asking() -> Self {
        let mut fields = fields();
        for field in &mut fields {
            field.at_registration = true;
        }
        fields[0].required = true;
        Self::with_fields(fields)
    }

    fn with_fields(fields: Vec<UserField>) -> Self {
        let recorded = Value::Object(data::setup());
        let mut builder = DevServer::builder()
            .clock(|| UnixTime::from_secs(1_795_228_000))
            .tenant(tenant(&recorded["tenants"]["second"]));
        for (codename, name) in [
            ("castles:read", "List castles"),
            ("castles:create", "Create castles"),
            ("castles:update", "Update castles"),
            ("castles:delete", "Delete castles"),
        ] {
            builder = builder.permission(codename, name);
        }
        for field in fields {
            builder = builder.user_field(field);
        }
        for (name, values) in recorded["clients"].as_object().unwrap() {
            builder = builder.client(client(name, values));
        }
        for (name, values) in recorded["users"].as_object().unwrap() {
            builder = builder.user(user(name, values));
        }
        Self { server: builder.start().unwrap(), recorded }
    }

    pub fn base_url(&self) -> &str {
        self.server.base_url()
    }

    pub fn now(&self) -> i64 {
        self.server.clock().now().as_secs()
    }

    pub fn pass(&self, seconds: u64) {
        self.server.clock().forward(Duration::from_secs(seconds));
    }

    /// A string of the recorded server, with the addresses of this one.
    pub fn translate(&self, text: &str) -> String {
        let host = self.base_url().strip_prefix("http://").unwrap();
        let port = host.rsplit(':').next().unwrap();
        text.replace("localhost:8765", host).replace("127.0.0.1:8765", &format!("127.0.0.1:{port}"))
    }
}

fn tenant(values: &Value) -> Tenant {
    let mut tenant = Tenant::new("Second");
    tenant.id = Some(id(values));
    tenant
}

fn fields() -> Vec<UserField> {
    let mut newsletter = UserField::new("newsletter", FieldType::Boolean);
    newsletter.default = Some(json!(false));
    let mut title = UserField::new("title", FieldType::Choice);
    title.choices = [("duchess", "Duchess"), ("queen", "Queen")]
        .map(|(value, label)| (value.to_owned(), label.to_owned()))
        .into();
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

fn client(name: &str, values: &Value) -> Client {
    let text = |name: &str| values[name].as_str().unwrap().to_owned();
    let mut client = Client::confidential(text("client_id"), text("client_secret")).name(name);
    if values["client_type"] == "public" {
        client = Client::public(text("client_id")).name(name);
        client.client_secret = Some(text("client_secret"));
    }
    client.id = Some(id(values));
    for uri in values["redirect_uris"].as_array().unwrap() {
        client = client.redirect_uri(uri.as_str().unwrap());
    }
    if values["first_party"] == false {
        client = client.third_party();
    }
    if values["tenant"] != "default" {
        client = client.tenant(text("tenant"));
    }
    if !values["encryption_key"].is_null() {
        client = client.encryption_key(values["encryption_key"].clone());
    }
    match name {
        "expired" => client.token_lifetime(0).refresh_lifetime(0),
        "expired_code" => client.code_lifetime(0),
        "long_lived" | "long_lived_encrypted" => client.token_lifetime(315_360_000),
        _ => client,
    }
}

fn user(name: &str, values: &Value) -> User {
    let text = |name: &str| values[name].as_str().unwrap();
    let mut user = User::new(text("email"), text("password")).id(id(values));
    for permission in values["permissions"].as_array().unwrap() {
        user = user.permission(permission.as_str().unwrap());
    }
    if values["email_verified"] == false {
        user = user.unverified();
    }
    if values["tenant"] != "default" {
        user = user.tenant(text("tenant"));
    }
    if name == "anne" {
        for (slug, value) in annes_fields().as_object().unwrap() {
            user = user.field(slug, value.clone());
        }
    }
    user
}

fn annes_fields() -> Value {
    json!({
        "first_name": "Anne",
        "last_name": "De Bretagne",
        "castles": 3,
        "newsletter": true,
        "birthdate": "1477-01-25",
        "coronation": "1492-02-08T12:00:00Z",
        "title": "duchess",
        "phone": "+33240202020",
        "address": {
            "line1": "4 place Marc Elder",
            "postal_code": "44000",
            "city": "Nantes",
            "country": "FR",
        },
        "timezone": "Europe/Paris",
    })
}

fn id(values: &Value) -> uuid::Uuid {
    values["id"].as_str().unwrap().parse().unwrap()
}
