//! From a recipe to a token.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fief_vectors::define::Definitions;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::content;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How a token is made: signed, encrypted, or another one damaged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    /// The key that signs.
    sign: Option<String>,
    /// The header, as JSON or else as an exact string or bytes.
    header: Option<Value>,
    header_text: Option<String>,
    header_hex: Option<String>,
    /// The claims, as JSON or else as an exact string or bytes.
    claims: Option<Map<String, Value>>,
    claims_text: Option<String>,
    claims_hex: Option<String>,
    /// Claims that are the hash of a string.
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    /// Whether those hashes lose their last characters.
    #[serde(default)]
    cut_hashes: bool,

    /// The key for which `text` is encrypted.
    encrypt: Option<String>,
    text: Option<String>,
    /// The content encryption, if it is not the one that the header states.
    content: Option<String>,
    #[serde(default)]
    bad_padding: bool,
    /// Whether only a part of the content key is wrapped.
    #[serde(default)]
    short_cek: bool,

    /// The token that is damaged, and how.
    from: Option<String>,
    damage: Option<String>,
}

/// Makes tokens, and keeps those made so far.
pub struct Mint {
    definitions: Definitions,
    keys: PathBuf,
    previous: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
}

impl Mint {
    /// With the keys of a folder and the tokens of an earlier run.
    pub fn new(material: &Path, previous: BTreeMap<String, String>) -> Result<Self> {
        let definitions = Definitions::without_tokens()?;
        Ok(Self { definitions, keys: material.join("keys"), previous, tokens: BTreeMap::new() })
    }

    /// Makes the tokens of all recipes; one may refer to the token of another.
    pub fn all(mut self, recipes: &Map<String, Value>) -> Result<BTreeMap<String, String>> {
        let mut waiting: Vec<(&String, &Value)> = recipes.iter().collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut next = Vec::new();
            for (name, recipe) in waiting {
                match self.definitions.resolve(recipe) {
                    Ok(resolved) => self.make(name, resolved)?,
                    Err(_) => next.push((name, recipe)),
                }
            }
            if next.len() == before {
                return Err(match next.first() {
                    Some((name, recipe)) => match self.definitions.resolve(recipe) {
                        Err(error) => format!("{name}: {error}").into(),
                        Ok(_) => "recipes refer to each other".into(),
                    },
                    None => "nothing to do".into(),
                });
            }
            waiting = next;
        }
        Ok(self.tokens)
    }

    fn make(&mut self, name: &str, recipe: Value) -> Result<()> {
        let recipe: Recipe =
            serde_json::from_value(recipe).map_err(|error| format!("{name}: {error}"))?;
        let token = match &recipe {
            Recipe { sign: Some(key), .. } => self.sign(key, &recipe),
            Recipe { encrypt: Some(key), .. } => self.encrypt(name, key, &recipe),
            Recipe { from: Some(token), damage: Some(damage), .. } => damaged(token, damage),
            _ => Err("neither signed nor encrypted nor damaged".into()),
        };
        let token = token.map_err(|error| format!("{name}: {error}"))?;
        let mut definition = Map::new();
        definition.insert(name.to_owned(), token.clone().into());
        self.definitions.add(definition)?;
        self.tokens.insert(name.to_owned(), token);
        Ok(())
    }

    fn sign(&self, key: &str, recipe: &Recipe) -> Result<String> {
        let header = recipe.header.clone().unwrap_or_else(|| json!({"alg": "RS256", "kid": key}));
        let header_bytes = match (&recipe.header_text, &recipe.header_hex) {
            (Some(text), _) => text.clone().into_bytes(),
            (_, Some(hex)) => unhex(hex)?,
            _ => serde_json::to_vec(&header)?,
        };
        let claims = match (&recipe.claims, &recipe.claims_text, &recipe.claims_hex) {
            (_, Some(text), _) => text.clone().into_bytes(),
            (_, _, Some(hex)) => unhex(hex)?,
            (claims, ..) => {
                let mut claims = claims.clone().unwrap_or_default();
                for (name, text) in &recipe.hashes {
                    let length = if recipe.cut_hashes { 12 } else { 16 };
                    let hash = Sha256::digest(text.as_bytes());
                    let hash = hash.get(..length).unwrap_or_default();
                    claims.insert(name.clone(), URL_SAFE_NO_PAD.encode(hash).into());
                }
                serde_json::to_vec(&claims)?
            }
        };
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header_bytes), URL_SAFE_NO_PAD.encode(claims));
        let key = fs::read(self.keys.join(format!("{key}.pem")))?;
        let rsa = EncodingKey::from_rsa_pem(&key)?;
        // Signs with an explicit backend: `jsonwebtoken` has no default if both are compiled in.
        let sign = |key: &EncodingKey, algorithm: Algorithm| -> Result<String> {
            let signer = (DEFAULT_PROVIDER.signer_factory)(&algorithm, key)?;
            Ok(URL_SAFE_NO_PAD.encode(signer.try_sign(message.as_bytes())?))
        };
        let signature = match header.get("alg").and_then(Value::as_str) {
            Some("none") => String::new(),
            Some("HS256") => sign(&EncodingKey::from_secret(&key), Algorithm::HS256)?,
            Some("RS384") => sign(&rsa, Algorithm::RS384)?,
            _ => sign(&rsa, Algorithm::RS256)?,
        };
        Ok(format!("{message}.{signature}"))
    }

    fn encrypt(&self, name: &str, key: &str, recipe: &Recipe) -> Result<String> {
        let header = recipe.header.as_ref().ok_or("`header` is missing")?;
        let text = recipe.text.as_deref().ok_or("`text` is missing")?;
        let enc = recipe.content.as_deref().or_else(|| header.get("enc")?.as_str());
        let protected = URL_SAFE_NO_PAD.encode(serde_json::to_vec(header)?);
        let sealed = content::seal(
            enc.ok_or("`enc` is missing")?,
            name,
            protected.as_bytes(),
            text.as_bytes(),
            recipe.bad_padding,
        )?;
        let cek = if recipe.short_cek { sealed.key.get(..16) } else { Some(&*sealed.key) };
        let cek = cek.ok_or("the content key is short already")?;
        let [iv, ciphertext, tag] =
            [sealed.iv, sealed.ciphertext, sealed.tag].map(|part| URL_SAFE_NO_PAD.encode(part));
        let wrapped = self.wrap(name, key, cek)?;
        Ok(format!("{protected}.{wrapped}.{iv}.{ciphertext}.{tag}"))
    }

    /// RSA-OAEP is randomised: an earlier result is kept while it opens to the same key.
    fn wrap(&self, name: &str, key: &str, cek: &[u8]) -> Result<String> {
        let pem = fs::read_to_string(self.keys.join(format!("{key}.pem")))?;
        let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let private = PrivateDecryptingKey::from_pkcs8(&STANDARD.decode(der)?)?;
        let public = OaepPublicEncryptingKey::new(private.public_key())?;
        let private = OaepPrivateDecryptingKey::new(private)?;
        if let Some(part) = self.previous.get(name).and_then(|token| token.split('.').nth(1)) {
            let mut opened = vec![0; private.min_output_size()];
            let wrapped = URL_SAFE_NO_PAD.decode(part)?;
            let opened = private.decrypt(&OAEP_SHA256_MGF1SHA256, &wrapped, &mut opened, None).ok();
            if opened.is_some_and(|opened| opened == cek) {
                return Ok(part.to_owned());
            }
        }
        let mut wrapped = vec![0; public.ciphertext_size()];
        let wrapped = public.encrypt(&OAEP_SHA256_MGF1SHA256, cek, &mut wrapped, None)?;
        Ok(URL_SAFE_NO_PAD.encode(wrapped))
    }
}

