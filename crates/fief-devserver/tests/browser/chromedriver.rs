//! The program that drives the browser.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// Where browser and driver are.
#[derive(Clone)]
pub struct Programs {
    pub chromium: PathBuf,
    chromedriver: PathBuf,
}

impl Programs {
    /// None if one of them is missing.
    pub fn find() -> Option<Self> {
        let chromium = ["chromium", "chromium-browser", "google-chrome"];
        Some(Self {
            chromium: chromium.into_iter().find_map(in_path)?,
            chromedriver: in_path("chromedriver")?,
        })
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A driver that runs; it ends with its browsers when this is dropped.
pub struct Chromedriver {
    process: Child,
    pub url: String,
    /// The files that it and its browsers leave, deleted after they have ended.
    _rest: TempDir,
}

impl Chromedriver {
    pub fn start(programs: &Programs) -> Self {
        let rest = TempDir::new().unwrap();
        let mut process = Command::new(&programs.chromedriver)
            .env("TMPDIR", rest.path())
            // It chooses a free port and prints it.
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let output = BufReader::new(process.stdout.take().unwrap());
        let port = output.lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver says its port");
        Self { process, url: format!("http://127.0.0.1:{port}"), _rest: rest }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // A shutdown request ends its browsers too, those of a failed test included.
        let asked = ureq::get(format!("{}/shutdown", self.url)).call();
        if asked.is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
