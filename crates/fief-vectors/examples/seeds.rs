//! Writes the seeds of the fuzz targets from the vectors and their tokens, so that a fuzzer begins
//! with every hostile or odd input that is already known.
//!
//! ```text
//! cargo run -p fief-vectors --example seeds
//! ```
//!
//! The forms are those that the targets read. Seeds of the target `structured` are binary, and not
//! made here.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_vectors::format::{Call, Config, Exchange, Response, Vector};
use fief_vectors::load::load;
use serde_json::{Map, Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The longest seed, in bytes. Long inputs make fuzzing slow, and a fuzzer finds them by itself.
const LONGEST: usize = 6 * 1024;

/// Target, name of the seed, content.
type Seeds = BTreeMap<(&'static str, String), Vec<u8>>;

fn main() -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = Seeds::new();
    let tokens: BTreeMap<String, String> =
        serde_json::from_str(&fs::read_to_string(here.join("material/tokens.json"))?)?;
    for (name, token) in &tokens {
        add_token(&mut seeds, name, token, &tokens);
    }
    for loaded in load([here.join("vectors")])? {
        let vector = loaded.placed("https://fief.example")?;
        add_vector(&mut seeds, &vector);
    }
    for (name, callback) in callbacks() {
        seeds.insert(("callback", name.to_owned()), callback.into());
    }
    let folder = here.join("../../fuzz/seeds");
    let written = write(&folder, seeds)?;
    println!("{written} seeds");
    Ok(())
}

/// Callbacks of the login that the target has begun itself, whose state is all sevens.
fn callbacks() -> [(&'static str, String); 4] {
    let state = URL_SAFE_NO_PAD.encode([7; 32]);
    let base = "https://app.example/callback";
    [
        ("own-success", format!("{base}?code=hermine-code-1488&state={state}")),
        ("own-issuer", format!("code=c&state={state}&iss=https%3A%2F%2Ffief.example#fragment")),
        ("own-denial", format!("/callback?error=access_denied&error_description=No&state={state}")),
        ("own-letters", format!("?state={state}&error=e&error_description=N&error_description=o")),
    ]
}

/// Each content once for a target.
fn write(folder: &Path, seeds: Seeds) -> Result<usize> {
    let mut known = BTreeSet::new();
    let mut written = 0;
    for ((target, name), content) in seeds {
        if content.len() > LONGEST || !known.insert((target, content.clone())) {
            continue;
        }
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), content)?;
        written += 1;
    }
    Ok(written)
}

/// A token as it is, and as readable header and claims.
fn add_token(seeds: &mut Seeds, name: &str, token: &str, tokens: &BTreeMap<String, String>) {
    if name.starts_with("jwe") {
        seeds.insert(("jwe", format!("{name}.token")), token.into());
        // The content is encrypted and can't be read here, so that each header gets the same ID
        // token.
        let inside = tokens.get("id").and_then(|id| apart(id)).unwrap_or_default();
        if let Some(header) = token.split('.').next().and_then(text) {
            let apart = format!("{header}\n{inside}");
            seeds.insert(("jwe", format!("{name}.text")), apart.into());
        }
        return;
    }
    match apart(token) {
        Some(apart) => seeds.insert(("jws", format!("{name}.text")), apart.into()),
        None => seeds.insert(("jws", format!("{name}.token")), token.into()),
    };
    if ["access", "id", "access_second", "access_no_kid_second"].contains(&name) {
        seeds.insert(("jws", format!("{name}.token")), token.into());
    }
}

fn apart(token: &str) -> Option<String> {
    let mut parts = token.split('.').map(text);
    let (header, claims) = (parts.next()??, parts.next()??);
    header.starts_with('{').then(|| format!("{header}\n{claims}"))
}

fn text(part: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains('\n')).then_some(text)
}