/// Damages one part of a token, given whole.
fn damaged(token: &str, damage: &str) -> Result<String> {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let index = match damage {
        "aad" => 0,
        "claims" => 1,
        "ciphertext" => 3,
        "tag" => 4,
        _ => 2,
    };
    let part = parts.get_mut(index).ok_or("the token has too few parts")?;
    *part = match damage {
        "aad" => URL_SAFE_NO_PAD.encode([&URL_SAFE_NO_PAD.decode(&*part)?[..], b" "].concat()),
        "claims" => {
            let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(&*part)?)?;
            URL_SAFE_NO_PAD.encode(claims.replace("castles:read", "castles:edit"))
        }
        "standard_alphabet" => part.replace('-', "+").replace('_', "/"),
        "short_signature" => part.get(..part.len() - 2).ok_or("the part is too short")?.to_owned(),
        "trailing_bits" => trailing_bits(part)?,
        "ciphertext" | "iv" | "signature" | "tag" => {
            let mut bytes = URL_SAFE_NO_PAD.decode(&*part)?;
            *bytes.first_mut().ok_or("the part is empty")? ^= 1;
            URL_SAFE_NO_PAD.encode(bytes)
        }
        _ => return Err(format!("there is no damage `{damage}`").into()),
    };
    let result = parts.join(".");
    if result == token { Err("the damage changed nothing".into()) } else { Ok(result) }
}

/// Sets an unused bit of the last character.
fn trailing_bits(part: &str) -> Result<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = part.split_at(part.len() - 1);
    let index = ALPHABET.find(last).ok_or("not base64url")?;
    let changed = ALPHABET.chars().nth(index | 1).ok_or("not base64url")?;
    Ok(format!("{rest}{changed}"))
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|index| {
            let digits = text.get(index..index + 2).ok_or("odd number of digits")?;
            Ok(u8::from_str_radix(digits, 16)?)
        })
        .collect()
}
