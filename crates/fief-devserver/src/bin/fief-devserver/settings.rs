//! What the server is filled with.

use std::fs;

use fief_devserver::{Client, Settings, Tenant, User};

use crate::{arguments::Arguments, problem::Problem};

/// From the configuration file if there is one, with the defaults for what it leaves out, and with
/// the tenants that were asked for.
pub fn gather(arguments: &Arguments) -> Result<Settings, Problem> {
    let mut settings = Settings::default();
    if let Some(path) = &arguments.config {
        let text = fs::read(path).map_err(|error| Problem::file(path, &error))?;
        settings = serde_json::from_slice(&text).map_err(|error| Problem::file(path, &error))?;
    }
    settings = settings.or_default();
    for name in &arguments.tenant {
        add_tenant(&mut settings, name);
    }
    Ok(settings)
}

/// With a client and a user, so that there is somebody to sign in.
fn add_tenant(settings: &mut Settings, name: &str) {
    let tenant = Tenant::new(name);
    let slug = tenant.slug_or_default();
    let secret = format!("{slug}-secret");
    let mut client = Client::confidential(&slug, secret).name(name).tenant(&slug);
    if let Some(default) = settings.clients.first() {
        client.redirect_uris.clone_from(&default.redirect_uris);
    }
    settings.clients.push(client);
    settings.users.push(User::new("anne@bretagne.duchy", "hermine-tincture-1488").tenant(slug));
    settings.tenants.push(tenant);
}
