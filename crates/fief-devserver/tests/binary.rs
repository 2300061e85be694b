//! The program: its start, its output and its end.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests and their helpers: a failed expectation must stop them"
)]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
};

use fief_devserver::sign_in;
use fief_ureq::{Config, Fief, Requirements};
use tempfile::TempDir;

const CALLBACK: &str = "http://localhost:8000/callback";

#[test]
fn it_says_what_there_is_and_that_is_true() {
    let running = Running::start(&["--port", "0"]);
    let told = &running.told["base URL"];
    let base_url = told[0].as_str();
    let config = Config::new(base_url, running.first("client ID"));
    let fief = Fief::new(config.client_secret(running.first("client secret"))).unwrap();
    for user in &running.told["user"] {
        let (email, password) = user.split_once("  password ").unwrap();
        let login = fief.login(CALLBACK).unwrap();
        let callback = sign_in(&login.url, email, password).unwrap();
        let (_, user) = fief.finish_login(login.pending, &callback).unwrap();
        assert_eq!(user.email.as_deref(), Some(email));
    }
    assert_eq!(running.told["user"].len(), 2);
    let public = Config::new(base_url, running.first("public client ID"));
    let fief = Fief::new(public).unwrap();
    let login = fief.login("http://localhost:51562/callback").unwrap();
    let callback = sign_in(&login.url, "anne@bretagne.duchy", "hermine-tincture-1488").unwrap();
    fief.finish_login(login.pending, &callback).unwrap();
    let env = [
        ("FIEF_BASE_URL", base_url),
        ("FIEF_CLIENT_ID", running.first("client ID")),
        ("FIEF_CLIENT_SECRET", running.first("client secret")),
        ("FIEF_PUBLIC_CLIENT_ID", running.first("public client ID")),
    ];
    assert_eq!(running.env, env.map(|(name, value)| format!("{name}={value}")));
    let discovery = ureq::get(running.first("discovery")).call().unwrap();
    assert_eq!(discovery.status(), 200);
    let api = format!("{}users/", running.first("admin API"));
    let key = format!("Bearer {}", running.first("its key"));
    assert_eq!(ureq::get(api).header("authorization", key).call().unwrap().status(), 200);
}

#[cfg(unix)]
#[test]
fn signals_end_it_well() {
    for signal in ["-INT", "-TERM"] {
        let mut running = Running::start(&["--port", "0"]);
        let id = running.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(running.child.wait().unwrap().code(), Some(0), "{signal}");
        let port = running.first("base URL").rsplit(':').next().unwrap().parse().unwrap();
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }
}

#[test]
fn a_file_fills_it() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("config.json");
    fs::write(
        &config,
        r#"{"clients": [{"client_id": "web", "redirect_uris": ["http://localhost:8000/callback"]}],
            "users": [{"email": "renee@bretagne.duchy", "password": "hermine",
                       "permissions": ["castles:read"], "fields": {"castles": 2}}]}"#,
    )
    .unwrap();
    let running = Running::start(&["--port", "0", "--config", config.to_str().unwrap()]);
    assert_eq!(running.told["client ID"], ["web"]);
    let config = Config::new(running.first("base URL"), "web");
    let fief = Fief::new(config.client_secret(running.first("client secret"))).unwrap();
    let login = fief.login(CALLBACK).unwrap();
    let callback = sign_in(&login.url, "renee@bretagne.duchy", "hermine").unwrap();
    let (tokens, user) = fief.finish_login(login.pending, &callback).unwrap();
    assert_eq!(user.fields.unwrap()["castles"], 2);
    let needed = Requirements::none().permissions(["castles:read"]);
    fief.validate_access_token(tokens.access_token.expose(), &needed).unwrap();
}

#[test]
fn the_file_of_the_readme_fills_it() {
    let (_, rest) = include_str!("../README.md").split_once("```json\n").unwrap();
    let (config, _) = rest.split_once("```").unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, config).unwrap();
    let running = Running::start(&["--port", "0", "--config", path.to_str().unwrap()]);
    assert_eq!(running.told["client ID"], ["web"]);
    assert_eq!(running.told["public client ID"], ["cli"]);
    assert_eq!(running.first("its key"), "admin-key");
    let config = Config::new(running.first("base URL"), "web").client_secret("web-secret");
    assert_eq!(encrypted_parts(config), 3);
}

