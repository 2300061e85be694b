//! What there is, for whoever wants to sign in.

use fief_devserver::{Client, DevServer, Settings, User};

use crate::encryption::Encryption;

/// Where the server is and what is in it.
pub fn report(server: &DevServer, settings: &Settings, encryption: Option<&Encryption>) -> String {
    let mut lines = Lines(String::new());
    lines.text("Fief for development. It protects nothing, and forgets all when it ends.");
    lines.text("");
    tenant(&mut lines, server, settings, None);
    for tenant_settings in &settings.tenants {
        let slug = tenant_settings.slug_or_default();
        lines.text("");
        lines.text(&format!("Tenant {}", tenant_settings.name));
        tenant(&mut lines, server, settings, Some(&slug));
    }
    lines.text("");
    let at = |path: &str| format!("{}{path}", server.base_url());
    lines.line("admin pages", &at("/admin/"));
    lines.line("admin API", &at("/admin/api/"));
    lines.line("its key", server.api_key().expose());
    lines.line("try the API", &at("/docs"));
    lines.line("discovery", &at("/.well-known/openid-configuration"));
    match encryption {
        None => {}
        Some(Encryption::Kept(path)) => {
            lines.line("encryption key", &format!("in {}", path.display()));
        }
        Some(Encryption::Shown(key)) => lines.line("encryption key", &key.to_string()),
    }
    lines.text("");
    lines.text("Ctrl-C ends it.");
    lines.0
}

/// A tenant, its clients and its users; the default one without a slug.
fn tenant(lines: &mut Lines, server: &DevServer, settings: &Settings, slug: Option<&str>) {
    let base_url =
        slug.map_or_else(|| server.base_url().to_owned(), |slug| server.tenant_url(slug));
    lines.line("base URL", &base_url);
    let here =
        |tenant: &Option<String>| tenant.as_deref().filter(|tenant| *tenant != "default") == slug;
    for client in settings.clients.iter().filter(|client| here(&client.tenant)) {
        lines.line("client ID", &client.client_id);
        lines.line("client secret", &secret(server, client));
        for uri in &client.redirect_uris {
            lines.line("redirect URI", uri);
        }
    }
    for User { email, password, .. } in settings.users.iter().filter(|user| here(&user.tenant)) {
        lines.line("user", &format!("{email}  password {password}"));
    }
}

/// One that was drawn is shown for the default client; for the others the admin pages do.
fn secret(server: &DevServer, client: &Client) -> String {
    match &client.client_secret {
        Some(secret) => secret.clone(),
        None if client.client_id == server.client_id() => {
            server.client_secret().expose().to_owned()
        }
        None => "drawn; the admin pages show it".to_owned(),
    }
}

struct Lines(String);

impl Lines {
    fn text(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn line(&mut self, name: &str, value: &str) {
        self.text(&format!("  {name:<15}  {value}"));
    }
}
