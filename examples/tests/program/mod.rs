//! An example that runs until the test ends.

#![allow(dead_code, reason = "each test uses its part")]

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
};

use fief_devserver::sign_in;
use fief_ureq::Fief;

pub use fief_testkit::free_port;

pub struct Program {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Program {
    /// On a free port.
    pub fn start(example: &str, arguments: &[&str]) -> Self {
        let mut command = self::example(example);
        command.env("FIEF_EXAMPLES_PORT", free_port().to_string());
        command.args(["--port", "0"]).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// The rest of the next line that begins with this word.
    pub fn says(&mut self, word: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "it ends without `{word}`");
            if let Some((_, rest)) = line.split_once(word) {
                return rest.trim().to_owned();
            }
        }
    }

    /// The URL at the beginning of such a line.
    pub fn url(&mut self, word: &str) -> String {
        let rest = self.says(word);
        let end = rest.find([',', ' ']).unwrap_or(rest.len());
        rest[..end].to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An example that is told by its arguments alone what to do.
pub fn example(name: &str) -> Command {
    // Examples are built along with the tests, next to them.
    let mut path: PathBuf = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend(["examples", &format!("{name}{}", env::consts::EXE_SUFFIX)]);
    let mut command = Command::new(path);
    for variable in ["FIEF_BASE_URL", "FIEF_CLIENT_ID", "FIEF_CLIENT_SECRET", "FIEF_WEBHOOK_SECRET"]
    {
        command.env_remove(variable);
    }
    command
}

/// An HTTP client that follows no redirect and returns an answer for every status.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

/// What an API answers.
pub struct Answer {
    pub status: u16,
    pub challenge: String,
    pub body: String,
}

/// Asks with this access token, or without.
pub fn get(url: &str, token: Option<&str>) -> Answer {
    let mut request = agent().get(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut response = request.call().unwrap();
    let challenge = response.headers().get("www-authenticate");
    let challenge = challenge.map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = response.body_mut().read_to_string().unwrap();
    Answer { status: response.status().as_u16(), challenge, body }
}

/// An access token of that user.
pub fn token(fief: &Fief, redirect_uri: &str, (email, password): (&str, &str)) -> String {
    let login = fief.login(redirect_uri).unwrap();
    let callback = sign_in(&login.url, email, password).unwrap();
    let (tokens, _) = fief.finish_login(login.pending, &callback).unwrap();
    tokens.access_token.expose().to_owned()
}
