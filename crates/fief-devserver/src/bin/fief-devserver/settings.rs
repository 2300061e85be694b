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

/// With a client and a user, so that there is something to sign in to.
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
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let problem = |error: &std::io::Error| Problem::file(path, error);
    match options.open(path) {
        Ok(mut file) => {
            let key = generate()?;
            file.write_all(format!("{key}\n").as_bytes()).map_err(|error| problem(&error))?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let kept = fs::read(path).map_err(|error| problem(&error))?;
            serde_json::from_slice(&kept).map_err(|error| Problem::file(path, &error))
        }
        Err(error) => Err(problem(&error)),
    }
}

fn generate() -> Result<Value, Problem> {
    generate_encryption_key(BITS).map_err(|error| Problem::new(format!("{error}.")))
}
