//! Several processes refresh at the same time: the server must see one of them.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod common;

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use fief_cli::{FiefAuth, Refresh};
use fief_ureq::{Config, Fief};

use common::{CLIENT, LIFETIME, Scene};

const BASE_URL: &str = "FIEF_CLI_TEST_BASE_URL";
const PATH: &str = "FIEF_CLI_TEST_PATH";
const PROCESSES: usize = 6;

#[test]
fn many_processes_refresh_once() {
    // Signed in long ago; the processes have the time of the system.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let scene = Scene::at(i64::try_from(now).unwrap() - 2 * LIFETIME);
    scene.signed_in();
    scene.clock.pass(2 * LIFETIME);
    let requests = scene.token_requests();

    let mut processes: Vec<Child> = (0..PROCESSES).map(|_| start(&scene)).collect();
    for process in &mut processes {
        assert_eq!(read(process), "ready");
    }
    for process in &mut processes {
        writeln!(process.stdin.as_mut().unwrap(), "go").unwrap();
    }
    let tokens: Vec<String> = processes.iter_mut().map(read).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    assert!(tokens.iter().all(|token| token.starts_with("token ") && *token == tokens[0]));
    assert_eq!(scene.token_requests(), requests + 1, "one refresh for all");
}

#[test]
#[ignore = "is one of the processes, and is started by the test above"]
fn process() {
    let config = Config::new(env::var(BASE_URL).unwrap(), CLIENT);
    let auth = FiefAuth::new(Fief::new(config).unwrap(), env::var(PATH).unwrap());
    println!("\nready");
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
    let info = auth.access_token_info(Refresh::Yes).unwrap();
    println!("\ntoken {}", info.access_token.expose());
}

fn start(scene: &Scene) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["process", "--exact", "--ignored", "--nocapture"])
        .env(BASE_URL, scene.server.base_url())
        .env(PATH, scene.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The next line that the process itself has written, not its test runner.
fn read(process: &mut Child) -> String {
    let stdout = process.stdout.as_mut().unwrap();
    // Read a byte at a time, so that nothing is kept in a buffer that ends here.
    let lines = BufReader::with_capacity(1, stdout).lines().map(Result::unwrap);
    let mut ours = lines.filter(|line| line == "ready" || line.starts_with("token "));
    ours.next().unwrap_or_default()
}
