//! The clients and users of the server, for its first page and for the terminal.

use std::fmt::Write;

use crate::{
    http::app::App,
    store::{Client, Store, Tenant, User},
};

/// How many clients and users are shown; the administration shows all.
const SHOWN: usize = 10;

/// The overview of all tenants, and the URLs of all else.
pub(crate) fn printed(app: &App, origin: &str) -> String {
    let store = app.store();
    let mut lines = Lines::default();
    for tenant in store.tenants() {
        let overview = Overview::of(&store, tenant, origin);
        if !tenant.is_default {
            lines.heading(&format!("Tenant {}", tenant.name));
        }
        overview.print(&mut lines);
    }
    lines.heading("On this server");
    lines.add("first page", &format!("{origin}/"));
    lines.add("admin pages", &format!("{origin}/admin/"));
    lines.add("admin API", &format!("{origin}/admin/api/"));
    lines.add("its key", app.api_key());
    lines.add("try the API", &format!("{origin}/docs"));
    lines.add("discovery", &format!("{origin}/.well-known/openid-configuration"));
    lines.heading("For an .env file");
    let _ = writeln!(lines.0, "{}", Overview::of(&store, &store.default_tenant, origin).env());
    lines.0
}

/// The clients and users of a tenant.
pub(crate) struct Overview<'a> {
    pub(crate) base_url: String,
    pub(crate) clients: Vec<&'a Client>,
    pub(crate) users: Vec<&'a User>,
}

impl<'a> Overview<'a> {
    pub(crate) fn of(store: &'a Store, tenant: &Tenant, origin: &str) -> Self {
        let clients = store.clients.iter().filter(|client| client.tenant == tenant.id);
        let users = store.users.iter().filter(|user| user.tenant == tenant.id);
        Self {
            base_url: format!("{origin}{}", tenant.prefix()),
            clients: clients.take(SHOWN).collect(),
            users: users.take(SHOWN).collect(),
        }
    }

    fn print(&self, lines: &mut Lines) {
        lines.add("base URL", &self.base_url);
        for client in &self.clients {
            if client.is_confidential() {
                lines.add("client ID", &client.client_id);
                lines.add("client secret", &client.client_secret);
            } else {
                lines.add("public client ID", &client.client_id);
            }
            for uri in &client.redirect_uris {
                lines.add("redirect URI", uri);
            }
        }
        for User { email, password, .. } in &self.users {
            lines.add("user", &format!("{email}  password {password}"));
        }
    }

    /// Lines for an `.env` file: the first confidential client, and the first public one.
    pub(crate) fn env(&self) -> String {
        let mut lines = vec![format!("FIEF_BASE_URL={}", self.base_url)];
        if let Some(client) = self.clients.iter().find(|client| client.is_confidential()) {
            lines.push(format!("FIEF_CLIENT_ID={}", quoted(&client.client_id)));
            lines.push(format!("FIEF_CLIENT_SECRET={}", quoted(&client.client_secret)));
        }
        if let Some(client) = self.clients.iter().find(|client| !client.is_confidential()) {
            lines.push(format!("FIEF_PUBLIC_CLIENT_ID={}", quoted(&client.client_id)));
        }
        lines.join("\n")
    }
}

/// Quoted as shells and readers of `.env` files both accept.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn heading(&mut self, heading: &str) {
        let _ = writeln!(self.0, "\n{heading}");
    }

    fn add(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.0, "  {name:<16}  {value}");
    }
}
