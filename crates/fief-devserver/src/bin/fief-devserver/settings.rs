//! The settings of the server, from the arguments and the configuration file.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
};

use fief_devserver::{Client, Settings, Tenant, User, generate_encryption_key};
use serde_json::Value;

use crate::{arguments::Arguments, problem::Problem};

/// The size of new encryption keys, in bits.
const BITS: u16 = 2048;

/// The settings of the configuration file, if there is one, with defaults for what it leaves out,
/// and the tenants of the arguments.
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

/// With a client of each type and a user, so that there is something to sign in to.
fn add_tenant(settings: &mut Settings, name: &str) {
    let tenant = Tenant::new(name);
    let slug = tenant.slug_or_default();
    let confidential = Client::confidential(&slug, format!("{slug}-secret")).name(name);
    let public = Client::public(format!("{slug}-public")).name(format!("{name} (public)"));
    for (client, default) in
        [confidential, public].into_iter().zip(Settings::default().or_default().clients)
    {
        let mut client = client.tenant(&slug);
        client.redirect_uris = default.redirect_uris;
        settings.clients.push(client);
    }
    settings.users.push(User::new("anne@bretagne.duchy", "hermine-tincture-1488").tenant(slug));
    settings.tenants.push(tenant);
}

/// Encrypts the ID tokens of the default client if the arguments say so. Returns the message about
/// the key.
pub fn encrypt(arguments: &Arguments, settings: &mut Settings) -> Result<String, Problem> {
    let Some(file) = &arguments.encrypt else { return Ok(String::new()) };
    let client = settings.clients.first_mut().ok_or(Problem::new("there is no client."))?;
    if client.encryption_key.is_some() {
        let words = "the default client has an encryption key in the configuration file already.";
        return Err(Problem::new(words));
    }
    let (key, told) = match file {
        Some(path) => (kept(path)?, format!("in {}", path.display())),
        None => {
            let key = generate()?;
            (key.clone(), key.to_string())
        }
    };
    client.encryption_key = Some(key);
    Ok(format!("\nEncryption key\n  encryption key    {told}\n"))
}

/// The key in that file, which is created for its owner alone if it does not exist, and never
/// overwritten.
fn kept(path: &Path) -> Result<Value, Problem> {
    match fs::read(path) {
        Ok(kept) => {
            return serde_json::from_slice(&kept).map_err(|error| Problem::file(path, &error));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(Problem::file(path, &error)),
    }
    // Made before the file, so that a start that is broken off leaves no empty one.
    let key = generate()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written =
        options.open(path).and_then(|mut file| file.write_all(format!("{key}\n").as_bytes()));
    written.map_err(|error| Problem::file(path, &error))?;
    Ok(key)
}

fn generate() -> Result<Value, Problem> {
    generate_encryption_key(BITS).map_err(|error| Problem::new(format!("{error}.")))
}