fn add_vector(seeds: &mut Seeds, vector: &Vector) {
    let name = vector.id.replace('/', "-");
    seeds.insert(("base_url", name.clone()), base_url(&vector.config).into());
    if let Some(key) = &vector.config.encryption_key {
        let text = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        seeds.insert(("jwk_import", name.clone()), text.into());
    }
    if let Some(known) = &vector.provider {
        for (target, document) in [("discovery", &known.discovery), ("key_set", &known.keys)] {
            seeds.insert((target, format!("{name}-known")), document.to_string().into());
        }
    }
    for (number, call) in vector.calls.iter().enumerate() {
        add_call(seeds, &format!("{name}-{number}"), call);
    }
}

fn base_url(config: &Config) -> String {
    let line = |text: &Option<String>| text.clone().unwrap_or_default();
    let (host, public) = (line(&config.host), line(&config.public_url));
    format!("{}\n{host}\n{public}\n{}", config.base_url, line(&config.issuer))
}

fn add_call(seeds: &mut Seeds, name: &str, call: &Call) {
    let arguments = &call.arguments;
    let argument = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    match call.operation.as_str() {
        "finish_login" => {
            let seed = format!("{}\n{}", member(arguments, "pending"), argument("callback"));
            seeds.insert(("callback", name.to_owned()), seed.into());
        }
        "auth_url" => {
            seeds.insert(("authorization_url", name.to_owned()), query(arguments).into());
        }
        "verify_webhook" => {
            let seed = format!("1790000000\nsign\n{}", argument("body"));
            seeds.insert(("webhook", name.to_owned()), seed.into());
            seeds.insert(("webhook", format!("{name}-headers")), delivery(arguments).into());
        }
        _ => {}
    }
    for (number, exchange) in call.exchanges.iter().enumerate() {
        add_exchange(seeds, &format!("{name}-{number}"), exchange);
    }
    if let Some(value @ Value::Object(members)) = &call.value
        && members.contains_key("tokens")
    {
        let user = json!({ "userinfo": value["user"], "tokens": value["tokens"] });
        seeds.insert(("credentials_file", name.to_owned()), user.to_string().into());
    }
}

fn member(arguments: &Map<String, Value>, name: &str) -> Value {
    arguments.get(name).cloned().unwrap_or_default()
}

/// The arguments as a query. Lists are joined with spaces.
fn query(arguments: &Map<String, Value>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in arguments {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let text = match value {
            Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
            Value::Object(members) => {
                query.extend_pairs(members.iter().map(|(name, value)| (name, plain(value))));
                continue;
            }
            value => plain(value),
        };
        query.append_pair(name, &text);
    }
    query.finish()
}

/// Timestamp, signature and body, one per line.
fn delivery(arguments: &Map<String, Value>) -> String {
    let header = |name: &str| {
        let headers = arguments.get("headers").and_then(Value::as_array).into_iter().flatten();
        let mut values = headers.filter_map(|pair| {
            let found = pair.get(0)?.as_str()?;
            found.to_ascii_lowercase().ends_with(name).then(|| pair.get(1)?.as_str()).flatten()
        });
        values.next().unwrap_or_default().to_owned()
    };
    let body = member(arguments, "body");
    format!(
        "{}\n{}\n{}",
        header("timestamp"),
        header("signature"),
        body.as_str().unwrap_or_default()
    )
}

fn add_exchange(seeds: &mut Seeds, name: &str, exchange: &Exchange) {
    let Some(response) = &exchange.response else { return };
    let path = exchange.request.path.as_str();
    let target = match path {
        _ if !(200..300).contains(&response.status) => {
            seeds.insert(("error_answer", name.to_owned()), refusal(response).into());
            return;
        }
        _ if path.ends_with("/openid-configuration") => "discovery",
        _ if path.ends_with("/jwks.json") => "key_set",
        _ if path.ends_with("/token") => "token_answer",
        _ => "userinfo",
    };
    seeds.insert((target, name.to_owned()), body(response).into());
}

fn refusal(response: &Response) -> String {
    let headers = response
        .headers
        .iter()
        .fold(String::new(), |headers, (name, value)| format!("{headers}\n{name}: {value}"));
    format!("{}{headers}\n\n{}", response.status, body(response))
}

fn body(response: &Response) -> String {
    let json = response.json.as_ref().map(Value::to_string);
    json.or_else(|| response.body.clone()).unwrap_or_default()
}
