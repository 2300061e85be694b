//! Encryption of the ID tokens of the default client.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use fief_devserver::{Settings, generate_encryption_key};
use serde_json::Value;

use crate::{arguments::Arguments, problem::Problem};

/// The size of new keys, in bits.
const BITS: u16 = 2048;

/// Where the private key is, for whoever decrypts.
pub enum Encryption {
    Kept(PathBuf),
    Shown(Value),
}

/// Gives the default client a key if that was asked for.
pub fn set_up(
    arguments: &Arguments,
    settings: &mut Settings,
) -> Result<Option<Encryption>, Problem> {
    let Some(file) = &arguments.encrypt else { return Ok(None) };
    let client = settings.clients.first_mut().ok_or(Problem::new("there is no client."))?;
    if client.encryption_key.is_some() {
        let words = "the default client has an encryption key in the configuration file already.";
        return Err(Problem::new(words));
    }
    let (key, encryption) = match file {
        Some(path) => (kept(path)?, Encryption::Kept(path.clone())),
        None => {
            let key = generate()?;
            (key.clone(), Encryption::Shown(key))
        }
    };
    client.encryption_key = Some(key);
    Ok(Some(encryption))
}

/// The key in that file, which is made if it isn't there.
fn kept(path: &Path) -> Result<Value, Problem> {
    match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| Problem::file(path, &error)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = generate()?;
            fs::write(path, format!("{key}\n")).map_err(|error| Problem::file(path, &error))?;
            Ok(key)
        }
        Err(error) => Err(Problem::file(path, &error)),
    }
}

fn generate() -> Result<Value, Problem> {
    generate_encryption_key(BITS).map_err(|error| Problem::new(format!("{error}.")))
}
