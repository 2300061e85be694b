//! An example that runs until the test ends.

#![allow(dead_code, reason = "each test uses its part")]

use std::{
    env,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{self, Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering::SeqCst},
};

pub struct Program {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Program {
    /// On a free port.
    pub fn start(example: &str, arguments: &[&str]) -> Self {
        // Examples are built along with the tests, next to them.
        let mut path: PathBuf = env::current_exe().unwrap();
        path.pop();
        path.pop();
        path.extend(["examples", &format!("{example}{}", env::consts::EXE_SUFFIX)]);
        let mut command = Command::new(path);
        for variable in
            ["FIEF_BASE_URL", "FIEF_CLIENT_ID", "FIEF_CLIENT_SECRET", "FIEF_WEBHOOK_SECRET"]
        {
            command.env_remove(variable);
        }
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

/// A free port, outside of the range that the system assigns by itself.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let offset = process::id() * 41 + u32::from(NEXT.fetch_add(1, SeqCst));
        let port = 20_000 + u16::try_from(offset % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// An HTTP client that follows no redirect and returns an answer for every status.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}