#[test]
fn a_tenant_and_encryption_come_on_request() {
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("key.json");
    let key = key.to_str().unwrap();
    let arguments = ["--port", "0", "--tenant", "Second Castle", "--encrypt", key];
    for _ in 0..2 {
        let running = Running::start(&arguments);
        let jwk = fs::read_to_string(key).unwrap();
        let config = |at: usize| {
            let told = |name: &str| running.told[name][at].clone();
            Config::new(told("base URL"), told("client ID")).client_secret(told("client secret"))
        };
        assert_eq!(encrypted_parts(config(0).encryption_key(jwk)), 5);
        assert!(running.told["base URL"][1].ends_with("/second-castle"));
        assert_eq!(encrypted_parts(config(1)), 3);
        let public = &running.told["public client ID"][1];
        assert_eq!(public, "second-castle-public");
        assert_eq!(encrypted_parts(Config::new(&running.told["base URL"][1], public)), 3);
    }

    let running = Running::start(&["--port", "0", "--encrypt"]);
    let config = Config::new(running.first("base URL"), running.first("client ID"));
    let config = config.client_secret(running.first("client secret"));
    assert_eq!(encrypted_parts(config.encryption_key(running.first("encryption key"))), 5);
}

/// It is a private key; and an existing file must not be overwritten, whatever is in it.
#[cfg(unix)]
#[test]
fn an_encryption_key_is_kept_for_its_owner_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = TempDir::new().unwrap();
    let key = folder.path().join("key.json");
    drop(Running::start(&["--port", "0", "--encrypt", key.to_str().unwrap()]));
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);

    let kept = folder.path().join("kept");
    let dangling = folder.path().join("dangling");
    fs::write(&kept, "precious").unwrap();
    symlink(folder.path().join("nothing"), &dangling).unwrap();
    for file in [&kept, &dangling] {
        // An address that ends the program where the file has not.
        let arguments = ["--address", "0.0.0.0", "--encrypt"];
        let output = program().args(arguments).arg(file).output().unwrap();
        assert!(told_in_one_line(&output).contains(file.to_str().unwrap()));
    }
    assert_eq!(fs::read_to_string(&kept).unwrap(), "precious");
    assert!(!folder.path().join("nothing").exists());
}

fn encrypted_parts(config: Config) -> usize {
    let fief = Fief::new(config).unwrap();
    let login = fief.login(CALLBACK).unwrap();
    let callback = sign_in(&login.url, "anne@bretagne.duchy", "hermine-tincture-1488").unwrap();
    let (tokens, _) = fief.finish_login(login.pending, &callback).unwrap();
    tokens.id_token.expose().split('.').count()
}

#[test]
fn what_goes_wrong_is_told_in_clear_words() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let broken = file("broken.json", "{\n  \"clients\": [}\n");
    let unknown = file("unknown.json", "{\n\n  \"castles\": []}\n");
    let twice = file(
        "twice.json",
        r#"{"users": [{"email": "a@b.c", "password": "1"}, {"email": "a@b.c", "password": "2"}]}"#,
    );
    let elsewhere =
        file("elsewhere.json", r#"{"webhooks": [{"url": "http://192.0.2.1/", "secret": "s"}]}"#);
    for (arguments, words) in [
        (vec!["--port", &port], vec!["in use", "--port", &port]),
        (vec!["--config", &broken], vec!["broken.json", "line 2"]),
        (vec!["--config", &unknown], vec!["unknown.json", "castles", "line 3"]),
        (vec!["--config", "missing.json"], vec!["missing.json"]),
        (vec!["--config", &twice], vec!["a@b.c"]),
        (vec!["--config", &elsewhere], vec!["http://192.0.2.1/"]),
        (vec!["--encrypt", &twice], vec!["devserver", "RSA"]),
        (vec!["--address", "0.0.0.0"], vec!["--dangerous-listen-beyond-loopback"]),
        (vec!["--tenant", "!"], vec!["tenant"]),
    ] {
        let output = program().args(&arguments).output().unwrap();
        let told = told_in_one_line(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
    }
    let output = program().args(["--key-bits", "1024"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

fn told_in_one_line(output: &Output) -> String {
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(told.starts_with("error: ") && told.lines().count() == 1, "{told}");
    assert!(output.stdout.is_empty());
    told
}

#[test]
fn it_explains_itself() {
    let output = program().arg("--help").output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for option in ["--port", "--address", "--config", "--tenant", "--encrypt", "--key-bits"] {
        assert!(help.contains(option), "{help}");
    }
}

struct Running {
    child: Child,
    /// What it said, by name.
    told: BTreeMap<String, Vec<String>>,
    /// The lines for an `.env` file.
    env: Vec<String>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut env = Vec::new();
        for line in output.lines().map(Result::unwrap).take_while(|line| line != "Ctrl-C ends it.")
        {
            if line.starts_with("FIEF_") {
                env.push(line.clone());
            }
            let line = line.strip_prefix("  ").unwrap_or_default();
            if let Some((name, value)) = line.split_once("  ") {
                told.entry(name.to_owned()).or_default().push(value.trim_start().to_owned());
            }
        }
        Self { child, told, env }
    }

    fn first(&self, name: &str) -> &str {
        &self.told[name][0]
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_fief-devserver"))
}
